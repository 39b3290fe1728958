//! What an engine that is measured recommends: candidates with 32 features of their own, which change with every decision.

use std::path::Path;
use std::sync::Arc;

use oo::{CandidateSource, FeatureSchema, FeatureSpec, Gathered, Settings, SourceQuery, TipCandidate};

use crate::Outcome;

/// Columns of the schema.
pub(crate) const DIM: usize = 32;

/// The schema: [`DIM`] columns in (−1, 1).
pub(crate) fn schema() -> Outcome<FeatureSchema> {
    let features =
        (0..DIM).map(|column| FeatureSpec::new(format!("f{column}"), -1.0, 1.0)).collect::<oo::Result<_>>()?;
    Ok(FeatureSchema::new(features, None)?)
}

/// An engine at `path` over the schema, whose one source is `catalogue`.
pub(crate) fn builder(path: &Path, catalogue: Arc<Catalogue>) -> Outcome<oo::EngineBuilder> {
    let settings = Settings { candidates_per_source: 64, cool_down_hours: 0, ..Settings::default() };
    Ok(oo::Engine::builder(path).settings(settings).schema(schema()?).sources(vec![catalogue]))
}

/// A source of `count` candidates.
#[derive(Debug)]
pub(crate) struct Catalogue {
    count: usize,
    names: Vec<Arc<str>>,
}

impl Catalogue {
    pub(crate) fn new(count: usize) -> Self {
        Catalogue { count, names: (0..DIM).map(|column| Arc::from(format!("f{column}"))).collect() }
    }
}

impl CandidateSource for Catalogue {
    fn name(&self) -> &str {
        "bench"
    }

    fn gather(&self, query: &SourceQuery<'_>) -> oo::Result<Gathered> {
        let mut state = u64::from_le_bytes(query.decision.0[8..16].try_into().unwrap_or_default());
        let candidates = (0..self.count).map(|number| {
            let mut candidate = TipCandidate::advice(format!("c{number}"), format!("Candidate number {number}"));
            for name in &self.names {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                candidate.features.push((name.clone(), (state >> 40) as f64 / f64::from(1 << 24) * 2.0 - 1.0));
            }
            candidate
        });
        Ok(Gathered::Ready(candidates.collect()))
    }
}
