//! How the arms of a linear policy share what they learn.

use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// Whether arms share one model: `"shared"`, `"disjoint"`, `"hybrid"`, or `{"hybrid": {"context": 8}}`.
///
/// ```
/// use oo_policies::Sharing;
///
/// let hybrid: Sharing = serde_json::from_str(r#"{"hybrid": {"context": 8}}"#).unwrap();
/// assert_eq!(hybrid, Sharing::Hybrid { context: Some(8) });
/// assert_eq!(serde_json::to_string(&Sharing::Hybrid { context: None }).unwrap(), "\"hybrid\"");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub enum Sharing {
    /// One model over joint (context, candidate) vectors.
    #[default]
    Shared,
    /// One model an arm key; an untried arm's width is exactly α‖x‖/√λ.
    Disjoint,
    /// A shared model β over z and an arm's own θ over x (Li, Chu, Langford & Schapire, WWW 2010, algorithm 2); an
    /// untried arm's mean is the shared one.
    Hybrid {
        /// How many leading columns are the context. Without it z and x are both all columns: a shared model, and each
        /// arm's departure from it. With it x are the context columns, and z holds the candidate's columns, alone (where
        /// there is an intercept) and times each context column, rounded to the grid of their product's range.
        context: Option<usize>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Word(String),
    Hybrid { hybrid: HybridForm },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HybridForm {
    #[serde(default)]
    context: Option<usize>,
}

impl TryFrom<Form> for Sharing {
    type Error = Error;

    fn try_from(form: Form) -> Result<Self> {
        match form {
            Form::Word(word) => match word.as_str() {
                "shared" => Ok(Sharing::Shared),
                "disjoint" => Ok(Sharing::Disjoint),
                "hybrid" => Ok(Sharing::Hybrid { context: None }),
                _ => Err(Error::invalid(
                    "sharing",
                    format!(
                        "sharing is {word:?}; pass \"shared\", \"disjoint\", \"hybrid\" or {{\"hybrid\": {{\"context\": 8}}}}"
                    ),
                )),
            },
            Form::Hybrid { hybrid } => Ok(Sharing::Hybrid { context: hybrid.context }),
        }
    }
}

impl From<Sharing> for Form {
    fn from(sharing: Sharing) -> Self {
        match sharing {
            Sharing::Shared => Form::Word("shared".to_owned()),
            Sharing::Disjoint => Form::Word("disjoint".to_owned()),
            Sharing::Hybrid { context: None } => Form::Word("hybrid".to_owned()),
            Sharing::Hybrid { context } => Form::Hybrid { hybrid: HybridForm { context } },
        }
    }
}
