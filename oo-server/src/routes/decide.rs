//! `/api/decide`: named bandits as a service for clients in any language.
//!
//! A choice is on disk before it is answered; its reward comes back by the decision's id; what is learned survives a
//! restart and is shared by every process on the file. [`crate::routes::decide_once`] is the same without a store.

use axum::extract::State;
use oo::id::DecisionId;
use oo::{ArmKey, Choice, DecideRequest, NamedBandit, PolicySpec, RangeSpec, Rewarded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::decide_once::RangeBody;
use crate::http::answer::{Answered, Json};
use crate::http::body::{Body, InPath};
use crate::http::matrix::Matrix;
use crate::http::problem::{AnyProblem, Problem};
use crate::http::rows::{BodyOfRows, Rows};

/// What is to be decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideBody {
    /// The bandit's name; `default` when absent. Its first decision opens it.
    #[serde(default)]
    bandit: String,
    /// Its policy's settings; the default policy's when absent at its opening, later only a check.
    #[schema(value_type = Option<Object>, example = json!({"type": "linucb", "alpha": 1.0}))]
    policy: Option<serde_json::Value>,
    /// The range of all columns, `[lo, hi]`, or `"auto"`: fixed by the first decision. `[-16, 16]` when absent.
    #[schema(value_type = Option<RangeBody>)]
    range: Option<RangeSpec>,
    /// The range of rewards, `[lo, hi]`; `[-16, 16]` when absent.
    #[schema(value_type = Option<RangeBody>)]
    reward_range: Option<RangeSpec>,
    /// The candidates: one row of numbers each.
    #[schema(value_type = Vec<Vec<f64>>)]
    features: Matrix,
    /// The arm of each row; a row's number when absent. Several rows may be of one arm: each is a candidate of its own, and
    /// what is learned of one is learned of their arm.
    arms: Option<Vec<String>>,
    /// Whom the decision is for: exported and forgotten with them.
    user: Option<String>,
    /// The decision's id, which seeds the draw; made when absent. The same id answers the same decision again.
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<String>,
}

/// Rows of numbers to choose from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// The candidates: one row of numbers each.
    #[schema(value_type = Vec<Vec<f64>>)]
    features: Matrix,
    /// The arm of each row; a row's number when absent. Several rows may be of one arm: each is a candidate of its own, and
    /// what is learned of one is learned of their arm.
    arms: Option<Vec<String>>,
    /// Whom the decision is for: exported and forgotten with them.
    user: Option<String>,
    /// The decision's id, which seeds the draw; made when absent. The same id answers the same decision again.
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<String>,
}

/// Several decisions of one bandit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchBody {
    /// The bandit's name; `default` when absent. Its first decision opens it.
    #[serde(default)]
    bandit: String,
    /// Its policy's settings; the default policy's when absent at its opening, later only a check.
    #[schema(value_type = Option<Object>, example = json!({"type": "linucb", "alpha": 1.0}))]
    policy: Option<serde_json::Value>,
    /// The range of all columns, `[lo, hi]`, or `"auto"`: fixed by the first decision. `[-16, 16]` when absent.
    #[schema(value_type = Option<RangeBody>)]
    range: Option<RangeSpec>,
    /// The range of rewards, `[lo, hi]`; `[-16, 16]` when absent.
    #[schema(value_type = Option<RangeBody>)]
    reward_range: Option<RangeSpec>,
    /// The arm of each row of every decision that names none; several rows may be of one arm.
    arms: Option<Vec<String>>,
    /// Whom every decision is for that does not say.
    user: Option<String>,
    /// The decisions, at most 1000: all of them are made, or none.
    decisions: Vec<DecisionBody>,
}

/// Several choices.
#[derive(Debug, Serialize, ToSchema)]
pub struct Choices {
    /// One a decision, in their order.
    decisions: Vec<Choice>,
}

/// A reward.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RewardBody {
    /// The decision's id, exactly as it was answered.
    #[schema(format = Uuid)]
    decision: String,
    /// What came of it, within the bandit's range of rewards. Another reward later takes its place.
    reward: f64,
}

/// Several rewards.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RewardsBody {
    /// The rewards, at most 1000; each stands for itself.
    rewards: Vec<RewardBody>,
}

/// What became of several rewards.
#[derive(Debug, Serialize, ToSchema)]
pub struct RewardsAnswer {
    /// One a reward, in their order.
    rewards: Vec<RewardAnswer>,
}

/// What became of one of several rewards.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum RewardAnswer {
    /// It is recorded.
    Rewarded(Rewarded),
    /// It is not: why.
    Problem(Problem),
}

/// The bandits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bandits {
    /// By name.
    bandits: Vec<NamedBandit>,
}

/// Decides among rows of numbers.
#[utoipa::path(
    post, path = "/api/decide", tag = "bandit", request_body = DecideBody,
    responses((status = 200, description = "what was decided", body = Choice), AnyProblem),
)]
pub async fn decide(State(app): State<App>, BodyOfRows(body): BodyOfRows<DecideBody>) -> Answered<Choice> {
    let DecideBody { bandit, policy, range, reward_range, features, arms, user, id } = body;
    let bandit =
        DecideRequest { bandit, policy: settings(policy.as_ref())?, range, reward_range, ..Default::default() };
    let request = DecisionBody { features, arms, user, id }.into_request(&bandit)?;
    Ok(Json(app.engine.decide(request).await?))
}

