//! The feature schemas that the log was written under, and what a decision over one of them is under the engine's.
//!
//! Every policy enters the log with its schema, so a schema is known before the first decision over it is folded.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use oo_core::event::{Event, EventBody, Stored};
use oo_core::features::{ConsentPolicy, FeatureAssembler, Translation, default_schema};
use oo_core::id::Position;
use oo_core::schema::{FeatureSchema, SchemaHash};
use oo_core::user::{Applied, Slate, UserState};
use oo_core::{Error, Result};

/// The engine's schema and every other that is known.
#[derive(Debug)]
pub(crate) struct Schemas {
    own: Arc<FeatureSchema>,
    others: RwLock<BTreeMap<SchemaHash, Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    schema: Arc<FeatureSchema>,
    translation: Arc<Translation>,
}

impl Schemas {
    /// The schemas of an engine over `own`; the default schema is known to every engine.
    pub(crate) fn new(own: Arc<FeatureSchema>) -> Result<Self> {
        let schemas = Schemas { own, others: RwLock::default() };
        schemas.learn(default_schema()?);
        Ok(schemas)
    }

    /// Remembers `schema`.
    pub(crate) fn learn(&self, schema: Arc<FeatureSchema>) {
        if schema.hash() == self.own.hash() {
            return;
        }
        let translation = Arc::new(Translation::new(schema.clone(), self.own.clone()));
        if let Ok(mut others) = self.others.write() {
            others.entry(schema.hash()).or_insert(Known { schema, translation });
        }
    }

    /// The schema `hash`.
    pub(crate) fn get(&self, hash: SchemaHash) -> Result<Arc<FeatureSchema>> {
        if hash == self.own.hash() { Ok(self.own.clone()) } else { self.known(hash).map(|known| known.schema) }
    }

    /// Whether decisions over the schema `hash` are assembled anew from what was known of their person.
    pub(crate) fn reassembles(&self, hash: SchemaHash) -> bool {
        hash != self.own.hash() && self.known(hash).is_ok_and(|known| !known.translation.appends())
    }

    fn known(&self, hash: SchemaHash) -> Result<Known> {
        let others = self.others.read().ok();
        let known = others.and_then(|others| others.get(&hash).cloned());
        known.ok_or_else(|| {
            Error::incompatible(format!(
                "the log has decisions over feature schema {hash:?}, which it does not define; open it with that schema"
            ))
        })
    }

    /// Folds `event` into `state`, a decision over another schema as it is over the engine's.
    pub(crate) fn apply(
        &self,
        assembler: &FeatureAssembler,
        consent: ConsentPolicy,
        state: &mut UserState,
        position: Position,
        event: &Event,
    ) -> Result<Applied> {
        match &event.body {
            EventBody::Decision(decision) if decision.schema != self.own.hash() && position > state.slate.through => {
                let translation = self.known(decision.schema)?.translation;
                let decision = translation.translated(decision, state, consent, &event.moment, assembler)?;
                let event = Event { body: EventBody::Decision(Arc::new(decision)), ..event.clone() };
                Ok(state.apply(position, &event))
            }
            EventBody::Lesson(fact) if fact.schema != self.own.hash() && position > state.slate.through => {
                let fact = self.known(fact.schema)?.translation.lesson(fact)?;
                Ok(state.apply(position, &Event { body: EventBody::Lesson(fact), ..event.clone() }))
            }
            _ => Ok(state.apply(position, event)),
        }
    }

    /// Folds `event` into `slate` as [`apply`](Schemas::apply) does into all that is known of its person; whether that could
    /// be done without knowing it.
    pub(crate) fn apply_to_slate(&self, slate: &mut Slate, stored: &Stored, applied: &mut Applied) -> Result<bool> {
        let Stored { position, event } = stored;
        let body = match &event.body {
            EventBody::Decision(decision) if decision.schema != self.own.hash() => {
                let translation = self.known(decision.schema)?.translation;
                match translation.extended(decision)? {
                    Some(decision) => EventBody::Decision(Arc::new(decision)),
                    None => return Ok(false),
                }
            }
            EventBody::Lesson(fact) if fact.schema != self.own.hash() => {
                EventBody::Lesson(self.known(fact.schema)?.translation.lesson(fact)?)
            }
            _ => {
                slate.apply(*position, event, applied);
                return Ok(true);
            }
        };
        slate.apply(*position, &Event { body, ..event.clone() }, applied);
        Ok(true)
    }
}
