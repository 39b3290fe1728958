//! Features that the embedder computes: asked for under the budget of sources, brought to the assembler by candidates.

use std::sync::Arc;
use std::time::Duration;

use oo_core::Result;
use oo_core::candidate::TipCandidate;
use oo_core::ports::{Featuriser, FeaturiserQuery};
use oo_core::schema::{FeatureSchema, FeatureSpec};

use crate::run::{Counters, Run};

/// A featuriser and the names of its columns.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    featuriser: Arc<dyn Featuriser>,
    names: Vec<Arc<str>>,
    missing: Arc<str>,
}

impl Columns {
    pub(crate) fn new(featuriser: Arc<dyn Featuriser>) -> Self {
        let names = featuriser.features().into_iter().map(|spec| Arc::from(spec.name)).collect();
        let missing = Arc::from(missing(&*featuriser));
        Columns { featuriser, names, missing }
    }
}

fn missing(featuriser: &dyn Featuriser) -> String {
    format!("{}_missing", featuriser.name())
}

/// `schema` with the features of `featurisers` appended, each followed by whether it is missing.
///
/// # Errors
/// `invalid_input` when a name is taken or the features are too many.
pub(crate) fn extended(schema: &FeatureSchema, featurisers: &[Arc<dyn Featuriser>]) -> Result<FeatureSchema> {
    let mut features = schema.features().to_vec();
    for featuriser in featurisers {
        features.extend(featuriser.features());
        features.push(FeatureSpec::new(missing(&**featuriser), 0.0, 1.0)?);
    }
    FeatureSchema::new(features, schema.norm_bound())
}

impl Run {
    /// Gives `candidates` the values of every featuriser; where one fails or is late they are missing, and counted.
    pub(crate) async fn featurise(
        &self,
        query: FeaturiserQuery,
        mut candidates: Vec<TipCandidate>,
    ) -> Vec<TipCandidate> {
        if self.featurisers.is_empty() || candidates.is_empty() {
            return candidates;
        }
        let deadline = tokio::time::Instant::now() + Duration::from_millis(self.settings.source_deadline_ms);
        let given = Arc::new((query, candidates.clone()));
        // All are asked at once.
        let asked: Vec<_> = self.featurisers.iter().map(|columns| ask(columns.clone(), given.clone())).collect();
        for (columns, answer) in self.featurisers.iter().zip(asked) {
            let values = match answer {
                Some(answer) => match tokio::time::timeout_at(deadline, answer).await {
                    Ok(Ok(values)) => values,
                    Ok(Err(_)) | Err(_) => None,
                },
                None => None,
            };
            if values.is_none() {
                Counters::add(&self.counters.featuriser_failures, 1);
            }
            let width = columns.names.len();
            for (row, candidate) in candidates.iter_mut().enumerate() {
                candidate.features.push((columns.missing.clone(), if values.is_some() { 0.0 } else { 1.0 }));
                let Some(values) = &values else { continue };
                let own = values[row * width..(row + 1) * width].iter();
                candidate.features.extend(columns.names.iter().cloned().zip(own.copied()));
            }
        }
        candidates
    }
}

type Answer = tokio::sync::oneshot::Receiver<Option<Vec<f64>>>;

/// Asks one featuriser on a thread that may block; `None` where there is no runtime for its budget.
fn ask(columns: Columns, given: Arc<(FeaturiserQuery, Vec<TipCandidate>)>) -> Option<Answer> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::try_current().ok()?;
    runtime.spawn_blocking(move || {
        let mut out = vec![0.0; given.1.len() * columns.names.len()];
        let answer = match columns.featuriser.values(&given.0, &given.1, &mut out) {
            Ok(()) => Some(out),
            Err(error) => {
                tracing::warn!(featuriser = columns.featuriser.name(), %error, "a featuriser failed");
                None
            }
        };
        // Nobody waits any more after the deadline.
        let _ = sender.send(answer);
    });
    Some(receiver)
}