/// Makes several decisions in one commit.
#[utoipa::path(
    post, path = "/api/decide/batch", tag = "bandit", request_body = BatchBody,
    responses((status = 200, description = "what was decided", body = Choices), AnyProblem),
)]
pub async fn decide_batch(State(app): State<App>, BodyOfRows(body): BodyOfRows<BatchBody>) -> Answered<Choices> {
    let BatchBody { bandit, policy, range, reward_range, arms, user, decisions } = body;
    let policy = settings(policy.as_ref())?;
    let arms = arms.as_deref().map(keys);
    let bandit = DecideRequest { bandit, policy, range, reward_range, arms, user, ..Default::default() };
    let mut requests = Vec::with_capacity(decisions.len());
    for (index, decision) in decisions.into_iter().enumerate() {
        let request = decision.into_request(&bandit).map_err(|error| {
            let field = error.field().unwrap_or("features").to_owned();
            error.with_field(format!("decisions[{index}].{field}"))
        })?;
        requests.push(request);
    }
    Ok(Json(Choices { decisions: app.engine.decide_all(requests).await? }))
}

/// Records the reward of a decision.
#[utoipa::path(
    post, path = "/api/decide/reward", tag = "bandit", request_body = RewardBody,
    responses((status = 200, description = "what became of it", body = Rewarded), AnyProblem),
)]
pub async fn reward(State(app): State<App>, Body(body): Body<RewardBody>) -> Answered<Rewarded> {
    Ok(Json(app.engine.reward(parsed("decision", &body.decision)?, body.reward).await?))
}

/// Records the rewards of several decisions.
#[utoipa::path(
    post, path = "/api/decide/rewards", tag = "bandit", request_body = RewardsBody,
    responses((status = 200, description = "what became of each", body = RewardsAnswer), AnyProblem),
)]
pub async fn rewards(State(app): State<App>, Body(body): Body<RewardsBody>) -> Answered<RewardsAnswer> {
    let ids: Vec<_> = body.rewards.iter().map(|body| parsed("decision", &body.decision)).collect();
    let known = ids.iter().zip(&body.rewards).filter_map(|(id, body)| Some((*id.as_ref().ok()?, body.reward)));
    let mut rewarded = app.engine.reward_all(known.collect()).await?.into_iter();
    let missing = || oo::Error::internal("a reward has no answer; report this as a defect");
    let rewards = ids.into_iter().map(|id| match id.and_then(|_| rewarded.next().unwrap_or_else(|| Err(missing()))) {
        Ok(rewarded) => RewardAnswer::Rewarded(rewarded),
        Err(error) => RewardAnswer::Problem(error.into()),
    });
    Ok(Json(RewardsAnswer { rewards: rewards.collect() }))
}

/// A decision as it was logged, with the reward it has now.
#[utoipa::path(
    get, path = "/api/decide/{decision}", tag = "bandit",
    params(("decision" = String, Path, format = Uuid, description = "the decision's id")),
    responses((status = 200, description = "the decision", body = Choice), AnyProblem),
)]
pub async fn choice(State(app): State<App>, InPath(decision): InPath) -> Answered<Choice> {
    Ok(Json(app.engine.choice(parsed("decision", &decision)?).await?))
}

/// The named bandits and what they have learned.
#[utoipa::path(
    get, path = "/api/bandits", tag = "bandit",
    responses((status = 200, description = "by name", body = Bandits), AnyProblem),
)]
pub async fn bandits(State(app): State<App>) -> Answered<Bandits> {
    Ok(Json(Bandits { bandits: app.engine.bandits().await? }))
}

fn parsed(field: &'static str, id: &str) -> oo::Result<DecisionId> {
    DecisionId::parse(id).map_err(|error| error.with_field(field))
}

fn keys(arms: &[String]) -> Vec<ArmKey> {
    arms.iter().map(ArmKey::new).collect()
}

fn settings(policy: Option<&serde_json::Value>) -> oo::Result<Option<PolicySpec>> {
    policy.map(|policy| PolicySpec::parse(&policy.to_string())).transpose()
}

impl Rows for DecideBody {
    const DEPTH: usize = 1;

    fn matrices(&mut self) -> impl Iterator<Item = &mut Matrix> {
        std::iter::once(&mut self.features)
    }
}

impl Rows for BatchBody {
    const DEPTH: usize = 3;

    fn matrices(&mut self) -> impl Iterator<Item = &mut Matrix> {
        self.decisions.iter_mut().map(|decision| &mut decision.features)
    }
}

impl DecisionBody {
    /// The request of this decision; what it does not say is as in `bandit`.
    fn into_request(self, bandit: &DecideRequest) -> oo::Result<DecideRequest> {
        self.features.check("features")?;
        Ok(DecideRequest {
            values: self.features.values,
            count: self.features.count,
            arms: self.arms.as_deref().map(keys).or_else(|| bandit.arms.clone()),
            user: self.user.or_else(|| bandit.user.clone()),
            id: self.id.as_deref().map(|id| parsed("id", id)).transpose()?,
            ..bandit.clone()
        })
    }
}
