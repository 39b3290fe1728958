//! Settings: plain data with defaults, from a file and the environment. Components enter through the builder.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use oo_core::retention::Limits;
use oo_core::{Error, Result};

/// How the engine behaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The share of decisions drawn uniformly, whatever the policy says; 0 to 0.5.
    pub holdout: f64,
    /// Whether a kind of signal is agreed to until a person says otherwise.
    pub consent_by_default: bool,
    /// How long sources that answer later may take, in milliseconds.
    pub source_deadline_ms: u64,
    /// The most candidates of one source.
    pub candidates_per_source: usize,
    /// The most candidates of one decision.
    pub candidates: usize,
    /// How long a candidate rests after a reaction, in hours.
    pub cool_down_hours: u32,
    /// People whose state is kept in memory.
    pub cached_users: usize,
    /// Lessons after which a snapshot is written, at most four times a second.
    pub snapshot_every: u64,
    /// The feature schema as JSON; the default schema when absent.
    pub schema_file: Option<PathBuf>,
    /// The master key's file; `PATH.key` beside the database when neither it nor a command is given.
    pub master_key_file: Option<PathBuf>,
    /// A command that prints the master key, run without a shell: a program and its arguments. Put no secret in it.
    pub master_key_command: Option<String>,
    /// The list of forgotten pseudonyms' hashes; `PATH.forgotten` beside the database when absent. Keep it out of backups:
    /// it is what keeps a restored backup from bringing people back.
    pub forgotten_file: Option<PathBuf>,
    /// Days for which tasks are held; for ever when absent, as for the others.
    pub retain_task_days: Option<u32>,
    /// Days for which habits are held.
    pub retain_habit_days: Option<u32>,
    /// Days for which calendar entries are held.
    pub retain_calendar_days: Option<u32>,
    /// Days for which moods are held.
    pub retain_mood_days: Option<u32>,
    /// Days for which named numbers of the moment are held.
    pub retain_context_days: Option<u32>,
    /// Days for which decisions and what came of them are held, 9 at least. Their lessons stay.
    pub retain_decision_days: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            holdout: 0.05,
            consent_by_default: true,
            source_deadline_ms: 150,
            candidates_per_source: 16,
            candidates: 64,
            cool_down_hours: 20,
            cached_users: 20_000,
            snapshot_every: 256,
            schema_file: None,
            master_key_file: None,
            master_key_command: None,
            forgotten_file: None,
            retain_task_days: None,
            retain_habit_days: None,
            retain_calendar_days: None,
            retain_mood_days: None,
            retain_context_days: None,
            retain_decision_days: None,
        }
    }
}

impl Settings {
    /// The defaults, then the TOML file at `path` where there is one, then the environment (`OO_HOLDOUT=0.1`).
    ///
    /// # Errors
    /// `invalid_input` for an unknown name, a wrong type or a value out of range.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Settings::default()));
        if let Some(path) = path {
            figment = figment.merge(Toml::file_exact(path));
        }
        let names = [
            "holdout",
            "consent_by_default",
            "source_deadline_ms",
            "candidates_per_source",
            "candidates",
            "cool_down_hours",
            "cached_users",
            "snapshot_every",
            "schema_file",
            "master_key_file",
            "master_key_command",
            "forgotten_file",
            "retain_task_days",
            "retain_habit_days",
            "retain_calendar_days",
            "retain_mood_days",
            "retain_context_days",
            "retain_decision_days",
        ];
        figment = figment.merge(Env::prefixed("OO_").only(&names));
        let settings: Settings = figment.extract().map_err(|error| {
            Error::invalid("settings", format!("{error}; the known names are {}", names.join(", ")))
        })?;
        settings.validate()?;
        Ok(settings)
    }

    /// Checks ranges.
    ///
    /// # Errors
    /// `invalid_input` about the first setting that is out of range.
    pub fn validate(&self) -> Result<()> {
        let checks = [
            ("holdout", (0.0..=0.5).contains(&self.holdout), "a share between 0 and 0.5"),
            ("source_deadline_ms", self.source_deadline_ms <= 60_000, "at most 60000 milliseconds"),
            ("candidates_per_source", (1..=1_024).contains(&self.candidates_per_source), "1 to 1024"),
            ("candidates", (1..=1_024).contains(&self.candidates), "1 to 1024"),
            ("cool_down_hours", self.cool_down_hours <= 8_760, "0 to 8760 hours"),
            ("cached_users", self.cached_users >= 1, "at least 1"),
            ("snapshot_every", self.snapshot_every >= 64, "at least 64"),
        ];
        for (name, holds, range) in checks {
            if !holds {
                return Err(Error::invalid(name, format!("the setting must be {range}")));
            }
        }
        self.retention().validate()
    }

    /// For how long what is held.
    #[must_use]
    pub fn retention(&self) -> Limits {
        Limits {
            task: self.retain_task_days,
            habit: self.retain_habit_days,
            calendar: self.retain_calendar_days,
            mood: self.retain_mood_days,
            context: self.retain_context_days,
            decision: self.retain_decision_days,
        }
    }
}
