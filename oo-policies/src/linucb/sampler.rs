//! Thompson sampling's probabilities: how often each candidate is the best under θ̃ ~ N(θ, v²A⁻¹).
//!
//! With A⁻¹ = UᵀU a draw is θ̃ = θ + v·Uᵀz, so a candidate's sampled reward is θᵀx + v·zᵀp for its projection p = Ux,
//! ‖p‖ its width. What candidates have in common they project on common draws, what is their arm's own on draws keyed by
//! the arm: rows of one arm share one θ̃, arms are independent. For two candidates the probability is
//! Φ((θᵀxₐ − θᵀx_b)/(v·√Var)); for more it is the share of M draws, ties split equally.

use oo_core::candidate::ArmKey;
use oo_core::policy::{Actions, Scored};

use super::normals::{Normals, cdf};

/// What is known of a candidate, as the sampler sees it.
pub(crate) trait Posterior {
    /// How many lessons are in it.
    fn lessons(&self) -> u64;

    /// Writes the projection of candidate `x` of `arm`: what it has in common with others into `common`, what is its
    /// arm's own into `own`, ‖common‖² + ‖own‖² being its squared width. Both are zeros before. `work` has the length
    /// that [`work`](Posterior::work) says.
    fn project(&self, arm: &ArmKey, x: &[f64], common: &mut [f64], own: &mut [f64], work: &mut [f64]);

    /// The length of the working memory of [`project`](Posterior::project).
    fn work(&self) -> usize {
        0
    }
}

/// The draws of one policy and what it does with them.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    scale: f64,
    epsilon: f64,
    draws: usize,
    common: usize,
    own: usize,
    common_table: Normals,
    own_table: Normals,
}

/// Working memory of an estimate: the posterior's own, one projection, and the rest.
struct Memory<'a> {
    work: &'a mut [f64],
    p: &'a mut [f64],
    rest: &'a mut [f64],
}

impl Sampler {
    /// `draws` draws of scale `scale` with a floor of `epsilon`, for projections of `common` and `own` numbers.
    pub(crate) fn new(scale: f64, draws: u32, epsilon: f64, common: usize, own: usize) -> Self {
        let draws = draws as usize;
        Sampler {
            scale,
            epsilon,
            draws,
            common,
            own,
            common_table: Normals::new(draws, common, 1),
            own_table: Normals::new(draws, own, 2),
        }
    }

    /// Writes the pmf of `actions`, whose means are in `out.scores`.
    pub(crate) fn apply(&self, posterior: &dyn Posterior, actions: &Actions<'_>, out: &mut Scored) {
        let mut scratch = std::mem::take(&mut out.scratch);
        let count = actions.count();
        let width = self.common + self.own;
        let work = posterior.work();
        scratch.clear();
        if count <= 2 {
            scratch.resize(work + count * (width + 1), 0.0);
            let (work, rest) = scratch.split_at_mut(work);
            let (shares, rows) = rest.split_at_mut(count);
            for ((arm, x), p) in rows_of(actions).zip(rows.chunks_exact_mut(width)) {
                let (common, own) = p.split_at_mut(self.common);
                posterior.project(arm, x, common, own, work);
            }
            self.closed(actions, &out.scores, rows, shares);
            out.distribution.set_shares(shares, self.epsilon);
        } else {
            // Shares, a projection, a row of products, the best and its ties of each draw, and every sampled reward.
            scratch.resize(work + count + width + self.draws * (3 + count), 0.0);
            let (work, rest) = scratch.split_at_mut(work);
            let (shares, rest) = rest.split_at_mut(count);
            let (p, rest) = rest.split_at_mut(width);
            self.estimate(posterior, actions, &out.scores, Memory { work, p, rest }, shares);
            out.distribution.set_shares(shares, self.epsilon);
            out.estimated = true;
        }
        out.scratch = scratch;
    }

    /// The probabilities of one or two candidates.
    fn closed(&self, actions: &Actions<'_>, means: &[f64], rows: &[f64], shares: &mut [f64]) {
        let ([a, b], [share_a, share_b]) = (means, &mut *shares) else {
            shares.fill(1.0);
            return;
        };
        let (p, q) = rows.split_at(rows.len() / 2);
        let same = actions.arms[0] == actions.arms[1];
        let mut variance = 0.0;
        for (index, (p, q)) in p.iter().zip(q).enumerate() {
            variance += if same || index < self.common { (p - q) * (p - q) } else { p * p + q * q };
        }
        let deviation = self.scale * variance.sqrt();
        if deviation > 0.0 {
            let t = (a - b) / deviation;
            (*share_a, *share_b) = (cdf(t), cdf(-t));
        } else {
            *share_a = if a > b { 1.0 } else { f64::from(u8::from(a == b)) * 0.5 };
            *share_b = 1.0 - *share_a;
        }
    }

    /// The share of the draws under which each candidate is the best.
    fn estimate(
        &self,
        posterior: &dyn Posterior,
        actions: &Actions<'_>,
        means: &[f64],
        memory: Memory<'_>,
        shares: &mut [f64],
    ) {
        let draws = self.draws;
        let Memory { work, p, rest } = memory;
        let (products, rest) = rest.split_at_mut(draws);
        let (best, rest) = rest.split_at_mut(draws);
        let (ties, sampled) = rest.split_at_mut(draws);
        best.fill(f64::NEG_INFINITY);
        for (((arm, x), mean), sampled) in rows_of(actions).zip(means).zip(sampled.chunks_exact_mut(draws)) {
            p.fill(0.0);
            let (common, own) = p.split_at_mut(self.common);
            posterior.project(arm, x, common, own, work);
            if self.common > 0 {
                self.common_table.products(common, products);
            }
            if self.own > 0 {
                self.own_table.products(own, sampled);
                Normals::shuffle(arm, sampled);
            }
            for ((sampled, product), best) in sampled.iter_mut().zip(&*products).zip(best.iter_mut()) {
                *sampled = mean + self.scale * (*sampled + product);
                *best = if *sampled > *best { *sampled } else { *best };
            }
        }
        ties.fill(0.0);
        for sampled in sampled.chunks_exact(draws) {
            for ((sampled, best), ties) in sampled.iter().zip(&*best).zip(ties.iter_mut()) {
                *ties += f64::from(u8::from(sampled == best));
            }
        }
        for (share, sampled) in shares.iter_mut().zip(sampled.chunks_exact(draws)) {
            let mut wins = 0.0;
            for ((sampled, best), ties) in sampled.iter().zip(&*best).zip(&*ties) {
                wins += if sampled == best { 1.0 / ties } else { 0.0 };
            }
            *share = wins / draws as f64;
        }
    }
}

fn rows_of<'a>(actions: &Actions<'a>) -> impl Iterator<Item = (&'a ArmKey, &'a [f64])> {
    actions.arms.iter().zip(actions.values.chunks_exact(actions.dim))
}
