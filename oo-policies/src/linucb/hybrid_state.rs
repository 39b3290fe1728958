//! What a hybrid policy has learned: exact sums, and the factors and weights derived from them.
//!
//! With A₀, A_k, B_k, b₀, b_k of Li et al. (2010), algorithm 2, but A₀ and b₀ eliminated from plain sums:
//! A_k = λI + Σxxᵀ, B_k = Σxzᵀ, A₀ = λI + Σzzᵀ − Σ_k B_kᵀA_k⁻¹B_k, b₀ = λβ₀ + Σrz − Σ_k B_kᵀφ_k with φ_k = A_k⁻¹b_k,
//! β = A₀⁻¹b₀. With ẑ = z − B_kᵀA_k⁻¹x the mean is βᵀẑ + φ_kᵀx and the squared width ‖U₀ẑ‖² + ‖U_kx‖². A lesson changes
//! A₀ by ẑẑᵀ/(1 + ‖U_kx‖²), so both factors take one rank-one update, and are derived anew at fixed counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};

use super::cross::{ArmSums, CrossSums};
use super::joint::Joint;
use crate::factor::Factor;
use crate::frame::Frame;
use crate::kernel::{Probe, laned, packed_len, packed_start, row_start};
use crate::statistic::{DERIVE_EVERY, DRIFT};
use crate::sums::Sums;

/// One arm: its sums, the factor of A_k⁻¹, φ_k, and B_kᵀφ_k.
#[derive(Clone, Debug)]
pub(crate) struct HybridArm {
    pub(crate) sums: ArmSums,
    pub(crate) factor: Factor,
    pub(crate) since_epoch: u64,
    phi: Vec<f64>,
    pulled: Vec<f64>,
}

/// All arms and what they have in common.
#[derive(Clone, Debug)]
pub(crate) struct HybridState {
    pub(crate) sums: Sums,
    pub(crate) factor: Factor,
    pub(crate) since_epoch: u64,
    pub(crate) arms: BTreeMap<ArmKey, Arc<HybridArm>>,
    beta: Vec<f64>,
}

/// Working memory for one row or lesson, all in whole lanes.
struct Work<'a> {
    z: &'a mut [f64],
    pulled: &'a mut [f64],
    x: &'a mut [f64],
    w: &'a mut [f64],
}

/// The length of the working memory of [`HybridState::reach`].
pub(crate) fn work_len(joint: &Joint) -> usize {
    2 * (laned(joint.common.size) + laned(joint.own.size))
}

impl<'a> Work<'a> {
    fn new(joint: &Joint, memory: &'a mut [f64]) -> Self {
        memory.fill(0.0);
        let (z, rest) = memory.split_at_mut(laned(joint.common.size));
        let (pulled, rest) = rest.split_at_mut(z.len());
        let (x, w) = rest.split_at_mut(laned(joint.own.size));
        Work { z, pulled, x, w }
    }
}

impl HybridArm {
    fn derived(sums: ArmSums, joint: &Joint) -> Self {
        let factor = Factor::derived(&sums.own, &joint.own);
        HybridArm::restored(sums, factor, 0, joint)
    }

    /// An arm as it was saved.
    pub(crate) fn restored(sums: ArmSums, factor: Factor, since_epoch: u64, joint: &Joint) -> Self {
        let (phi, pulled) = (vec![0.0; laned(joint.own.size)], vec![0.0; joint.common.size]);
        let mut arm = HybridArm { sums, factor, since_epoch, phi, pulled };
        arm.settle(joint);
        arm
    }

    /// φ and Bᵀφ follow from factor and sums.
    fn settle(&mut self, joint: &Joint) {
        let b = right_side(&self.sums.own, &joint.own);
        let mut p = vec![0.0; b.len()];
        self.factor.solve(&b, &mut p, &mut self.phi);
        self.sums.pull(joint, &self.phi, &mut self.pulled);
    }

    /// The weights φ − A⁻¹Bβ of x beside the shared ones.
    fn weights(&self, joint: &Joint, beta: &[f64]) -> Vec<f64> {
        let mut pushed = vec![0.0; laned(joint.own.size)];
        self.sums.push(joint, beta, &mut pushed);
        let (mut p, mut off) = (vec![0.0; pushed.len()], vec![0.0; pushed.len()]);
        self.factor.solve(&pushed, &mut p, &mut off);
        self.phi.iter().zip(&off).map(|(phi, off)| phi - off).collect()
    }
}

impl HybridState {
    /// The state of `sums` at the start of an epoch.
    pub(crate) fn derived(sums: CrossSums, joint: &Joint) -> Self {
        let arms: BTreeMap<ArmKey, Arc<HybridArm>> =
            sums.arms.into_iter().map(|(key, sums)| (key, Arc::new(HybridArm::derived(sums, joint)))).collect();
        let factor = eliminated(&sums.common, &arms, joint);
        HybridState::restored(sums.common, factor, 0, arms, joint)
    }

