//! Personal and pooled: what people have in common, and in what each differs.
//!
//! θ_person = θ_population + δ_person. The population is a ridge regression over everybody's lessons. δ lives on the
//! `rank` columns that carry most of the population's Σx², with a ridge κ of its own; from a person's exact sums A_u, b_u
//! it follows as δ = (PA_uPᵀ + κI)⁻¹P(b_u − A_uθ_population), P picking those columns. A new person starts from the
//! population, and moves away from it with their own evidence. Both levels are sums: a person is subtracted from each.
//!
//! `build` gives a policy that holds its people; the engine keeps each person's sums with that person's state
//! ([`oo_core::personal`]) and its registry learns the population alone.

mod body;
mod crowd;
mod held;
mod part;
mod person;
mod population;

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};
use crate::linucb::body::misfit;
use crate::linucb::family::check_ridge;
use body::Saved;
use crowd::Crowd;
use population::Population;

/// The settings of the personal and pooled policy.
///
/// ```
/// use oo_policies::{HierarchicalSpec, PolicySpec};
///
/// let spec = PolicySpec::parse(r#"{"type": "hierarchical", "personal_ridge": 4}"#).unwrap();
/// let settings = HierarchicalSpec { personal_ridge: Some(4.0), ..HierarchicalSpec::default() };
/// assert_eq!(spec, PolicySpec::Hierarchical(settings));
/// assert!(PolicySpec::parse(r#"{"type": "hierarchical", "rank": 0}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HierarchicalSpec {
    /// α ≥ 0, the factor of the width, in units of the estimated noise σ̂.
    pub alpha: f64,
    /// λ > 0, the ridge of the population.
    pub lambda: f64,
    /// κ > 0, the ridge of what is personal: noise over between-person variance. Left out, each person's own lessons
    /// choose it by their marginal likelihood.
    pub personal_ridge: Option<f64>,
    /// The most columns in which people differ, the intercept among them.
    pub rank: usize,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
    /// How scores become a pmf.
    pub exploration: Exploration,
}

impl Default for HierarchicalSpec {
    /// α = 1, λ = 1, κ by each person's evidence, at most 32 columns, an intercept, an ε-floor of 0.05.
    fn default() -> Self {
        HierarchicalSpec {
            alpha: 1.0,
            lambda: 1.0,
            personal_ridge: None,
            rank: 32,
            intercept: true,
            exploration: Exploration::default(),
        }
    }
}

impl Kind for HierarchicalSpec {
    fn validate(&self) -> Result<()> {
        if !(0.0..=1e9).contains(&self.alpha) {
            let message = format!("alpha is {}; pass a number in [0, 1e9], such as 1", self.alpha);
            return Err(Error::invalid("alpha", message));
        }
        check_ridge(self.lambda)?;
        if let Some(ridge) = self.personal_ridge.filter(|ridge| !(1e-9..=1e12).contains(ridge)) {
            let message =
                format!("personal_ridge is {ridge}; pass a number in [1e-9, 1e12], such as 4, or leave it out");
            return Err(Error::invalid("personal_ridge", message));
        }
        if !(1..=256).contains(&self.rank) {
            let message = format!("rank is {}; people differ in 1 to 256 columns, such as 32", self.rank);
            return Err(Error::invalid("rank", message));
        }
        self.exploration.validate()
    }

    fn canonicalise(&mut self) {
        self.alpha += 0.0;
        self.exploration = self.exploration.canonical();
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        let people = ground.people;
        let population = Population::new(ground, self);
        Ok(body::policy(population, people, Crowd::default()))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let population = Population::new(ground, self);
        let saved = Saved::read(body, population.frame())?;
        Ok(saved.restored(&population))
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let population = Population::new(ground, self);
        let mut all: Option<Saved> = None;
        for mut body in bodies {
            let next = Saved::read(&mut body, population.frame())?;
            body.end()?;
            match &mut all {
                None => all = Some(next),
                Some(all) => all.merge(&next)?,
            }
        }
        let all = all.ok_or_else(misfit)?;
        Ok(all.derived(&population))
    }
}
