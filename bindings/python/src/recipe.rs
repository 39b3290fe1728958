//! How an engine is opened: the arguments of `oo.Engine`, read once and used again after a fork.

use std::path::PathBuf;

use oo::{Error, FeatureSchema, FeatureSpec, PolicySpec, Result, Settings};
use pyo3::prelude::*;
use serde::Deserialize;

use crate::convert::{entries, form, is_mapping};
use crate::error::{invalid, raise};
use crate::policies::{Policy, spec_of};

/// The arguments of `oo.Engine`.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) path: PathBuf,
    policy: Option<PolicySpec>,
    shadows: Vec<(String, PolicySpec)>,
    settings: Settings,
    schema: Option<FeatureSchema>,
    #[cfg(feature = "testing")]
    pub(crate) world: Option<PathBuf>,
}

/// The JSON form of a schema.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemaForm {
    features: Vec<FeatureSpec>,
    norm_bound: Option<f64>,
}

impl Recipe {
    /// Reads the arguments.
    pub(crate) fn new(
        path: &Bound<'_, PyAny>,
        policy: Option<&Bound<'_, PyAny>>,
        shadows: Option<&Bound<'_, PyAny>>,
        settings: Option<&Bound<'_, PyAny>>,
        schema: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Recipe {
            path: path_of(path)?,
            policy: policy.map(policy_of).transpose()?,
            shadows: shadows.map(shadows_of).transpose()?.unwrap_or_default(),
            settings: settings.map(settings_of).transpose()?.unwrap_or_default(),
            schema: schema.map(schema_of).transpose()?,
            #[cfg(feature = "testing")]
            world: None,
        })
    }

    /// Opens the engine.
    pub(crate) fn open(&self) -> Result<oo::blocking::Engine> {
        let mut builder = oo::Engine::builder(&self.path).settings(self.settings.clone());
        if let Some(policy) = &self.policy {
            builder = builder.policy(policy.clone());
        }
        for (id, spec) in &self.shadows {
            builder = builder.shadow(id.clone(), spec.clone());
        }
        if let Some(schema) = &self.schema {
            builder = builder.schema(schema.clone());
        }
        #[cfg(feature = "testing")]
        if let Some(world) = &self.world {
            builder = builder.test_world(world)?;
        }
        oo::blocking::Engine::from_builder(builder)
    }
}

/// The path, absolute: a process that changes its folder still means the same file.
fn path_of(given: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let path: PathBuf = given.extract()?;
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(invalid(given.py(), "path", "a path holds no null character; take it out"));
    }
    // Not a file: refused when it is opened.
    let nowhere = path.as_os_str().is_empty() || path.as_os_str() == ":memory:";
    Ok(if nowhere { path } else { std::path::absolute(&path).unwrap_or(path) })
}

/// The settings of a policy: an `oo.Policy` without `dim`, or its settings as a mapping or JSON.
fn policy_of(given: &Bound<'_, PyAny>) -> PyResult<PolicySpec> {
    match given.cast::<Policy>() {
        Ok(policy) => policy.get().settings_for_engine(given.py()),
        Err(_) => spec_of(given),
    }
}

/// Shadows: a mapping of ids to policies, or policies that are named after their kind.
fn shadows_of(given: &Bound<'_, PyAny>) -> PyResult<Vec<(String, PolicySpec)>> {
    if is_mapping(given)? {
        let named = entries(given)?;
        return named.iter().map(|(id, policy)| Ok((id.extract()?, policy_of(&policy)?))).collect();
    }
    let mut shadows: Vec<(String, PolicySpec)> = Vec::new();
    for policy in given.try_iter()? {
        let spec = policy_of(&policy?)?;
        let before = shadows.iter().filter(|(_, known)| known.kind() == spec.kind()).count();
        let id = if before == 0 { spec.kind().to_owned() } else { format!("{}-{}", spec.kind(), before + 1) };
        shadows.push((id, spec));
    }
    Ok(shadows)
}

/// Settings: a mapping over the defaults, or the path of a TOML file, over which the environment goes.
fn settings_of(given: &Bound<'_, PyAny>) -> PyResult<Settings> {
    let py = given.py();
    if is_mapping(given)? {
        return form("settings", given);
    }
    let path: PathBuf =
        given.extract().map_err(|_| invalid(py, "settings", "pass a dict of settings or the path of a TOML file"))?;
    Settings::load(Some(&path)).map_err(|error| raise(py, &error))
}

/// A schema: a list of `{"name", "range", "prior"}`, or `{"features": […], "norm_bound": …}`.
fn schema_of(given: &Bound<'_, PyAny>) -> PyResult<FeatureSchema> {
    let py = given.py();
    let read = if is_mapping(given)? {
        form("schema", given)?
    } else {
        SchemaForm { features: form("schema", given)?, norm_bound: None }
    };
    FeatureSchema::new(read.features, read.norm_bound).map_err(|error: Error| raise(py, &error))
}
