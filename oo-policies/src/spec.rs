//! Settings of this crate's policies as data, and [`build`], which makes a policy of them.

use std::sync::Arc;

use oo_core::grid::Grid;
use oo_core::policy::Policy;
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::action_centred::ActionCentredSpec;
use crate::auto::AutoSpec;
use crate::counts::beta_ts::BetaTsSpec;
use crate::counts::recovering::RecoveringSoftmaxSpec;
use crate::counts::ucb1::Ucb1Spec;
use crate::drift::dlinucb::DLinUcbSpec;
use crate::drift::sw_linucb::SwLinUcbSpec;
use crate::epsilon_greedy::EpsilonGreedySpec;
use crate::greedy::GreedySpec;
use crate::hierarchical::HierarchicalSpec;
use crate::kind::{Ground, Kind, People};
use crate::lin_ts::LinTsSpec;
use crate::linucb::LinUcbSpec;
use crate::logistic::LogisticSpec;
use crate::mixture::MixtureSpec;
use crate::softmax::SoftmaxSpec;
use crate::square_cb::SquareCbSpec;
use crate::uniform::UniformSpec;

/// The kinds of policies: a line each.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:literal: $variant:ident($settings:ty),)+) => {
        /// Which policy, with which settings. A misspelt setting is an error, never silence.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        #[non_exhaustive]
        pub enum PolicySpec {
            $($(#[$doc])* #[serde(rename = $name)] $variant($settings),)+
        }

        impl PolicySpec {
            /// Every `type` there is.
            pub const KINDS: &'static [&'static str] = &[$($name),+];

            /// The `type` in settings.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(PolicySpec::$variant(_) => $name,)+ }
            }

            pub(crate) fn settings(&self) -> &dyn Kind {
                match self { $(PolicySpec::$variant(settings) => settings,)+ }
            }

            fn settings_mut(&mut self) -> &mut dyn Kind {
                match self { $(PolicySpec::$variant(settings) => settings,)+ }
            }
        }
    };
}

kinds! {
    /// `{"type": "auto", …}`
    "auto": Auto(AutoSpec),
    /// `{"type": "linucb", …}`
    "linucb": LinUcb(LinUcbSpec),
    /// `{"type": "lin_ts", …}`
    "lin_ts": LinTs(LinTsSpec),
    /// `{"type": "square_cb", …}`
    "square_cb": SquareCb(SquareCbSpec),
    /// `{"type": "softmax", …}`
    "softmax": Softmax(SoftmaxSpec),
    /// `{"type": "greedy", …}`
    "greedy": Greedy(GreedySpec),
    /// `{"type": "epsilon_greedy", …}`
    "epsilon_greedy": EpsilonGreedy(EpsilonGreedySpec),
    /// `{"type": "dlinucb", …}`
    "dlinucb": DLinUcb(DLinUcbSpec),
    /// `{"type": "sw_linucb", …}`
    "sw_linucb": SwLinUcb(SwLinUcbSpec),
    /// `{"type": "beta_ts", …}`
    "beta_ts": BetaTs(BetaTsSpec),
    /// `{"type": "ucb1", …}`
    "ucb1": Ucb1(Ucb1Spec),
    /// `{"type": "recovering_softmax", …}`
    "recovering_softmax": RecoveringSoftmax(RecoveringSoftmaxSpec),
    /// `{"type": "logistic", …}`
    "logistic": Logistic(LogisticSpec),
    /// `{"type": "action_centred", …}`
    "action_centred": ActionCentred(ActionCentredSpec),
    /// `{"type": "mixture", "members": [{"weight": 0.9, "policy": {…}}, …]}`
    "mixture": Mixture(MixtureSpec),
    /// `{"type": "hierarchical", …}`
    "hierarchical": Hierarchical(HierarchicalSpec),
    /// `{"type": "uniform"}`
    "uniform": Uniform(UniformSpec),
}

impl Default for PolicySpec {
    /// Shared `auto`: nothing to tune, an ε-floor of 0.05.
    fn default() -> Self {
        PolicySpec::Auto(AutoSpec::default())
    }
}

impl PolicySpec {
    /// Reads and checks settings; what is left out has its default.
    ///
    /// # Errors
    /// `invalid_input` for text that is no such JSON, an unknown type or setting, or a number out of its bounds.
    pub fn parse(json: &str) -> Result<Self> {
        let spec: PolicySpec = serde_json::from_str(json).map_err(|error| {
            let known = Self::KINDS.join(", ");
            Error::invalid("policy", format!("these are no policy settings ({error}); the types are {known}"))
        })?;
        spec.validate()?;
        Ok(spec.canonical())
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input`, with the setting as its field.
    pub fn validate(&self) -> Result<()> {
        self.settings().validate()
    }

    /// The settings as canonical JSON, defaults filled in; it is part of the state hash.
    ///
    /// # Errors
    /// `invalid_input` when a number is out of its bounds.
    pub fn to_json(&self) -> Result<String> {
        self.validate()?;
        serde_json::to_string(&self.clone().canonical())
            .map_err(|error| Error::internal(format!("settings do not serialise: {error}")))
    }

    /// Whether arms have models of their own, so that a lesson must name its arm.
    #[must_use]
    pub fn needs_arms(&self) -> bool {
        self.settings().needs_arms()
    }

    /// The arm that does nothing, where the policy learns the advantage over it and so needs each lesson's centre.
    #[must_use]
    pub fn hold(&self) -> Option<&str> {
        self.settings().hold()
    }

    /// Removes negative zeros, so that equal settings hash equally.
    pub(crate) fn canonicalise(&mut self) {
        self.settings_mut().canonicalise();
    }

    fn canonical(mut self) -> Self {
        self.canonicalise();
        self
    }
}

/// The policy of `spec` over `schema`, its rewards on `reward`, that has learned nothing.
///
/// ```
/// use oo_core::grid::Grid;
/// use oo_core::policy::{Actions, Policy, Scored};
/// use oo_core::schema::FeatureSchema;
/// use oo_core::candidate::ArmKey;
///
/// let schema = FeatureSchema::raw(2, -1.0, 1.0)?;
/// let policy = oo_policies::build(&oo_policies::PolicySpec::default(), &schema, Grid::new(0.0, 1.0)?)?;
/// let arms = vec![ArmKey::new("a"), ArmKey::new("b")];
/// let mut out = Scored::default();
/// policy.distribution(&Actions::new(2, &[0.5, 0.0, 1.0, 0.0], &arms), &mut out)?;
/// assert_eq!(out.distribution.pmf(), [0.025, 0.975]);
/// # Ok::<(), oo_core::Error>(())
/// ```
///
/// # Errors
/// `invalid_input` when a setting is out of its bounds.
pub fn build(spec: &PolicySpec, schema: &FeatureSchema, reward: Grid) -> Result<Arc<dyn Policy>> {
    spec.settings().fresh(Ground::new(spec, schema, reward)?)
}

/// As [`build`], for a caller who keeps each person's part beside the policy ([`Policy::personal`]): a policy that tells
/// people apart learns the population alone. Of any other policy it is the same.
///
/// # Errors
/// As [`build`].
pub fn build_population(spec: &PolicySpec, schema: &FeatureSchema, reward: Grid) -> Result<Arc<dyn Policy>> {
    spec.settings().fresh(Ground { people: People::Loaded, ..Ground::new(spec, schema, reward)? })
}
