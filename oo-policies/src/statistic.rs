//! One statistic: exact sums, and what is derived from them.
//!
//! The sums are the truth; the factor U and the weights θ = UᵀU(b + λθ₀) follow. A lesson updates the factor in place;
//! at every 64th lesson since the epoch began, and whenever the probe finds it more than 1e-8 off on a lesson's own x,
//! it is derived anew. So the pmf is the same bits for every split of the same ordered lessons into batches.

use std::sync::OnceLock;

use oo_core::Result;
use oo_core::lesson::Lesson;

use crate::factor::Factor;
use crate::frame::{Frame, Work};
use crate::kernel::{Linear, Probe, dispatch};
use crate::sums::Sums;

/// After how many lessons of a statistic its factor is derived anew.
pub(crate) const DERIVE_EVERY: u64 = 64;
/// How far the live factor may be off in the direction of a lesson.
pub(crate) const DRIFT: f64 = 1e-8;

/// Sums, factor and weights of one arm, or of all of them.
#[derive(Clone, Debug)]
pub(crate) struct Statistic {
    sums: Sums,
    factor: Factor,
    theta: Vec<f64>,
    /// [`reach`](Statistic::reach) of the live factor.
    reach: OnceLock<f64>,
    since_epoch: u64,
}

impl Statistic {
    /// The statistic of no lesson.
    pub(crate) fn new(frame: &Frame) -> Self {
        Statistic::derived(Sums::new(frame.size), frame)
    }

    /// The statistic of `sums` at the start of an epoch.
    pub(crate) fn derived(sums: Sums, frame: &Frame) -> Self {
        let factor = Factor::derived(&sums, frame);
        Statistic::restored(sums, factor, 0, frame)
    }

    /// A statistic as it was saved; θ follows from its parts.
    pub(crate) fn restored(sums: Sums, factor: Factor, since_epoch: u64, frame: &Frame) -> Self {
        let mut statistic =
            Statistic { sums, factor, theta: vec![0.0; frame.size], reach: OnceLock::new(), since_epoch };
        statistic.settle(frame, &mut Work::new(frame));
        statistic
    }

    /// The exact sums.
    pub(crate) fn sums(&self) -> &Sums {
        &self.sums
    }

    /// The live factor.
    pub(crate) fn factor(&self) -> &Factor {
        &self.factor
    }

    /// The weights, the intercept last.
    pub(crate) fn theta(&self) -> &[f64] {
        &self.theta
    }

    /// How many lessons it took since its epoch began.
    pub(crate) fn since_epoch(&self) -> u64 {
        self.since_epoch
    }

