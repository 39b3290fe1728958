//! A body whose rows of numbers are read apart from the rest, which is almost nothing beside them.
//!
//! [`lift`] cuts every `features` at the depth where they belong out of the text and reads it in one pass; what remains
//! is a small body for the general parser. Whatever is unusual or wrong is left to that parser alone, over the whole
//! text, which then says what is wrong and where: nothing is accepted or refused here that it would not be.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::body::{self, Body};
use super::matrix::Matrix;
use super::number::{number, short};
use super::problem::Problem;

/// A body with rows of numbers in fields named `features`.
pub trait Rows: DeserializeOwned {
    /// How many objects and arrays are around the name.
    const DEPTH: usize;

    /// The matrices, in the order in which they stand in the body.
    fn matrices(&mut self) -> impl Iterator<Item = &mut Matrix>;
}

/// A request body of JSON, most of which is rows of numbers.
#[derive(Clone, Copy, Debug)]
pub struct BodyOfRows<T>(pub T);

impl<T: Rows, S: Send + Sync> FromRequest<S> for BodyOfRows<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let bytes = body::read(request.into_body()).await?;
        match read(&bytes) {
            Some(value) => Ok(BodyOfRows(value)),
            None => Body::of(&bytes).map(|Body(value)| BodyOfRows(value)),
        }
    }
}

/// The body, if nothing about it is unusual.
fn read<T: Rows>(bytes: &[u8]) -> Option<T> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let (rest, matrices) = lift(bytes, T::DEPTH)?;
    let mut value: T = serde_json::from_slice(&rest).ok()?;
    let mut matrices = matrices.into_iter();
    for place in value.matrices() {
        *place = matrices.next()?;
    }
    matrices.next().is_none().then_some(value)
}

/// `bytes` with `[]` for the value of every `features` at `depth`, and these values. Only they are checked to be JSON.
fn lift(bytes: &[u8], depth: usize) -> Option<(Vec<u8>, Vec<Matrix>)> {
    let (mut rest, mut matrices) = (Vec::with_capacity(256), Vec::with_capacity(1));
    let (mut at, mut copied, mut level) = (0, 0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => level += 1,
            b'}' | b']' => level = level.checked_sub(1)?,
            b'"' => {
                let name = at;
                at = after_text(bytes, at)?;
                let colon = after_space(bytes, at);
                if level == depth && &bytes[name..at] == b"features\"" && bytes.get(colon) == Some(&b':') {
                    let start = after_space(bytes, colon + 1);
                    let (matrix, end) = matrix(bytes, start)?;
                    rest.extend_from_slice(&bytes[copied..start]);
                    rest.extend_from_slice(b"[]");
                    matrices.push(matrix);
                    (at, copied) = (end, end);
                }
            }
            _ => {}
        }
    }
    rest.extend_from_slice(&bytes[copied..]);
    Some((rest, matrices))
}

/// Where the text that was opened before `at` has ended.
fn after_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += 1;
        match bytes.get(at - 1)? {
            b'"' => return Some(at),
            b'\\' => at += 1,
            _ => {}
        }
    }
}

#[inline]
fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The rows that begin at `at`, and where they end.
fn matrix(bytes: &[u8], at: usize) -> Option<(Matrix, usize)> {
    let mut matrix = Matrix::default();
    // A number is rarely shorter than this with its comma.
    matrix.values.reserve(bytes.len().saturating_sub(at) / 8);
    let end = list(bytes, at, |at| {
        let before = matrix.values.len();
        let end = row(bytes, at, &mut matrix.values)?;
        matrix.row(matrix.values.len() - before);
        Some(end)
    })?;
    Some((matrix, end))
}

/// Appends the row that begins at `at` to `values`; where it ends.
fn row(bytes: &[u8], at: usize, values: &mut Vec<f64>) -> Option<usize> {
    let mut before = at;
    list(bytes, at, |mut at| {
        loop {
            let last = match bytes.get(before + 1) {
                Some(b' ') => short::<2>(bytes, before, values),
                _ => short::<1>(bytes, before, values),
            };
            if last == before {
                break;
            }
            at = after_space(bytes, last + 1);
            before = last;
        }
        let (value, end) = number(bytes, at)?;
        values.push(value);
        before = after_space(bytes, end);
        Some(end)
    })
}

