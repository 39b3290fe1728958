//! What every successor of one drifting policy has in common: settings, layout, and what the width is multiplied by.

use oo_core::policy::{Actions, Explanation, Scored};
use oo_core::{Error, Result};

use crate::exploration::Exploration;
use crate::frame::Frame;
use crate::kernel::laned;
use crate::kind::Ground;
use crate::linucb::Sharing;
use crate::linucb::family::check_ridge;
use crate::linucb::head::{check_index, check_shape, not_finite};

use super::derived::Derived;

/// The immutable part of a drifting policy.
#[derive(Clone, Debug)]
pub(crate) struct DriftHead {
    /// Settings, schema and reward grid.
    pub(crate) ground: Ground,
    /// The statistics' layout.
    pub(crate) frame: Frame,
    /// The factor of the width.
    pub(crate) width: Width,
    /// Whether arms share one model.
    pub(crate) sharing: Sharing,
    /// How scores become a pmf.
    pub(crate) exploration: Exploration,
}

/// The numbers that both kinds of drifting policies have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Common {
    pub(crate) sharing: Sharing,
    pub(crate) lambda: f64,
    pub(crate) intercept: bool,
    pub(crate) width: Width,
    pub(crate) exploration: Exploration,
}

impl Common {
    /// Checks the numbers.
    pub(crate) fn validate(&self) -> Result<()> {
        check_ridge(self.lambda)?;
        self.width.validate()?;
        self.exploration.validate()
    }

    /// The head on `ground`.
    pub(crate) fn head(&self, ground: Ground) -> DriftHead {
        let frame = Frame::new(&ground.schema, ground.reward, self.lambda, self.intercept);
        DriftHead { ground, frame, width: self.width, sharing: self.sharing, exploration: self.exploration }
    }
}

/// What the width is multiplied by: α, or the β of the papers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Width {
    /// α ≥ 0; none for the papers' β.
    pub(crate) alpha: Option<f64>,
    /// δ, the probability with which the papers' bound may fail.
    pub(crate) delta: f64,
    /// S, the bound on ‖θ‖.
    pub(crate) bound: f64,
    /// σ, the noise of rewards.
    pub(crate) noise: f64,
    /// L, the bound on ‖x‖.
    pub(crate) length: f64,
}

impl Width {
    fn validate(&self) -> Result<()> {
        if let Some(alpha) = self.alpha.filter(|alpha| !(0.0..=1e9).contains(alpha)) {
            let message =
                format!("alpha is {alpha}; pass a number in [0, 1e9], such as 1, or null for the papers' width");
            return Err(Error::invalid("alpha", message));
        }
        if !(1e-300..1.0).contains(&self.delta) {
            return Err(Error::invalid("delta", format!("delta is {}; pass a probability, such as 0.01", self.delta)));
        }
        for (name, value) in [("bound", self.bound), ("noise", self.noise), ("length", self.length)] {
            if !(0.0..=1e9).contains(&value) {
                return Err(Error::invalid(name, format!("{name} is {value}; pass a number in [0, 1e9], such as 1")));
            }
        }
        Ok(())
    }

    /// β = √λ·S + σ√(2·ln(1/δ) + d·ln(1 + L²N/(λd))), N = Σw² the `evidence` (Russac, Vernade & Cappé 2019, theorem 1,
    /// whose (1−γ²ᵗ)/(1−γ²) is N for equal steps; in a window N is its lessons), or α where it is given.
    pub(crate) fn factor(&self, frame: &Frame, evidence: f64) -> f64 {
        if let Some(alpha) = self.alpha {
            return alpha;
        }
        let dim = frame.size as f64;
        let volume = dim * libm::log1p(self.length * self.length * evidence / (frame.ridge * dim));
        frame.ridge.sqrt() * self.bound + self.noise * (volume - 2.0 * libm::log(self.delta)).sqrt()
    }
}

/// A row's mean, standard width and score.
#[derive(Clone, Copy, Debug)]
struct Valued {
    mean: f64,
    width: f64,
    score: f64,
}

impl DriftHead {
    /// Fills `out` for candidates of which number `i` is judged by `model(i)`, none if its arm was never tried.
    pub(crate) fn distribution<'a>(
        &self,
        actions: &Actions<'_>,
        out: &mut Scored,
        model: impl Fn(usize) -> Option<&'a Derived>,
    ) -> Result<()> {
        check_shape(actions, self.frame.dim)?;
        out.scores.clear();
        out.unmark();
        out.scratch.clear();
        out.scratch.resize(3 * laned(self.frame.size), 0.0);
        for (index, x) in actions.values.chunks_exact(self.frame.dim).enumerate() {
            let score = self.value(model(index), x, &mut out.scratch).score;
            out.scores.push(score);
        }
        if !out.scores.iter().all(|score| score.is_finite()) {
            return Err(not_finite(actions));
        }
        self.exploration.apply(&out.scores, &mut out.distribution);
        Ok(())
    }

    /// Why candidate `index`, judged by `model`, scores as it does.
    pub(crate) fn explain<'a>(
        &self,
        actions: &Actions<'_>,
        index: usize,
        model: impl Fn(usize) -> Option<&'a Derived>,
    ) -> Result<Explanation> {
        let dim = self.frame.dim;
        check_shape(actions, dim)?;
        check_index(actions, index)?;
        let x = &actions.values[index * dim..(index + 1) * dim];
        let model = model(index);
        let Valued { mean, width, score } = self.value(model, x, &mut vec![0.0; 3 * laned(self.frame.size)]);
        if !score.is_finite() {
            return Err(not_finite(actions));
        }
        let theta = model.map_or(&self.frame.prior[..], |model| model.theta());
        Ok(Explanation {
            contributions: theta.iter().zip(x).map(|(theta, x)| theta * x).collect(),
            intercept: if self.frame.has_intercept() { theta[dim] } else { 0.0 },
            mean,
            width,
            score,
        })
    }

    /// `work` is three vectors of whole lanes, zero behind the entries.
    fn value(&self, model: Option<&Derived>, x: &[f64], work: &mut [f64]) -> Valued {
        let (padded, rest) = work.split_at_mut(laned(self.frame.size));
        self.frame.pad(x, padded);
        if let Some(model) = model {
            let (mean, width) = model.score(padded, rest);
            return Valued { mean, width, score: mean + model.factor() * width };
        }
        let (mut mean, mut squared) = (0.0, 0.0);
        for (prior, x) in self.frame.prior.iter().zip(&*padded) {
            mean += prior * x;
            squared += x * x;
        }
        let width = squared.sqrt() / self.frame.ridge.sqrt();
        Valued { mean, width, score: mean + self.width.factor(&self.frame, 0.0) * width }
    }
}
