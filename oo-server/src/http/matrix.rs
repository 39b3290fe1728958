//! A matrix in a request body: rows of numbers, read straight into one array.

use std::fmt;

use oo::Error;
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Rows of numbers, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// The numbers, row by row.
    pub values: Vec<f64>,
    /// The number of rows.
    pub count: usize,
    /// The first row's length.
    columns: usize,
    /// The first row that has another length than the first, and its length.
    odd: Option<(usize, usize)>,
}

impl Matrix {
    /// The number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Notes that a row of `len` numbers was appended to the values.
    pub(super) fn row(&mut self, len: usize) {
        if self.count == 0 {
            self.columns = len;
        } else if len != self.columns && self.odd.is_none() {
            self.odd = Some((self.count, len));
        }
        self.count += 1;
    }

    /// Checks that all rows have the same length.
    ///
    /// # Errors
    /// `invalid_input`, with the row as its field.
    pub fn check(&self, field: &str) -> oo::Result<()> {
        match self.odd {
            None => Ok(()),
            Some((row, len)) => {
                let columns = self.columns;
                let message = format!("this row has {len} numbers, the first row {columns}; pass rows of one length");
                Err(Error::invalid(format!("{field}[{row}]"), message))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Matrix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowsVisitor)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Matrix;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Matrix, A::Error> {
        let mut matrix = Matrix::default();
        while let Some(len) = rows.next_element_seed(Row(&mut matrix.values))? {
            matrix.row(len);
        }
        Ok(matrix)
    }
}

/// Appends one row; its length is the value.
struct Row<'a>(&'a mut Vec<f64>);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<usize, A::Error> {
        let before = self.0.len();
        while let Some(value) = row.next_element::<f64>()? {
            self.0.push(value);
        }
        Ok(self.0.len() - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Matrix {
        serde_json::from_str(json).expect("a matrix")
    }

    #[test]
    fn rows_become_one_array() {
        let matrix = read("[[1, 2.5], [-3e-2, 0]]");
        assert_eq!((matrix.values.as_slice(), matrix.count, matrix.columns()), (&[1.0, 2.5, -0.03, 0.0][..], 2, 2));
        assert!(matrix.check("features").is_ok());
        assert_eq!(read("[[1], [1, 2]]").check("features").expect_err("odd").field(), Some("features[1]"));
        assert_eq!(read("[]").count, 0);
        assert!(serde_json::from_str::<Matrix>("[[1, null]]").is_err());
        assert!(serde_json::from_str::<Matrix>("[1, 2]").is_err());
    }
}
