//! A generator as a candidate source.

use std::sync::Arc;

use oo_core::Result;
use oo_core::features::words;
use oo_core::id::hex;
use oo_core::ports::{CandidateSource, Gathered, GenerateRequest, Generator, SourceQuery};
use oo_core::prompt::PromptView;
use sha2::{Digest, Sha256};

/// Asks a [`Generator`] for candidates; they come when they come, and a decision never waits longer than its deadline.
#[derive(Debug)]
pub struct GeneratorSource {
    generator: Arc<dyn Generator>,
}

impl GeneratorSource {
    /// A source of what `generator` writes.
    #[must_use]
    pub fn new(generator: Arc<dyn Generator>) -> Self {
        GeneratorSource { generator }
    }
}

impl CandidateSource for GeneratorSource {
    fn name(&self) -> &str {
        "generated"
    }

    fn gather(&self, query: &SourceQuery<'_>) -> Result<Gathered> {
        // No titles: a source sees what is known of a person, and their texts are sealed.
        let prompt = PromptView {
            language: query.language.to_owned(),
            time_of_day: words::part_of_day(query.now).to_owned(),
            weekday: words::weekday(query.now).to_owned(),
            ..PromptView::default()
        };
        let answer = self.generator.generate(GenerateRequest { prompt, limit: query.limit });
        Ok(Gathered::Later(Box::pin(async move {
            let mut candidates = answer.await?.candidates;
            for candidate in &mut candidates {
                let digest = Sha256::digest(candidate.content.as_bytes());
                candidate.id = hex(&digest[..16]);
            }
            Ok(candidates)
        })))
    }
}
