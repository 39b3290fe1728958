//! The scores of a decision's candidates, of which an arg-max needs only those that can win.
//!
//! A score is mean + α·width, and width ≤ ρ‖x‖ for a ρ that a model keeps: √(xᵀA⁻¹x) = ‖Ux‖ with ‖U‖ ≤ ρ. Among many
//! candidates of a policy that only asks who is best, each first gets this upper bound; the one with the highest bound
//! and the one with the highest mean are scored; then, in their order, those whose bound reaches the best score so far.
//! The others cannot win: their bound stays as their score and they are marked. So the best, its ties and the pmf are
//! exactly those of scoring all. Bounds are a little above what rounding could make of a width.

use oo_core::candidate::ArmKey;
use oo_core::policy::{Actions, Scored};

use super::arms::{Ahead, Arms};
use crate::frame::Frame;
use crate::kernel::{LANES, Linear, Path, dispatch, laned, scratch_len};
use crate::statistic::Statistic;

/// From how many candidates on bounds are worth a look at all of them.
const CANDIDATES: usize = 256;
/// From how many entries of a vector on.
const ENTRIES: usize = 16;
/// A look at an arm of its own costs about as much as scoring so many entries of its factor's d columns: of the sampled
/// arms, one in so many of these per column must be skipped, for all to be looked at.
const LOOK: usize = 8;
/// How many arms are sampled: one in so many, but no more and no fewer.
const SAMPLED: usize = 32;
const FEWEST: usize = 8;
const MOST: usize = 64;
/// How far a bound is above the width, as a share: more than rounding.
const SLACK: f64 = 1.0 + 1e-6;
/// How many candidates of a shared model are scored at once.
const BATCH: usize = 2 * LANES;

/// What a disjoint policy keeps of an arm, as the contest sees it.
pub(crate) trait Contender: Ahead + Clone {
    /// The mean and the squared width of the padded row `x`.
    fn score(&self, path: Path, frame: &Frame, x: &[f64], work: &mut [f64]) -> (f64, f64);

    /// The same mean, to the bit, without the width.
    fn mean(&self, path: Path, frame: &Frame, x: &[f64], work: &mut [f64]) -> f64;

    /// ρ with width ≤ ρ‖x‖ for any x; none where only the score itself tells.
    fn reach(&self, frame: &Frame) -> Option<f64>;
}

/// Arms and what their scores are made of.
pub(crate) struct Contest<'a, T> {
    /// The arms.
    pub(crate) arms: &'a Arms<T>,
    /// The layout of their statistics.
    pub(crate) frame: &'a Frame,
    /// The factor of the width.
    pub(crate) alpha: f64,
    /// The length of the working memory of an arm.
    pub(crate) work: usize,
    /// Whether only the best matters.
    pub(crate) best_only: bool,
}