    /// A state as it was saved.
    pub(crate) fn restored(
        sums: Sums,
        factor: Factor,
        since_epoch: u64,
        arms: BTreeMap<ArmKey, Arc<HybridArm>>,
        joint: &Joint,
    ) -> Self {
        let mut state = HybridState { sums, factor, since_epoch, arms, beta: vec![0.0; laned(joint.common.size)] };
        state.settle(&BTreeSet::new(), joint);
        state
    }

    /// The sums alone, without the arms that hold nothing.
    pub(crate) fn into_sums(self) -> CrossSums {
        let arms = self.arms.into_iter().filter(|(_, arm)| !arm.sums.is_zero());
        let arms = arms.map(|(key, arm)| (key, Arc::unwrap_or_clone(arm).sums)).collect();
        CrossSums { common: self.sums, arms }
    }

    /// Takes `lessons` in their order.
    ///
    /// # Errors
    /// `invalid_input` for a wrong number of features or an integer off the grid; the state means nothing then.
    pub(crate) fn learn(&mut self, lessons: &[Lesson], schema: &FeatureSchema, joint: &Joint) -> Result<()> {
        let mut memory = vec![0.0; work_len(joint) + laned(joint.own.size) + 3 * laned(joint.common.size)];
        let mut touched = BTreeSet::new();
        for lesson in lessons {
            self.learn_one(lesson, schema, joint, &mut memory)?;
            touched.insert(&lesson.arm);
        }
        self.settle(&touched, joint);
        Ok(())
    }

    fn learn_one(&mut self, lesson: &Lesson, schema: &FeatureSchema, joint: &Joint, memory: &mut [f64]) -> Result<()> {
        let (z, x) = joint.integers(schema, &lesson.x)?;
        let fresh = || Arc::new(HybridArm::derived(ArmSums::new(joint), joint));
        let arm = Arc::make_mut(self.arms.entry(lesson.arm.clone()).or_insert_with(fresh));
        if let Some(replaced) = lesson.replaces {
            self.sums.revise(&z, lesson.reward, replaced)?;
            return arm.sums.own.revise(&x, lesson.reward, replaced);
        }
        let (memory, rest) = memory.split_at_mut(work_len(joint));
        let (p, spare) = rest.split_at_mut(laned(joint.own.size));
        let work = Work::new(joint, memory);
        lay(&z, &joint.common, work.z);
        lay(&x, &joint.own, work.x);
        arm.factor.solve(work.x, p, work.w);
        arm.sums.pull(joint, work.w, work.pulled);
        let squared: f64 = p[..joint.own.size].iter().map(|p| p * p).sum();
        let root = (1.0 + squared).sqrt();
        for (z, pulled) in work.z.iter_mut().zip(work.pulled.iter()) {
            *z = (*z - pulled) / root;
        }

        self.sums.add(&z, lesson.reward)?;
        arm.sums.move_cross(&z, &x, 1);
        arm.since_epoch += 1;
        if arm.since_epoch.is_multiple_of(DERIVE_EVERY) {
            arm.sums.own.add(&x, lesson.reward)?;
            arm.factor = Factor::derived(&arm.sums.own, &joint.own);
        } else {
            arm.sums.own.check_add(&x, lesson.reward)?;
            arm.factor.update(work.x, p, work.w);
            let probe = Probe { steps: &joint.own.lanes, ridge: joint.own.ridge, y: work.w, x: work.x };
            let mut spare = vec![0.0; 2 * work.x.len()];
            if arm.sums.own.add_probed(&x, lesson.reward, probe, &mut spare) > DRIFT {
                arm.factor = Factor::derived(&arm.sums.own, &joint.own);
            }
        }
        self.since_epoch += 1;
        if self.since_epoch.is_multiple_of(derive_every(self.arms.len())) {
            self.factor = eliminated(&self.sums, &self.arms, joint);
        } else {
            let (p, spare) = spare.split_at_mut(work.z.len());
            self.factor.update(work.z, p, &mut spare[..work.z.len()]);
        }
        Ok(())
    }

    /// Takes `lessons` away from the sums alone; [`derived`](HybridState::derived) makes a state of them again.
    ///
    /// # Errors
    /// `invalid_input` when a lesson cannot be in these sums; the state means nothing then.
    pub(crate) fn forget(&mut self, lessons: &[Lesson], schema: &FeatureSchema, joint: &Joint) -> Result<()> {
        for lesson in lessons {
            let (z, x) = joint.integers(schema, &lesson.x)?;
            let arm = self.arms.get_mut(&lesson.arm).ok_or_else(|| {
                let arm = lesson.arm.as_str();
                Error::invalid("arm", format!("arm {arm:?} never learned a lesson; unlearn only what was learned"))
            })?;
            let arm = Arc::make_mut(arm);
            arm.sums.own.subtract(&x, lesson.reward)?;
            arm.sums.move_cross(&z, &x, -1);
            self.sums.subtract(&z, lesson.reward)?;
        }
        Ok(())
    }

