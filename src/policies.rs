//! The composition root of policies: the one place that knows what `"type": "linucb"` means.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo_core::event::PolicyRoleFact;
use oo_core::policy::Policy;
use oo_core::ports::{PolicyFactory, PolicyGround};
use oo_core::reward::RewardSpec;
use oo_core::schema::FeatureSchema;
use oo_core::{Error, ErrorKind, Result};
use oo_policies::PolicySpec;

use crate::custom::{self, CustomPolicy};
use crate::projected::Projected;
use crate::schemas::Schemas;

/// Makes and loads policies for one schema and one reward specification.
#[derive(Clone, Debug)]
pub(crate) struct PolicyMaker {
    schemas: Arc<Schemas>,
    schema: Arc<FeatureSchema>,
    reward: RewardSpec,
    factories: Vec<Arc<dyn PolicyFactory>>,
    failures: Arc<AtomicU64>,
}

/// A policy that the embedder chose.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// One of oO's own.
    Own(PolicySpec),
    /// What a factory makes.
    Custom(Arc<dyn PolicyFactory>),
}

impl Choice {
    /// The settings as canonical JSON, as they enter the log.
    pub(crate) fn json(&self) -> Result<String> {
        match self {
            Choice::Own(spec) => serde_json::to_string(spec).map_err(|error| Error::internal(error.to_string())),
            Choice::Custom(factory) => custom::spec_of(&**factory),
        }
    }
}

impl PolicyMaker {
    /// A maker that also knows `factories`.
    ///
    /// # Errors
    /// `invalid_input` when two factories, or a factory and oO, have one name for two things.
    pub(crate) fn new(
        schema: Arc<FeatureSchema>,
        reward: RewardSpec,
        factories: Vec<Arc<dyn PolicyFactory>>,
    ) -> Result<Self> {
        for (place, factory) in factories.iter().enumerate() {
            let kind = factory.kind();
            let taken = factories[..place].iter().any(|other| other.kind() == kind);
            if taken || PolicySpec::KINDS.contains(&kind) || kind.is_empty() {
                return Err(Error::invalid(
                    "policy",
                    format!("the kind {kind:?} is taken; give the policy another name"),
                ));
            }
        }
        let schemas = Arc::new(Schemas::new(schema.clone())?);
        Ok(PolicyMaker { schemas, schema, reward, factories, failures: Arc::default() })
    }

    /// The schemas of the log.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// A fresh policy of an entry in the log: over the engine's schema, or over its own where that is another one.
    ///
    /// # Errors
    /// `storage` for what no oO wrote, beside what making a policy says.
    pub(crate) fn enter(&self, fact: &PolicyRoleFact) -> Result<Arc<dyn Policy>> {
        self.entered(fact).map_err(|error| match error.kind() {
            // It was valid when it was written.
            ErrorKind::InvalidInput => Error::storage(format!(
                "a policy in the log cannot be read ({}); restore the newest backup",
                error.message()
            )),
            _ => error,
        })
    }

    /// Remembers the feature schema that an entry in the log defines.
    ///
    /// # Errors
    /// `storage` for what no oO wrote.
    pub(crate) fn meet(&self, fact: &PolicyRoleFact) -> Result<()> {
        if let Some(definition) = &fact.definition {
            let schema = FeatureSchema::parse(definition).map_err(|error| {
                Error::storage(format!(
                    "the log defines a feature schema that is none ({error}); restore the newest backup"
                ))
            })?;
            self.schemas.learn(Arc::new(schema));
        }
        Ok(())
    }

    fn entered(&self, fact: &PolicyRoleFact) -> Result<Arc<dyn Policy>> {
        self.meet(fact)?;
        if fact.schema == self.schema.hash() {
            return self.build(&fact.spec);
        }
        let own = self.schemas.get(fact.schema)?;
        let inner = self.over(&fact.spec, own.clone())?;
        Ok(Arc::new(Projected::new(inner, own, self.schema.clone())))
    }

    /// A fresh policy of the settings in `spec` (canonical JSON).
    pub(crate) fn build(&self, spec: &str) -> Result<Arc<dyn Policy>> {
        self.over(spec, self.schema.clone())
    }

    fn over(&self, spec: &str, schema: Arc<FeatureSchema>) -> Result<Arc<dyn Policy>> {
        if let Some((kind, settings)) = custom::read_spec(spec) {
            let factory = self.factory(&kind).ok_or_else(|| custom::unknown(&kind))?;
            let ground = PolicyGround { settings, schema, reward: self.reward.grid() };
            return CustomPolicy::fresh(factory, ground, self.failures.clone());
        }
        let spec: PolicySpec = serde_json::from_str(spec).map_err(|error| {
            Error::incompatible(format!("the policy settings {spec} are not known to this oO ({error}); upgrade it"))
        })?;
        // People are loaded from the log on demand, not held by a policy.
        oo_policies::build_population(&spec, &schema, self.reward.grid())
    }

    /// A policy from its saved bytes.
    pub(crate) fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Policy>> {
        if Projected::is_saved(bytes) {
            let projected = Projected::load(bytes, self.schema.clone(), |bytes, schema| self.load_over(bytes, schema))?;
            self.schemas.learn(projected.own().clone());
            return Ok(Arc::new(projected));
        }
        self.load_over(bytes, &self.schema)
    }

    fn load_over(&self, bytes: &[u8], schema: &FeatureSchema) -> Result<Arc<dyn Policy>> {
        if !CustomPolicy::is_saved(bytes) {
            return oo_policies::load(bytes, schema);
        }
        let (settings, reward) = (String::new(), self.reward.grid());
        let ground = PolicyGround { settings, schema: Arc::new(schema.clone()), reward };
        CustomPolicy::load(bytes, ground, self.failures.clone(), |kind| self.factory(kind))
    }

    /// The policy that serves where the champion fails: every candidate with the same probability.
    pub(crate) fn fallback(&self) -> Result<Arc<dyn Policy>> {
        let uniform = PolicySpec::Uniform(oo_policies::UniformSpec::default());
        oo_policies::build(&uniform, &self.schema, self.reward.grid())
    }

    /// Counts a failure.
    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// How often policies failed.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    fn factory(&self, kind: &str) -> Option<&dyn PolicyFactory> {
        self.factories.iter().find(|factory| factory.kind() == kind).map(|factory| &**factory)
    }
}
