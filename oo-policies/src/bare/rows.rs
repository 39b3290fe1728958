//! The rows that a bare bandit decides on or learns from, and what is known of each.

use oo_core::candidate::ArmKey;
use oo_core::id::Pseudonym;
use oo_core::{Error, Result};

use super::NamedArms;

/// Rows of columns, row-major, with their arms, people and days.
///
/// ```
/// use oo_core::candidate::ArmKey;
/// use oo_policies::Rows;
///
/// let arms = [ArmKey::new("rest"), ArmKey::new("walk")];
/// let rows = Rows::new(&[0.1, 0.2, 1.0, -0.5], 2).with_arms(&arms).with_days(&[20_000]);
/// assert_eq!(rows.count, 2);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// `count` rows, one after the other.
    pub values: &'a [f64],
    /// The number of rows.
    pub count: usize,
    /// Whether `values` is one context of all arms instead of a row each.
    pub context: bool,
    /// The arm of each row; without it a row's arm is its number.
    pub arms: Option<&'a [ArmKey]>,
    /// Whether the caller knows that `arms` are named once each, so that nobody looks.
    pub distinct: bool,
    /// Whose the rows are: nobody's, one person's, or one a row. All rows of a decision are one person's.
    pub people: &'a [Pseudonym],
    /// The UTC day of the rows since 1970-01-01: day 0, one day, or one a row. All rows of a decision are of one day.
    pub days: &'a [i32],
    /// The logged probability of each row to be learned, in (0, 1]: 1, one for all, or one a row.
    pub propensities: &'a [f64],
    /// What the decision of each row to be learned would have shown on average, `dim` + 1 numbers a row, for policies
    /// that learn the advantage over doing nothing: as [`Bandit::centre`](super::Bandit::centre) gives them.
    pub centres: &'a [f64],
}

impl<'a> Rows<'a> {
    /// `count` rows of nobody in particular on day 0.
    #[must_use]
    pub fn new(values: &'a [f64], count: usize) -> Self {
        Rows {
            values,
            count,
            context: false,
            arms: None,
            distinct: false,
            people: &[],
            days: &[],
            propensities: &[],
            centres: &[],
        }
    }

    /// One context for all of `arms`, which are named once each.
    #[must_use]
    pub fn of_context(values: &'a [f64], arms: &'a [ArmKey]) -> Self {
        Rows { context: true, arms: Some(arms), ..Rows::new(values, arms.len()) }
    }

    /// As [`of_context`](Rows::of_context), of arms that know whether they are named once each.
    #[must_use]
    pub fn of_named(values: &'a [f64], arms: &'a NamedArms) -> Self {
        Rows { distinct: arms.are_distinct(), ..Rows::of_context(values, arms) }
    }

    /// The same rows with an arm each.
    #[must_use]
    pub fn with_arms(self, arms: &'a [ArmKey]) -> Self {
        Rows { arms: Some(arms), ..self }
    }

    /// The same rows as one person's, or with a person each.
    #[must_use]
    pub fn with_people(self, people: &'a [Pseudonym]) -> Self {
        Rows { people, ..self }
    }

    /// The same rows on one day, or with a day each.
    #[must_use]
    pub fn with_days(self, days: &'a [i32]) -> Self {
        Rows { days, ..self }
    }

    /// The same rows with the logged probabilities.
    #[must_use]
    pub fn with_propensities(self, propensities: &'a [f64]) -> Self {
        Rows { propensities, ..self }
    }

    /// The same rows with the centres of their decisions.
    #[must_use]
    pub fn with_centres(self, centres: &'a [f64]) -> Self {
        Rows { centres, ..self }
    }

