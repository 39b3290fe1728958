//! The policies alone, on `Float64Array`: the facade's [`oo::Bandit`]. Pure arithmetic, so it answers at once.

use napi::bindgen_prelude::{BigInt, Buffer, Either, Float64Array};
use napi_derive::napi;
use oo::{ArmKey, Bandit, BanditSpec, Decided, Rows, Seed};

use crate::door;

/// A policy of settings in JSON, over row-major matrices.
#[napi]
pub struct NativeBandit {
    bandit: Bandit,
}

/// A decision, kept for `update`.
#[napi]
pub struct NativeDecided {
    decided: Decided,
}

/// Why a row scores as it does.
#[napi(object, object_from_js = false)]
pub struct Explanation {
    /// θᵢ·xᵢ for each column; empty for policies without weights.
    pub contributions: Float64Array,
    /// The share of the intercept.
    pub intercept: f64,
    /// The expected reward: all contributions and the intercept.
    pub mean: f64,
    /// The standard width √(xᵀA⁻¹x) behind the score, before its factor.
    pub width: f64,
    /// The score.
    pub score: f64,
}

#[napi]
impl NativeDecided {
    /// The drawn row.
    #[napi(getter)]
    pub fn index(&self) -> u32 {
        u32::try_from(self.decided.index).unwrap_or(u32::MAX)
    }

    /// Its probability.
    #[napi(getter)]
    pub fn propensity(&self) -> f64 {
        self.decided.propensity
    }

    /// The probability of each row.
    #[napi(getter)]
    pub fn pmf(&self) -> Float64Array {
        Float64Array::new(self.decided.pmf().to_vec())
    }

    /// The score of each row.
    #[napi(getter)]
    pub fn scores(&self) -> Float64Array {
        Float64Array::new(self.decided.scores().to_vec())
    }
}

#[napi]
impl NativeBandit {
    /// A bandit that has learned nothing.
    #[napi(factory)]
    pub fn create(spec: String) -> napi::Result<Self> {
        door::now(|| Ok(NativeBandit { bandit: Bandit::new(door::read::<BanditSpec>(&spec)?)? }))
    }

    /// The bandit that bytes were saved from.
    #[napi(factory)]
    pub fn load(bytes: &[u8]) -> napi::Result<Self> {
        door::now(|| Ok(NativeBandit { bandit: Bandit::load(bytes)? }))
    }

    /// The bandit of all lessons together.
    #[napi(factory)]
    pub fn merge(bandits: Vec<&NativeBandit>) -> napi::Result<Self> {
        door::now(|| {
            let bandits: Vec<_> = bandits.iter().map(|native| &native.bandit).collect();
            Ok(NativeBandit { bandit: Bandit::merge(&bandits)? })
        })
    }

    /// The settings as JSON.
    #[napi]
    pub fn spec(&self) -> napi::Result<String> {
        door::now(|| serde_json::to_string(&self.bandit.spec()).map_err(|error| oo::Error::internal(error.to_string())))
    }

    /// Draws a row.
    #[napi]
    pub fn decide(
        &self,
        x: &[f64],
        rows: u32,
        arms: Option<Vec<String>>,
        seed: Either<BigInt, String>,
    ) -> napi::Result<NativeDecided> {
        door::now(|| {
            let arms = keys(arms);
            let decided = self.bandit.decide(&self::rows(x, rows as usize, arms.as_deref()), seeded(seed)?)?;
            Ok(NativeDecided { decided })
        })
    }

    /// Learns the reward of a decision.
    #[napi]
    pub fn update(&mut self, decided: &NativeDecided, reward: f64) -> napi::Result<()> {
        door::now(|| self.bandit.update(&decided.decided, reward))
    }

    /// Learns rewards of rows.
    #[napi]
    pub fn learn(&mut self, x: &[f64], rewards: &[f64], arms: Option<Vec<String>>) -> napi::Result<()> {
        door::now(|| self.bandit.learn(&rows(x, rewards.len(), keys(arms).as_deref()), rewards))
    }

    /// Replaces rewards that were learned.
    #[napi]
    pub fn revise(
        &mut self,
        x: &[f64],
        rewards: &[f64],
        replaced: &[f64],
        arms: Option<Vec<String>>,
    ) -> napi::Result<()> {
        door::now(|| self.bandit.revise(&rows(x, rewards.len(), keys(arms).as_deref()), rewards, replaced))
    }

    /// Takes lessons away again.
    #[napi]
    pub fn unlearn(&mut self, x: &[f64], rewards: &[f64], arms: Option<Vec<String>>) -> napi::Result<()> {
        door::now(|| self.bandit.unlearn(&rows(x, rewards.len(), keys(arms).as_deref()), rewards))
    }

    /// Why a row scores as it does.
    #[napi]
    pub fn explain(&self, x: &[f64], rows: u32, arms: Option<Vec<String>>, index: u32) -> napi::Result<Explanation> {
        door::now(|| {
            let said = self.bandit.explain(&self::rows(x, rows as usize, keys(arms).as_deref()), index as usize)?;
            Ok(Explanation {
                contributions: Float64Array::new(said.contributions),
                intercept: said.intercept,
                mean: said.mean,
                width: said.width,
                score: said.score,
            })
        })
    }

    /// The bandit as bytes.
    #[napi]
    pub fn save(&self) -> napi::Result<Buffer> {
        door::now(|| Ok(self.bandit.save().into()))
    }

    /// The hash of settings and exact sums, hexadecimal.
    #[napi]
    pub fn state_hash(&self) -> napi::Result<String> {
        door::now(|| Ok(oo::id::hex(&self.bandit.state_hash()?)))
    }

    /// How many lessons are in it.
    #[napi]
    pub fn lessons(&self) -> i64 {
        door::count(self.bandit.lessons())
    }
}

fn rows<'a>(values: &'a [f64], count: usize, arms: Option<&'a [ArmKey]>) -> Rows<'a> {
    Rows { arms, ..Rows::new(values, count) }
}

fn keys(arms: Option<Vec<String>>) -> Option<Vec<ArmKey>> {
    arms.map(|arms| arms.into_iter().map(ArmKey::new).collect())
}

fn seeded(seed: Either<BigInt, String>) -> oo::Result<Seed> {
    match seed {
        Either::A(number) => match number.get_u64() {
            (false, number, true) => Ok(Seed::Number(number)),
            _ => Err(oo::Error::invalid("seed", "a seed is a whole number from 0 to 2**64 - 1, or a UUID")),
        },
        Either::B(text) => {
            Ok(Seed::Decision(oo::id::DecisionId::parse(&text).map_err(|error| error.with_field("seed"))?))
        }
    }
}