/// Reads a list that begins at `at`: `element` reads one and says where it ends. Where the list ends.
fn list(bytes: &[u8], at: usize, mut element: impl FnMut(usize) -> Option<usize>) -> Option<usize> {
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    let mut at = after_space(bytes, at + 1);
    if bytes.get(at) == Some(&b']') {
        return Some(at + 1);
    }
    loop {
        at = after_space(bytes, element(at)?);
        match bytes.get(at)? {
            b',' => at = after_space(bytes, at + 1),
            b']' => return Some(at + 1),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ask {
        features: Matrix,
        #[serde(default)]
        more: serde_json::Value,
    }

    impl Rows for Ask {
        const DEPTH: usize = 1;

        fn matrices(&mut self) -> impl Iterator<Item = &mut Matrix> {
            std::iter::once(&mut self.features)
        }
    }

    /// What is read here is what the general parser reads; what it refuses is not read here.
    fn agrees(text: &str) -> bool {
        let (own, general) = (read::<Ask>(text.as_bytes()), serde_json::from_str::<Ask>(text));
        match (&own, &general) {
            (Some(own), Ok(general)) => {
                assert_eq!((&own.features, &own.more), (&general.features, &general.more), "{text}");
                let bits = |matrix: &Matrix| matrix.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&own.features), bits(&general.features), "{text}");
            }
            (Some(_), Err(error)) => panic!("{text}: {error}"),
            (None, _) => {}
        }
        own.is_some()
    }

    #[test]
    fn what_is_usual_is_read_here_and_the_rest_is_left() {
        for text in [
            r#"{"features":[[1,2.5],[-3e-2,0]],"more":{"features":[1]}}"#,
            "\n{ \"more\" : \"\\\"features\\\":[[\", \"features\"\t:\r[ [ 1 , 2 ] , [ 3 ] , [ ] ] } ",
            r#"{"features":[]}"#,
            r#"{"more":["features",{"features":null}],"features":[[0.1]]}"#,
        ] {
            assert!(agrees(text), "{text}");
        }
        for text in [
            r#"{"features":[[1,2.5],[-3e-2,null]]}"#,
            r#"{"features":[1]}"#,
            r#"{"features":[[1,]]}"#,
            r#"{"features":[[1]],"features":[[1]]}"#,
            r#"{"features":[[1]]} x"#,
            r#"{"features":[[1]],"mor":1}"#,
            r#"{"features":[[1]]"#,
            r#"{"features" [[1]]}"#,
            r#"{"features":[[1e999]]}"#,
            r#"{"features":[[01]]}"#,
            r#"{"features":[[1] [2]]}"#,
            r#"{"\u0066eatures":[[1]]}"#,
            r#"[[[1]],1]"#,
            r#"}{"features":[[1]]}"#,
            "\"",
            "{\"features\":[[1]],\"more\":\"\\",
            "",
        ] {
            assert!(!agrees(text), "{text}");
        }
    }

    /// A number as somebody may write it, short or long.
    fn written() -> impl Strategy<Value = String> {
        prop_oneof![
            (any::<bool>(), 0_u32..10, "[0-9]{1,9}")
                .prop_map(|(minus, whole, decimals)| { format!("{}{whole}.{decimals}", if minus { "-" } else { "" }) }),
            (-1e3..1e3).prop_map(|value: f64| format!("{value:?}")),
            "-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,3})?(e-?[0-9])?",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn any_rows_have_the_bits_of_the_general_parser(
            rows in prop::collection::vec(prop::collection::vec(written(), 0..12), 0..4),
            comma in prop_oneof![Just(","), Just(", "), Just(" , "), Just(",\n  ")],
        ) {
            let rows: Vec<String> = rows.iter().map(|row| format!("[{}]", row.join(comma))).collect();
            let text = format!("{{\"features\":[{}]}}", rows.join(comma));
            prop_assert!(agrees(&text), "{}", text);
        }

        #[test]
        fn any_slip_in_a_row_is_what_the_general_parser_says(
            row in prop::collection::vec(written(), 1..9), at in 0_usize..80, slip in "[-+.,eE0 \\]\\[x]",
        ) {
            let mut text = row.join(",");
            text.insert_str(at % text.len(), &slip);
            agrees(&format!("{{\"features\":[[{text}]]}}"));
        }

        #[test]
        fn any_text_is_as_the_general_parser_has_it(
            text in r#"[ \n]{0,1}\{("more":("a\\"b"|1|\{"features":\[\]\}),){0,1}"features" {0,1}:\[(\[(-?[0-9.e]{1,4}[, ]){0,3}[0-9]\],?){0,3}\][}\]]{0,2}"#,
        ) {
            agrees(&text);
        }
    }
}
