//! What a person does with a tip.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What a person did with a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The tip was painted and visible; only for decisions made with [`ShownMode::Reported`].
    Shown,
    /// They did it.
    Done,
    /// They want it back at that instant (Unix milliseconds).
    Snooze {
        /// When it should come back.
        until_ms: i64,
    },
    /// They do not want it.
    Dismiss {
        /// Why, if they say.
        reason: Option<DismissReason>,
    },
}

/// Why a tip was dismissed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DismissReason {
    /// A wrong moment.
    NotNow,
    /// Not for them.
    NotRelevant,
    /// Never again: the candidate is denied for good.
    Never,
}

impl DismissReason {
    /// The reason's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            DismissReason::NotNow => "not_now",
            DismissReason::NotRelevant => "not_relevant",
            DismissReason::Never => "never",
        }
    }
}

/// When a tip counts as shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownMode {
    /// The moment the answer leaves.
    #[default]
    OnAnswer,
    /// The moment the caller reports [`Reaction::Shown`].
    Reported,
}

impl Reaction {
    /// The reaction's stable name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Reaction::Shown => "shown",
            Reaction::Done => "done",
            Reaction::Snooze { .. } => "snooze",
            Reaction::Dismiss { .. } => "dismiss",
        }
    }

    /// The reaction of the wire form used by Python, Node, HTTP and the command line.
    ///
    /// # Errors
    /// `invalid_input` for an unknown name, a snooze without `until_ms`, or a field that does not belong to it.
    pub fn from_parts(name: &str, until_ms: Option<i64>, reason: Option<&str>) -> Result<Self> {
        let reaction = match name {
            "shown" => Reaction::Shown,
            "done" => Reaction::Done,
            "snooze" => {
                let until_ms = until_ms
                    .ok_or_else(|| Error::invalid("until", "a snooze needs the time to come back; pass `until`"))?;
                crate::signal::checked_instant("until", until_ms)?;
                Reaction::Snooze { until_ms }
            }
            "dismiss" => Reaction::Dismiss {
                reason: reason
                    .map(|reason| match reason {
                        "not_now" => Ok(DismissReason::NotNow),
                        "not_relevant" => Ok(DismissReason::NotRelevant),
                        "never" => Ok(DismissReason::Never),
                        _ => {
                            Err(Error::invalid("reason", "use not_now, not_relevant or never, or leave the reason out"))
                        }
                    })
                    .transpose()?,
            },
            _ => {
                let shown: String = name.chars().take(32).collect();
                return Err(Error::invalid(
                    "reaction",
                    format!("{shown:?} is no reaction; use shown, done, snooze or dismiss"),
                ));
            }
        };
        if until_ms.is_some() && !matches!(reaction, Reaction::Snooze { .. }) {
            return Err(Error::invalid("until", "only a snooze has `until`; leave it out"));
        }
        if reason.is_some() && !matches!(reaction, Reaction::Dismiss { .. }) {
            return Err(Error::invalid("reason", "only a dismissal has a reason; leave it out"));
        }
        Ok(reaction)
    }
}
