//! Whether, and where, the world changed.
//!
//! For every end piece of the window: log p(piece | nothing learned) − log p(piece | as it was foreseen), the log Bayes
//! factor of "a new segment starts here" against "one segment". The first half is built backwards, lesson by lesson,
//! by models that start from nothing (the density of a piece does not depend on its order). A change must win by
//! 4 + ln n: its prior is one in n lessons. Three guards keep a model that is only imprecise from looking like a world
//! that changed: densities have Student's tails (8 degrees of freedom), so that no few surprises decide; a piece has at
//! least 8 lessons; and at least twice as many, 64 or more, stand before it.
//!
//! A look costs O(d²) a lesson, so most are spared: a new segment cannot expect to do better than to foresee each of its
//! lessons well, so a piece is worth a look only if its lessons missed by what a change must win more than those that are
//! foreseen well would have. That is a sum over the window.

use std::collections::BTreeMap;

use oo_core::Result;
use oo_core::candidate::ArmKey;

use crate::auto::window::Window;
use crate::factor::Factor;
use crate::frame::{Frame, Work};
use crate::kernel::{Path, dispatch};
use crate::sums::Sums;

/// The degrees of freedom of the predictive density.
const TAILS: f64 = 8.0;
/// The least number of lessons of a new segment.
const SHORTEST: usize = 8;
/// The least number of lessons before a change.
const BEFORE: u64 = 64;
/// By how much a change must win, beside ln n.
const MARGIN: f64 = 4.0;

/// What a reward `off` from its mean adds to −2·log of its density, beside the logarithm of its spread.
pub(super) fn misfit(off: f64, spread: f64, variance: f64) -> f64 {
    (TAILS + 1.0) * libm::log1p(off * off / (variance * spread * TAILS))
}

/// A model that starts from nothing.
#[derive(Clone)]
struct Fresh {
    factor: Factor,
    /// θ in whole lanes.
    theta: Vec<f64>,
}

impl Fresh {
    fn new(frame: &Frame) -> Self {
        Fresh { factor: Factor::derived(&Sums::new(frame.size), frame), theta: frame.prior_lanes.clone() }
    }

    /// Learns the lesson laid out in `work`: by how much its reward missed the mean, and the spread it was foreseen with.
    fn learn(&mut self, reward: f64, work: &mut Work) -> (f64, f64) {
        let Work { x, p, y, .. } = work;
        self.factor.project(x, p);
        let off = reward - dispatch::dot_lanes(Path::best(), &self.theta, x);
        let spread = 1.0 + dispatch::dot_lanes(Path::best(), p, p);
        // y becomes (A + xxᵀ)⁻¹x, by which θ moves with what was missed.
        self.factor.turn(p, y);
        for (theta, y) in self.theta.iter_mut().zip(&*y) {
            *theta += off * y;
        }
        (off, spread)
    }
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
    if !suspicious(window, longest, needed) {
        return Ok(None);
    }
    let empty = Fresh::new(frame);
    let mut models: BTreeMap<&ArmKey, Fresh> = BTreeMap::new();
    let mut work = Work::new(frame);
    let (mut gain, mut best, mut found) = (0.0, needed, None);
    for (index, foreseen) in window.iter().rev().take(longest).enumerate() {
        let lesson = &foreseen.lesson;
        work.take(frame, lesson)?;
        let model = models.entry(&lesson.arm).or_insert_with(|| empty.clone());
        let (off, spread) = model.learn(f64::from(lesson.reward) * frame.reward_step, &mut work);
        let wider = libm::log(spread / foreseen.spread);
        gain += 0.5 * (foreseen.misfit - misfit(off, spread, variance) - wider);
        if index + 1 >= SHORTEST && gain > best {
            best = gain;
            found = Some(index + 1);
        }
    }
    Ok(found)
}

/// Whether an end piece missed by `needed` more than lessons do that are foreseen well.
fn suspicious(window: &Window, longest: usize, needed: f64) -> bool {
    // The mean of a squared miss is the variance then, and by Jensen that of the misfit is at most this.
    let usual = misfit(1.0, 1.0, 1.0);
    let mut excess = 0.0;
    window.iter().rev().take(longest).enumerate().any(|(index, foreseen)| {
        excess += 0.5 * (foreseen.misfit - usual);
        index + 1 >= SHORTEST && excess > needed
    })
}
