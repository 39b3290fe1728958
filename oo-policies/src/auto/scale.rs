//! Noise and ridge from the sums of all arms: empirical Bayes.
//!
//! One step of MacKay's fixed point for the evidence, pooled over the arms: γ = Σ(d − λ·tr A⁻¹) parameters are
//! determined by the lessons, σ² = (Σ residuals²)/(n − γ), τ² = Σ‖θ − θ₀‖²/γ, λ = σ²/τ². Two lessons' worth of a weak
//! prior (a noise of the rewards' variance, or the noise known before a change; weights that explain that
//! variance) keep it sane while there is little to learn from.

use crate::auto::arm::Arm;
use crate::auto::evidence::squares;
use crate::frame::Frame;

/// The weight of the weak prior, in lessons.
const PRIOR: f64 = 2.0;
/// The share of the rewards' variance that is taken for noise before anything is known.
const NOISE_SHARE: f64 = 1.0;

/// What the lessons say about their own scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// λ = σ²/τ².
    pub(super) ridge: f64,
    /// σ².
    pub(super) variance: f64,
}

impl Scale {
    /// One step from the scale under which `arms` were derived; `known` is the noise before the newest change.
    pub(super) fn step<'a>(arms: impl Iterator<Item = &'a Arm>, frame: &Frame, known: Option<f64>) -> Self {
        let (mut lessons, mut determined, mut residuals, mut distance) = (0.0, 0.0, 0.0, 0.0);
        let (mut sum, mut square, mut length) = (0.0, 0.0, 0.0);
        for arm in arms.filter(|arm| arm.present.sums().lessons() > 0) {
            let (sums, theta) = (arm.present.sums(), arm.present.theta());
            let trace: f64 = arm.present.factor().packed(frame.size).map(|entry| entry * entry).sum();
            let (mut fitted, mut pull, mut away) = (0.0, 0.0, 0.0);
            for (i, ((theta, prior), step)) in theta.iter().zip(&frame.prior).zip(&frame.steps).enumerate() {
                fitted += theta * (sums.rewards()[i] as f64 * (step * frame.reward_step));
                pull += theta * (prior - theta);
                away += (theta - prior) * (theta - prior);
                length += sums.product(i, i) as f64 * (step * step);
            }
            lessons += sums.lessons() as f64;
            square += squares(sums, frame);
            // θᵀΣxxᵀθ = θᵀ(b + λθ₀) − λ‖θ‖², because Aθ = b + λθ₀.
            residuals += (squares(sums, frame) - fitted + frame.ridge * pull).max(0.0);
            determined += (frame.size as f64 - frame.ridge * trace).max(0.0);
            distance += away;
            if frame.has_intercept() {
                sum += sums.rewards()[frame.size - 1] as f64 * frame.reward_step;
            }
        }
        // Rewards are rounded to their grid: no noise is below what the rounding adds.
        let least = frame.reward_step * frame.reward_step;
        let total = (square / lessons - (sum / lessons) * (sum / lessons)).max(least);
        let share = known.unwrap_or(NOISE_SHARE * total);
        let variance = ((residuals + PRIOR * share) / ((lessons - determined).max(0.0) + PRIOR)).max(least);
        let usual = total * lessons / length.max(f64::MIN_POSITIVE);
        let spread = (distance + PRIOR * usual) / (determined + PRIOR);
        Scale { ridge: (variance / spread.max(f64::MIN_POSITIVE)).clamp(1e-6, 1e6), variance }
    }
}
