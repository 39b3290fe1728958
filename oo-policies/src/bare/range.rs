//! The declared range of raw columns, or `"auto"`: fixed by the first call.

use oo_core::grid::Grid;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// Of what is smaller the grid has no range.
const LEAST: f64 = 1e-30;

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
        if most == 0.0 {
            return Grid::new(-1.0, 1.0);
        }
        reaching(most).ok_or_else(|| {
            let at = values.iter().position(|value| value.abs() == most).unwrap_or_default();
            column_error(values, dim, at, None)
        })
    }
}

/// The narrowest range of powers of two that holds ±`magnitude`; none where that is too large for a range.
fn reaching(magnitude: f64) -> Option<Grid> {
    let bound = next_power_of_two(magnitude.max(LEAST));
    Grid::new(-bound, bound).ok()
}

/// What to do about a finite `value` outside of `grid`; `range` is the name of what is declared.
pub(crate) fn remedy(value: f64, grid: Option<Grid>, range: &str) -> String {
    let (lo, hi) = grid.map_or((0.0, 0.0), |grid| (grid.lo(), grid.hi()));
    match reaching(value.abs().max(lo.abs()).max(hi.abs())) {
        Some(grid) => format!("declare a {range} of ({}, {}), or rescale it", grid.lo(), grid.hi()),
        None => "that is too large for a range, so rescale it".to_owned(),
    }
}

/// The smallest power of two that is at least `magnitude`.
fn next_power_of_two(magnitude: f64) -> f64 {
    let (fraction, exponent) = libm::frexp(magnitude);
    libm::ldexp(1.0, if fraction == 0.5 { exponent - 1 } else { exponent })
}

/// The error about `values[at]`, which is not finite, outside `grid`, or where there is none outside of every range.
pub(crate) fn column_error(values: &[f64], dim: usize, at: usize, grid: Option<Grid>) -> Error {
    let (row, column, value) = (at / dim.max(1), at % dim.max(1), values[at]);
    let message = match grid {
        Some(grid) if value.is_finite() => {
            let (lo, hi, remedy) = (grid.lo(), grid.hi(), remedy(value, Some(grid), "range"));
            format!("row {row}, column {column} is {value}, outside ({lo}, {hi}); {remedy}")
        }
        None if value.is_finite() => {
            format!("row {row}, column {column} is {value}; {}", remedy(value, None, "range"))
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
