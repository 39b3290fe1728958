//! A drifting policy whose lessons age by the lesson: the setting of the papers.
//!
//! Order matters here. The hash is that of the ordered log, what was learned neither subtracts nor merges, and when a
//! person is forgotten the policy is rebuilt by replay. Any split of the ordered log into batches gives the same bits.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use oo_core::Result;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use sha2::Sha256;

use super::derived::Derived;
use super::head::DriftHead;
use super::weighted::Weighted;
use crate::frame::{Frame, Work};
use crate::saved;

/// A statistic that the order of lessons enters.
pub(crate) trait Fold: Clone + Debug + Send + Sync + 'static {
    /// Takes one lesson, laid out in `work`.
    ///
    /// # Errors
    /// `invalid_input` for an integer off the grid or too many lessons.
    fn take(&mut self, frame: &Frame, lesson: &Lesson, work: &Work) -> Result<()>;

    /// The number of lessons it ever took.
    fn lessons(&self) -> u64;

    /// The weighted sums.
    fn weighted(&self, frame: &Frame) -> Weighted;

    /// Feeds the state to `hash`.
    fn hash_into(&self, hash: &mut Sha256);

    /// Writes the state.
    fn write(&self, out: &mut Vec<u8>);
}

/// A shared linear policy over an ordered statistic.
#[derive(Clone, Debug)]
pub(crate) struct Stepped<F> {
    head: Arc<DriftHead>,
    fold: F,
    derived: OnceLock<Arc<Derived>>,
}

impl<F: Fold> Stepped<F> {
    /// The policy with the statistic `fold`.
    pub(crate) fn new(head: DriftHead, fold: F) -> Self {
        Stepped { head: Arc::new(head), fold, derived: OnceLock::new() }
    }

    fn model(&self) -> &Derived {
        self.derived.get_or_init(|| {
            Arc::new(Derived::new(&self.fold.weighted(&self.head.frame), &self.head.frame, &self.head.width))
        })
    }
}

impl<F: Fold> Policy for Stepped<F> {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let model = self.model();
        self.head.distribution(actions, out, |_| Some(model))
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut fold = self.fold.clone();
        let mut work = Work::new(&self.head.frame);
        for lesson in lessons {
            work.take(&self.head.frame, lesson)?;
            fold.take(&self.head.frame, lesson, &work)?;
        }
        Ok(Arc::new(Stepped { head: self.head.clone(), fold, derived: OnceLock::new() }))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let mut work = Work::new(&self.head.frame);
        lessons.iter().try_for_each(|lesson| work.take(&self.head.frame, lesson))?;
        if lessons.is_empty() {
            // Everything is derived from the ordered state already: a new epoch begins as it is.
            return Ok(Unlearned::Exact(Arc::new(self.clone())));
        }
        Ok(Unlearned::Rebuild)
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let model = self.model();
        self.head.explain(actions, index, |_| Some(model))
    }

    fn save(&self) -> Vec<u8> {
        saved::write(&self.head.ground, |out| self.fold.write(out))
    }

    fn identity(&self) -> PolicyIdentity {
        let mut hash = self.head.ground.hasher();
        self.fold.hash_into(&mut hash);
        self.head.ground.identity(hash, self.fold.lessons())
    }

    fn lessons(&self) -> u64 {
        self.fold.lessons()
    }
}
