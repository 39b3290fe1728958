//! The command line: what may be asked, and how each answer and each error leaves.
//!
//! Answers go to the standard output, everything else to the standard error. The exit code is 2 for a call that is
//! itself wrong, 1 for any other failure.

mod data;
mod events;
mod import;
mod migrate;
mod output;
mod serve;
mod upkeep;
mod verbs;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use oo::{Error, ErrorKind, Result};

use data::Data;

/// oO: one perfectly-timed tip.
#[derive(Debug, Parser)]
#[command(name = "oo", version, about, disable_help_subcommand = false)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    verb: Verb,
}

/// Where things are.
#[derive(Debug, Args)]
struct Place {
    /// The folder of the database; its master key is FOLDER.key beside it
    #[arg(long, global = true, value_name = "DIR", env = "OO_DATA", default_value = "./oo-data")]
    data: PathBuf,
    /// A TOML file of settings; the environment (OO_HOLDOUT=0.1) wins over it
    #[arg(long, global = true, value_name = "FILE", env = "OO_CONFIG")]
    config: Option<PathBuf>,
}

/// Who it is about.
#[derive(Debug, Args)]
struct Who {
    /// The person
    #[arg(long, value_name = "ID", default_value = crate::http::person::ME)]
    user: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve the page and the HTTP interface
    Serve(serve::Serve),
    /// Ask for a tip
    Tip(verbs::Tip),
    /// Say what became of a tip
    React(verbs::React),
    /// Read a Todoist CSV export, an iCalendar file or JSON lines
    Import(import::ImportFile),
    /// Print everything that is held about a person, as JSON lines, or write it to a file
    Export(verbs::Export),
    /// Forget a person: their data, their keys, and what was learned from them
    Forget(Who),
    /// Print the receipts of forgettings, newest first; they name nobody
    Receipts(verbs::Receipts),
    /// Check a receipt of a forgetting against the log
    VerifyReceipt(verbs::VerifyReceipt),
    /// Erase what has been held for longer than the settings say
    Retain,
    /// Fold the log anew, and compare
    Replay(verbs::Replay),
    /// Bring the policies to another feature schema, and print the registry
    MigratePolicy(migrate::MigratePolicy),
    /// Read what was committed, as JSON lines
    #[command(subcommand)]
    Events(events::Events),
    /// Write a copy of the data to a file, while they are used
    Backup(upkeep::Backup),
    /// Bring a backup back
    Restore(upkeep::Restore),
    /// Rewrite the data, so that nothing of what was erased is left in unused parts of the file
    Compact,
    /// The master key: which one it is, and changing it
    #[command(subcommand)]
    Keys(upkeep::Keys),
    /// Print how the engine is
    Health,
    /// Print openapi.json
    Openapi,
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(if error.kind() == ErrorKind::InvalidInput { 2 } else { 1 })
        }
    }
}

impl Cli {
    fn run(self) -> Result<ExitCode> {
        let data = Data::new(&self.place.data, self.place.config.as_deref())?;
        let done = |()| ExitCode::SUCCESS;
        match self.verb {
            Verb::Serve(serve) => serve.run(&data).map(done),
            Verb::Tip(tip) => wait(tip.run(&data))?.map(done),
            Verb::React(react) => wait(react.run(&data))?.map(done),
            Verb::Import(import) => wait(import.run(&data))?.map(done),
            Verb::Export(export) => wait(export.run(&data))?.map(done),
            Verb::Forget(who) => wait(verbs::forget(&data, &who.user))?.map(done),
            Verb::Receipts(receipts) => wait(receipts.run(&data))?.map(done),
            Verb::VerifyReceipt(verify) => wait(verify.run(&data))?,
            Verb::Retain => wait(verbs::retain(&data))?.map(done),
            Verb::Replay(replay) => wait(replay.run(&data))?,
            Verb::MigratePolicy(migrate) => wait(migrate.run(&data))?.map(done),
            Verb::Events(events) => wait(events.run(&data))?.map(done),
            Verb::Backup(backup) => wait(backup.run(&data))?.map(done),
            Verb::Restore(restore) => wait(restore.run(&data))?,
            Verb::Compact => wait(upkeep::compact(&data))?.map(done),
            Verb::Keys(keys) => wait(keys.run(&data))?.map(done),
            Verb::Health => wait(verbs::health(&data))?.map(done),
            Verb::Openapi => output::text(&crate::routes::openapi()?).map(done),
        }
    }
}

/// Runs a verb to its end on this thread.
fn wait<T>(verb: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::internal(format!("no runtime: {error}")))?;
    Ok(runtime.block_on(verb))
}
