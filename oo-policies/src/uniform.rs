//! Uniform: 1/K for each candidate, whatever it learned. The baseline, and the best log to evaluate others on.

use std::sync::Arc;

use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::schema::{FeatureSchema, SchemaHash};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::frame::{Frame, Work};
use crate::linucb::head::{check_index, check_shape, not_finite};
use crate::saved;
use crate::spec::PolicySpec;

/// The settings of uniform: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UniformSpec {}

/// The uniform policy; it counts its lessons.
#[derive(Clone, Debug)]
pub(crate) struct Uniform {
    json: String,
    schema: SchemaHash,
    reward: Grid,
    frame: Arc<Frame>,
    lessons: u64,
}

impl Uniform {
    /// The policy after `lessons` lessons.
    pub(crate) fn new(schema: &FeatureSchema, reward: Grid, lessons: u64) -> Result<Self> {
        let frame = Arc::new(Frame::new(schema, reward, 1.0, false));
        Ok(Uniform {
            json: PolicySpec::Uniform(UniformSpec {}).to_json()?,
            schema: schema.hash(),
            reward,
            frame,
            lessons,
        })
    }

    fn check(&self, lessons: &[Lesson]) -> Result<()> {
        let mut work = Work::new(&self.frame);
        lessons.iter().try_for_each(|lesson| work.take(&self.frame, lesson))
    }
}

impl Policy for Uniform {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        check_shape(actions, self.frame.dim)?;
        if actions.values.iter().any(|value| !value.is_finite()) {
            return Err(not_finite(actions));
        }
        out.scores.clear();
        out.scores.resize(actions.count(), 0.0);
        out.distribution.set_uniform(actions.count());
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        self.check(lessons)?;
        let new = lessons.iter().filter(|lesson| lesson.replaces.is_none()).count() as u64;
        Ok(Arc::new(Uniform { lessons: self.lessons.saturating_add(new), ..self.clone() }))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        self.check(lessons)?;
        let left = self.lessons.checked_sub(lessons.len() as u64);
        let left = left.ok_or_else(|| {
            Error::invalid("lessons", "these lessons were never learned here; unlearn only what was learned")
        })?;
        Ok(Unlearned::Exact(Arc::new(Uniform { lessons: left, ..self.clone() })))
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        check_shape(actions, self.frame.dim)?;
        check_index(actions, index)?;
        Ok(Explanation::default())
    }

    fn save(&self) -> Vec<u8> {
        saved::write_parts(&self.json, self.schema, self.reward, 0, self.lessons, &[])
    }

    fn identity(&self) -> PolicyIdentity {
        let spec = PolicySpec::Uniform(UniformSpec {});
        let mut hash = spec.hasher(&self.json, self.schema, self.reward);
        hash.update(i128::from(self.lessons).to_le_bytes());
        PolicyIdentity {
            kind: spec.kind().to_owned(),
            spec: self.json.clone(),
            schema: self.schema,
            state: Sha256::finalize(hash).into(),
            lessons: self.lessons,
        }
    }
}
