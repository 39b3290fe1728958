//! Whether, and where, the world changed.
//!
//! For every end piece of the window: log p(piece | nothing learned) − log p(piece | as it was foreseen), the log Bayes
//! factor of "a new segment starts here" against "one segment". The first half is built backwards, lesson by lesson,
//! by models that start from nothing (the density of a piece does not depend on its order). A change must win by
//! 4 + ln n: its prior is one in n lessons. Three guards keep a model that is only imprecise from looking like a world
//! that changed: densities have Student's tails (8 degrees of freedom), so that no few surprises decide; a piece has at
//! least 8 lessons; and at least twice as many, 64 or more, stand before it.

use std::collections::BTreeMap;

use oo_core::Result;
use oo_core::candidate::ArmKey;

use crate::auto::window::Window;
use crate::factor::Factor;
use crate::frame::{Frame, Work};
use crate::kernel::laned;
use crate::sums::Sums;

/// The degrees of freedom of the predictive density.
const TAILS: f64 = 8.0;
/// The least number of lessons of a new segment.
const SHORTEST: usize = 8;
/// The least number of lessons before a change.
const BEFORE: u64 = 64;
/// By how much a change must win, beside ln n.
const MARGIN: f64 = 4.0;
/// What a lesson costs that was foreseen well, on average and in the units of [`surprise`].
const USUAL: f64 = 0.9;

/// −2·log of the density of a reward `off` from its mean, up to a constant.
pub(super) fn surprise(off: f64, spread: f64, variance: f64) -> f64 {
    libm::log(spread) + (TAILS + 1.0) * libm::log1p(off * off / (variance * spread * TAILS))
}

/// A model that starts from nothing.
struct Fresh {
    factor: Factor,
    rhs: Vec<f64>,
}

/// How many of the newest lessons of `window` are a segment of their own, where `lessons` count in all.
///
/// # Errors
/// None that a window of this frame can cause.
pub(super) fn find(window: &Window, frame: &Frame, variance: f64, lessons: u64) -> Result<Option<usize>> {
    let longest = usize::try_from(lessons / 3).unwrap_or(usize::MAX).min(window.len());
    if longest < SHORTEST || lessons < BEFORE + SHORTEST as u64 {
        return Ok(None);
    }
    let longest = longest.min(usize::try_from(lessons - BEFORE).unwrap_or(usize::MAX));
    let needed = MARGIN + libm::log(lessons as f64);
    if !suspicious(window, longest, 0.5 * needed) {
        return Ok(None);
    }
    let empty = Fresh {
        factor: Factor::derived(&Sums::new(frame.size), frame),
        rhs: frame
            .prior
            .iter()
            .map(|prior| prior * frame.ridge)
            .chain(std::iter::repeat(0.0))
            .take(laned(frame.size))
            .collect(),
    };
    let mut models: BTreeMap<&ArmKey, Fresh> = BTreeMap::new();
    let mut work = Work::new(frame);
    let (mut gain, mut best, mut found) = (0.0, needed, None);
    for (index, foreseen) in window.iter().rev().take(longest).enumerate() {
        let lesson = &foreseen.lesson;
        let model =
            models.entry(&lesson.arm).or_insert_with(|| Fresh { factor: empty.factor.clone(), rhs: empty.rhs.clone() });
        work.take(frame, lesson)?;
        let (mean, spread) = foresee(&model.factor, &work.x, &model.rhs, &mut work.p, &mut work.y);
        let reward = f64::from(lesson.reward) * frame.reward_step;
        gain += 0.5 * (foreseen.surprise - surprise(reward - mean, spread, variance));
        model.factor.turn(&work.p, &mut work.y);
        for (rhs, x) in model.rhs.iter_mut().zip(&work.x) {
            *rhs += reward * x;
        }
        if index + 1 >= SHORTEST && gain > best {
            best = gain;
            found = Some(index + 1);
        }
    }
    Ok(found)
}

/// θᵀx and 1 + xᵀA⁻¹x of the row `x`, for A's factor and the right side b: θᵀx = (Ub)ᵀ(Ux). `p` becomes Ux, `y` Ub.
pub(super) fn foresee(factor: &Factor, x: &[f64], rhs: &[f64], p: &mut [f64], y: &mut [f64]) -> (f64, f64) {
    factor.project(x, p);
    factor.project(&rhs[..x.len()], y);
    let (mut mean, mut squared) = (0.0, 0.0);
    for (p, y) in p.iter().zip(y.iter()) {
        mean += p * y;
        squared += p * p;
    }
    (mean, 1.0 + squared)
}

/// Whether an end piece was foreseen badly enough to be worth a look, which costs O(d²) a lesson.
fn suspicious(window: &Window, longest: usize, needed: f64) -> bool {
    let mut excess = 0.0;
    window.iter().rev().take(longest).enumerate().any(|(index, foreseen)| {
        excess += 0.5 * (foreseen.surprise - USUAL);
        index + 1 >= SHORTEST && excess > needed
    })
}
