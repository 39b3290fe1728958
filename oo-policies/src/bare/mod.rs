//! The bandit alone, for raw arrays: no schema, no store, no holdout.
//!
//! Columns share one declared range and are rounded to its grid; what lies outside is an error that names the column,
//! never a clamp. A [`Bandit`] is what Python, Node and `POST /api/decide` hand out, with the bits of the engine.

mod decided;
mod learn;
mod logged;
mod named;
mod range;
mod rows;
mod saved;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use oo_core::draw::{Seed, draw};
use oo_core::grid::Grid;
use oo_core::policy::{Actions, Explanation, Policy};
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use decided::Decided;
pub use named::NamedArms;
pub use range::RangeSpec;
pub use rows::Rows;

use crate::kernel::{Path, dispatch};
use crate::spec::{PolicySpec, build};
use range::column_error;

/// The settings of a bare bandit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BanditSpec {
    /// The policy.
    pub policy: PolicySpec,
    /// The number of columns.
    pub dim: usize,
    /// The range of all columns, (−16, 16) unless declared.
    #[serde(default = "default_range")]
    pub range: RangeSpec,
    /// The range of rewards, (−16, 16) unless declared.
    #[serde(default = "default_reward")]
    pub reward_range: RangeSpec,
}

fn default_range() -> RangeSpec {
    // Sixteen is a range, so the fallback is never taken.
    RangeSpec::fixed(-16.0, 16.0).unwrap_or(RangeSpec::Auto)
}

fn default_reward() -> RangeSpec {
    default_range()
}

impl BanditSpec {
    /// `policy` over `dim` columns, all ranges (−16, 16).
    #[must_use]
    pub fn new(policy: PolicySpec, dim: usize) -> Self {
        BanditSpec { policy, dim, range: default_range(), reward_range: default_reward() }
    }
}

/// A bandit over raw arrays.
///
/// ```
/// use oo_policies::{Bandit, BanditSpec, PolicySpec, Rows};
///
/// let mut bandit = Bandit::new(BanditSpec::new(PolicySpec::default(), 2))?;
/// let decided = bandit.decide(&Rows::new(&[0.1, 0.2, 1.0, -0.5], 2), 7.into())?;
/// assert_eq!(decided.propensity, decided.pmf()[decided.index]);
/// bandit.update(&decided, 1.0)?;
/// assert_eq!(bandit.lessons(), 1);
/// # Ok::<(), oo_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bandit {
    spec: BanditSpec,
    reward: Grid,
    /// The hash of the policy's canonical settings and the rewards' range.
    settings: [u8; 32],
    fixed: OnceLock<Fixed>,
}

/// What follows from the range.
#[derive(Clone, Debug)]
struct Fixed {
    grid: Grid,
    schema: FeatureSchema,
    policy: Arc<dyn Policy>,
}

impl Bandit {
    /// A bandit that has learned nothing.
    ///
    /// # Errors
    /// `invalid_input` for a wrong setting, or `"auto"` as the range of rewards.
    pub fn new(spec: BanditSpec) -> Result<Self> {
        spec.policy.validate()?;
        let reward = spec.reward_range.grid().ok_or_else(|| {
            Error::invalid("reward_range", "rewards need a declared range; pass (lo, hi), such as (0, 1)")
        })?;
        let settings = Sha256::new()
            .chain_update(spec.policy.to_json()?)
            .chain_update(reward.lo().to_le_bytes())
            .chain_update(reward.hi().to_le_bytes())
            .finalize()
            .into();
        let bandit = Bandit { spec, reward, settings, fixed: OnceLock::new() };
        match bandit.spec.range {
            // Checks the dimension and the rewards too, whatever the range will be.
            RangeSpec::Auto => {
                let schema = FeatureSchema::raw(bandit.spec.dim, -1.0, 1.0)?;
                build(&bandit.spec.policy, &schema, bandit.reward).map(|_| ())?;
            }
            RangeSpec::Fixed(grid) => {
                bandit.fix(Cow::Owned(bandit.on(grid)?));
            }
        }
        Ok(bandit)
    }

    /// The settings; a range that was `"auto"` is the one the first call fixed.
    #[must_use]
    pub fn spec(&self) -> BanditSpec {
        BanditSpec { range: self.range(), ..self.spec.clone() }
    }