    /// The weights that follow from factors and sums, of the `touched` arms and in common.
    fn settle(&mut self, touched: &BTreeSet<&ArmKey>, joint: &Joint) {
        for key in touched {
            if let Some(arm) = self.arms.get_mut(*key) {
                Arc::make_mut(arm).settle(joint);
            }
        }
        let mut b = right_side(&self.sums, &joint.common);
        for arm in self.arms.values() {
            for (b, pulled) in b.iter_mut().zip(&arm.pulled) {
                *b -= pulled;
            }
        }
        let mut p = vec![0.0; b.len()];
        self.factor.solve(&b, &mut p, &mut self.beta);
    }

    /// The mean of the row `values` of `arm`; its projections U₀ẑ and U_kx are left in `common` and `own`.
    pub(crate) fn reach(
        &self,
        joint: &Joint,
        arm: &ArmKey,
        values: &[f64],
        common: &mut [f64],
        own: &mut [f64],
        memory: &mut [f64],
    ) -> f64 {
        let work = Work::new(joint, memory);
        joint.lay(values, work.z, work.x);
        let phi = match self.arms.get(arm) {
            Some(arm) => {
                arm.factor.solve(work.x, own, work.w);
                arm.sums.pull(joint, work.w, work.pulled);
                for (z, pulled) in work.z.iter_mut().zip(work.pulled.iter()) {
                    *z -= pulled;
                }
                &arm.phi[..joint.own.size]
            }
            None => {
                let root = joint.own.ridge.sqrt();
                for (own, x) in own.iter_mut().zip(work.x.iter()) {
                    *own = x / root;
                }
                &joint.own.prior[..]
            }
        };
        self.factor.project(work.z, common);
        let mut mean = 0.0;
        for (beta, z) in self.beta.iter().zip(work.z.iter()) {
            mean += beta * z;
        }
        for (phi, x) in phi.iter().zip(work.x.iter()) {
            mean += phi * x;
        }
        mean
    }

    /// The weights β of z and those of the arm's own x beside them.
    pub(crate) fn weights(&self, joint: &Joint, arm: &ArmKey) -> (&[f64], Vec<f64>) {
        let own = self.arms.get(arm).map_or_else(|| joint.own.prior.clone(), |arm| arm.weights(joint, &self.beta));
        (&self.beta, own)
    }
}

/// After how many lessons the shared factor is derived anew: it costs in proportion to the arms.
fn derive_every(arms: usize) -> u64 {
    DERIVE_EVERY * arms.div_ceil(8).next_power_of_two() as u64
}

/// λθ₀ + Σrx, in whole lanes.
fn right_side(sums: &Sums, frame: &Frame) -> Vec<f64> {
    let mut b = vec![0.0; laned(frame.size)];
    for (i, b) in b[..frame.size].iter_mut().enumerate() {
        *b = sums.rewards()[i] as f64 * (frame.steps[i] * frame.reward_step) + frame.ridge * frame.prior[i];
    }
    b
}

/// Grid integers as values.
fn lay(integers: &[i16], frame: &Frame, out: &mut [f64]) {
    for ((out, n), step) in out.iter_mut().zip(integers).zip(&frame.steps) {
        *out = f64::from(*n) * step;
    }
}

/// The factor of A₀, from the sums alone: each arm's share BᵀA⁻¹B = WᵀW with W = UB.
fn eliminated(sums: &Sums, arms: &BTreeMap<ArmKey, Arc<HybridArm>>, joint: &Joint) -> Factor {
    let (size, own) = (joint.common.size, joint.own.size);
    let steps = &joint.common.steps;
    let mut lower = Vec::with_capacity(packed_len(size));
    for i in 0..size {
        let entries = &sums.products()[packed_start(i)..=packed_start(i) + i];
        lower.extend(entries.iter().zip(steps).map(|(sum, step)| *sum as f64 * (steps[i] * step)));
        lower[packed_start(i) + i] += joint.common.ridge;
    }
    let (mut b, mut row) = (vec![0.0; own * size], vec![0.0; size]);
    for arm in arms.values() {
        let factor = Factor::derived(&arm.sums.own, &joint.own);
        for i in 0..own {
            for j in 0..size {
                b[i * size + j] = arm.sums.entry(joint, i, j);
            }
        }
        for i in 0..own {
            row.fill(0.0);
            let entries = &factor.rows()[row_start(i)..=row_start(i) + i];
            for (entry, b) in entries.iter().zip(b.chunks_exact(size)) {
                for (row, b) in row.iter_mut().zip(b) {
                    *row += entry * b;
                }
            }
            let mut rest = &mut lower[..];
            for (j, w) in row.iter().enumerate() {
                let (line, tail) = rest.split_at_mut(j + 1);
                rest = tail;
                for (entry, other) in line.iter_mut().zip(&row) {
                    *entry -= w * other;
                }
            }
        }
    }
    Factor::of(lower, &joint.common)
}
