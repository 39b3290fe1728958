//! `decide` and `decideAll`: named bandits choose among rows of numbers.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::Value;

use crate::choice::Choice;
use crate::door;
use crate::engine::NativeEngine;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    bandit: String,
    policy: Option<Value>,
    range: Option<oo::RangeSpec>,
    reward_range: Option<oo::RangeSpec>,
    /// How many rows, and how many numbers they are.
    rows: usize,
    numbers: usize,
    arms: Option<Vec<String>>,
    user: Option<String>,
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedAll {
    decisions: Vec<Asked>,
}

impl Asked {
    fn request(self, values: &mut &[f64]) -> oo::Result<oo::DecideRequest> {
        let (own, rest) = values.split_at_checked(self.numbers).unwrap_or((*values, &[]));
        *values = rest;
        let policy = self.policy.map(|policy| oo::PolicySpec::parse(&policy.to_string()));
        let id = self.id.map(|id| oo::id::DecisionId::parse(&id).map_err(|error| error.with_field("id")));
        Ok(oo::DecideRequest {
            policy: policy.transpose()?,
            range: self.range,
            reward_range: self.reward_range,
            arms: self.arms.map(|arms| arms.into_iter().map(oo::ArmKey::new).collect()),
            user: self.user,
            id: id.transpose()?,
            ..oo::DecideRequest::new(self.bandit, own.to_vec(), self.rows)
        })
    }
}

#[napi]
impl NativeEngine {
    /// Chooses one row for each of several decisions, whose numbers are one after the other in `values`.
    #[napi]
    pub fn decide_all<'env>(
        &self,
        env: &'env Env,
        args: String,
        values: &[f64],
    ) -> napi::Result<PromiseRaw<'env, Vec<Choice>>> {
        let values = values.to_vec();
        door::run(env, self, async move |engine| {
            let asked: AskedAll = door::read(&args)?;
            let (several, mut rest) = (asked.decisions.len() > 1, &values[..]);
            let requests = asked.decisions.into_iter().enumerate().map(|(index, asked)| {
                asked.request(&mut rest).map_err(|error| match (several, error.field().map(str::to_owned)) {
                    (true, Some(field)) => error.with_field(format!("decisions[{index}].{field}")),
                    _ => error,
                })
            });
            let choices = engine.decide_all(requests.collect::<oo::Result<_>>()?).await?;
            Ok(choices.into_iter().map(Choice::from).collect())
        })
    }
}
