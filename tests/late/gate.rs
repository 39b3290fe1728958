//! A policy of the embedder's own that waits at a gate before it states anything.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use oo::lesson::Lesson;
use oo::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo::{PolicyFactory, PolicyGround};

/// A gate, and the factory of the policies that wait at it.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    at: Arc<At>,
}

#[derive(Debug, Default)]
struct At {
    closed: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub(crate) fn close(&self) {
        *self.at.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    pub(crate) fn open(&self) {
        *self.at.closed.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.at.opened.notify_all();
    }
}

/// Every candidate alike, once the gate is open.
#[derive(Clone, Debug)]
struct Waiting {
    at: Arc<At>,
    ground: PolicyGround,
    lessons: u64,
}

impl PolicyFactory for Gate {
    fn kind(&self) -> &str {
        "waiting"
    }

    fn fresh(&self, ground: &PolicyGround) -> oo::Result<Arc<dyn Policy>> {
        Ok(Arc::new(Waiting { at: self.at.clone(), ground: ground.clone(), lessons: 0 }))
    }

    fn load(&self, ground: &PolicyGround, bytes: &[u8]) -> oo::Result<Arc<dyn Policy>> {
        let lessons = bytes.try_into().map(u64::from_le_bytes).map_err(|_| oo::Error::storage("short"))?;
        Ok(Arc::new(Waiting { at: self.at.clone(), ground: ground.clone(), lessons }))
    }
}

impl Policy for Waiting {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> oo::Result<()> {
        let mut closed = self.at.closed.lock().unwrap_or_else(PoisonError::into_inner);
        while *closed {
            closed = self.at.opened.wait(closed).unwrap_or_else(PoisonError::into_inner);
        }
        out.scores = vec![0.0; actions.count()];
        out.distribution.set_uniform(actions.count());
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> oo::Result<Arc<dyn Policy>> {
        Ok(Arc::new(Waiting { lessons: self.lessons + lessons.len() as u64, ..self.clone() }))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> oo::Result<Unlearned> {
        let lessons = self.lessons - lessons.len() as u64;
        Ok(Unlearned::Exact(Arc::new(Waiting { lessons, ..self.clone() })))
    }

    fn explain(&self, _: &Actions<'_>, _: usize) -> oo::Result<Explanation> {
        Ok(Explanation::default())
    }

    fn save(&self) -> Vec<u8> {
        self.lessons.to_le_bytes().to_vec()
    }

    fn identity(&self) -> PolicyIdentity {
        let (schema, mut state) = (self.ground.schema.hash(), [0; 32]);
        state[..8].copy_from_slice(&self.lessons.to_le_bytes());
        PolicyIdentity { kind: String::new(), spec: String::new(), schema, state, lessons: self.lessons }
    }
}
