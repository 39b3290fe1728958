//! The feature schema: what a policy sees, named, ordered, ranged and hashed.
//!
//! A policy, a saved state and every decision carry the schema's hash; they meet only where the hashes are equal,
//! never by zero-filling. The prior weights are part of it: they are the mean θ₀ that a cold linear model starts from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::grid::Grid;

/// The most features a schema may have.
pub const MAX_FEATURES: usize = 4096;
/// How a store of another schema is migrated, for the messages of errors.
pub const HOW_TO_MIGRATE: &str = "`oo migrate-policy`, or open it with migrate() in Rust, migrate=True in Python, \
                                  migrate: true in Node";
/// The largest magnitude of one prior weight.
pub const MAX_PRIOR: f64 = 1.0;

/// One feature: a name, a declared range, and the weight a cold model gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSpec {
    /// The name; a catalogue feature, or one that the caller supplies with candidates or context signals.
    pub name: String,
    /// The declared range.
    pub range: Grid,
    /// θ₀ of this feature, within ±[`MAX_PRIOR`].
    #[serde(default)]
    pub prior: f64,
}

impl FeatureSpec {
    /// A feature `name` in `lo..=hi` with no prior weight.
    ///
    /// # Errors
    /// `invalid_input` when the range is none.
    pub fn new(name: impl Into<String>, lo: f64, hi: f64) -> Result<Self> {
        let name = name.into();
        let range = Grid::new(lo, hi).map_err(|error| error.with_field(name.clone()))?;
        Ok(FeatureSpec { name, range, prior: 0.0 })
    }

    /// The same feature with prior weight `prior`.
    #[must_use]
    pub fn with_prior(mut self, prior: f64) -> Self {
        self.prior = prior;
        self
    }
}

/// The SHA-256 of a schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SchemaHash(pub [u8; 32]);

impl std::fmt::Debug for SchemaHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::id::hex(&self.0))
    }
}

/// Named, ordered features. Immutable; its hash is stable across machines and languages.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureSchema {
    features: Vec<FeatureSpec>,
    norm_bound: Option<f64>,
    hash: SchemaHash,
}

impl FeatureSchema {
    /// A schema of `features`; assembled vectors longer than `norm_bound` are shortened to it before rounding.
    ///
    /// # Errors
    /// `invalid_input` for no or too many features, an empty or double name, a prior weight beyond ±[`MAX_PRIOR`],
    /// or a bound that is not positive.
    pub fn new(features: Vec<FeatureSpec>, norm_bound: Option<f64>) -> Result<Self> {
        if features.is_empty() || features.len() > MAX_FEATURES {
            return Err(Error::invalid(
                "features",
                format!("a schema has 1 to {MAX_FEATURES} features, not {}", features.len()),
            ));
        }
        let mut names = BTreeSet::new();
        for feature in &features {
            crate::signal::checked_id("features", &feature.name)?;
            if !names.insert(feature.name.as_str()) {
                return Err(Error::invalid(
                    "features",
                    format!("{:?} is named twice; give each feature its own name", feature.name),
                ));
            }
            if feature.prior.is_nan() || feature.prior.abs() > MAX_PRIOR {
                return Err(Error::invalid(
                    "prior",
                    format!("the prior weight of {:?} must lie within ±{MAX_PRIOR}", feature.name),
                ));
            }
        }
        if norm_bound.is_some_and(|bound| bound.is_nan() || bound <= 0.0) {
            return Err(Error::invalid("norm_bound", "the bound must be a positive number, or absent"));
        }
        let hash = digest(&features, norm_bound);
        Ok(FeatureSchema { features, norm_bound, hash })
    }

    /// The schema of bare arrays: `dim` columns `x0`, `x1`, … that share one range, without a prior.
    ///
    /// # Errors
    /// `invalid_input` when `dim` is 0 or too large, or the range is none.
    pub fn raw(dim: usize, lo: f64, hi: f64) -> Result<Self> {
        if dim == 0 || dim > MAX_FEATURES {
            return Err(Error::invalid("dim", format!("dim must be 1 to {MAX_FEATURES}, not {dim}")));
        }
        let features = (0..dim).map(|column| FeatureSpec::new(format!("x{column}"), lo, hi)).collect::<Result<_>>()?;
        FeatureSchema::new(features, None)
    }

    /// The number of features.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.features.len()
    }

    /// The features, in order.
    #[must_use]
    pub fn features(&self) -> &[FeatureSpec] {
        &self.features
    }

    /// The bound on an assembled vector's Euclidean norm.
    #[must_use]
    pub fn norm_bound(&self) -> Option<f64> {
        self.norm_bound
    }

    /// The stable hash: names, ranges, priors, bound and order.
    #[must_use]
    pub fn hash(&self) -> SchemaHash {
        self.hash
    }

    /// Where the feature `name` stands.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<usize> {
        self.features.iter().position(|feature| feature.name == name)
    }

    /// Whether this is `old` with features appended: the same features first, in the same order, under the same bound.
    #[must_use]
    pub fn extends(&self, old: &FeatureSchema) -> bool {
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
        self.features.starts_with(&old.features) && same(self.norm_bound.unwrap_or(0.0), old.norm_bound.unwrap_or(0.0))
    }

    /// The schema as JSON: `{"features": [{"name", "range": [lo, hi], "prior"}], "norm_bound"}`.
    ///
    /// # Errors
    /// `internal` when it does not serialise.
    pub fn to_json(&self) -> Result<String> {
        let form = Form { features: self.features.clone(), norm_bound: self.norm_bound };
        serde_json::to_string(&form).map_err(|error| Error::internal(format!("a schema does not serialise: {error}")))
    }

    /// The schema that `json` says.
    ///
    /// # Errors
    /// `invalid_input` for text that is no such JSON, and as [`new`](FeatureSchema::new).
    pub fn parse(json: &str) -> Result<Self> {
        let form: Form = serde_json::from_str(json).map_err(|error| {
            let message = format!(
                "this is no feature schema ({error}); write {{\"features\": [{{\"name\": …, \"range\": [lo, hi]}}]}}"
            );
            Error::invalid("schema", message)
        })?;
        FeatureSchema::new(form.features, form.norm_bound)
    }

    /// Checks that a saved thing with `hash` belongs to this schema.
    ///
    /// # Errors
    /// `incompatible`, about the field `schema`, when it does not.
    pub fn expect(&self, hash: SchemaHash) -> Result<()> {
        if hash == self.hash {
            return Ok(());
        }
        Err(Error::incompatible(format!(
            "the saved state has feature schema {hash:?}, the engine has {:?}; open it with the schema it was learned \
             with, or migrate it: {HOW_TO_MIGRATE}",
            self.hash
        ))
        .with_field("schema"))
    }
}

/// A schema in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    features: Vec<FeatureSpec>,
    #[serde(default)]
    norm_bound: Option<f64>,
}

fn digest(features: &[FeatureSpec], norm_bound: Option<f64>) -> SchemaHash {
    let mut hash = Sha256::new();
    hash.update(b"oo.schema.v1");
    hash.update((features.len() as u64).to_le_bytes());
    for feature in features {
        hash.update((feature.name.len() as u64).to_le_bytes());
        hash.update(feature.name.as_bytes());
        for number in [feature.range.lo(), feature.range.hi(), feature.prior] {
            // + 0.0 folds a negative zero into zero, so that equal schemas hash equally.
            hash.update((number + 0.0).to_bits().to_le_bytes());
        }
    }
    hash.update(norm_bound.unwrap_or(0.0).to_bits().to_le_bytes());
    SchemaHash(hash.finalize().into())
}
