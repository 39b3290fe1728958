//! The composition root of policies: the one place that knows what `"type": "linucb"` means.

use std::sync::Arc;

use oo_core::event::PolicyRoleFact;
use oo_core::policy::Policy;
use oo_core::reward::RewardSpec;
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};
use oo_policies::PolicySpec;

use crate::projected::Projected;
use crate::schemas::Schemas;

/// Makes and loads policies for one schema and one reward specification.
#[derive(Clone, Debug)]
pub(crate) struct PolicyMaker {
    schemas: Arc<Schemas>,
    schema: Arc<FeatureSchema>,
    reward: RewardSpec,
}

impl PolicyMaker {
    pub(crate) fn new(schema: Arc<FeatureSchema>, reward: RewardSpec) -> Result<Self> {
        Ok(PolicyMaker { schemas: Arc::new(Schemas::new(schema.clone())?), schema, reward })
    }

    /// The schemas of the log.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// A fresh policy of an entry in the log: over the engine's schema, or over its own where that is another one.
    pub(crate) fn enter(&self, fact: &PolicyRoleFact) -> Result<Arc<dyn Policy>> {
        if let Some(definition) = &fact.definition {
            self.schemas.learn(Arc::new(FeatureSchema::parse(definition)?));
        }
        if fact.schema == self.schema.hash() {
            return self.build(&fact.spec);
        }
        let own = self.schemas.get(fact.schema)?;
        let spec: PolicySpec = serde_json::from_str(&fact.spec).map_err(|error| {
            Error::incompatible(format!(
                "a policy over another schema cannot be made here ({error}); open it with its own"
            ))
        })?;
        let inner = oo_policies::build(&spec, &own, self.reward.grid())?;
        Ok(Arc::new(Projected::new(inner, own, self.schema.clone())))
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
        if Projected::is_saved(bytes) {
            let projected = Projected::load(bytes, self.schema.clone(), oo_policies::load)?;
            self.schemas.learn(projected.own().clone());
            return Ok(Arc::new(projected));
        }
        oo_policies::load(bytes, &self.schema)
    }
}

/// The settings as canonical JSON.
pub(crate) fn canonical(spec: &PolicySpec) -> Result<String> {
    serde_json::to_string(spec).map_err(|error| Error::internal(error.to_string()))
}
