//! The rows that a bare bandit decides on or learns from, and what is known of each.

use oo_core::candidate::ArmKey;
use oo_core::id::Pseudonym;
use oo_core::{Error, Result};

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
    /// The arm of each row; without it a row's arm is its number.
    pub arms: Option<&'a [ArmKey]>,
    /// Whose the rows are: nobody's, one person's, or one a row. All rows of a decision are one person's.
    pub people: &'a [Pseudonym],
    /// The UTC day of the rows since 1970-01-01: day 0, one day, or one a row. All rows of a decision are of one day.
    pub days: &'a [i32],
}

impl<'a> Rows<'a> {
    /// `count` rows of nobody in particular on day 0.
    #[must_use]
    pub fn new(values: &'a [f64], count: usize) -> Self {
        Rows { values, count, arms: None, people: &[], days: &[] }
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
        let Rows { values, count, .. } = *self;
        if count == 0 {
            return Err(Error::invalid("candidates", "there is no candidate; pass at least one row"));
        }
        if count.checked_mul(dim) != Some(values.len()) {
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
        Ok(())
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