    /// What the kernel scores with.
    pub(crate) fn linear(&self, dim: usize, alpha: f64) -> Linear<'_> {
        Linear { rows: self.factor.rows(), theta: &self.theta, dim, alpha }
    }

    /// ρ with ‖Ux‖ ≤ ρ‖x‖ for every x, to rounding; found when it is first asked for.
    pub(crate) fn reach(&self) -> f64 {
        *self.reach.get_or_init(|| self.factor.reach(self.theta.len()))
    }

    /// Asks for what scoring reads first; for the weights alone if `glance`.
    pub(crate) fn prefetch(&self, glance: bool) {
        dispatch::prefetch(&self.theta);
        if !glance {
            dispatch::prefetch(self.factor.rows());
        }
    }

    /// out = Ux, ‖Ux‖ being the width; `padded` is zeros and holds x on `frame` then, both in whole lanes.
    pub(crate) fn project(&self, frame: &Frame, x: &[f64], padded: &mut [f64], out: &mut [f64]) {
        frame.pad(x, padded);
        self.factor.project(padded, out);
    }

    /// Takes one lesson, laid out in `work`; the weights follow with [`settle`](Statistic::settle).
    pub(crate) fn learn(&mut self, frame: &Frame, lesson: &Lesson, work: &mut Work) -> Result<()> {
        work.take(frame, lesson)?;
        if let Some(replaced) = lesson.replaces {
            return self.sums.revise(&work.integers, lesson.reward, replaced);
        }
        self.factor.project(&work.x, &mut work.p);
        self.learn_projected(frame, lesson.reward, work)
    }

    /// As [`learn`](Statistic::learn), of a new lesson that is laid out in `work`, its projection in `work.p`.
    pub(crate) fn learn_projected(&mut self, frame: &Frame, reward: i16, work: &mut Work) -> Result<()> {
        let Work { integers, x, p, y, spare } = work;
        self.sums.check_add(integers, reward)?;
        self.reach = OnceLock::new();
        self.since_epoch += 1;
        if self.since_epoch.is_multiple_of(DERIVE_EVERY) {
            self.sums.add(integers, reward)?;
            self.factor = Factor::derived(&self.sums, frame);
            return Ok(());
        }
        self.factor.turn(p, y);
        let probe = Probe { steps: &frame.lanes, ridge: frame.ridge, y, x };
        if self.sums.add_probed(integers, reward, probe, spare) > DRIFT {
            self.factor = Factor::derived(&self.sums, frame);
        }
        Ok(())
    }

    /// Takes one lesson away from the sums alone; [`derived`](Statistic::derived) makes a statistic of them again.
    pub(crate) fn forget(&mut self, frame: &Frame, lesson: &Lesson, work: &mut Work) -> Result<()> {
        work.take(frame, lesson)?;
        self.sums.subtract(&work.integers, lesson.reward)
    }

    /// θ = Uᵀ(U(b + λθ₀)).
    pub(crate) fn settle(&mut self, frame: &Frame, work: &mut Work) {
        let Work { x: b, p, y, .. } = work;
        for (i, b) in b[..frame.size].iter_mut().enumerate() {
            let sum = self.sums.rewards()[i] as f64 * (frame.steps[i] * frame.reward_step);
            *b = sum + frame.ridge * frame.prior[i];
        }
        self.factor.solve(b, p, y);
        self.theta.copy_from_slice(&y[..frame.size]);
    }

    /// The sums alone.
    pub(crate) fn into_sums(self) -> Sums {
        self.sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{packed_len, packed_start};
    use oo_core::candidate::ArmKey;
    use oo_core::grid::Grid;
    use oo_core::schema::FeatureSchema;
    use proptest::prelude::*;

    const DIM: usize = 9;

    fn frame() -> Frame {
        let schema = FeatureSchema::raw(DIM, -1.0, 1.0).unwrap();
        Frame::new(&schema, Grid::new(-1.0, 1.0).unwrap(), 0.5, true)
    }

    fn lesson(integers: &[i16]) -> Lesson {
        Lesson::new(integers[..DIM].into(), ArmKey::new("a"), integers[0])
    }

    fn distance(a: &Statistic, b: &Statistic) -> f64 {
        let pairs = a.factor.rows().iter().zip(b.factor.rows());
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

        /// The O(d²) update is the derivation, to rounding; the probe stays quiet.
        #[test]
        fn s07_the_update_equals_the_derivation(rows in prop::collection::vec(prop::collection::vec(-16384_i16..=16384, DIM), 1..60)) {
            let frame = frame();
            let mut work = Work::new(&frame);
            let mut live = Statistic::new(&frame);
            for row in &rows {
                live.learn(&frame, &lesson(row), &mut work).unwrap();
            }
            let mut factor = Factor::derived(&Sums::new(frame.size), &frame);
            for row in &rows {
                work.take(&frame, &lesson(row)).unwrap();
                factor.update(&work.x, &mut work.p, &mut work.y);
            }
            prop_assert!(factor == live.factor, "the probe forced a derivation of a healthy factor");
            prop_assert!(distance(&live, &Statistic::derived(live.sums.clone(), &frame)) < 1e-12);
        }
    }

    #[test]
    fn s09_the_probe_forces_a_derivation() {
        let frame = frame();
        let mut work = Work::new(&frame);
        let row: Vec<i16> = (0..DIM).map(|i| 1000 * i16::try_from(i + 1).unwrap()).collect();
        let mut statistic = Statistic::new(&frame);
        statistic.learn(&frame, &lesson(&row), &mut work).unwrap();
        let mut packed: Vec<f64> = statistic.factor.packed(frame.size).collect();
        assert_eq!(packed.len(), packed_len(frame.size));
        packed[packed_start(4) + 2] += 1e-6;
        statistic.factor = Factor::restored(&packed, frame.size).unwrap();
        statistic.learn(&frame, &lesson(&row), &mut work).unwrap();
        assert!(statistic.factor == Factor::derived(&statistic.sums, &frame), "the factor is still off");
    }
}
