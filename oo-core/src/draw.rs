//! The seeded draw.
//!
//! u = the top 53 bits · 2⁻⁵³ of the first output of Pcg64Dxsm seeded by SHA-256(label ‖ seed); the inverse CDF in
//! candidate order gives the index. The same seed draws the same index in every language and on every machine.

use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::distribution::Distribution;
use crate::id::DecisionId;

/// What a draw is seeded by: a decision's id, or a caller's number for bare policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// A decision's id: its 16 bytes.
    Decision(DecisionId),
    /// A caller's number: its 8 little-endian bytes.
    Number(u64),
}

impl From<DecisionId> for Seed {
    fn from(id: DecisionId) -> Self {
        Seed::Decision(id)
    }
}

impl From<u64> for Seed {
    fn from(number: u64) -> Self {
        Seed::Number(number)
    }
}

/// The label of the draw among candidates.
pub const DRAW: &str = "oo.draw.v1";
/// The label of the holdout's coin.
pub const HOLDOUT: &str = "oo.holdout.v1";
/// The label of the draw among candidates of a held-out decision.
pub const HOLDOUT_DRAW: &str = "oo.holdout-draw.v1";

/// The uniform number in [0, 1) of `label` and `seed`.
#[must_use]
pub fn uniform(label: &str, seed: Seed) -> f64 {
    let mut hash = Sha256::new();
    hash.update(label.as_bytes());
    match seed {
        Seed::Decision(id) => hash.update(id.0),
        Seed::Number(number) => hash.update(number.to_le_bytes()),
    }
    let mut generator = Pcg64Dxsm::from_seed(hash.finalize().into());
    (generator.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The drawn candidate.
    pub index: usize,
    /// Whether the decision fell into the uniform holdout.
    pub holdout: bool,
}

/// Draws from `policy` under a uniform holdout of rate `holdout`, leaving the logged mixture in `policy`.
///
/// A held-out decision draws uniformly under its own label; the marginal is exactly the mixture
/// (1−h)·π + h/K that `policy` holds afterwards.
pub fn draw(policy: &mut Distribution, holdout: f64, seed: Seed) -> Draw {
    if holdout > 0.0 && uniform(HOLDOUT, seed) < holdout {
        let count = policy.pmf().len();
        let u = uniform(HOLDOUT_DRAW, seed);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "u lies in [0, 1)")]
        let index = ((u * count as f64) as usize).min(count.saturating_sub(1));
        policy.mix_uniform(holdout);
        return Draw { index, holdout: true };
    }
    let index = policy.invert(uniform(DRAW, seed));
    if holdout > 0.0 {
        policy.mix_uniform(holdout);
    }
    Draw { index, holdout: false }
}
