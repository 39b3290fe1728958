//! What the other verbs answer.

mod bandits;
mod privacy;
mod state;
mod tips;

pub use bandits::{Choice, NamedBandit, RegisteredPolicy, RewardStatus, Rewarded};
pub use privacy::{Consents, Exported, Imported, Preferences, Receipt, Retained, VerifiedReceipt};
pub use state::{Health, Replayed};
pub use tips::{Explained, Ingested, NamedValue, PastTip, ReactStatus, Reacted, RemovalCount};
