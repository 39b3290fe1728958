//! A generator that answers from a script.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use oo_core::candidate::{Provenance, TipCandidate};
use oo_core::ports::{GenerateRequest, Generated, Generator};
use oo_core::text::checked_text;
use oo_core::{Error, Result};

/// What a scripted generator calls itself in the provenance.
const SCRIPT: &str = "script";

/// Answers each request with the next lines of its script, over and over.
///
/// ```
/// let generator = oo_llm::ScriptedGenerator::new(["Step outside for one song."], "v1")?;
/// # Ok::<(), oo_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ScriptedGenerator {
    lines: Vec<String>,
    prompt_version: String,
    next: AtomicUsize,
}

impl ScriptedGenerator {
    /// A generator of `lines`, under the name `prompt_version`.
    ///
    /// # Errors
    /// `invalid_input` for an empty script, or a line that is empty or longer than a tip may be.
    pub fn new<L: Into<String>>(lines: impl IntoIterator<Item = L>, prompt_version: impl Into<String>) -> Result<Self> {
        let lines: Vec<String> = lines.into_iter().map(Into::into).collect();
        if lines.is_empty() {
            return Err(Error::invalid("lines", "a script has at least one line"));
        }
        for line in &lines {
            checked_text("lines", line, 2_000, false)?;
        }
        Ok(ScriptedGenerator { lines, prompt_version: prompt_version.into(), next: AtomicUsize::new(0) })
    }
}

impl Generator for ScriptedGenerator {
    fn generate(&self, request: GenerateRequest) -> Pin<Box<dyn Future<Output = Result<Generated>> + Send>> {
        let count = request.limit.min(self.lines.len());
        let start = self.next.fetch_add(count, Ordering::Relaxed);
        let candidates = (start..start + count)
            .filter_map(|place| self.lines.get(place % self.lines.len()))
            .map(|line| {
                // Generated text has no id of its own: its content is its identity.
                let mut candidate = TipCandidate::advice(line.chars().take(256).collect::<String>(), line.clone());
                candidate.provenance =
                    Some(Provenance { model: SCRIPT.to_owned(), prompt_version: self.prompt_version.clone() });
                candidate
            })
            .collect();
        Box::pin(std::future::ready(Ok(Generated { candidates })))
    }
}
