//! oO's domain, in the order data meets it.
//!
//! A [`Signal`](signal::Signal) comes in and is derived to an [`Event`](event::Event) without texts. Events fold into a
//! [`UserState`](user::UserState). For a decision, sources offer [`TipCandidate`](candidate::TipCandidate)s, eligibility
//! removes some with a reason, and the assembler turns what is known into grid features under a
//! [`FeatureSchema`](schema::FeatureSchema). A [`Policy`](policy::Policy) states a
//! [`Distribution`](distribution::Distribution), the seeded [`draw`](draw::draw) picks, and the
//! [`Decision`](decision::Decision) is logged. Reactions [`join`] it, the [`RewardSpec`](reward::RewardSpec) values it, and
//! the [`Lesson`](lesson::Lesson) goes to every policy in the registry.
//!
//! This crate has no I/O, no async runtime, no clock and no random source of its own.

pub mod candidate;
pub mod choice;
pub mod decide;
pub mod decision;
pub mod derive;
pub mod distribution;
pub mod draw;
pub mod eligibility;
pub mod error;
pub mod event;
pub mod features;
pub mod grid;
pub mod id;
pub mod join;
pub mod lesson;
pub mod moment;
pub mod personal;
pub mod policy;
pub mod ports;
pub mod prompt;
pub mod quiet;
pub mod reaction;
pub mod registry;
pub mod retention;
pub mod reward;
pub mod schema;
pub mod secret;
pub mod shadow;
pub mod shown;
pub mod signal;
pub mod sources;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod user;
pub mod why;
pub mod wire;

pub use error::{Error, ErrorKind, Result};
