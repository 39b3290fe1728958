//! oO's language models: whatever writes, embeds or judges texts stands behind the ports of `oo-core`.
//!
//! The model proposes, the bandit picks. [`GeneratorSource`] makes any [`Generator`] a candidate source whose answer may
//! come late; [`ScriptedGenerator`] answers from a script, for tests, demonstrations and offline work. A model's alias
//! never appears in code: it arrives in the provenance of what was generated.

mod scripted;
mod source;

pub use oo_core::ports::{Embedder, GenerateRequest, Generated, Generator, Judge, Judgement};
pub use scripted::ScriptedGenerator;
pub use source::GeneratorSource;
