//! Names that come again and again in one scan, each kept once.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The most names that are kept: a log has few, unless its arms are many.
const MOST: usize = 16_384;

/// Arms, sources, policies and zones by their text.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: BTreeSet<Arc<str>>,
}

impl Names {
    /// The name `text`: the same one as before, where it came before.
    pub(super) fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        let name: Arc<str> = Arc::from(text);
        self.known.insert(name.clone());
        name
    }
}
