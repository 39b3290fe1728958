//! A lesson: a decision joined with its reward. Policies learn from lessons and from nothing else.

use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::grid::GRID_MAX;
use crate::id::{DecisionId, Pseudonym};

/// A decision's drawn candidate and the reward it got, all in grid integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// The decision.
    pub decision: DecisionId,
    /// The drawn candidate's features as grid integers, in schema order.
    pub x: Arc<[i16]>,
    /// The drawn candidate's arm.
    pub arm: ArmKey,
    /// Whose decision it was, where the caller says.
    pub person: Option<Pseudonym>,
    /// The logged probability of the drawn candidate.
    pub propensity: f64,
    /// What the decision would have shown on average, where it could have done nothing: as [`centre`] gives it.
    pub centre: Option<Arc<[i16]>>,
    /// The reward as an integer of the reward grid.
    pub reward: i16,
    /// The reward this one replaces, when it is a revision: only b and Σr² move then.
    pub replaces: Option<i16>,
    /// The UTC day of the decision, counted from 1970-01-01.
    pub day: i32,
}

impl Lesson {
    /// The lesson of features `x` on `arm` with `reward`: nobody's, on day 0, of a decision that had no other choice.
    #[must_use]
    pub fn new(x: Arc<[i16]>, arm: ArmKey, reward: i16) -> Self {
        Lesson {
            decision: DecisionId::default(),
            x,
            arm,
            person: None,
            propensity: 1.0,
            centre: None,
            reward,
            replaces: None,
            day: 0,
        }
    }
}

/// What a decision would have shown on average, for policies that learn the advantage over doing nothing: Σ pᵢ·xᵢ as grid
/// integers in schema order, and behind them the probability of doing anything, in units of 2⁻¹⁴.
///
/// `rows` are the candidates' arms, probabilities and grid integers, `dim` each. The one whose arm is `hold` counts as
/// the zero vector, whatever its features are: doing nothing is what advantage is measured from. Summed in the order of
/// the candidates and rounded last, half to even.
///
/// ```
/// use oo_core::lesson::centre;
///
/// let rows = [("hold", 0.25, &[900, 900][..]), ("walk", 0.5, &[100, -3][..]), ("rest", 0.25, &[8, 1][..])];
/// assert_eq!(&centre(2, rows, "hold")[..], [52, -1, 12_288]);
/// ```
#[must_use]
pub fn centre<'a>(dim: usize, rows: impl IntoIterator<Item = (&'a str, f64, &'a [i16])>, hold: &str) -> Arc<[i16]> {
    let mut sums = vec![0.0; dim + 1];
    for (arm, p, x) in rows {
        if arm == hold {
            continue;
        }
        for (sum, n) in sums.iter_mut().zip(x.iter().take(dim)) {
            *sum += p * f64::from(*n);
        }
        sums[dim] += p * f64::from(GRID_MAX);
    }
    let most = f64::from(GRID_MAX);
    #[allow(clippy::cast_possible_truncation, reason = "held to ±2¹⁴")]
    let integers = sums.iter().map(|sum| sum.round_ties_even().clamp(-most, most) as i16).collect();
    integers
}
