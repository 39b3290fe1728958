//! `POST /api/decide/once`: the bandit alone, without a store.
//!
//! The caller keeps the state: it comes in saved, learns what it is given, decides, and goes out saved. Nothing is
//! remembered, so the same request answers the same bits anywhere. [`RangeBody`] only stands in `openapi.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oo::id::{DecisionId, hex};
use oo::{Bandit, BanditSpec, Error, ErrorKind, PolicySpec, RangeSpec, Rows};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::answer::{Answered, Json};
use crate::http::matrix::Matrix;
use crate::http::problem::{AnyProblem, Problem};
use crate::http::rows::{BodyOfRows, Rows as RowsOf};

/// Decided at once: up to so many columns and lessons,
const SMALL_COLUMNS: usize = 64;
/// and up to so many numbers, and characters of the state.
const SMALL_NUMBERS: usize = 16_384;

/// What is to be decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnceBody {
    /// The policy's settings; those of `state` when absent, else the default policy's.
    #[schema(value_type = Option<Object>, example = json!({"type": "linucb", "alpha": 1.0}))]
    policy: Option<serde_json::Value>,
    /// The number of columns; that of the rows when absent.
    dim: Option<usize>,
    /// The range of all columns, `[lo, hi]` or `"auto"`; `[-16, 16]` when absent.
    #[schema(value_type = Option<RangeBody>)]
    range: Option<RangeSpec>,
    /// The range of rewards, `[lo, hi]`; `[-16, 16]` when absent.
    #[schema(value_type = Option<RangeBody>)]
    reward_range: Option<RangeSpec>,
    /// What an earlier answer had as `state`, base64.
    state: Option<String>,
    /// What is learned before deciding.
    #[serde(default)]
    lessons: Vec<LessonBody>,
    /// The candidates: one row of numbers each.
    #[schema(value_type = Vec<Vec<f64>>)]
    features: Matrix,
    /// The arm of each row, for disjoint policies; a row's number when absent. Several rows may be of one arm: each is a
    /// candidate of its own.
    arms: Option<Vec<String>>,
    /// Seeds the draw: an integer, or a decision's id.
    seed: SeedBody,
}

/// A range of numbers.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum RangeBody {
    /// From the first number to the second.
    #[schema(example = json!([-16, 16]))]
    Pair([f64; 2]),
    /// `"auto"`: the first call fixes it.
    Word(String),
}

/// One lesson.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LessonBody {
    /// The row that was chosen.
    x: Vec<f64>,
    /// Its arm.
    arm: Option<String>,
    /// What came of it.
    reward: f64,
    /// The probability with which it was chosen, where a log knows it; 1 when absent. All lessons say it, or none.
    propensity: Option<f64>,
    /// Its UTC day since 1970-01-01; 0 when absent. All lessons say it, or none.
    day: Option<i32>,
}

/// What seeds the draw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "a seed is an integer from 0 or a UUID")]
pub enum SeedBody {
    /// A number.
    Number(u64),
    /// A decision's id.
    Decision(String),
}

/// What was decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnceAnswer {
    /// The drawn row.
    index: usize,
    /// Its arm; its number where none were named.
    arm: String,
    /// Its probability.
    propensity: f64,
    /// The probability of each row.
    pmf: Vec<f64>,
    /// The score of each row.
    scores: Vec<f64>,
    /// Whether the probabilities are an estimate of the policy's own; they are what was drawn from.
    estimated: bool,
    /// The rows whose score is only an upper bound, because they could not win.
    bounded: Vec<u32>,
    /// The hash of settings and exact sums, hexadecimal.
    state_hash: String,
    /// The bandit with its lessons, base64: pass it as `state` next time.
    state: String,
}

/// Decides among rows of numbers, without a store.
#[utoipa::path(
    post, path = "/api/decide/once", tag = "bandit", request_body = OnceBody,
    responses((status = 200, description = "what was decided", body = OnceAnswer), AnyProblem),
)]
pub async fn decide_once(BodyOfRows(body): BodyOfRows<OnceBody>) -> Answered<OnceAnswer> {
    if body.is_small() {
        return Ok(Json(body.decide()?));
    }
    // A large matrix must not hold up the requests of others.
    let decided = tokio::task::spawn_blocking(move || body.decide()).await;
    let gone = |_| Problem::new(ErrorKind::Internal, "the decision failed; report this as a defect");
    Ok(Json(decided.map_err(gone)??))
}

impl RowsOf for OnceBody {
    const DEPTH: usize = 1;

    fn matrices(&mut self) -> impl Iterator<Item = &mut Matrix> {
        std::iter::once(&mut self.features)
    }
}

