//! The declared range of raw columns, or `"auto"`: fixed by the first call.

use oo_core::grid::Grid;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// The range that all columns of a bare bandit share.
///
/// ```
/// use oo_policies::RangeSpec;
///
/// assert_eq!(serde_json::from_str::<RangeSpec>("\"auto\"").unwrap(), RangeSpec::Auto);
/// assert_eq!(serde_json::to_string(&RangeSpec::fixed(-1.0, 1.0).unwrap()).unwrap(), "[-1.0,1.0]");
/// assert!(serde_json::from_str::<RangeSpec>("[1.0, -1.0]").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub enum RangeSpec {
    /// The next power of two of the largest magnitude in the first call; from then on part of the settings and hashes.
    Auto,
    /// A closed range.
    Fixed(Grid),
}

impl RangeSpec {
    /// The range `lo..=hi`.
    ///
    /// # Errors
    /// `invalid_input` when that is no range.
    pub fn fixed(lo: f64, hi: f64) -> Result<Self> {
        Grid::new(lo, hi).map(RangeSpec::Fixed)
    }

    /// The grid, once it is fixed.
    #[must_use]
    pub fn grid(&self) -> Option<Grid> {
        match self {
            RangeSpec::Auto => None,
            RangeSpec::Fixed(grid) => Some(*grid),
        }
    }

    /// The grid that the values of the first call fix.
    ///
    /// # Errors
    /// `invalid_input` for a value that is not finite, or too large for any range.
    pub(crate) fn fix(values: &[f64], dim: usize) -> Result<Grid> {
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(column_error(values, dim, at, None));
        }
        let most = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        let bound = if most == 0.0 { 1.0 } else { next_power_of_two(most) };
        Grid::new(-bound, bound)
    }
}

/// The smallest power of two that is at least `magnitude`.
pub(crate) fn next_power_of_two(magnitude: f64) -> f64 {
    let (fraction, exponent) = libm::frexp(magnitude);
    libm::ldexp(1.0, if fraction == 0.5 { exponent - 1 } else { exponent })
}

/// The error about `values[at]`, which is not finite or outside `grid`.
pub(crate) fn column_error(values: &[f64], dim: usize, at: usize, grid: Option<Grid>) -> Error {
    let (row, column, value) = (at / dim.max(1), at % dim.max(1), values[at]);
    let message = match grid {
        Some(grid) if value.is_finite() => {
            let bound = next_power_of_two(value.abs());
            let (lo, hi) = (grid.lo(), grid.hi());
            format!(
                "row {row}, column {column} is {value}, outside ({lo}, {hi}); declare a range of ({}, {bound}), or rescale it",
                -bound
            )
        }
        _ => format!(
            "row {row}, column {column} is {value}; pass finite numbers, with a column of its own for \"missing\""
        ),
    };
    Error::invalid(format!("x{column}"), message)
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Word(String),
    Pair(f64, f64),
}

impl TryFrom<Form> for RangeSpec {
    type Error = Error;

    fn try_from(form: Form) -> Result<Self> {
        match form {
            Form::Word(word) if word == "auto" => Ok(RangeSpec::Auto),
            Form::Word(_) => Err(Error::invalid("range", "a range is [lo, hi] or \"auto\"")),
            Form::Pair(lo, hi) => RangeSpec::fixed(lo, hi),
        }
    }
}

impl From<RangeSpec> for Form {
    fn from(range: RangeSpec) -> Self {
        match range {
            RangeSpec::Auto => Form::Word("auto".to_owned()),
            RangeSpec::Fixed(grid) => Form::Pair(grid.lo(), grid.hi()),
        }
    }
}
