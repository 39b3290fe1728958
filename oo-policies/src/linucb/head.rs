//! What every successor of one linear policy has in common: settings, schema, reward grid and frame.

use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, PolicyIdentity, Scored};
use oo_core::{Error, Result};
use sha2::Digest;

use crate::frame::Frame;
use crate::kernel::{Path, dispatch, laned};
use crate::kind::Ground;
use crate::linucb::body::{Body, Kept};
use crate::linucb::family::Family;
use crate::linucb::rule::Rule;
use crate::linucb::sampler::{Posterior, Sampler};
use crate::saved;
use crate::statistic::Statistic;
use crate::sums::check_grid;

/// The immutable part of a linear policy.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// Settings, schema and reward grid.
    pub(crate) ground: Ground,
    /// The factor of the width.
    pub(crate) alpha: f64,
    /// How means and widths become a pmf.
    pub(crate) rule: Rule,
    /// The statistics' layout.
    pub(crate) frame: Frame,
    sampler: Option<Sampler>,
}

impl Head {
    /// The head on `ground`, which acts as `family` says.
    pub(crate) fn new(ground: Ground, family: &Family) -> Self {
        let frame = Frame::new(&ground.schema, ground.reward, family.lambda, family.intercept);
        Head { ground, alpha: family.rule.alpha(), rule: family.rule, frame, sampler: None }
    }

    /// Makes the draws of a rule that samples: `common` and `own` are the lengths of the two parts of a projection.
    pub(crate) fn sampling(mut self, common: usize, own: usize) -> Self {
        if let Rule::Thompson { scale, draws, epsilon } = self.rule {
            self.sampler = Some(Sampler::new(scale, draws, epsilon, common, own));
        }
        self
    }

    /// Writes the pmf of the scores in `out`, whose bounds are marked, refusing what is not finite.
    pub(crate) fn finish(&self, posterior: &dyn Posterior, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        // θ and U are finite and U's diagonal is positive: a score is finite exactly if its row is, and not absurdly long.
        let sum: f64 = out.scores.iter().map(|score| score * 0.0).sum();
        if sum != 0.0 {
            return Err(not_finite(actions));
        }
        out.estimated = false;
        match &self.sampler {
            Some(sampler) => sampler.apply(posterior, actions, out),
            None => self.rule.apply(&out.scores, posterior, &mut out.distribution),
        }
        Ok(())
    }

    /// Checks `lessons` against the frame and the grids, so that learning them cannot fail half way.
    pub(crate) fn check_lessons(&self, lessons: &[Lesson]) -> Result<()> {
        for lesson in lessons {
            self.frame.check(lesson)?;
            check_grid(&lesson.x, &[lesson.reward, lesson.replaces.unwrap_or(0)])?;
        }
        Ok(())
    }

    /// Why row `x` scores as it does under `statistic`.
    pub(crate) fn explain(&self, statistic: &Statistic, x: &[f64]) -> Explanation {
        let mut padded = vec![0.0; laned(self.frame.size)];
        self.frame.pad(x, &mut padded);
        let linear = statistic.linear(self.frame.dim, self.alpha);
        let (mean, squared) = dispatch::score_one(Path::best(), linear, &padded);
        let width = squared.sqrt();
        self.explanation(statistic.theta(), x, mean, width)
    }

    /// The explanation of mean and width under weights `theta`.
    pub(crate) fn explanation(&self, theta: &[f64], x: &[f64], mean: f64, width: f64) -> Explanation {
        Explanation {
            contributions: theta.iter().zip(x).map(|(theta, x)| theta * x).collect(),
            intercept: theta.get(self.frame.dim).copied().unwrap_or(0.0),
            mean,
            width,
            score: mean + self.alpha * width,
        }
    }

    /// The identity whose statistics, in the order of their keys, are `arms`.
    pub(crate) fn identity<'a, T: Kept + 'a>(&self, arms: impl Iterator<Item = (&'a str, &'a T)>) -> PolicyIdentity {
        let mut lessons = 0;
        let mut hash = self.ground.hasher();
        hash.update((self.frame.size as u64).to_le_bytes());
        for (key, arm) in arms.filter(|(_, arm)| arm.lessons() > 0) {
            lessons += arm.lessons();
            hash.update((key.len() as u64).to_le_bytes());
            hash.update(key.as_bytes());
            arm.hash_into(self.frame.size, &mut hash);
        }
        self.ground.identity(hash, lessons)
    }

    /// The saved policy whose statistics, in the order of their keys, are `arms`.
    pub(crate) fn save<'a, T: Kept + 'a>(&self, arms: impl Iterator<Item = (&'a str, &'a T)>) -> Vec<u8> {
        saved::write(&self.ground, |out| Body::write(out, self.frame.size, arms))
    }
}

/// Checks that `actions` has at least one row, of `dim` columns.
pub(crate) fn check_shape(actions: &Actions<'_>, dim: usize) -> Result<()> {
    if actions.arms.is_empty() {
        return Err(Error::invalid("candidates", "there is no candidate; pass at least one row"));
    }
    if actions.dim != dim {
        return Err(Error::invalid("dim", format!("the candidates have {} columns, the policy {dim}", actions.dim)));
    }
    if actions.values.len() != dim * actions.count() {
        let (count, got) = (actions.count(), actions.values.len());
        return Err(Error::invalid(
            "values",
            format!("{count} candidates of {dim} columns are {} numbers, not {got}", count * dim),
        ));
    }
    Ok(())
}

/// Checks that `index` is a candidate.
pub(crate) fn check_index(actions: &Actions<'_>, index: usize) -> Result<()> {
    if index < actions.count() {
        return Ok(());
    }
    Err(Error::invalid("index", format!("candidate {index} does not exist; there are {}", actions.count())))
}

/// The error that names the first number that cannot be scored.
pub(crate) fn not_finite(actions: &Actions<'_>) -> Error {
    let at = actions.values.iter().position(|value| !value.is_finite());
    let at = at.unwrap_or_else(|| largest(actions.values));
    let (row, column) = (at / actions.dim, at % actions.dim);
    let value = actions.values[at];
    Error::invalid(
        format!("x{column}"),
        format!("row {row}, column {column} is {value}; pass finite numbers within the schema's range"),
    )
}

fn largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if value.abs() > values[best].abs() {
            best = index;
        }
    }
    best
}
