//! The handle. It holds no verbs: each has a file of its own in `verbs/`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::Value;

use crate::components::{JsFunction, JsSource};
use crate::door;

/// An engine, until it is closed: then its files are let go, without waiting for Node to collect the object.
#[napi]
pub struct NativeEngine {
    engine: Mutex<Option<oo::Engine>>,
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
    policy: Option<Value>,
    #[serde(default)]
    shadows: BTreeMap<String, Value>,
    schema: Option<Schema>,
    #[serde(default)]
    sources: Vec<String>,
    built_in_sources: Option<bool>,
    #[cfg(feature = "testing")]
    test_world: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    features: Vec<oo::FeatureSpec>,
    norm_bound: Option<f64>,
}

/// Opens an engine; `functions` answer for the sources of the same places in the options.
#[napi]
pub async fn open(args: String, functions: Vec<JsFunction>) -> napi::Result<NativeEngine> {
    door::contained(async {
        let options: Options = door::read(&args)?;
        let mut builder = oo::Engine::builder(&options.path).settings(settings(options.settings)?);
        if let Some(policy) = options.policy {
            builder = builder.policy(oo::PolicySpec::parse(&policy.to_string())?);
        }
        for (id, policy) in options.shadows {
            builder = builder.shadow(id, oo::PolicySpec::parse(&policy.to_string())?);
        }
        if let Some(schema) = options.schema {
            builder = builder.schema(oo::FeatureSchema::new(schema.features, schema.norm_bound)?);
        }
        if options.built_in_sources == Some(false) {
            builder = builder.sources(Vec::new());
        }
        for (name, function) in options.sources.into_iter().zip(functions) {
            builder = builder.source(Arc::new(JsSource::new(name, function)));
        }
        #[cfg(feature = "testing")]
        if let Some(world) = options.test_world {
            builder = builder.test_world(world)?;
        }
        Ok(NativeEngine { engine: Mutex::new(Some(builder.open().await?)) })
    })
    .await
}

/// Settings over the defaults, or from the TOML file of that path, over which the environment goes.
fn settings(given: Option<Value>) -> oo::Result<oo::Settings> {
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
            if let Some(engine) = engine {
                engine.close();
            }
            Ok(())
        }))
    }
}
