//! `oo backup FILE`, `oo restore FILE`, `oo compact` and `oo keys`

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use oo::{BackupRequest, CommandKey, Error, FileKey, Health, KeyProvider, Replayed, Restored, Result, SystemEntropy};
use serde::Serialize;

use super::data::Data;
use super::output;
use super::verbs::close;

/// Writes a whole, consistent copy of the data while they are used.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write. It holds neither the master key nor the list of forgotten people
    file: PathBuf,
    /// Replace a backup that is there
    #[arg(long)]
    overwrite: bool,
}

impl Backup {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let engine = data.existing()?.open().await?;
        let backup = engine.backup_with(BackupRequest { path: self.file, overwrite: self.overwrite }).await;
        close(engine).await?;
        output::json(&backup?)
    }
}

/// Brings a backup back.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
    /// Move the data that are there aside; without it they are left alone and nothing is restored
    #[arg(long)]
    replace: bool,
    /// Replay the restored log, and fail when anything differs from what is stored
    #[arg(long)]
    verify: bool,
}

/// What was restored, and how it is.
#[derive(Serialize)]
struct Done {
    #[serde(flatten)]
    restored: Restored,
    health: Health,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<Replayed>,
}

impl Restore {
    pub(super) async fn run(self, data: &Data) -> Result<ExitCode> {
        let builder = data.builder()?;
        let restored = builder.restore(&self.file, self.replace)?;
        // Opening forgets again whom the list names.
        let engine = builder.open().await?;
        let replayed = if self.verify { Some(engine.replay().await?) } else { None };
        let health = engine.health().await?;
        close(engine).await?;
        let list = restored.forgotten_list.clone();
        let differences = replayed.as_ref().map_or(0, |replayed| replayed.differences.len());
        output::json(&Done { restored, health, replayed })?;
        if list.lines.is_none() {
            output::remark(&format!(
                "oo: there is no list of forgotten people at {}, so nobody was forgotten again; if anybody was forgotten since the backup, put their list there and run any command",
                list.path.display()
            ));
        }
        if differences == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        output::remark(&format!("oo: {differences} differences; restore another backup, and report this as a defect"));
        Ok(ExitCode::FAILURE)
    }
}

/// Rewrites the database, so that unused parts of its pages keep nothing of what was erased.
pub(super) async fn compact(data: &Data) -> Result<()> {
    let engine = data.existing()?.open().await?;
    let compacted = engine.compact().await;
    close(engine).await?;
    compacted
}

/// The master key.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Print which key the data are wrapped by
    Status,
    /// Wrap the data by a new key
    Rotate(Rotate),
}

/// Where the new key is.
#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Take the new key from this file, which is made when there is none; for a key that oO may not replace itself
    #[arg(long, value_name = "FILE", conflicts_with = "new_key_command")]
    new_key_file: Option<PathBuf>,
    /// Take the new key from the output of this command, run without a shell
    #[arg(long, value_name = "COMMAND")]
    new_key_command: Option<String>,
    /// Do not keep the old key beside the new one: backups made until now are then opened by nothing but your own copy of it
    #[arg(long, conflicts_with_all = ["new_key_file", "new_key_command"])]
    discard_old_key: bool,
}

impl Keys {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let builder = data.existing()?;
        match self {
            Keys::Status => {
                let engine = builder.open().await?;
                let keys = engine.keys().await;
                close(engine).await?;
                output::json(&keys?)
            }
            Keys::Rotate(rotate) => {
                let new = rotate.new_key()?;
                let engine = builder.open().await?;
                let rotation = match new.clone() {
                    Some(new) => engine.rotate_key_to(new).await,
                    None => engine.rotate_key().await,
                };
                let discarded = match &rotation {
                    Ok(rotation) if rotate.discard_old_key => engine.discard_key(&rotation.from).await,
                    _ => Ok(false),
                };
                close(engine).await?;
                let rotation = rotation?;
                output::json(&rotation)?;
                discarded?;
                output::remark(&rotate.told(&rotation.from));
                Ok(())
            }
        }
    }
}

impl Rotate {
    fn new_key(&self) -> Result<Option<Arc<dyn KeyProvider>>> {
        Ok(match (&self.new_key_file, &self.new_key_command) {
            (Some(file), _) => Some(Arc::new(FileKey::new(file, Arc::new(SystemEntropy)))),
            (None, Some(command)) => {
                let key = CommandKey::new(command).map_err(|error| error.with_field("new_key_command"))?;
                Some(Arc::new(key))
            }
            (None, None) => None,
        })
    }

    /// What is to be done with the keys, of which the one before is known as `old`.
    fn told(&self, old: &str) -> String {
        let (what, variable) = match (&self.new_key_file, &self.new_key_command) {
            (Some(file), _) => (file.display().to_string(), "OO_MASTER_KEY_FILE"),
            (None, Some(_)) => ("the new command".to_owned(), "OO_MASTER_KEY_COMMAND"),
            (None, None) => {
                let kept = if self.discard_old_key {
                    "The old one was removed".to_owned()
                } else {
                    format!("The old one is beside it, as ….previous-{old}: remove it once no such backup is left")
                };
                return format!(
                    "oo: the new key is where the old one was: copy it to where you keep its backup. Backups of the data made until now need the old key. {kept}"
                );
            }
        };
        format!(
            "oo: the data need the new key from now on. Give {what} as {variable}, or put the key where the old one was, and restart every process that has the data open. Backups of the data made until now need the old key"
        )
    }
}

impl Data {
    /// A builder for the engine on data that are there: nothing is made on the way.
    fn existing(&self) -> Result<oo::EngineBuilder> {
        if !self.exists() {
            return Err(Error::not_found(format!(
                "there is no database at {}; pass the --data it is in",
                self.database().display()
            )));
        }
        self.builder()
    }
}
