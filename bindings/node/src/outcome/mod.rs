//! What the other verbs answer, as JavaScript objects. The names are those of the JSON form, in every language.
//!
//! Each conversion takes its source apart by name: a field that the facade gains does not compile until it is here.

mod privacy;
mod state;
mod tips;

pub use privacy::{Consents, Exported, Imported, Preferences, Receipt, Retained, VerifiedReceipt};
pub use state::{Health, Replayed};
pub use tips::{Explained, Ingested, PastTip, Reacted};