impl<T: Contender> Contest<'_, T> {
    /// Scores `actions` into `out`; `cold` is the mean and the width of a row whose arm was never tried. With α = 0 no
    /// width of a tried arm is computed.
    pub(crate) fn score(&self, actions: &Actions<'_>, out: &mut Scored, cold: impl Fn(&[f64]) -> (f64, f64)) {
        let (frame, count) = (self.frame, actions.count());
        out.scores.resize(count, 0.0);
        out.places.resize(count, usize::MAX);
        out.bounded.clear();
        out.scratch.clear();
        out.scratch.resize(laned(frame.size) + self.work, 0.0);
        if self.best_only && self.alpha > 0.0 && count >= CANDIDATES && frame.size >= ENTRIES {
            out.bounded.resize(count, false);
            if self.pays(actions, out, &cold) {
                self.skip(actions, out, &cold);
                return;
            }
            out.bounded.clear();
        }
        let path = Path::best();
        let (padded, work) = out.scratch.split_at_mut(laned(frame.size));
        for (row, (score, (arm, x))) in out.scores.iter_mut().zip(rows(actions)).enumerate() {
            self.look_ahead(&out.places, row);
            *score = match self.find(arm, &mut out.places[row]) {
                Some(model) => {
                    frame.pad(x, padded);
                    if self.alpha > 0.0 {
                        let (mean, squared) = model.score(path, frame, padded, work);
                        mean + self.alpha * squared.sqrt()
                    } else {
                        model.mean(path, frame, padded, work)
                    }
                }
                None => {
                    let (mean, width) = cold(x);
                    mean + self.alpha * width
                }
            };
        }
    }

    /// As [`score`](Contest::score), leaving bounds where nothing can be won.
    fn skip(&self, actions: &Actions<'_>, out: &mut Scored, cold: &impl Fn(&[f64]) -> (f64, f64)) {
        let mut best = Leaders::default();
        for row in 0..actions.count() {
            self.glance_ahead(&out.places, row);
            self.look(actions, row, out, cold, &mut best);
        }
        let leaders = best.rows();
        for row in leaders.chain(0..actions.count()) {
            if out.bounded[row] && out.scores[row] >= best.score {
                self.decide(actions, row, out, &mut best);
            }
        }
        settle(&mut out.bounded);
    }

    /// Whether bounds skip enough of a few candidates to be worth a look at all: where they skip none, the few looks are
    /// all that is lost.
    fn pays(&self, actions: &Actions<'_>, out: &mut Scored, cold: &impl Fn(&[f64]) -> (f64, f64)) -> bool {
        let sample = (actions.count() / SAMPLED).clamp(FEWEST, MOST);
        let rows = || (0..actions.count()).step_by(actions.count() / sample).take(sample);
        let mut best = Leaders::default();
        for row in rows() {
            self.look(actions, row, out, cold, &mut best);
        }
        for row in best.rows() {
            if out.bounded[row] {
                self.decide(actions, row, out, &mut best);
            }
        }
        let skipped = rows().filter(|row| out.bounded[*row] && out.scores[*row] < best.score).count();
        skipped * self.frame.size >= sample * LOOK
    }

    /// Bounds the score of `row`; scores it where its arm was never tried or has no bound.
    fn look(
        &self,
        actions: &Actions<'_>,
        row: usize,
        out: &mut Scored,
        cold: &impl Fn(&[f64]) -> (f64, f64),
        best: &mut Leaders,
    ) {
        let (frame, path) = (self.frame, Path::best());
        let (padded, work) = out.scratch.split_at_mut(laned(frame.size));
        let x = &actions.values[row * frame.dim..(row + 1) * frame.dim];
        out.bounded[row] = false;
        let Some(model) = self.find(&actions.arms[row], &mut out.places[row]) else {
            let (mean, width) = cold(x);
            out.scores[row] = mean + self.alpha * width;
            best.score = best.score.max(out.scores[row]);
            return;
        };
        frame.pad(x, padded);
        let Some(reach) = model.reach(frame) else {
            let (mean, squared) = model.score(path, frame, padded, work);
            out.scores[row] = mean + self.alpha * squared.sqrt();
            best.score = best.score.max(out.scores[row]);
            return;
        };
        let mean = model.mean(path, frame, padded, work);
        let norm = dispatch::dot_lanes(path, padded, padded).sqrt();
        out.scores[row] = mean + self.alpha * (reach * norm * SLACK);
        out.bounded[row] = true;
        raise(&mut best.highest, row, out.scores[row]);
        raise(&mut best.likeliest, row, mean);
    }

    /// Puts the score of `row` in the place of its bound.
    fn decide(&self, actions: &Actions<'_>, row: usize, out: &mut Scored, best: &mut Leaders) {
        let (frame, path) = (self.frame, Path::best());
        let (padded, work) = out.scratch.split_at_mut(laned(frame.size));
        let x = &actions.values[row * frame.dim..(row + 1) * frame.dim];
        if let Some(model) = self.find(&actions.arms[row], &mut out.places[row]) {
            frame.pad(x, padded);
            let (mean, squared) = model.score(path, frame, padded, work);
            out.scores[row] = mean + self.alpha * squared.sqrt();
            out.bounded[row] = false;
            best.score = best.score.max(out.scores[row]);
        }
    }

    fn find(&self, arm: &ArmKey, place: &mut usize) -> Option<&T> {
        *place = self.arms.find(arm, *place).ok()?;
        Some(self.arms.at(*place))
    }

    fn look_ahead(&self, places: &[usize], row: usize) {
        if let Some(next) = places.get(row + 1) {
            self.arms.expect(*next, self.alpha == 0.0);
        }
    }

    fn glance_ahead(&self, places: &[usize], row: usize) {
        if let Some(next) = places.get(row + 4) {
            self.arms.expect(*next, true);
        }
    }
}