    /// The number of columns.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.spec.dim
    }

    /// Whether the range is known: declared, or fixed by a call.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.fixed.get().is_some()
    }

    /// How many lessons are in it.
    #[must_use]
    pub fn lessons(&self) -> u64 {
        self.fixed.get().map_or(0, |fixed| fixed.policy.lessons())
    }

    /// The hash of settings and exact sums; equal for the same set of lessons, in any order.
    ///
    /// # Errors
    /// `invalid_input` while the range is `"auto"` and no call has fixed it.
    pub fn state_hash(&self) -> Result<[u8; 32]> {
        let fixed = self.fixed.get().ok_or_else(|| {
            Error::invalid("range", "the range is \"auto\" and not fixed yet; decide or learn once, or declare a range")
        })?;
        Ok(fixed.policy.identity().state)
    }

    /// Draws one of `rows`.
    ///
    /// # Errors
    /// `invalid_input` for no rows, a wrong length, or a number that is not finite or outside the range.
    pub fn decide(&self, rows: &Rows<'_>, seed: Seed) -> Result<Decided> {
        let mut out = Decided::default();
        self.decide_into(rows, seed, &mut out)?;
        Ok(out)
    }

    /// As [`decide`](Bandit::decide), filling `out` again.
    ///
    /// # Errors
    /// As [`decide`](Bandit::decide); `out` means nothing then.
    pub fn decide_into(&self, rows: &Rows<'_>, seed: Seed, out: &mut Decided) -> Result<()> {
        rows.check_decision()?;
        let fixed = self.round(rows, out)?;
        let dim = self.spec.dim;
        (out.person, out.day) = (rows.person(0), rows.day(0));
        let actions = Actions { day: out.day, person: out.person, ..Actions::new(dim, &out.values, &out.arms) };
        out.scored.unmark();
        fixed.policy.distribution(&actions, &mut out.scored)?;
        out.index = draw(&mut out.scored.distribution, 0.0, seed).index;
        out.propensity = out.pmf()[out.index];
        out.x.clear();
        out.x.extend(integers(&out.values[out.index * dim..(out.index + 1) * dim], fixed.grid));
        (out.grid, out.settings) = (Some(fixed.grid), self.settings);
        if self.fix(fixed) { Ok(()) } else { self.decide_into(rows, seed, out) }
    }

    /// Why row `index` of `rows` scores as it does.
    ///
    /// # Errors
    /// As [`decide`](Bandit::decide), or when there is no such row.
    pub fn explain(&self, rows: &Rows<'_>, index: usize) -> Result<Explanation> {
        rows.check_decision()?;
        let mut out = Decided::default();
        let fixed = self.round(rows, &mut out)?;
        let actions = Actions::new(self.spec.dim, &out.values, &out.arms);
        let said = fixed.policy.explain(&Actions { day: rows.day(0), person: rows.person(0), ..actions }, index)?;
        if self.fix(fixed) { Ok(said) } else { self.explain(rows, index) }
    }

    /// The bandit of the lessons of all `bandits` together, at the start of an epoch: exact, whatever the order.
    ///
    /// # Errors
    /// `invalid_input` for none; `incompatible` when settings or ranges differ.
    pub fn merge(bandits: &[&Bandit]) -> Result<Bandit> {
        let first = *bandits
            .first()
            .ok_or_else(|| Error::invalid("bandits", "there is nothing to merge; pass at least one"))?;
        if bandits.iter().any(|bandit| bandit.spec() != first.spec()) {
            return Err(Error::incompatible(
                "bandits merge only with equal settings and ranges; declare one range for all",
            ));
        }
        let Some(fixed) = first.fixed.get() else { return Ok(first.clone()) };
        let policies: Vec<_> =
            bandits.iter().filter_map(|bandit| bandit.fixed.get()).map(|fixed| fixed.policy.clone()).collect();
        let policy = crate::saved::merge(&policies, &fixed.schema)?;
        let mut merged = first.clone();
        merged.replace(policy);
        Ok(merged)
    }

    fn replace(&mut self, policy: Arc<dyn Policy>) {
        if let Some(fixed) = self.fixed.get_mut() {
            fixed.policy = policy;
        }
    }

    /// What follows from the range `grid`.
    fn on(&self, grid: Grid) -> Result<Fixed> {
        let schema = FeatureSchema::raw(self.spec.dim, grid.lo(), grid.hi())?;
        let policy = build(&self.spec.policy, &schema, self.reward)?;
        Ok(Fixed { grid, schema, policy })
    }

    /// Keeps what a call that has succeeded fixed; not where another thread fixed another range meanwhile.
    fn fix(&self, fixed: Cow<'_, Fixed>) -> bool {
        let grid = fixed.grid;
        match fixed {
            Cow::Borrowed(_) => true,
            Cow::Owned(fixed) => self.fixed.get_or_init(|| fixed).grid == grid,
        }
    }

    /// Checks the shape and leaves the rounded rows and their arms in `out`.
    fn round(&self, rows: &Rows<'_>, out: &mut Decided) -> Result<Cow<'_, Fixed>> {
        rows.check(self.spec.dim)?;
        out.set_arms(rows.count, rows.arms);
        if rows.context && !out.distinct {
            rows.check_distinct()?;
            out.distinct = true;
        }
        let fixed = self.fixed_by(rows.values)?;
        self.round_on(fixed.grid, rows, out)?;
        Ok(fixed)
    }

    /// Leaves the rows, whose shape was checked, rounded to `grid` in `out`.
    fn round_on(&self, grid: Grid, rows: &Rows<'_>, out: &mut Decided) -> Result<()> {
        let (dim, x) = (self.spec.dim, rows.values);
        out.values.resize(rows.count * dim, 0.0);
        if !dispatch::quantise(Path::best(), x, grid.lo(), grid.hi(), grid.step(), &mut out.values[..x.len()]) {
            let at = x.iter().position(|value| !grid.holds(*value)).unwrap_or_default();
            return Err(column_error(x, dim, at, Some(grid)));
        }
        if rows.context {
            for row in 1..rows.count {
                out.values.copy_within(..dim, row * dim);
            }
        }
        Ok(())
    }

    /// What follows from the range; from the one that `x` asks for where it is "auto" and no call has fixed it: owned,
    /// for [`fix`](Bandit::fix) at the end of a call, because a refused one fixes nothing.
    fn fixed_by(&self, x: &[f64]) -> Result<Cow<'_, Fixed>> {
        match self.fixed.get() {
            Some(fixed) => Ok(Cow::Borrowed(fixed)),
            None => self.on(RangeSpec::fix(x, self.spec.dim)?).map(Cow::Owned),
        }
    }
}

/// The grid integers of `values`, which lie on `grid`.
fn integers(values: &[f64], grid: Grid) -> impl Iterator<Item = i16> {
    // The step is a power of two, so the product is exact.
    let inverse = 1.0 / grid.step();
    #[allow(clippy::cast_possible_truncation, reason = "an integer of at most 2¹⁴")]
    values.iter().map(move |value| (value * inverse) as i16)
}