impl OnceBody {
    /// Whether deciding takes less than handing it to another thread would be worth.
    fn is_small(&self) -> bool {
        let columns = self.dim.unwrap_or(self.features.columns());
        let state = self.state.as_ref().map_or(0, String::len);
        columns <= SMALL_COLUMNS
            && self.features.values.len() <= SMALL_NUMBERS
            && state <= SMALL_NUMBERS
            && self.lessons.len() <= SMALL_COLUMNS
    }

    fn decide(self) -> oo::Result<OnceAnswer> {
        if self.features.count == 0 {
            return Err(Error::invalid("candidates", "there is no candidate; pass at least one row"));
        }
        let mut bandit = self.bandit()?;
        let dim = bandit.spec().dim;
        let (xs, rewards) = self.lesson_rows(dim)?;
        let learned =
            self.lessons.iter().map(|lesson| lesson.arm.as_ref().map(oo::ArmKey::new)).collect::<Option<Vec<_>>>();
        let propensities = every("propensity", &self.lessons, |lesson| lesson.propensity)?;
        let days = every("day", &self.lessons, |lesson| lesson.day)?;
        let rows = Rows { arms: learned.as_deref(), ..Rows::new(&xs, rewards.len()) };
        let rows = rows.with_propensities(&propensities).with_days(&days);
        bandit.learn(&rows, &rewards).map_err(|error| in_lessons(&error))?;

        self.features.check("features")?;
        let arms = self.arms.map(|arms| arms.iter().map(oo::ArmKey::new).collect::<Vec<_>>());
        let seed = match &self.seed {
            SeedBody::Number(number) => oo::Seed::Number(*number),
            SeedBody::Decision(id) => DecisionId::parse(id).map_err(|error| error.with_field("seed"))?.into(),
        };
        let decided = bandit
            .decide(&Rows { arms: arms.as_deref(), ..Rows::new(&self.features.values, self.features.count) }, seed)?;
        let bounded = decided.bounded().iter().zip(0_u32..).filter(|(bounded, _)| **bounded).map(|(_, row)| row);
        Ok(OnceAnswer {
            index: decided.index,
            arm: decided.arm().map_or_else(|| decided.index.to_string(), |arm| arm.as_str().to_owned()),
            propensity: decided.propensity,
            pmf: decided.pmf().to_vec(),
            scores: decided.scores().to_vec(),
            estimated: decided.estimated(),
            bounded: bounded.collect(),
            state_hash: hex(&bandit.state_hash()?),
            state: STANDARD.encode(bandit.save()),
        })
    }

    fn lesson_rows(&self, dim: usize) -> oo::Result<(Vec<f64>, Vec<f64>)> {
        let xs = flat("lessons", dim, self.lessons.iter().map(|lesson| &lesson.x))?;
        Ok((xs, self.lessons.iter().map(|lesson| lesson.reward).collect()))
    }

    fn bandit(&self) -> oo::Result<Bandit> {
        let policy = self.policy.as_ref().map(|policy| PolicySpec::parse(&policy.to_string())).transpose()?;
        let Some(state) = &self.state else {
            let columns = self.features.columns();
            let mut spec = BanditSpec::new(policy.unwrap_or_default(), self.dim.unwrap_or(columns));
            spec.range = self.range.unwrap_or(spec.range);
            spec.reward_range = self.reward_range.unwrap_or(spec.reward_range);
            return Bandit::new(spec);
        };
        let bytes = STANDARD
            .decode(state)
            .map_err(|_| Error::invalid("state", "the state is not base64; pass it exactly as it was answered"))?;
        let bandit = Bandit::load(&bytes).map_err(|error| {
            // Here the bytes are the caller's, not a disk's.
            let kind = if error.kind() == ErrorKind::Storage { ErrorKind::InvalidInput } else { error.kind() };
            Error::new(kind, error.message()).with_field("state")
        })?;
        let kept = bandit.spec();
        let other =
            |field: &str| Err(Error::incompatible("the state was saved with another; leave it out").with_field(field));
        match () {
            () if policy.is_some_and(|policy| policy != kept.policy) => other("policy"),
            () if self.dim.is_some_and(|dim| dim != kept.dim) => other("dim"),
            () if self.range.is_some_and(|range| range != RangeSpec::Auto && range != kept.range) => other("range"),
            () if self.reward_range.is_some_and(|range| range != kept.reward_range) => other("reward_range"),
            () => Ok(bandit),
        }
    }
}

fn in_lessons(error: &Error) -> Error {
    if error.field() == Some("centres") {
        let message = "this policy learns the advantage over doing nothing from its own decisions, which a lesson here \
                       does not know; use POST /api/decide and /api/decide/reward";
        return Error::new(error.kind(), message).with_field("lessons");
    }
    let field = error.field().map_or_else(|| "lessons".to_owned(), |field| format!("lessons.{field}"));
    Error::new(error.kind(), error.message()).with_field(field)
}

