//! A policy of the embedder's own, held to what the engine promises.
//!
//! Every probability it states is checked, its lessons never fail the log, and its saved state says which factory reads
//! it: `oO.custom.1`, then kind, settings, schema hash and the policy's own bytes, each with its u64 length in front, and
//! the SHA-256 of all before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::ports::{PolicyFactory, PolicyGround};
use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

const TAG: &[u8] = b"oO.custom.1";

/// A custom policy and what it stands on.
#[derive(Clone, Debug)]
pub(crate) struct CustomPolicy {
    kind: Arc<str>,
    ground: Arc<PolicyGround>,
    failures: Arc<AtomicU64>,
    inner: Arc<dyn Policy>,
}

impl CustomPolicy {
    /// The policy of `factory` that has learned nothing; `failures` counts what goes wrong later.
    pub(crate) fn fresh(
        factory: &dyn PolicyFactory,
        ground: PolicyGround,
        failures: Arc<AtomicU64>,
    ) -> Result<Arc<dyn Policy>> {
        let inner = factory.fresh(&ground)?;
        Ok(Arc::new(CustomPolicy { kind: Arc::from(factory.kind()), ground: Arc::new(ground), failures, inner }))
    }

    /// Whether `bytes` are a saved custom policy.
    pub(crate) fn is_saved(bytes: &[u8]) -> bool {
        bytes.starts_with(TAG)
    }

    /// The policy that was saved as `bytes`; `find` knows the factories by kind. The ground's settings are the saved ones.
    pub(crate) fn load<'a>(
        bytes: &[u8],
        ground: PolicyGround,
        failures: Arc<AtomicU64>,
        find: impl Fn(&str) -> Option<&'a dyn PolicyFactory>,
    ) -> Result<Arc<dyn Policy>> {
        let damaged = || Error::storage("a saved custom policy is damaged; restore the database from a backup");
        let (body, checksum) = bytes.split_at_checked(bytes.len().wrapping_sub(32)).ok_or_else(damaged)?;
        if Sha256::digest(body)[..] != *checksum {
            return Err(damaged());
        }
        let mut rest = body.strip_prefix(TAG).ok_or_else(damaged)?;
        let mut part = || take(&mut rest).ok_or_else(damaged);
        let kind = String::from_utf8(part()?.to_vec()).map_err(|_| damaged())?;
        let settings = String::from_utf8(part()?.to_vec()).map_err(|_| damaged())?;
        let schema: [u8; 32] = part()?.try_into().map_err(|_| damaged())?;
        let state = part()?;
        ground.schema.expect(oo_core::schema::SchemaHash(schema))?;
        let factory = find(&kind).ok_or_else(|| unknown(&kind))?;
        let ground = PolicyGround { settings, ..ground };
        let inner = factory.load(&ground, state)?;
        Ok(Arc::new(CustomPolicy { kind: Arc::from(kind), ground: Arc::new(ground), failures, inner }))
    }

    fn with(&self, inner: Arc<dyn Policy>) -> Arc<dyn Policy> {
        Arc::new(CustomPolicy { inner, ..self.clone() })
    }

    fn failed(&self, what: &str, error: &Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(policy = %self.kind, %error, "a custom policy failed to {what}");
    }

    fn check(&self, actions: &Actions<'_>, out: &Scored) -> Result<()> {
        let wrong = |what: String| {
            Err(Error::invalid("pmf", format!("the policy {:?} stated {what}; mend its distribution", self.kind)))
        };
        let (count, pmf) = (actions.count(), out.distribution.pmf());
        if pmf.len() != count || out.scores.len() != count {
            return wrong(format!("{} scores and {} probabilities of {count} candidates", out.scores.len(), pmf.len()));
        }
        if let Some(score) = out.scores.iter().find(|score| !score.is_finite()) {
            return wrong(format!("the score {score}"));
        }
        if let Some(p) = pmf.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return wrong(format!("the probability {p}"));
        }
        let sum: f64 = pmf.iter().sum();
        if (sum - 1.0).abs() > 1e-9 {
            return wrong(format!("probabilities that sum to {sum}"));
        }
        Ok(())
    }
}

/// The settings of a custom policy in the log: `{"type": kind, "custom": settings}`.
pub(crate) fn spec_of(factory: &dyn PolicyFactory) -> Result<String> {
    let settings: serde_json::Value = serde_json::from_str(&factory.settings()).map_err(|error| {
        Error::invalid("policy", format!("the settings of {:?} are no JSON: {error}", factory.kind()))
    })?;
    Ok(serde_json::json!({"type": factory.kind(), "custom": settings}).to_string())
}

/// The kind and the settings of a custom policy's `spec`; `None` for one of oO's own.
pub(crate) fn read_spec(spec: &str) -> Option<(String, String)> {
    let read: serde_json::Value = serde_json::from_str(spec).ok()?;
    Some((read.get("type")?.as_str()?.to_owned(), read.get("custom")?.to_string()))
}

/// The error about a kind without a factory.
pub(crate) fn unknown(kind: &str) -> Error {
    Error::incompatible(format!(
        "the store has a policy of the custom kind {kind:?}; open it with that policy's factory"
    ))
}

impl Policy for CustomPolicy {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        (out.estimated, out.bounded) = (false, Vec::new());
        self.inner.distribution(actions, out)?;
        self.check(actions, out)
    }

    /// Lessons that it cannot learn are counted and left out: the log goes on.
    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        match self.inner.learned(lessons) {
            Ok(inner) => Ok(self.with(inner)),
            Err(error) => {
                self.failed("learn", &error);
                Ok(Arc::new(self.clone()))
            }
        }
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        match self.inner.unlearned(lessons) {
            Ok(Unlearned::Exact(inner)) => Ok(Unlearned::Exact(self.with(inner))),
            Ok(Unlearned::Summed(inner)) => Ok(Unlearned::Summed(self.with(inner))),
            Ok(Unlearned::Rebuild) if lessons.is_empty() => Ok(Unlearned::Exact(Arc::new(self.clone()))),
            Ok(Unlearned::Rebuild) => Ok(Unlearned::Rebuild),
            Err(error) => {
                self.failed("unlearn", &error);
                Ok(Unlearned::Rebuild)
            }
        }
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        Ok(self.inner.explain(actions, index).unwrap_or_else(|error| {
            self.failed("explain", &error);
            Explanation::default()
        }))
    }

    fn save(&self) -> Vec<u8> {
        let mut out = TAG.to_vec();
        for part in
            [self.kind.as_bytes(), self.ground.settings.as_bytes(), &self.ground.schema.hash().0, &self.inner.save()]
        {
            out.extend_from_slice(&(part.len() as u64).to_le_bytes());
            out.extend_from_slice(part);
        }
        let checksum = Sha256::digest(&out);
        out.extend_from_slice(&checksum);
        out
    }

    fn identity(&self) -> PolicyIdentity {
        PolicyIdentity {
            kind: self.kind.to_string(),
            spec: format!("{{\"type\":{:?},\"custom\":{}}}", self.kind, self.ground.settings),
            schema: self.ground.schema.hash(),
            state: Sha256::digest(self.save()).into(),
            lessons: self.inner.identity().lessons,
        }
    }

    fn replays(&self) -> bool {
        self.inner.replays()
    }
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, tail) = rest.split_at_checked(8)?;
    let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (part, tail) = tail.split_at_checked(length)?;
    *rest = tail;
    Some(part)
}
