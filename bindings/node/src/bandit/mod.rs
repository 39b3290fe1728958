//! The policies alone, on typed arrays: the facade's [`oo::Bandit`]. Pure arithmetic, so it answers at once; what takes
//! long, a [`fit`](fit::NativeFit), runs off the event loop.
//!
//! Arrays are borrowed in place for the length of a call. Nothing of JavaScript runs meanwhile, so nobody writes them.

mod arms;
mod decided;
mod deciding;
mod fit;
mod learning;
mod log;
mod place;

use std::sync::Arc;

use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use oo::{Bandit, BanditSpec, PolicySpec};

use crate::door;
use place::Place;

/// A policy of settings in JSON, over row-major matrices.
#[napi]
pub struct NativeBandit {
    place: Arc<Place>,
}

impl NativeBandit {
    fn of(bandit: Bandit) -> Self {
        NativeBandit { place: Arc::new(Place::new(bandit)) }
    }
}

/// The settings of a policy in canonical JSON, defaults filled in; checked as those of an engine's policy.
#[napi]
pub fn policy_settings(json: String) -> napi::Result<String> {
    door::now(|| PolicySpec::parse(&json)?.to_json())
}

#[napi]
impl NativeBandit {
    /// A bandit that has learned nothing.
    #[napi(factory)]
    pub fn create(spec: String) -> napi::Result<Self> {
        door::now(|| Ok(NativeBandit::of(Bandit::new(door::read::<BanditSpec>(&spec)?)?)))
    }

    /// The bandit that bytes were saved from.
    #[napi(factory)]
    pub fn load(bytes: &[u8]) -> napi::Result<Self> {
        door::now(|| Ok(NativeBandit::of(Bandit::load(bytes)?)))
    }

    /// The bandit of all lessons together.
    #[napi(factory)]
    pub fn merge(bandits: Vec<&NativeBandit>) -> napi::Result<Self> {
        let bandits: Vec<_> = bandits.iter().map(|native| native.place.copy()).collect();
        door::now(|| Ok(NativeBandit::of(Bandit::merge(&bandits.iter().collect::<Vec<_>>())?)))
    }

    /// The number of columns.
    #[napi(getter)]
    pub fn dim(&self) -> u32 {
        u32::try_from(self.place.dim()).unwrap_or(u32::MAX)
    }

    /// The settings as JSON.
    #[napi]
    pub fn spec(&self) -> napi::Result<String> {
        let json = |bandit: &Bandit| {
            serde_json::to_string(&bandit.spec()).map_err(|error| oo::Error::internal(error.to_string()))
        };
        self.place.read(json)
    }

    /// The bandit as bytes.
    #[napi]
    pub fn save(&self) -> napi::Result<Buffer> {
        self.place.read(|bandit| Ok(bandit.save().into()))
    }

    /// The hash of settings and exact sums, hexadecimal.
    #[napi]
    pub fn state_hash(&self) -> napi::Result<String> {
        self.place.read(|bandit| Ok(oo::id::hex(&bandit.state_hash()?)))
    }

    /// How many lessons are in it.
    #[napi]
    pub fn lessons(&self) -> napi::Result<i64> {
        self.place.read(|bandit| Ok(door::count(bandit.lessons())))
    }
}