/// What every lesson says, or none.
fn every<T>(field: &str, lessons: &[LessonBody], of: impl Fn(&LessonBody) -> Option<T>) -> oo::Result<Vec<T>> {
    let said: Vec<T> = lessons.iter().filter_map(of).collect();
    if said.is_empty() || said.len() == lessons.len() {
        return Ok(said);
    }
    Err(Error::invalid(
        format!("lessons.{field}"),
        format!("{} of {} lessons say it; say it in all of them or in none", said.len(), lessons.len()),
    ))
}

/// The rows one after the other, each of `dim` numbers.
fn flat<'r>(field: &str, dim: usize, rows: impl Iterator<Item = &'r Vec<f64>>) -> oo::Result<Vec<f64>> {
    let mut out = Vec::new();
    for (at, row) in rows.enumerate() {
        if row.len() != dim {
            let wrong = format!("this row has {} numbers; the bandit has {dim} columns", row.len());
            return Err(Error::invalid(format!("{field}[{at}]"), wrong));
        }
        out.extend_from_slice(row);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decide(body: serde_json::Value) -> oo::Result<OnceAnswer> {
        serde_json::from_value::<OnceBody>(body).expect("a body").decide()
    }

    #[test]
    fn learning_through_the_state_is_learning_at_once() {
        let features = json!([[0.5, 0.25], [-0.5, 1.0]]);
        let lesson = |x: [f64; 2], reward: f64| json!({"x": x, "reward": reward});
        let first =
            decide(json!({"features": features, "seed": 1, "lessons": [lesson([1.0, 0.0], 1.0)]})).expect("decided");
        let then =
            json!({"features": features, "seed": 2, "state": first.state, "lessons": [lesson([0.0, 1.0], -1.0)]});
        let at_once =
            json!({"features": features, "seed": 2, "lessons": [lesson([0.0, 1.0], -1.0), lesson([1.0, 0.0], 1.0)]});
        let (then, at_once) = (decide(then).expect("decided"), decide(at_once).expect("decided"));
        assert_eq!(then.state_hash, at_once.state_hash);
        assert_eq!(then.pmf, at_once.pmf);
        assert_ne!(then.state_hash, first.state_hash);
    }

    #[test]
    fn what_is_wrong_names_its_place() {
        let field = |body| decide(body).expect_err("it is wrong").field().unwrap_or_default().to_owned();
        assert_eq!(field(json!({"features": [[1.0], [1.0, 2.0]], "seed": 1})), "features[1]");
        assert_eq!(field(json!({"features": [], "dim": 2, "seed": 1})), "candidates");
        assert_eq!(field(json!({"features": [], "seed": 1})), "candidates");
        assert_eq!(field(json!({"features": [[]], "seed": 1})), "dim");
        assert_eq!(field(json!({"features": [[99.0]], "seed": 1})), "x0");
        assert_eq!(field(json!({"features": [[1.0]], "seed": "no"})), "seed");
        assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "state": "!"})), "state");
        assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "state": "AAAA"})), "state");
        assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "policy": {"type": "linucb", "alfa": 1}})), "policy");
        assert_eq!(
            field(json!({"features": [[1.0]], "seed": 1, "lessons": [{"x": [1.0], "reward": 99.0}]})),
            "lessons.reward"
        );
        assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "arms": ["a", "b"]})), "arms");
        let lesson = json!([{"x": [1.0], "arm": "a", "reward": 1.0}]);
        let centred = json!({"type": "action_centred", "hold": "none"});
        assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "policy": centred, "lessons": lesson})), "lessons");
    }

    #[test]
    fn an_answer_names_its_arm_and_what_is_bounded() {
        let decided = decide(json!({"features": [[0.5], [1.0]], "seed": 1})).expect("decided");
        assert_eq!((decided.arm, decided.estimated), (decided.index.to_string(), false));
        let named = decide(json!({"features": [[0.5]], "arms": ["a"], "seed": 1})).expect("decided");
        assert_eq!(named.arm, "a");
        // Far rows below the best cannot win: their scores are bounds.
        let mut rows = vec![vec![-0.01; 16]; 300];
        rows[7] = vec![1.0; 16];
        let lessons: Vec<_> = (0..40).map(|_| json!({"x": vec![1.0; 16], "reward": 1.0})).collect();
        let policy = json!({"type": "linucb", "alpha": 0.01});
        let many = json!({"features": rows, "lessons": lessons, "policy": policy, "seed": 1});
        let decided = decide(many).expect("decided");
        assert!(!decided.bounded.is_empty() && !decided.bounded.contains(&7), "{:?}", decided.bounded);
        assert_eq!(decided.scores.len(), 300);
    }
}
