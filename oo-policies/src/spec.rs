//! Settings of this crate's policies as data, and [`build`], which makes a policy of them.

use std::sync::Arc;

use oo_core::grid::Grid;
use oo_core::policy::Policy;
use oo_core::schema::{FeatureSchema, SchemaHash};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::epsilon_greedy::EpsilonGreedySpec;
use crate::greedy::GreedySpec;
use crate::linucb::arms::Arms;
use crate::linucb::disjoint::DisjointLinear;
use crate::linucb::head::Head;
use crate::linucb::shared::SharedLinear;
use crate::linucb::{LinUcbSpec, Sharing};
use crate::uniform::{Uniform, UniformSpec};

/// Which policy, with which settings. A misspelt setting is an error, never silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PolicySpec {
    /// `{"type": "linucb", …}`
    #[serde(rename = "linucb")]
    LinUcb(LinUcbSpec),
    /// `{"type": "greedy", …}`
    Greedy(GreedySpec),
    /// `{"type": "epsilon_greedy", …}`
    EpsilonGreedy(EpsilonGreedySpec),
    /// `{"type": "uniform"}`
    Uniform(UniformSpec),
}

impl Default for PolicySpec {
    /// Shared LinUCB, α = 1, λ = 1, an ε-floor of 0.05.
    fn default() -> Self {
        PolicySpec::LinUcb(LinUcbSpec::default())
    }
}

impl PolicySpec {
    /// Reads and checks settings; what is left out has its default.
    ///
    /// # Errors
    /// `invalid_input` for text that is no such JSON, an unknown type or setting, or a number out of its bounds.
    pub fn parse(json: &str) -> Result<Self> {
        let spec: PolicySpec = serde_json::from_str(json).map_err(|error| {
            let known = "linucb, greedy, epsilon_greedy and uniform";
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
        match self {
            PolicySpec::LinUcb(spec) => spec.validate(),
            PolicySpec::Greedy(spec) => spec.validate(),
            PolicySpec::EpsilonGreedy(spec) => spec.validate(),
            PolicySpec::Uniform(_) => Ok(()),
        }
    }

    /// The `type` in settings.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            PolicySpec::LinUcb(_) => "linucb",
            PolicySpec::Greedy(_) => "greedy",
            PolicySpec::EpsilonGreedy(_) => "epsilon_greedy",
            PolicySpec::Uniform(_) => "uniform",
        }
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

    /// Whether arms have models of their own, so that a decision must name them.
    #[must_use]
    pub fn needs_arms(&self) -> bool {
        self.linear().is_some_and(|linear| linear.sharing == Sharing::Disjoint)
    }

    /// The linear settings it acts as, if it is a linear policy.
    pub(crate) fn linear(&self) -> Option<LinUcbSpec> {
        match self {
            PolicySpec::LinUcb(spec) => Some(spec.clone()),
            PolicySpec::Greedy(spec) => Some(spec.linear()),
            PolicySpec::EpsilonGreedy(spec) => Some(spec.linear()),
            PolicySpec::Uniform(_) => None,
        }
    }

    /// A hash that has taken in settings, schema and reward grid; the sums follow.
    pub(crate) fn hasher(&self, json: &str, schema: SchemaHash, reward: Grid) -> Sha256 {
        let mut hash = Sha256::new();
        hash.update(b"oo.state.v1");
        hash.update((json.len() as u64).to_le_bytes());
        hash.update(json.as_bytes());
        hash.update(schema.0);
        // + 0.0 folds a negative zero into zero.
        hash.update((reward.lo() + 0.0).to_bits().to_le_bytes());
        hash.update((reward.hi() + 0.0).to_bits().to_le_bytes());
        hash
    }

    fn canonical(self) -> Self {
        match self {
            PolicySpec::LinUcb(spec) => PolicySpec::LinUcb(spec.canonical()),
            PolicySpec::EpsilonGreedy(spec) => PolicySpec::EpsilonGreedy(spec.canonical()),
            other => other,
        }
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
/// policy.distribution(&Actions { dim: 2, values: &[0.5, 0.0, 1.0, 0.0], arms: &arms, day: 0 }, &mut out)?;
/// assert_eq!(out.distribution.pmf(), [0.025, 0.975]);
/// # Ok::<(), oo_core::Error>(())
/// ```
///
/// # Errors
/// `invalid_input` when a setting is out of its bounds.
pub fn build(spec: &PolicySpec, schema: &FeatureSchema, reward: Grid) -> Result<Arc<dyn Policy>> {
    spec.validate()?;
    let Some(linear) = spec.linear() else {
        return Ok(Arc::new(Uniform::new(schema, reward, 0)?));
    };
    let head = Head::new(spec, &linear, schema, reward)?;
    Ok(match linear.sharing {
        Sharing::Shared => Arc::new(SharedLinear::new(head, None)),
        Sharing::Disjoint => Arc::new(DisjointLinear::new(head, Arms::default())),
    })
}
