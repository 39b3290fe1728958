//! Uniform: 1/K for each candidate, whatever it learned. The baseline, and the best log to evaluate others on.

use std::sync::Arc;

use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::Digest;

use crate::bytes::{Reader, put_len};
use crate::frame::{Frame, Work};
use crate::kind::{Ground, Kind};
use crate::linucb::head::{check_index, check_shape, not_finite};
use crate::saved;

/// The settings of uniform: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UniformSpec {}

impl Kind for UniformSpec {
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(Uniform::new(ground, 0)))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let lessons = read(body)?;
        Ok(Arc::new(Uniform::new(ground, lessons)))
    }

    fn extend(&self, ground: Ground, _columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        self.restore(ground, body).map(Some)
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let mut all = 0_u64;
        for mut body in bodies {
            all = all.saturating_add(read(&mut body)?);
        }
        Ok(Arc::new(Uniform::new(ground, all)))
    }
}

/// The body: u32 0, u64 lessons, u32 0, as a linear policy without entries and arms.
fn read(body: &mut Reader<'_>) -> Result<u64> {
    let size = body.len()?;
    let lessons = body.u64()?;
    if size != 0 || body.len()? != 0 {
        return Err(body.corrupt());
    }
    Ok(lessons)
}

/// The uniform policy; it counts its lessons.
#[derive(Clone, Debug)]
pub(crate) struct Uniform {
    ground: Arc<Ground>,
    frame: Arc<Frame>,
    lessons: u64,
}

impl Uniform {
    fn new(ground: Ground, lessons: u64) -> Self {
        let frame = Arc::new(Frame::new(&ground.schema, ground.reward, 1.0, false));
        Uniform { ground: Arc::new(ground), frame, lessons }
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
        out.unmark();
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
        saved::write(&self.ground, |out| {
            put_len(out, 0);
            out.extend_from_slice(&self.lessons.to_le_bytes());
            put_len(out, 0);
        })
    }

    fn identity(&self) -> PolicyIdentity {
        let mut hash = self.ground.hasher();
        hash.update(i128::from(self.lessons).to_le_bytes());
        self.ground.identity(hash, self.lessons)
    }
}
