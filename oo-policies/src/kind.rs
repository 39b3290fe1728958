//! A kind of policy: how its settings become a policy, and a saved body one again.
//!
//! To add a kind: its settings as serde data in a file of their own, [`Kind`] for them, and one line in `spec.rs`.
//! Settings are data with defaults; everything that a policy stands on besides them is its [`Ground`].

use std::sync::Arc;

use oo_core::grid::Grid;
use oo_core::policy::{Policy, PolicyIdentity};
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

use crate::bytes::Reader;
use crate::spec::PolicySpec;

/// Where the people of a policy that tells them apart are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum People {
    /// In the policy itself.
    #[default]
    Held,
    /// By its caller, who hands each decision its person's part.
    Loaded,
}

/// What a policy stands on: its settings, the schema of its features and the grid of its rewards.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// The settings as given, defaults filled in.
    pub(crate) spec: PolicySpec,
    /// They as canonical JSON.
    pub(crate) json: String,
    /// The schema of the features.
    pub(crate) schema: FeatureSchema,
    /// The grid of the rewards.
    pub(crate) reward: Grid,
    /// Where its people are kept.
    pub(crate) people: People,
}

impl Ground {
    /// The ground of `spec` over `schema`.
    ///
    /// # Errors
    /// `invalid_input` when a setting is out of its bounds.
    pub(crate) fn new(spec: &PolicySpec, schema: &FeatureSchema, reward: Grid) -> Result<Self> {
        Ok(Ground { spec: spec.clone(), json: spec.to_json()?, schema: schema.clone(), reward, people: People::Held })
    }

    /// A hash that has taken in settings, schema and reward grid; the sums follow.
    pub(crate) fn hasher(&self) -> Sha256 {
        let mut hash = Sha256::new();
        hash.update(b"oo.state.v1");
        hash.update((self.json.len() as u64).to_le_bytes());
        hash.update(self.json.as_bytes());
        hash.update(self.schema.hash().0);
        // + 0.0 folds a negative zero into zero.
        hash.update((self.reward.lo() + 0.0).to_bits().to_le_bytes());
        hash.update((self.reward.hi() + 0.0).to_bits().to_le_bytes());
        hash
    }

    /// The identity of a policy on this ground whose sums are in `hash`.
    pub(crate) fn identity(&self, hash: Sha256, lessons: u64) -> PolicyIdentity {
        PolicyIdentity {
            kind: self.spec.kind().to_owned(),
            spec: self.json.clone(),
            schema: self.schema.hash(),
            state: Sha256::finalize(hash).into(),
            lessons,
        }
    }
}

/// One kind of policy, implemented by its settings.
pub(crate) trait Kind {
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input`, with the setting as its field.
    fn validate(&self) -> Result<()>;

    /// Removes negative zeros, so that equal settings hash equally.
    fn canonicalise(&mut self) {}

    /// Whether arms have models of their own, so that a lesson must name its arm.
    fn needs_arms(&self) -> bool {
        false
    }

    /// The arm that does nothing, for a policy that learns from a lesson's centre.
    fn hold(&self) -> Option<&str> {
        None
    }

    /// The policy that has learned nothing.
    ///
    /// # Errors
    /// `invalid_input` when the settings do not fit the schema.
    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>>;

    /// The policy whose saved body is next in `body`, which it reads to its end.
    ///
    /// # Errors
    /// `storage` when the body is impossible.
    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>>;

    /// The policy of `body`, saved over a schema of `columns` features of which the ground's appends more, at the start of
    /// an epoch: exactly the policy of the same lessons with a 0 in each appended column. None where statistics do not
    /// extend.
    ///
    /// # Errors
    /// `storage` when the body is impossible.
    fn extend(&self, ground: Ground, columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        let _ = (ground, columns, body);
        Ok(None)
    }

    /// The policy of the lessons of all `bodies` together, at the start of an epoch; there is at least one.
    ///
    /// # Errors
    /// `incompatible` where statistics do not add.
    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let _ = bodies;
        let kind = ground.spec.kind();
        Err(Error::incompatible(format!(
            "what a policy of kind {kind:?} learned does not add; learn all lessons in one"
        )))
    }
}
