//! What a bandit decided, once or many times. Numbers leave as copies in JavaScript's own memory: for a small array that
//! costs less than one around foreign memory.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Float64ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use oo::{ArmKey, Decided};

/// A decision, kept for `update`.
#[napi]
pub struct NativeDecided {
    pub(super) decided: Arc<Decided>,
}

/// Decisions, kept for `updateBatch`.
#[napi]
pub struct NativeBatch {
    pub(super) all: Vec<Arc<Decided>>,
}

#[napi]
impl NativeDecided {
    /// The drawn row.
    #[napi(getter)]
    pub fn index(&self) -> u32 {
        count(self.decided.index)
    }

    /// Its probability.
    #[napi(getter)]
    pub fn propensity(&self) -> f64 {
        self.decided.propensity
    }

    /// Its arm.
    #[napi(getter)]
    pub fn arm(&self) -> String {
        arm(&self.decided)
    }

    /// Whether the probabilities are an estimate.
    #[napi(getter)]
    pub fn estimated(&self) -> bool {
        self.decided.estimated()
    }

    /// The rows whose score is only an upper bound.
    #[napi(ts_return_type = "Uint32Array")]
    pub fn bounded<'env>(&self, env: &'env Env) -> napi::Result<Uint32ArraySlice<'env>> {
        Uint32ArraySlice::copy_from(env, bounded(&self.decided))
    }

    /// The probability of each row.
    #[napi(ts_return_type = "Float64Array")]
    pub fn pmf<'env>(&self, env: &'env Env) -> napi::Result<Float64ArraySlice<'env>> {
        Float64ArraySlice::copy_from(env, self.decided.pmf())
    }

    /// The score of each row.
    #[napi(ts_return_type = "Float64Array")]
    pub fn scores<'env>(&self, env: &'env Env) -> napi::Result<Float64ArraySlice<'env>> {
        Float64ArraySlice::copy_from(env, self.decided.scores())
    }
}

#[napi]
impl NativeBatch {
    /// How many decisions there are.
    #[napi(getter)]
    pub fn length(&self) -> u32 {
        count(self.all.len())
    }

    /// Decision `place`.
    #[napi]
    pub fn at(&self, place: u32) -> Option<NativeDecided> {
        self.all.get(place as usize).map(|decided| NativeDecided { decided: decided.clone() })
    }

    /// The arm of each drawn row.
    #[napi]
    pub fn arms(&self) -> Vec<String> {
        self.all.iter().map(|decided| arm(decided)).collect()
    }

    /// Whether the probabilities of each decision are an estimate.
    #[napi]
    pub fn estimated(&self) -> Vec<bool> {
        self.each(Decided::estimated)
    }

    /// The rows of each decision whose score is only an upper bound.
    #[napi(ts_return_type = "Uint32Array[]")]
    pub fn bounded<'env>(&self, env: &'env Env) -> napi::Result<Vec<Uint32ArraySlice<'env>>> {
        self.all.iter().map(|decided| Uint32ArraySlice::copy_from(env, bounded(decided))).collect()
    }

    /// The drawn row of each decision.
    #[napi(ts_return_type = "Uint32Array")]
    pub fn indices<'env>(&self, env: &'env Env) -> napi::Result<Uint32ArraySlice<'env>> {
        Uint32ArraySlice::copy_from(env, self.each(|decided| count(decided.index)))
    }

    /// How many rows each decision had.
    #[napi(ts_return_type = "Uint32Array")]
    pub fn rows<'env>(&self, env: &'env Env) -> napi::Result<Uint32ArraySlice<'env>> {
        Uint32ArraySlice::copy_from(env, self.each(|decided| count(decided.pmf().len())))
    }

    /// The probability of each drawn row.
    #[napi(ts_return_type = "Float64Array")]
    pub fn propensities<'env>(&self, env: &'env Env) -> napi::Result<Float64ArraySlice<'env>> {
        Float64ArraySlice::copy_from(env, self.each(|decided| decided.propensity))
    }

    /// The probability of each row, decision by decision.
    #[napi(ts_return_type = "Float64Array")]
    pub fn pmf<'env>(&self, env: &'env Env) -> napi::Result<Float64ArraySlice<'env>> {
        Float64ArraySlice::copy_from(env, self.flat(Decided::pmf))
    }

    /// The score of each row, decision by decision.
    #[napi(ts_return_type = "Float64Array")]
    pub fn scores<'env>(&self, env: &'env Env) -> napi::Result<Float64ArraySlice<'env>> {
        Float64ArraySlice::copy_from(env, self.flat(Decided::scores))
    }
}

impl NativeBatch {
    fn each<T>(&self, of: impl Fn(&Decided) -> T) -> Vec<T> {
        self.all.iter().map(|decided| of(decided)).collect()
    }

    fn flat(&self, of: impl Fn(&Decided) -> &[f64]) -> Vec<f64> {
        self.all.iter().flat_map(|decided| of(decided)).copied().collect()
    }
}

fn bounded(decided: &Decided) -> Vec<u32> {
    decided.bounded().iter().zip(0..).filter(|(bounded, _)| **bounded).map(|(_, row)| row).collect()
}

fn arm(decided: &Decided) -> String {
    decided.arm().map(ArmKey::as_str).unwrap_or_default().to_owned()
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
