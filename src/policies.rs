//! The composition root of policies: the one place that knows what `"type": "linucb"` means.

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::reward::RewardSpec;
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};
use oo_policies::PolicySpec;

/// Makes and loads policies for one schema and one reward specification.
#[derive(Clone, Debug)]
pub(crate) struct PolicyMaker {
    schema: Arc<FeatureSchema>,
    reward: RewardSpec,
}

impl PolicyMaker {
    pub(crate) fn new(schema: Arc<FeatureSchema>, reward: RewardSpec) -> Self {
        PolicyMaker { schema, reward }
    }

    /// A fresh policy of the settings in `spec` (canonical JSON).
    pub(crate) fn build(&self, spec: &str) -> Result<Arc<dyn Policy>> {
        let spec: PolicySpec = serde_json::from_str(spec).map_err(|error| {
            Error::incompatible(format!("the policy settings {spec} are not known to this oO ({error}); upgrade it"))
        })?;
        self.make(&spec)
    }

    /// A fresh policy of `spec`.
    pub(crate) fn make(&self, spec: &PolicySpec) -> Result<Arc<dyn Policy>> {
        oo_policies::build(spec, &self.schema, self.reward.grid())
    }

    /// A policy from its saved bytes.
    pub(crate) fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Policy>> {
        oo_policies::load(bytes, &self.schema)
    }
}

/// The settings as canonical JSON.
pub(crate) fn canonical(spec: &PolicySpec) -> Result<String> {
    serde_json::to_string(spec).map_err(|error| Error::internal(error.to_string()))
}
