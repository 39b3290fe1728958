//! `oo migrate-policy`: what was learned over another feature schema, over this one.

use std::path::PathBuf;

use clap::Args;
use oo::Result;

use super::data::Data;
use super::output;
use super::verbs::close;

/// Migrates the policies of a store to a feature schema.
#[derive(Debug, Args)]
pub(super) struct MigratePolicy {
    /// The new schema as JSON; that of the settings, or the default, when absent
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

impl MigratePolicy {
    /// Migrates, and prints the registry as it is then.
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let mut settings = data.settings().clone();
        settings.schema_file = self.schema.or(settings.schema_file);
        let engine = data.builder()?.settings(settings).migrate().open().await?;
        let policies = engine.policies().await?;
        close(engine).await?;
        output::json(&policies)
    }
}
