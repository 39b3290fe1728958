//! `backup`, `compact`, and `restore`, which needs no open engine.

use std::path::PathBuf;

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::Value;

use crate::door::{self, count};
use crate::engine::{NativeEngine, settings};

/// A backup that was made.
#[napi(object, object_from_js = false)]
pub struct Backup {
    /// The file.
    pub path: String,
    /// Its length.
    pub bytes: i64,
    /// The last event in it.
    pub position: i64,
    /// Which life of the store it was made of, hexadecimal.
    pub incarnation: String,
    /// The id of the master key that opens it, hexadecimal: keep that key as long as the backup.
    #[napi(js_name = "key_id")]
    pub key_id: String,
}

impl From<oo::Backup> for Backup {
    fn from(from: oo::Backup) -> Self {
        let oo::Backup { path, bytes, position, incarnation, key_id } = from;
        Backup { path: path.display().to_string(), bytes: count(bytes), position: count(position), incarnation, key_id }
    }
}

/// A backup that was restored.
#[napi(object, object_from_js = false)]
pub struct Restored {
    /// The database.
    pub path: String,
    /// The last event in it.
    pub position: i64,
    /// The life that begins with it, hexadecimal.
    pub incarnation: String,
    /// The id of the master key that opens it, hexadecimal.
    #[napi(js_name = "key_id")]
    pub key_id: String,
    /// Wrapped keys that were opened, to see that they do.
    pub keys: i64,
    /// Where the database is that was there before; forgetting does not reach it.
    pub replaced: Option<String>,
    /// Whom opening it forgets again.
    #[napi(js_name = "forgotten_list")]
    pub forgotten_list: ForgottenList,
}

/// The list of people who were forgotten, as a restore found it.
#[napi(object, object_from_js = false)]
pub struct ForgottenList {
    /// Where it is, or has to be.
    pub path: String,
    /// How many people are on it; none where there is no list: then nobody is forgotten again.
    pub lines: Option<i64>,
}

impl From<oo::ForgottenList> for ForgottenList {
    fn from(from: oo::ForgottenList) -> Self {
        let oo::ForgottenList { path, lines } = from;
        ForgottenList { path: path.display().to_string(), lines: lines.map(count) }
    }
}

impl From<oo::Restored> for Restored {
    fn from(from: oo::Restored) -> Self {
        let oo::Restored { path, position, incarnation, key_id, keys, replaced, forgotten_list } = from;
        Restored {
            path: path.display().to_string(),
            position: count(position),
            incarnation,
            key_id,
            keys: count(keys),
            replaced: replaced.map(|path| path.display().to_string()),
            forgotten_list: forgotten_list.into(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupArgs {
    path: PathBuf,
    #[serde(default)]
    overwrite: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RestoreArgs {
    backup: PathBuf,
    path: PathBuf,
    #[serde(default)]
    replace: bool,
    settings: Option<Value>,
}

#[napi]
impl NativeEngine {
    /// Writes a copy of the store.
    #[napi]
    pub fn backup<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Backup>> {
        door::run(env, self, async move |engine| {
            let args: BackupArgs = door::read(&args)?;
            let request = oo::BackupRequest { path: args.path, overwrite: args.overwrite };
            engine.backup_with(request).await.map(Backup::from)
        })
    }

    /// Rewrites the whole database.
    #[napi]
    pub fn compact<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        door::run(env, self, async move |engine| engine.compact().await)
    }
}

/// Restores a backup.
#[napi]
pub async fn restore(args: String) -> napi::Result<Restored> {
    door::contained(async {
        let args: RestoreArgs = door::read(&args)?;
        let builder = oo::Engine::builder(&args.path).settings(settings(args.settings)?);
        // The runtime's own threads go on meanwhile.
        let restored = tokio::task::spawn_blocking(move || builder.restore(args.backup, args.replace)).await;
        restored
            .map_err(|error| oo::Error::internal(format!("restoring did not end: {error}; report this as a defect")))?
            .map(Restored::from)
    })
    .await
}
