//! How a bandit decides and explains.

use std::cell::RefCell;
use std::sync::Arc;

use napi::bindgen_prelude::{BigInt, Either, Float64Array};
use napi_derive::napi;
use oo::{Decided, Rows, Seed};

use super::NativeBandit;
use super::arms::{NativeArms, keys};
use super::decided::{NativeBatch, NativeDecided};
use super::log::people;

/// Rows, as the TypeScript half has read them.
#[napi(object, object_to_js = false)]
pub struct Asked {
    /// How many rows there are; one for a context.
    pub rows: u32,
    /// Whether the numbers are one context of all arms.
    pub context: bool,
    /// Whose decision it is.
    pub person: Option<String>,
    /// Its UTC day since 1970-01-01.
    pub day: i32,
}

/// Many decisions, as the TypeScript half has read them.
#[napi(object, object_to_js = false)]
pub struct AskedBatch {
    /// The rows of each decision; ones for contexts.
    pub rows: Vec<u32>,
    /// Whether each is one context of all arms.
    pub contexts: bool,
    /// The seed of each decision: a number in decimal digits after `#`, or a UUID.
    pub seeds: Vec<String>,
    /// Nobody's, one person's, or one a decision.
    pub people: Vec<String>,
    /// Day 0, one day, or one a decision.
    pub days: Vec<i32>,
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

/// The most bytes that the buffer may hold on to.
const MOST_BYTES: usize = 64 << 20;

thread_local! {
    /// Where decisions are made. What JavaScript is given is a copy: when it lets go of that is not known.
    static BUFFER: RefCell<Decided> = RefCell::default();
}

/// What is kept of the decision in `buffer`, which stays for the next one unless it is very large.
fn kept(buffer: &mut Decided) -> Arc<Decided> {
    if buffer.bytes() <= MOST_BYTES {
        return Arc::new(buffer.kept());
    }
    Arc::new(std::mem::take(buffer))
}

#[napi]
impl NativeBandit {
    /// Draws a row.
    #[napi]
    pub fn decide(
        &self,
        x: &[f64],
        asked: Asked,
        arms: Option<&NativeArms>,
        seed: Either<BigInt, String>,
    ) -> napi::Result<NativeDecided> {
        self.place.read(|bandit| {
            let (people, days) = (people(asked.person.as_slice()), [asked.day]);
            let rows = rows(x, &asked, arms).with_people(&people).with_days(&days);
            let decided = BUFFER.with_borrow_mut(|buffer| {
                bandit.decide_into(&rows, seeded(seed)?, buffer)?;
                Ok(kept(buffer))
            });
            decided.map(|decided| NativeDecided { decided })
        })
    }

    /// Draws a row of each of many decisions; `arms` are of all of them, or of each.
    #[napi]
    pub fn decide_batch(&self, x: &[f64], asked: AskedBatch, arms: Vec<&NativeArms>) -> napi::Result<NativeBatch> {
        self.place.read(|bandit| {
            let people = people(&asked.people);
            let (mut all, mut rest, dim) = (Vec::with_capacity(asked.rows.len()), x, bandit.dim());
            let mut buffer = Decided::default();
            for (place, count) in asked.rows.iter().enumerate() {
                // Checked by the TypeScript half; what is too short is said to be by the bandit.
                let (values, after) = rest.split_at_checked(*count as usize * dim).unwrap_or((rest, &[]));
                rest = after;
                let of = |len: usize| if len > 1 { place..place + 1 } else { 0..len };
                let arms = arms.get(if arms.len() > 1 { place } else { 0 }).copied();
                let one = Asked { rows: *count, context: asked.contexts, person: None, day: 0 };
                let own = rows(values, &one, arms);
                let own = own.with_people(&people[of(people.len())]).with_days(&asked.days[of(asked.days.len())]);
                let seed = seed_of(&asked.seeds[place])?;
                bandit.decide_into(&own, seed, &mut buffer).map_err(|error| of_decision(place, &error))?;
                all.push(Arc::new(buffer.kept()));
            }
            Ok(NativeBatch { all })
        })
    }

    /// Why a row scores as it does.
    #[napi]
    pub fn explain(&self, x: &[f64], asked: Asked, arms: Option<&NativeArms>, index: u32) -> napi::Result<Explanation> {
        self.place.read(|bandit| {
            let (people, days) = (people(asked.person.as_slice()), [asked.day]);
            let rows = rows(x, &asked, arms).with_people(&people).with_days(&days);
            let said = bandit.explain(&rows, index as usize)?;
            Ok(Explanation {
                contributions: Float64Array::new(said.contributions),
                intercept: said.intercept,
                mean: said.mean,
                width: said.width,
                score: said.score,
            })
        })
    }
}

/// `error`, which says what is wrong with decision `place`.
fn of_decision(place: usize, error: &oo::Error) -> oo::Error {
    let said = oo::Error::new(error.kind(), format!("decision {place}: {}", error.message()));
    match error.field() {
        Some(field) => said.with_field(field),
        None => said,
    }
}

fn rows<'a>(values: &'a [f64], asked: &Asked, arms: Option<&'a NativeArms>) -> Rows<'a> {
    match (arms, asked.context) {
        (Some(arms), true) => Rows::of_named(values, &arms.keys),
        (arms, _) => Rows { arms: keys(arms), ..Rows::new(values, asked.rows as usize) },
    }
}

fn seeded(seed: Either<BigInt, String>) -> oo::Result<Seed> {
    match seed {
        Either::A(number) => match number.get_u64() {
            (false, number, true) => Ok(Seed::Number(number)),
            _ => Err(no_seed()),
        },
        Either::B(text) => decision(&text),
    }
}

fn seed_of(text: &str) -> oo::Result<Seed> {
    match text.strip_prefix('#') {
        Some(number) => number.parse().map(Seed::Number).map_err(|_| no_seed()),
        None => decision(text),
    }
}

fn decision(text: &str) -> oo::Result<Seed> {
    oo::id::DecisionId::parse(text).map(Seed::Decision).map_err(|error| error.with_field("seed"))
}

fn no_seed() -> oo::Error {
    oo::Error::invalid("seed", "a seed is a whole number from 0 to 2**64 - 1, or a UUID")
}
