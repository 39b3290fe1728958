//! A policy over another schema than the engine's: it sees its own columns, by their names.
//!
//! After a change of schema the policy that served goes on over the columns it knows, while its successor over the new
//! schema proves itself as a shadow. A column that the new schema has not got is 0 for it; a value is held to the range
//! that the policy learned with.

use std::fmt;
use std::sync::Arc;

use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};

/// The tag in front of a saved one.
const TAG: &[u8; 8] = b"oOproj_1";

/// The policy, its schema, and where the engine's schema has its columns.
#[derive(Clone)]
pub(crate) struct Projected {
    inner: Arc<dyn Policy>,
    own: Arc<FeatureSchema>,
    columns: Arc<[Option<usize>]>,
    engine: Arc<FeatureSchema>,
}

impl fmt::Debug for Projected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projected").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl Projected {
    /// `inner`, which is over `own`, in an engine over `engine`.
    pub(crate) fn new(inner: Arc<dyn Policy>, own: Arc<FeatureSchema>, engine: Arc<FeatureSchema>) -> Self {
        let columns = own.features().iter().map(|feature| engine.index(&feature.name)).collect();
        Projected { inner, own, columns, engine }
    }

    /// The policy's own schema.
    pub(crate) fn own(&self) -> &Arc<FeatureSchema> {
        &self.own
    }

    /// Whether `bytes` are a saved one.
    pub(crate) fn is_saved(bytes: &[u8]) -> bool {
        bytes.starts_with(TAG)
    }

    /// Reads what [`save`](Policy::save) wrote; `load` reads the policy over its own schema.
    pub(crate) fn load(
        bytes: &[u8],
        engine: Arc<FeatureSchema>,
        load: impl FnOnce(&[u8], &FeatureSchema) -> Result<Arc<dyn Policy>>,
    ) -> Result<Self> {
        let damaged =
            || Error::storage("the saved policy is damaged; restore the database from a backup, or replay it");
        let rest = bytes.strip_prefix(TAG).ok_or_else(damaged)?;
        let (len, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (json, inner) = rest.split_at_checked(u32::from_le_bytes(*len) as usize).ok_or_else(damaged)?;
        let own = FeatureSchema::parse(std::str::from_utf8(json).map_err(|_| damaged())?)?;
        Ok(Projected::new(load(inner, &own)?, Arc::new(own), engine))
    }

    fn successor(&self, inner: Arc<dyn Policy>) -> Self {
        Projected { inner, ..self.clone() }
    }

    fn values(&self, actions: &Actions<'_>) -> Result<Vec<f64>> {
        let dim = self.engine.dim();
        if actions.dim != dim || actions.values.len() != dim * actions.count() {
            return Err(Error::invalid("values", format!("the candidates do not have the schema's {dim} columns")));
        }
        let mut values = Vec::with_capacity(actions.count() * self.own.dim());
        for row in actions.values.chunks_exact(dim) {
            for (column, feature) in self.columns.iter().zip(self.own.features()) {
                let range = feature.range;
                let value = column.map_or(0.0, |column| row[column]);
                values.push(range.value(range.clamped(value.clamp(range.lo(), range.hi()))));
            }
        }
        Ok(values)
    }

    fn integers(&self, x: &[i16]) -> Result<Arc<[i16]>> {
        if x.len() != self.engine.dim() {
            let message = format!("the lesson has {} features, the schema {}", x.len(), self.engine.dim());
            return Err(Error::invalid("x", message));
        }
        let own = self.columns.iter().zip(self.own.features()).map(|(column, feature)| {
            let value = column.map_or(0.0, |column| self.engine.features()[column].range.value(x[column]));
            feature.range.clamped(value.clamp(feature.range.lo(), feature.range.hi()))
        });
        Ok(own.collect())
    }

    fn lessons(&self, lessons: &[Lesson]) -> Result<Vec<Lesson>> {
        let own = |lesson: &Lesson| {
            let centre = lesson.centre.as_deref().map(|centre| self.integers(centre)).transpose()?;
            Ok(Lesson { x: self.integers(&lesson.x)?, centre, ..lesson.clone() })
        };
        lessons.iter().map(own).collect()
    }
}

impl Policy for Projected {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let values = self.values(actions)?;
        self.inner.distribution(&Actions { dim: self.own.dim(), values: &values, ..*actions }, out)
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(self.successor(self.inner.learned(&self.lessons(lessons)?)?)))
    }

    fn summed(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(self.successor(self.inner.summed(&self.lessons(lessons)?)?)))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        Ok(match self.inner.unlearned(&self.lessons(lessons)?)? {
            Unlearned::Exact(inner) => Unlearned::Exact(Arc::new(self.successor(inner))),
            Unlearned::Summed(inner) => Unlearned::Summed(Arc::new(self.successor(inner))),
            Unlearned::Rebuild => Unlearned::Rebuild,
        })
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let values = self.values(actions)?;
        let own = self.inner.explain(&Actions { dim: self.own.dim(), values: &values, ..*actions }, index)?;
        let mut contributions = vec![0.0; if own.contributions.is_empty() { 0 } else { self.engine.dim() }];
        for (column, contribution) in self.columns.iter().zip(&own.contributions) {
            if let Some(column) = *column {
                contributions[column] = *contribution;
            }
        }
        Ok(Explanation { contributions, ..own })
    }

    fn save(&self) -> Vec<u8> {
        let json = self.own.to_json().unwrap_or_default();
        let mut out = TAG.to_vec();
        out.extend_from_slice(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(json.as_bytes());
        out.extend_from_slice(&self.inner.save());
        out
    }

    fn replays(&self) -> bool {
        self.inner.replays()
    }

    fn identity(&self) -> PolicyIdentity {
        self.inner.identity()
    }
}
