//! `health` and `metrics`: how the engine is.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;

use crate::door::{self, count};
use crate::engine::NativeEngine;
use crate::outcome::Health;

/// Counts since the engine was opened.
#[napi(object, object_from_js = false)]
pub struct Metrics {
    /// Decisions committed.
    pub decisions: i64,
    /// Choices of named bandits committed.
    pub choices: i64,
    /// Reactions committed.
    pub reactions: i64,
    /// Signals committed.
    pub signals: i64,
    /// Reactions parked.
    pub parked: i64,
    /// Parked reactions that were dropped.
    #[napi(js_name = "parking_lapsed")]
    pub parking_lapsed: i64,
    /// Feature values that lay outside their declared range.
    pub clamped: i64,
    /// Times a candidate source failed or came late.
    #[napi(js_name = "source_failures")]
    pub source_failures: i64,
    /// Times a featuriser failed or came late.
    #[napi(js_name = "featuriser_failures")]
    pub featuriser_failures: i64,
    /// Times a policy failed: to decide, and candidates had equal probabilities; or, your own, to learn.
    #[napi(js_name = "policy_failures")]
    pub policy_failures: i64,
    /// Decisions whose shadows were skipped.
    #[napi(js_name = "shadow_dropped")]
    pub shadow_dropped: i64,
    /// Times a shadow failed.
    #[napi(js_name = "shadow_failures")]
    pub shadow_failures: i64,
    /// Times projections could not be written.
    #[napi(js_name = "projection_failures")]
    pub projection_failures: i64,
}

impl From<oo::Metrics> for Metrics {
    fn from(from: oo::Metrics) -> Self {
        let oo::Metrics {
            decisions,
            choices,
            reactions,
            signals,
            parked,
            parking_lapsed,
            clamped,
            source_failures,
            featuriser_failures,
            policy_failures,
            shadow_dropped,
            shadow_failures,
            projection_failures,
        } = from;
        Metrics {
            decisions: count(decisions),
            choices: count(choices),
            reactions: count(reactions),
            signals: count(signals),
            parked: count(parked),
            parking_lapsed: count(parking_lapsed),
            clamped: count(clamped),
            source_failures: count(source_failures),
            featuriser_failures: count(featuriser_failures),
            policy_failures: count(policy_failures),
            shadow_dropped: count(shadow_dropped),
            shadow_failures: count(shadow_failures),
            projection_failures: count(projection_failures),
        }
    }
}

#[napi]
impl NativeEngine {
    /// How the engine is.
    #[napi]
    pub fn health<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Health>> {
        door::run(env, self, async move |engine| engine.health().await.map(Health::from))
    }

    /// Counts since the engine was opened.
    #[napi]
    pub fn metrics<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Metrics>> {
        door::run(env, self, async move |engine| Ok(Metrics::from(engine.metrics())))
    }
}
