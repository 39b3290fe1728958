//! Rows of a log, as the TypeScript half has read them.

use napi::bindgen_prelude::{Float64Array, Int32Array};
use napi_derive::napi;
use oo::id::Pseudonym;
use oo::{ArmKey, Rows};

/// What is known of rows beside their numbers and arms.
#[napi(object, object_to_js = false)]
pub struct Log {
    /// How many rows there are.
    pub rows: u32,
    /// Nobody's, one person's, or one a row.
    pub people: Vec<String>,
    /// Day 0, one UTC day since 1970-01-01, or one a row.
    pub days: Int32Array,
    /// The probability of each row when it was drawn: 1, one for all, or one a row.
    pub propensities: Float64Array,
    /// The centre of each row's decision, one after the other; none for policies without.
    pub centres: Float64Array,
}

/// The same, for another thread.
pub(super) struct OwnLog {
    pub(super) count: usize,
    pub(super) people: Vec<Pseudonym>,
    pub(super) days: Vec<i32>,
    pub(super) propensities: Vec<f64>,
    pub(super) centres: Vec<f64>,
}

impl From<Log> for OwnLog {
    fn from(log: Log) -> Self {
        OwnLog {
            count: log.rows as usize,
            people: people(&log.people),
            days: log.days.to_vec(),
            propensities: log.propensities.to_vec(),
            centres: log.centres.to_vec(),
        }
    }
}

impl OwnLog {
    /// The rows of `values`.
    pub(super) fn rows<'a>(&'a self, values: &'a [f64], arms: Option<&'a [ArmKey]>) -> Rows<'a> {
        Rows {
            arms,
            people: &self.people,
            days: &self.days,
            propensities: &self.propensities,
            centres: &self.centres,
            ..Rows::new(values, self.count)
        }
    }
}

/// The people of these names.
pub(super) fn people(names: &[String]) -> Vec<Pseudonym> {
    names.iter().map(|name| Pseudonym::named(name)).collect()
}
