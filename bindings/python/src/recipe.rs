//! How an engine is opened: the arguments of `oo.Engine`, read once and used again after a fork.

use std::path::PathBuf;
use std::sync::Arc;

use oo::{CandidateSource, Error, FeatureSchema, FeatureSpec, Featuriser, PolicyFactory, PolicySpec, Result, Settings};
use pyo3::prelude::*;
use serde::Deserialize;

use crate::components::{PyFactory, PyFeaturiser, PySource, is_policy};
use crate::convert::{entries, form, is_mapping};
use crate::error::{invalid, raise};
use crate::policies::{Policy, spec_of};

/// The arguments of `oo.Engine`.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) path: PathBuf,
    policy: Option<Choice>,
    shadows: Vec<(String, Choice)>,
    sources: Vec<Arc<dyn CandidateSource>>,
    built_in_sources: bool,
    featurisers: Vec<Arc<dyn Featuriser>>,
    settings: Settings,
    schema: Option<FeatureSchema>,
    pub(crate) migrate: bool,
    #[cfg(feature = "testing")]
    pub(crate) world: Option<PathBuf>,
}

/// A policy that was chosen: one of oO's own, or an object.
#[derive(Clone, Debug)]
enum Choice {
    Own(PolicySpec),
    Custom(Arc<dyn PolicyFactory>),
}

impl Choice {
    fn kind(&self) -> &str {
        match self {
            Choice::Own(spec) => spec.kind(),
            Choice::Custom(factory) => factory.kind(),
        }
    }
}

/// The arguments of `oo.Engine` that are objects.
#[derive(Default)]
pub(crate) struct Components<'py> {
    pub(crate) policy: Option<Bound<'py, PyAny>>,
    pub(crate) shadows: Option<Bound<'py, PyAny>>,
    pub(crate) sources: Option<Bound<'py, PyAny>>,
    pub(crate) built_in_sources: bool,
    pub(crate) featurisers: Option<Bound<'py, PyAny>>,
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
        components: &Components<'_>,
        settings: Option<&Bound<'_, PyAny>>,
        schema: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Recipe {
            path: path_of(path)?,
            policy: components.policy.as_ref().map(policy_of).transpose()?,
            shadows: components.shadows.as_ref().map(shadows_of).transpose()?.unwrap_or_default(),
            sources: each(components.sources.as_ref(), |one| Ok(Arc::new(PySource::new(one)?) as _))?,
            built_in_sources: components.built_in_sources,
            featurisers: each(components.featurisers.as_ref(), |one| Ok(Arc::new(PyFeaturiser::new(one)?) as _))?,
            settings: settings.map(settings_of).transpose()?.unwrap_or_default(),
            schema: schema.map(schema_of).transpose()?,
            migrate: false,
            #[cfg(feature = "testing")]
            world: None,
        })
    }

    /// Opens the engine.
    pub(crate) fn open(&self) -> Result<oo::blocking::Engine> {
        let mut builder = oo::Engine::builder(&self.path).settings(self.settings.clone());
        if let Some(policy) = &self.policy {
            builder = match policy.clone() {
                Choice::Own(spec) => builder.policy(spec),
                Choice::Custom(factory) => builder.custom_policy(factory),
            };
        }
        for (id, shadow) in &self.shadows {
            builder = match shadow.clone() {
                Choice::Own(spec) => builder.shadow(id.clone(), spec),
                Choice::Custom(factory) => builder.custom_shadow(id.clone(), factory),
            };
        }
        if !self.built_in_sources {
            builder = builder.sources(Vec::new());
        }
        for source in &self.sources {
            builder = builder.source(source.clone());
        }
        for featuriser in &self.featurisers {
            builder = builder.featuriser(featuriser.clone());
        }
        if let Some(schema) = &self.schema {
            builder = builder.schema(schema.clone());
        }
        if self.migrate {
            builder = builder.migrate();
        }
        #[cfg(feature = "testing")]
        if let Some(world) = &self.world {
            builder = builder.test_world(world)?;
        }
        oo::blocking::Engine::from_builder(builder)
    }
}

/// The path, absolute: a process that changes its folder still means the same file.
pub(crate) fn path_of(given: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let path: PathBuf = given.extract()?;
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(invalid(given.py(), "path", "a path holds no null character; take it out"));
    }
    // Not a file: refused when it is opened.
    let nowhere = path.as_os_str().is_empty() || path.as_os_str() == ":memory:";
    Ok(if nowhere { path } else { std::path::absolute(&path).unwrap_or(path) })
}

/// A policy: an `oo.Policy` without `dim`, its settings as a mapping or JSON, or an object of the caller's own.
fn policy_of(given: &Bound<'_, PyAny>) -> PyResult<Choice> {
    if let Ok(policy) = given.cast::<Policy>() {
        return policy.get().settings_for_engine(given.py()).map(Choice::Own);
    }
    if is_policy(given)? {
        return Ok(Choice::Custom(Arc::new(PyFactory::new(given)?)));
    }
    spec_of(given).map(Choice::Own)
}

/// The components of an iterable.
fn each<T>(given: Option<&Bound<'_, PyAny>>, one: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>) -> PyResult<Vec<T>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    given.try_iter()?.map(|given| one(&given?)).collect()
}

/// Shadows: a mapping of ids to policies, or policies that are named after their kind.
fn shadows_of(given: &Bound<'_, PyAny>) -> PyResult<Vec<(String, Choice)>> {
    if is_mapping(given)? {
        let named = entries(given)?;
        return named.iter().map(|(id, policy)| Ok((id.extract()?, policy_of(&policy)?))).collect();
    }
    let mut shadows: Vec<(String, Choice)> = Vec::new();
    for policy in given.try_iter()? {
        let spec = policy_of(&policy?)?;
        let before = shadows.iter().filter(|(_, known)| known.kind() == spec.kind()).count();
        let id = if before == 0 { spec.kind().to_owned() } else { format!("{}-{}", spec.kind(), before + 1) };
        shadows.push((id, spec));
    }
    Ok(shadows)
}

/// Settings: a mapping over the defaults, or the path of a TOML file, over which the environment goes.
pub(crate) fn settings_of(given: &Bound<'_, PyAny>) -> PyResult<Settings> {
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
