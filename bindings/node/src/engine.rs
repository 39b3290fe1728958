//! The handle. It holds no verbs: each has a file of its own in `verbs/`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::Value;

use crate::components::{AskFunction, Asker, Declared, Features, JsFactory, JsFeaturiser, JsFunction, JsSource, Line};
use crate::door;

/// An engine, until it is closed: then its files are let go, without waiting for Node to collect the object.
#[napi]
pub struct NativeEngine {
    engine: Mutex<Option<oo::Engine>>,
    line: Arc<Line>,
}

impl Drop for NativeEngine {
    fn drop(&mut self) {
        // On the event loop: what waits for it would wait for ever.
        self.line.cut();
    }
}

impl NativeEngine {
    /// A handle for one call.
    pub(crate) fn handle(&self) -> oo::Result<oo::Engine> {
        let engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        engine.clone().ok_or_else(|| oo::Error::invalid("engine", "the engine is closed; open it again"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    path: PathBuf,
    settings: Option<Value>,
    policy: Option<Chosen>,
    #[serde(default)]
    shadows: BTreeMap<String, Chosen>,
    #[serde(default)]
    policies: Vec<Declared>,
    #[serde(default)]
    featurisers: Vec<Features>,
    time_budget_ms: Option<u64>,
    #[serde(default)]
    migrate: bool,
    schema: Option<Schema>,
    #[serde(default)]
    sources: Vec<String>,
    built_in_sources: Option<bool>,
    #[cfg(feature = "testing")]
    test_world: Option<PathBuf>,
}

/// A policy that was chosen: settings of one of oO's own, or the place of one of the caller's.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Chosen {
    Own(Value),
    Custom(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    features: Vec<oo::FeatureSpec>,
    norm_bound: Option<f64>,
}

/// Opens an engine; functions answer for the components of the same places in the options.
#[napi]
pub async fn open(
    args: String,
    sources: Vec<JsFunction>,
    #[napi(ts_arg_type = "((question: NativeQuestion) => void)[]")] policies: Vec<AskFunction>,
    #[napi(ts_arg_type = "((question: NativeQuestion) => void)[]")] featurisers: Vec<AskFunction>,
) -> napi::Result<NativeEngine> {
    door::contained(async {
        let options: Options = door::read(&args)?;
        let settings = settings(options.settings)?;
        let budget = Duration::from_millis(options.time_budget_ms.unwrap_or(settings.source_deadline_ms));
        let line = Arc::new(Line::default());
        let asker = |function| Asker::new(function, budget, line.clone());
        let factories: Vec<_> = options
            .policies
            .into_iter()
            .zip(policies)
            .map(|(declared, function)| Arc::new(JsFactory::new(declared, asker(function))))
            .collect();
        let mut builder = oo::Engine::builder(&options.path).settings(settings);
        if let Some(policy) = options.policy {
            builder = match made(&factories, policy)? {
                Made::Own(spec) => builder.policy(spec),
                Made::Custom(factory) => builder.custom_policy(factory),
            };
        }
        for (id, policy) in options.shadows {
            builder = match made(&factories, policy)? {
                Made::Own(spec) => builder.shadow(id, spec),
                Made::Custom(factory) => builder.custom_shadow(id, factory),
            };
        }
        if let Some(schema) = options.schema {
            builder = builder.schema(oo::FeatureSchema::new(schema.features, schema.norm_bound)?);
        }
        if options.migrate {
            builder = builder.migrate();
        }
        if options.built_in_sources == Some(false) {
            builder = builder.sources(Vec::new());
        }
        for (name, function) in options.sources.into_iter().zip(sources) {
            builder = builder.source(Arc::new(JsSource::new(name, function)));
        }
        for (declared, function) in options.featurisers.into_iter().zip(featurisers) {
            builder = builder.featuriser(Arc::new(JsFeaturiser::new(declared, asker(function))));
        }
        #[cfg(feature = "testing")]
        if let Some(world) = options.test_world {
            builder = builder.test_world(world)?;
        }
        Ok(NativeEngine { engine: Mutex::new(Some(builder.open().await?)), line })
    })
    .await
}

enum Made {
    Own(oo::PolicySpec),
    Custom(Arc<JsFactory>),
}

fn made(factories: &[Arc<JsFactory>], chosen: Chosen) -> oo::Result<Made> {
    match chosen {
        Chosen::Own(spec) => oo::PolicySpec::parse(&spec.to_string()).map(Made::Own),
        Chosen::Custom(place) => {
            let factory = factories.get(place).cloned();
            factory.map(Made::Custom).ok_or_else(|| oo::Error::internal("a policy has no function; report this"))
        }
    }
}

/// Settings over the defaults, or from the TOML file of that path, over which the environment goes.
pub(crate) fn settings(given: Option<Value>) -> oo::Result<oo::Settings> {
    match given {
        None => Ok(oo::Settings::default()),
        Some(Value::String(path)) => oo::Settings::load(Some(path.as_ref())),
        Some(given) => door::read(&given.to_string()),
    }
}

#[napi]
impl NativeEngine {
    /// Closes the engine; closing it again does nothing.
    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner).take();
        env.spawn_future(door::contained(async move {
            let Some(engine) = engine else { return Ok(()) };
            // Closing joins threads: the runtime's own go on, as sources and timers need them.
            let closed = tokio::task::spawn_blocking(move || engine.close()).await;
            closed
                .map_err(|error| oo::Error::internal(format!("closing did not end: {error}; report this as a defect")))
        }))
    }
}