/// Scores `actions` under the one model `statistic` with the width's factor `alpha`, leaving bounds where nothing can be
/// won if `best_only`.
pub(crate) fn score_shared(
    statistic: &Statistic,
    frame: &Frame,
    alpha: f64,
    best_only: bool,
    actions: &Actions<'_>,
    out: &mut Scored,
) {
    let (path, count, dim) = (Path::best(), actions.count(), frame.dim);
    out.scores.resize(count, 0.0);
    out.bounded.clear();
    let need = scratch_len(frame.size);
    let skip = best_only && alpha > 0.0 && count >= CANDIDATES && frame.size >= ENTRIES;
    let all = need + if skip { BATCH * (dim + 1) + count } else { 0 };
    if out.scratch.len() < all {
        out.scratch.resize(all, 0.0);
    }
    let (scratch, rest) = out.scratch.split_at_mut(need);
    let linear = statistic.linear(dim, alpha);
    if !skip {
        dispatch::score_all(path, linear, actions.values, path.is_wide(), scratch, &mut out.scores);
        return;
    }
    let (means, rest) = rest.split_at_mut(count);
    let reach = Linear { alpha: alpha * (statistic.reach() * SLACK), ..linear };
    dispatch::bound_all(path, reach, actions.values, path.is_wide(), scratch, means, &mut out.scores);
    let (mut highest, mut likeliest) = (None, None);
    for (row, (mean, bound)) in means.iter().zip(&out.scores).enumerate() {
        raise(&mut likeliest, row, *mean);
        raise(&mut highest, row, *bound);
    }
    out.bounded.resize(count, true);
    let (values, scores) = rest[..BATCH * (dim + 1)].split_at_mut(BATCH * dim);
    let mut best = f64::NEG_INFINITY;
    let mut pending = [0; BATCH];
    let mut waiting = 0;
    let first = highest.into_iter().chain(likeliest).map(|(row, _)| row);
    for (turn, row) in first.chain(0..count).enumerate() {
        if out.bounded[row] && out.scores[row] >= best && !pending[..waiting].contains(&row) {
            values[waiting * dim..(waiting + 1) * dim].copy_from_slice(&actions.values[row * dim..(row + 1) * dim]);
            pending[waiting] = row;
            waiting += 1;
        }
        if waiting == BATCH || (waiting > 0 && (turn == 1 || turn == count + 1)) {
            let (values, scores) = (&values[..waiting * dim], &mut scores[..waiting]);
            dispatch::score_all(path, linear, values, path.is_wide(), scratch, scores);
            for (row, score) in pending.iter().zip(scores.iter()) {
                out.scores[*row] = *score;
                out.bounded[*row] = false;
                best = best.max(*score);
            }
            waiting = 0;
        }
    }
    settle(&mut out.bounded);
}

fn rows<'a>(actions: &Actions<'a>) -> impl Iterator<Item = (&'a ArmKey, &'a [f64])> {
    actions.arms.iter().zip(actions.values.chunks_exact(actions.dim))
}

/// The best score, and the rows with the highest bound and the highest mean.
struct Leaders {
    score: f64,
    highest: Option<(usize, f64)>,
    likeliest: Option<(usize, f64)>,
}

impl Default for Leaders {
    fn default() -> Self {
        Leaders { score: f64::NEG_INFINITY, highest: None, likeliest: None }
    }
}

impl Leaders {
    fn rows(&self) -> impl Iterator<Item = usize> + use<> {
        self.highest.into_iter().chain(self.likeliest).map(|(row, _)| row)
    }
}

/// Keeps the first of the highest values and its row.
fn raise(highest: &mut Option<(usize, f64)>, row: usize, value: f64) {
    if highest.is_none_or(|(_, most)| value > most) {
        *highest = Some((row, value));
    }
}

/// Marks nothing where nothing is marked.
fn settle(bounded: &mut Vec<bool>) {
    if !bounded.contains(&true) {
        bounded.clear();
    }
}
