//! What the statistics of a linear policy are laid out on: steps, ridge, prior and intercept.

use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};

use crate::kernel::laned;

/// The layout that every statistic of one policy shares.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The number of the caller's columns.
    pub(crate) dim: usize,
    /// The number of entries, the intercept included.
    pub(crate) size: usize,
    /// The grid step of each entry; the intercept's is 1.
    pub(crate) steps: Vec<f64>,
    /// The steps again, filled up with zeros to whole lanes.
    pub(crate) lanes: Vec<f64>,
    /// θ₀ filled up likewise.
    pub(crate) prior_lanes: Vec<f64>,
    /// The reward's grid step.
    pub(crate) reward_step: f64,
    /// λ.
    pub(crate) ridge: f64,
    /// θ₀, the prior mean; the intercept's is 0.
    pub(crate) prior: Vec<f64>,
}

impl Frame {
    /// The layout of `schema` with ridge `ridge`, perhaps with an intercept.
    pub(crate) fn new(schema: &FeatureSchema, reward: Grid, ridge: f64, intercept: bool) -> Self {
        let mut steps: Vec<f64> = schema.features().iter().map(|feature| feature.range.step()).collect();
        let mut prior: Vec<f64> = schema.features().iter().map(|feature| feature.prior).collect();
        if intercept {
            steps.push(1.0);
            prior.push(0.0);
        }
        Frame::of(schema.dim(), steps, prior, reward.step(), ridge)
    }

    /// The layout of entries with these `steps` and this `prior`, `dim` of them columns.
    pub(crate) fn of(dim: usize, steps: Vec<f64>, prior: Vec<f64>, reward_step: f64, ridge: f64) -> Self {
        let mut lanes = steps.clone();
        lanes.resize(laned(steps.len()), 0.0);
        let mut prior_lanes = prior.clone();
        prior_lanes.resize(lanes.len(), 0.0);
        Frame { dim, size: steps.len(), steps, lanes, prior_lanes, reward_step, ridge, prior }
    }

    /// Copies the columns `x` into `padded`, with the intercept behind them; the rest of `padded` stays 0.
    pub(crate) fn pad(&self, x: &[f64], padded: &mut [f64]) {
        padded[..self.dim].copy_from_slice(x);
        if self.has_intercept() {
            padded[self.dim] = 1.0;
        }
    }

    /// Writes x/√λ with its intercept, the projection of a row of which nothing was learned.
    pub(crate) fn cold_projection(&self, x: &[f64], out: &mut [f64]) {
        self.pad(x, out);
        let root = self.ridge.sqrt();
        for out in &mut out[..self.size] {
            *out /= root;
        }
    }

    /// Checks that `lesson` has this frame's features.
    ///
    /// # Errors
    /// `invalid_input` for another number of them.
    pub(crate) fn check(&self, lesson: &Lesson) -> Result<()> {
        if lesson.x.len() == self.dim {
            return Ok(());
        }
        let message = format!("the lesson has {} features, the policy's schema {}", lesson.x.len(), self.dim);
        Err(Error::invalid("x", message))
    }

    /// Whether there is an intercept.
    pub(crate) fn has_intercept(&self) -> bool {
        self.size > self.dim
    }
}

/// One lesson laid out on a frame, and the working memory of learning it.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// The features as grid integers, then the intercept.
    pub(crate) integers: Vec<i16>,
    /// The features as values, then the intercept, filled up with zeros to whole lanes as all that follow.
    pub(crate) x: Vec<f64>,
    /// p = Ux.
    pub(crate) p: Vec<f64>,
    /// Uᵀp.
    pub(crate) y: Vec<f64>,
    /// Twice that length.
    pub(crate) spare: Vec<f64>,
}

impl Work {
    /// Working memory for `frame`.
    pub(crate) fn new(frame: &Frame) -> Self {
        let zeros = vec![0.0; laned(frame.size)];
        let spare = vec![0.0; 2 * zeros.len()];
        Work { integers: vec![0; frame.size], x: zeros.clone(), p: zeros.clone(), y: zeros, spare }
    }

    /// Lays `lesson` out on `frame`.
    ///
    /// # Errors
    /// `invalid_input` for a wrong number of features.
    pub(crate) fn take(&mut self, frame: &Frame, lesson: &Lesson) -> Result<()> {
        frame.check(lesson)?;
        self.integers[..frame.dim].copy_from_slice(&lesson.x);
        if frame.has_intercept() {
            self.integers[frame.dim] = 1;
        }
        self.lay(frame);
        Ok(())
    }

    /// Lays `integers`, the intercept among them, out on `frame`.
    pub(crate) fn set(&mut self, frame: &Frame, integers: &[i16]) {
        self.integers.copy_from_slice(integers);
        self.lay(frame);
    }

    fn lay(&mut self, frame: &Frame) {
        for ((x, n), step) in self.x.iter_mut().zip(&self.integers).zip(&frame.steps) {
            *x = f64::from(*n) * step;
        }
    }
}

/// Working memory that a policy keeps from lesson to lesson; a copy of the policy starts without.
#[derive(Debug, Default)]
pub(crate) struct Spare(Option<Box<Work>>);

impl Clone for Spare {
    fn clone(&self) -> Self {
        Spare::default()
    }
}

impl Spare {
    /// Takes it out, or makes it for `frame`.
    pub(crate) fn take(&mut self, frame: &Frame) -> Box<Work> {
        self.0.take().unwrap_or_else(|| Box::new(Work::new(frame)))
    }

    /// Puts it back.
    pub(crate) fn keep(&mut self, work: Box<Work>) {
        self.0 = Some(work);
    }
}
