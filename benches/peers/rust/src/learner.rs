//! One bandit of the comparison: a model an arm, every arm sees the same context.
//!
//! α = 1, λ = 1 and no intercept everywhere, so that all three work on equally many columns.

#![allow(clippy::disallowed_types, reason = "the peers break ties with it; nothing of it is kept")]

use oo_core::candidate::ArmKey;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, Rows};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_rill::SeedableRng as _;
use rill_ml::bandit::{ContextualBandit, LinUcbConfig, LinUcbFast};
use trashpanda::policies::LinUcb;

use crate::Outcome;

/// What is timed: from a context to an arm, and from a reward to a state.
pub(crate) trait Learner {
    /// The arm drawn for `context`.
    fn choose(&mut self, context: &'static [f64]) -> Outcome<usize>;
    /// Learns `reward` of `arm` in `context`.
    fn update(&mut self, context: &'static [f64], arm: usize, reward: f64) -> Outcome<()>;
}

/// The three by name, over `arms` arms and `dim` columns.
pub(crate) fn all(arms: usize, dim: usize) -> Outcome<Vec<(&'static str, Box<dyn Learner>)>> {
    Ok(vec![
        ("oo", Box::new(Ours::new(arms, dim)?)),
        ("trashpanda", Box::new(Trashpanda::new(arms, dim)?)),
        ("rill-ml", Box::new(Rill::new(arms, dim)?)),
    ])
}

struct Ours {
    bandit: Bandit,
    arms: Vec<ArmKey>,
    decided: Decided,
    seed: u64,
}

impl Ours {
    fn new(arms: usize, dim: usize) -> Outcome<Self> {
        let settings = r#"{"type": "linucb", "sharing": "disjoint", "intercept": false,
            "exploration": {"type": "epsilon_floor", "epsilon": 0.0}}"#;
        let bandit = Bandit::new(BanditSpec::new(PolicySpec::parse(settings)?, dim))?;
        let arms: Vec<_> = (0..arms).map(|arm| ArmKey::new(arm.to_string())).collect();
        Ok(Ours { bandit, arms, decided: Decided::default(), seed: 0 })
    }
}

impl Learner for Ours {
    fn choose(&mut self, context: &'static [f64]) -> Outcome<usize> {
        self.seed += 1;
        let rows = Rows::of_context(context, &self.arms);
        self.bandit.decide_into(&rows, self.seed.into(), &mut self.decided)?;
        Ok(self.decided.index)
    }

    fn update(&mut self, context: &'static [f64], arm: usize, reward: f64) -> Outcome<()> {
        Ok(self.bandit.learn(&Rows::new(context, 1).with_arms(&self.arms[arm..=arm]), &[reward])?)
    }
}

struct Trashpanda {
    bandit: trashpanda::Bandit<usize, LinUcb<usize>, &'static [f64]>,
    random: StdRng,
}

impl Trashpanda {
    fn new(arms: usize, dim: usize) -> Outcome<Self> {
        let bandit = trashpanda::Bandit::new(0..arms, LinUcb::new(1.0, 1.0, dim))?;
        Ok(Trashpanda { bandit, random: StdRng::seed_from_u64(1) })
    }
}

impl Learner for Trashpanda {
    fn choose(&mut self, context: &'static [f64]) -> Outcome<usize> {
        Ok(self.bandit.predict(context, &mut self.random)?)
    }

    fn update(&mut self, context: &'static [f64], arm: usize, reward: f64) -> Outcome<()> {
        Ok(self.bandit.partial_fit(&[arm], context, &[reward])?)
    }
}

struct Rill {
    bandit: LinUcbFast,
    random: rand_rill::rngs::StdRng,
}

impl Rill {
    fn new(arms: usize, dim: usize) -> Outcome<Self> {
        let mut config = LinUcbConfig::default();
        config.arm_count = arms;
        config.feature_count = dim;
        Ok(Rill { bandit: LinUcbFast::new(config)?, random: rand_rill::rngs::StdRng::seed_from_u64(1) })
    }
}

impl Learner for Rill {
    fn choose(&mut self, context: &'static [f64]) -> Outcome<usize> {
        Ok(self.bandit.select(context, &mut self.random)?)
    }

    fn update(&mut self, context: &'static [f64], arm: usize, reward: f64) -> Outcome<()> {
        Ok(self.bandit.update(arm, context, reward)?)
    }
}
