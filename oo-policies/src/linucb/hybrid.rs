//! LinUCB hybrid: a model that all arms share, and each arm's own beside it.
//!
//! r = zᵀβ + xᵀθ_k (Li, Chu, Langford & Schapire, WWW 2010, algorithm 2). An arm that was never tried has θ_k = 0 before
//! it is known: its mean is the shared one, and its width α√(zᵀA₀⁻¹z + ‖x‖²/λ), which with no lesson at all is exactly
//! α‖(z, x)‖/√λ.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use sha2::Digest;

use super::cross::CrossSums;
use super::head::{Head, check_index, check_shape, not_finite};
use super::hybrid_body;
use super::hybrid_state::{HybridState, work_len};
use super::joint::Joint;
use super::sampler::Posterior;
use crate::bytes::Reader;
use crate::kernel::laned;
use crate::saved;
use crate::sums::Sums;

/// A linear policy with a shared statistic and one an arm.
#[derive(Clone, Debug)]
pub(crate) struct HybridLinear {
    head: Arc<Head>,
    joint: Arc<Joint>,
    state: HybridState,
}

impl HybridLinear {
    /// The policy of no lesson.
    ///
    /// # Errors
    /// `invalid_input` when `context` does not fit the schema.
    pub(crate) fn new(head: Head, context: Option<usize>) -> Result<Self> {
        Self::made(head, context, |joint| {
            Ok(HybridState::derived(CrossSums { common: Sums::new(joint.common.size), arms: BTreeMap::new() }, joint))
        })
    }

    /// The policy whose saved body is next in `body`.
    ///
    /// # Errors
    /// `storage` when the body is impossible.
    pub(crate) fn restored(head: Head, context: Option<usize>, body: &mut Reader<'_>) -> Result<Self> {
        Self::made(head, context, |joint| hybrid_body::read(body, joint))
    }

    /// The policy of the lessons of all `bodies` together.
    ///
    /// # Errors
    /// `storage` when a body is impossible, `invalid_input` for too many lessons.
    pub(crate) fn merged(head: Head, context: Option<usize>, bodies: Vec<Reader<'_>>) -> Result<Self> {
        Self::made(head, context, |joint| Ok(HybridState::derived(hybrid_body::merged(bodies, joint)?, joint)))
    }

    fn made(head: Head, context: Option<usize>, state: impl FnOnce(&Joint) -> Result<HybridState>) -> Result<Self> {
        let joint = Joint::new(&head.ground.schema, &head.frame, context)?;
        let state = state(&joint)?;
        let head = head.sampling(laned(joint.common.size), laned(joint.own.size));
        Ok(HybridLinear { head: Arc::new(head), joint: Arc::new(joint), state })
    }

    fn with(&self, state: HybridState) -> Self {
        HybridLinear { head: self.head.clone(), joint: self.joint.clone(), state }
    }

    /// The mean and the squared width of one row; `memory` is [`memory`](HybridLinear::memory) numbers.
    fn mean_and_width(&self, arm: &ArmKey, x: &[f64], memory: &mut [f64]) -> (f64, f64) {
        let (common, rest) = memory.split_at_mut(laned(self.joint.common.size));
        let (own, work) = rest.split_at_mut(laned(self.joint.own.size));
        own.fill(0.0);
        let mean = self.state.reach(&self.joint, arm, x, common, own, work);
        let mut squared = 0.0;
        for p in common[..self.joint.common.size].iter().chain(&own[..self.joint.own.size]) {
            squared += p * p;
        }
        (mean, squared.sqrt())
    }

    fn memory(&self) -> usize {
        laned(self.joint.common.size) + laned(self.joint.own.size) + work_len(&self.joint)
    }
}

impl Posterior for HybridLinear {
    fn lessons(&self) -> u64 {
        self.state.sums.lessons()
    }

    fn project(&self, arm: &ArmKey, x: &[f64], common: &mut [f64], own: &mut [f64], work: &mut [f64]) {
        self.state.reach(&self.joint, arm, x, common, own, work);
    }

    fn work(&self) -> usize {
        work_len(&self.joint)
    }
}

impl Policy for HybridLinear {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let dim = self.head.frame.dim;
        check_shape(actions, dim)?;
        out.scores.clear();
        out.bounded.clear();
        out.scratch.clear();
        out.scratch.resize(self.memory(), 0.0);
        for (arm, x) in actions.arms.iter().zip(actions.values.chunks_exact(dim)) {
            let (mean, width) = self.mean_and_width(arm, x, &mut out.scratch);
            out.scores.push(mean + self.head.alpha * width);
        }
        self.head.finish(self, actions, out)
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut state = self.state.clone();
        state.learn(lessons, &self.head.ground.schema, &self.joint)?;
        Ok(Arc::new(self.with(state)))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let mut state = self.state.clone();
        state.forget(lessons, &self.head.ground.schema, &self.joint)?;
        let state = HybridState::derived(state.into_sums(), &self.joint);
        Ok(Unlearned::Exact(Arc::new(self.with(state))))
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let dim = self.head.frame.dim;
        check_shape(actions, dim)?;
        check_index(actions, index)?;
        let (arm, values) = (&actions.arms[index], &actions.values[index * dim..(index + 1) * dim]);
        let joint = &self.joint;
        let (mean, width) = self.mean_and_width(arm, values, &mut vec![0.0; self.memory()]);
        let (mut z, mut x) = (vec![0.0; joint.common.size], vec![0.0; joint.own.size]);
        joint.lay(values, &mut z, &mut x);
        let (beta, theta) = self.state.weights(joint, arm);
        let mut contributions = vec![0.0; dim];
        let mut intercept = 0.0;
        for (index, (beta, z)) in beta.iter().zip(&z).enumerate() {
            *joint.column(index).map_or(&mut intercept, |column| &mut contributions[column]) += beta * z;
        }
        for (index, (theta, x)) in theta.iter().zip(&x).enumerate() {
            let share = if index < joint.own.dim { &mut contributions[index] } else { &mut intercept };
            *share += theta * x;
        }
        let score = mean + self.head.alpha * width;
        if !score.is_finite() {
            return Err(not_finite(actions));
        }
        Ok(Explanation { contributions, intercept, mean, width, score })
    }

    fn save(&self) -> Vec<u8> {
        saved::write(&self.head.ground, |out| hybrid_body::write(out, &self.state, &self.joint))
    }

    fn identity(&self) -> PolicyIdentity {
        let mut hash = self.head.ground.hasher();
        hash.update((self.joint.common.size as u64).to_le_bytes());
        hash.update((self.joint.own.size as u64).to_le_bytes());
        self.state.sums.hash_into(&mut hash);
        for (key, arm) in self.state.arms.iter().filter(|(_, arm)| arm.sums.own.lessons() > 0) {
            hash.update((key.as_str().len() as u64).to_le_bytes());
            hash.update(key.as_str().as_bytes());
            arm.sums.hash_into(&mut hash);
        }
        self.head.ground.identity(hash, self.state.sums.lessons())
    }
}