    /// The centre of row `index`, which was checked.
    pub(super) fn centre(&self, index: usize, dim: usize) -> Option<&'a [f64]> {
        self.centres.get(index * (dim + 1)..(index + 1) * (dim + 1))
    }

    /// Rows `start..end`, of rows that were checked.
    pub(super) fn part(&self, start: usize, end: usize, dim: usize) -> Self {
        fn cut<T>(all: &[T], count: usize, start: usize, end: usize) -> &[T] {
            if all.len() == count { &all[start..end] } else { all }
        }
        Rows {
            values: &self.values[start * dim..end * dim],
            count: end - start,
            arms: self.arms.map(|arms| &arms[start..end]),
            people: cut(self.people, self.count, start, end),
            days: cut(self.days, self.count, start, end),
            propensities: cut(self.propensities, self.count, start, end),
            centres: if self.centres.is_empty() { &[] } else { &self.centres[start * (dim + 1)..end * (dim + 1)] },
            ..*self
        }
    }

    /// The logged probability of row `index`.
    pub(super) fn propensity(&self, index: usize) -> f64 {
        self.propensities.get(if self.propensities.len() == 1 { 0 } else { index }).copied().unwrap_or(1.0)
    }

    /// Whose row `index` is.
    pub(super) fn person(&self, index: usize) -> Option<Pseudonym> {
        self.people.get(if self.people.len() == 1 { 0 } else { index }).copied()
    }

    /// The day of row `index`.
    pub(super) fn day(&self, index: usize) -> i32 {
        self.days.get(if self.days.len() == 1 { 0 } else { index }).copied().unwrap_or(0)
    }

    /// Checks lengths against the columns of a policy.
    pub(super) fn check(&self, dim: usize) -> Result<()> {
        let Rows { values, count, context, .. } = *self;
        if count == 0 {
            return Err(Error::invalid("candidates", "there is no candidate; pass at least one row"));
        }
        if context && values.len() != dim {
            return Err(Error::invalid(
                "x",
                format!("a context of {dim} columns is {dim} numbers, not {}", values.len()),
            ));
        }
        if !context && count.checked_mul(dim) != Some(values.len()) {
            let (want, got) = (count.saturating_mul(dim), values.len());
            return Err(Error::invalid("x", format!("{count} rows of {dim} columns are {want} numbers, not {got}")));
        }
        if let Some(arms) = self.arms.filter(|arms| arms.len() != count) {
            return Err(Error::invalid("arms", format!("{count} rows need {count} arms, not {}", arms.len())));
        }
        let fits = |len: usize| len <= 1 || len == count;
        if !fits(self.people.len()) {
            let got = self.people.len();
            return Err(Error::invalid(
                "people",
                format!("{count} rows are of one person or of {count}, not of {got}"),
            ));
        }
        if !fits(self.days.len()) {
            let got = self.days.len();
            return Err(Error::invalid("days", format!("{count} rows are of one day or of {count}, not of {got}")));
        }
        if !fits(self.propensities.len()) {
            let got = self.propensities.len();
            return Err(Error::invalid("propensities", format!("{count} rows have one or {count} of them, not {got}")));
        }
        if !self.centres.is_empty() && self.centres.len() != count.saturating_mul(dim + 1) {
            let (want, got) = (count.saturating_mul(dim + 1), self.centres.len());
            let message = format!("centres of {count} rows of {dim} columns are {want} numbers, not {got}");
            return Err(Error::invalid("centres", message));
        }
        if let Some(row) = self.propensities.iter().position(|p| !(*p > 0.0 && *p <= 1.0)) {
            let p = self.propensities[row];
            return Err(Error::invalid(
                "propensities",
                format!(
                    "the probability of row {row} is {p}; what was drawn had one in (0, 1], so log it before the draw"
                ),
            ));
        }
        Ok(())
    }

    /// Checks that one context is not for the same arm twice: its rows would be one candidate.
    ///
    /// # Errors
    /// `invalid_input` about `arms`.
    pub fn check_distinct(&self) -> Result<()> {
        match named_twice(self.arms.filter(|_| !self.distinct).unwrap_or_default()) {
            Some(arm) => {
                let arm = arm.as_str();
                Err(Error::invalid("arms", format!("{arm:?} is named twice for one context; name each arm once")))
            }
            None => Ok(()),
        }
    }

    /// Checks that these rows are of one decision.
    pub(super) fn check_decision(&self) -> Result<()> {
        if self.people.len() > 1 {
            return Err(Error::invalid("people", "a decision is one person's; pass one for all rows"));
        }
        if self.days.len() > 1 {
            return Err(Error::invalid("days", "a decision is of one day; pass one for all rows"));
        }
        Ok(())
    }
}

/// The first arm that is named again.
pub(super) fn named_twice(arms: &[ArmKey]) -> Option<&ArmKey> {
    let mut seen = std::collections::BTreeSet::new();
    arms.iter().find(|arm| !seen.insert(arm.as_str()))
}
