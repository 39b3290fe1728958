//! How a bandit learns and takes lessons back.

use napi::Env;
use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;

use super::NativeBandit;
use super::arms::{NativeArms, keys};
use super::decided::{NativeBatch, NativeDecided};
use super::log::{Log, OwnLog};

#[napi]
impl NativeBandit {
    /// Learns the reward of a decision.
    #[napi]
    pub fn update(&self, decided: &NativeDecided, reward: f64) -> napi::Result<()> {
        self.place.write(|bandit| bandit.update(&decided.decided, reward))
    }

    /// Learns the rewards of a batch.
    #[napi]
    pub fn update_batch(&self, decided: &NativeBatch, rewards: &[f64]) -> napi::Result<()> {
        let all: Vec<_> = decided.all.iter().map(|one| &**one).collect();
        self.place.write(|bandit| bandit.update_all(&all, rewards))
    }

    /// Learns the rewards of decisions.
    #[napi]
    pub fn update_all(&self, decided: Vec<&NativeDecided>, rewards: &[f64]) -> napi::Result<()> {
        let all: Vec<_> = decided.iter().map(|one| &*one.decided).collect();
        self.place.write(|bandit| bandit.update_all(&all, rewards))
    }

    /// What a decision would have shown on average; empty for policies that do not learn from it.
    #[napi(ts_return_type = "Float64Array")]
    pub fn centre<'env>(&self, env: &'env Env, decided: &NativeDecided) -> napi::Result<Float64ArraySlice<'env>> {
        Float64ArraySlice::copy_from(env, self.place.read(|bandit| bandit.centre(&decided.decided))?)
    }

    /// Learns rewards of rows.
    #[napi]
    pub fn learn(&self, x: &[f64], rewards: &[f64], arms: Option<&NativeArms>, log: Log) -> napi::Result<()> {
        let log = OwnLog::from(log);
        self.place.write(|bandit| bandit.learn(&log.rows(x, keys(arms)), rewards))
    }

    /// Replaces rewards that were learned.
    #[napi]
    pub fn revise(
        &self,
        x: &[f64],
        rewards: &[f64],
        replaced: &[f64],
        arms: Option<&NativeArms>,
        log: Log,
    ) -> napi::Result<()> {
        let log = OwnLog::from(log);
        self.place.write(|bandit| bandit.revise(&log.rows(x, keys(arms)), rewards, replaced))
    }

    /// Takes lessons away again.
    #[napi]
    pub fn unlearn(&self, x: &[f64], rewards: &[f64], arms: Option<&NativeArms>, log: Log) -> napi::Result<()> {
        let log = OwnLog::from(log);
        self.place.write(|bandit| bandit.unlearn(&log.rows(x, keys(arms)), rewards))
    }
}
