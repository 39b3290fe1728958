//! `import_export`: an export of a person, read back.

use std::collections::{BTreeMap, BTreeSet};

use oo_core::event::{EventBody, Preferences as Whole, Stored};
use oo_core::id::{EventId, Position};
use oo_core::moment::parse_rfc3339;
use oo_core::signal::{
    CalendarSignal, ContextSignal, Due, HabitSignal, MoodSignal, Signal, SignalBody, SignalKind, TaskSignal, TaskStatus,
};
use oo_core::{Error, Result};
use serde_json::Value;

use crate::engine::Engine;
use crate::event_json::{BodyLine, EventLine, SignalLine};
use crate::outcome::{Consents, Imported, Preferences};
use crate::run::Run;

/// The format of an export's header.
const FORMAT: &str = "oo.export.v1";
/// Signals of one commit.
const BATCH: usize = 1_000;

/// What an export holds that another store can take over, with the time at which each was said (Unix milliseconds).
#[derive(Default)]
struct Held {
    /// Each with the id of its event.
    signals: Vec<(EventId, Signal)>,
    consents: BTreeMap<SignalKind, (bool, i64)>,
    preferences: Option<(Whole, i64)>,
    skipped: u64,
}

/// What the store holds already of the person.
#[derive(Default)]
struct Known {
    events: BTreeSet<EventId>,
    consents: BTreeMap<SignalKind, (bool, i64)>,
    preferences: Option<(Whole, i64)>,
}

impl Known {
    fn of(run: &Run, user: &str) -> Result<Self> {
        let mut known = Known::default();
        let Some(record) = run.known(user)? else { return Ok(known) };
        for Stored { event, .. } in run.log.of_user(record.user, Position(0), Position(u64::MAX >> 1))? {
            known.events.insert(event.id);
            match event.body {
                EventBody::Consent { kind, granted } => _ = known.consents.insert(kind, (granted, event.moment.at_ms)),
                EventBody::Preferences(preferences) => known.preferences = Some((preferences, event.moment.at_ms)),
                _ => {}
            }
        }
        Ok(known)
    }
}

/// What an export of `user` holds that a store could take over, read as [`Engine::import_export`] reads it, with no store:
/// nothing of it is a duplicate yet.
///
/// # Errors
/// `invalid_input` about the first line that is wrong, or when the export is somebody else's; `incompatible` for one that a
/// newer oO wrote.
pub fn check_export(user: &str, export: &str) -> Result<Imported> {
    oo_core::signal::checked_id("user", user)?;
    let held = read(user, export)?;
    Ok(Imported {
        signals: held.signals.len() as u64,
        consents: held.consents.len() as u64,
        preferences: held.preferences.is_some(),
        skipped: held.skipped,
        ..Imported::default()
    })
}

impl Engine {
    /// Takes over what [`export`](Engine::export) gave of `user`: their signals with their texts, each once, and their
    /// consents and preferences as they stood, unless the store holds later ones. Decisions, answers and lessons belong to
    /// the store that drew them, whose probabilities mean nothing here: they are counted as skipped. Reading the same
    /// export again, or one into the store that it came from, changes nothing.
    ///
    /// # Errors
    /// `invalid_input` about the first line that is wrong, or when the export is somebody else's; nothing is stored then.
    /// `storage`, `busy`.
    pub async fn import_export(&self, user: &str, export: &str) -> Result<Imported> {
        oo_core::signal::checked_id("user", user)?;
        let held = read(user, export)?;
        let run = self.run();
        run.catch_up().await?;
        let known = Known::of(run, user)?;
        let mut imported = Imported { skipped: held.skipped, ..Imported::default() };
        if let Some((preferences, at_ms)) = held.preferences
            && known.preferences.is_none_or(|(known, at)| at_ms > at && known != preferences)
        {
            self.set_preferences(user, Preferences::from(preferences)).await?;
            imported.preferences = true;
        }
        // What was agreed to when it was said is agreed to while it is read; then consents stand as they stood.
        let later = held.consents.into_iter().filter(|(kind, (granted, at_ms))| {
            known.consents.get(kind).is_none_or(|(held, at)| at_ms > at && granted != held)
        });
        let (granted, denied): (BTreeMap<_, _>, BTreeMap<_, _>) =
            later.map(|(kind, (granted, _))| (kind, granted)).partition(|(_, granted)| *granted);
        imported.consents = (granted.len() + denied.len()) as u64;
        if !granted.is_empty() {
            self.set_consents(user, said(&granted)).await?;
        }
        let agreed = self.consents(user).await?;
        let mut signals = held.signals;
        signals.retain(|(event, signal)| {
            if known.events.contains(event) {
                imported.duplicates += 1;
                return false;
            }
            let takes = !denied.contains_key(&signal.kind()) && agreed.of(signal.kind()) != Some(false);
            imported.skipped += u64::from(!takes);
            takes
        });
        let signals: Vec<Signal> = signals.into_iter().map(|(_, signal)| signal).collect();
        for batch in signals.chunks(BATCH) {
            let ingested = self.ingest_all(user, batch.to_vec()).await?;
            imported.signals += ingested.accepted;
            imported.duplicates += ingested.duplicates;
        }
        if !denied.is_empty() {
            self.set_consents(user, said(&denied)).await?;
        }
        Ok(imported)
    }
}

fn said(kinds: &BTreeMap<SignalKind, bool>) -> Consents {
    let of = |kind| kinds.get(&kind).copied();
    Consents {
        task: of(SignalKind::Task),
        habit: of(SignalKind::Habit),
        calendar: of(SignalKind::Calendar),
        mood: of(SignalKind::Mood),
        context: of(SignalKind::Context),
    }
}

fn read(user: &str, export: &str) -> Result<Held> {
    let mut lines = export.lines().zip(1_u64..).filter(|(line, _)| !line.trim().is_empty());
    let header: Value = lines.next().and_then(|(line, _)| serde_json::from_str(line).ok()).unwrap_or_default();
    match (header["type"].as_str(), header["format"].as_str(), header["user"].as_str()) {
        (Some("export"), Some(FORMAT), Some(owner)) if owner == user => {}
        (Some("export"), Some(FORMAT), Some(_)) => {
            return Err(Error::invalid("user", "the export is of another person; read it for the one it names"));
        }
        (Some("export"), Some(format), _) if format != FORMAT => {
            let shown: String = format.chars().take(32).collect();
            return Err(Error::incompatible(format!("an export of format {shown:?} is of a newer oO; upgrade oO")));
        }
        _ => return Err(Error::invalid("export", "the first line is no header of an export; pass what `export` gave")),
    }
    let mut held = Held::default();
    for (line, number) in lines {
        let wrong = |error: &Error| {
            let field = error.field().map(str::to_owned);
            let told = Error::new(error.kind(), format!("line {number}: {}", error.message()));
            field.map_or_else(|| told.clone(), |field| told.clone().with_field(field))
        };
        let event = EventLine::parse(line).map_err(|error| wrong(&error))?;
        let texts: Value = serde_json::from_str(line).unwrap_or_default();
        match &event.body {
            BodyLine::Signal(fact) => match signal(&event, fact, &texts).map_err(|error| wrong(&error))? {
                Some(signal) => {
                    let id = EventId::parse(&event.event).map_err(|error| wrong(&error.with_field("event")))?;
                    held.signals.push((id, signal));
                }
                None => held.skipped += 1,
            },
            BodyLine::Consent { kind, granted } => {
                held.consents.insert(*kind, (*granted, parse_rfc3339("at", &event.at).map_err(|error| wrong(&error))?));
            }
            BodyLine::Preferences { preferences } => {
                let at_ms = parse_rfc3339("at", &event.at).map_err(|error| wrong(&error))?;
                held.preferences = Some((preferences.clone(), at_ms));
            }
            _ => held.skipped += 1,
        }
    }
    Ok(held)
}

/// The signal as it was given; none when its caller's id is not held any more.
fn signal(event: &EventLine, fact: &SignalLine, texts: &Value) -> Result<Option<Signal>> {
    let text = |name: &str| texts[name].as_str().map(str::to_owned);
    let instant = |name: &str, text: &str| parse_rfc3339(name, text);
    let needs_id = !matches!(fact, SignalLine::Mood { .. } | SignalLine::Context { .. });
    let id = match text("id") {
        Some(id) => id,
        None if needs_id => return Ok(None),
        None => String::new(),
    };
    let body = match fact {
        SignalLine::Task { status, due, due_day, due_timed, priority, effort_min, created, words, .. } => {
            let due = match (due, due_day) {
                (Some(due), _) if *due_timed => Some(Due::At(instant("due", due)?)),
                (_, Some(day)) => Some(Due::Day(*day)),
                _ => None,
            };
            // The title that is held may be of an earlier signal: one that came without has none.
            let title = if *words == 0 { String::new() } else { text("title").unwrap_or_default() };
            if title.is_empty() && *status == TaskStatus::Open {
                return Ok(None);
            }
            SignalBody::Task(TaskSignal {
                id,
                title,
                notes: text("notes").filter(|_| *status == TaskStatus::Open),
                due,
                priority: Some(*priority),
                effort_min: (*effort_min > 0).then_some(*effort_min),
                status: *status,
                created_ms: Some(instant("created", created)?),
            })
        }
        SignalLine::Habit { per_week, event_kind, .. } => SignalBody::Habit(HabitSignal {
            id,
            name: text("title").unwrap_or_default(),
            per_week: Some(*per_week),
            event: *event_kind,
        }),
        SignalLine::Calendar { start, end, busy, all_day, cancelled, .. } => SignalBody::Calendar(CalendarSignal {
            id,
            title: text("title").unwrap_or_default(),
            start_ms: instant("start", start)?,
            end_ms: instant("end", end)?,
            busy: *busy,
            all_day: *all_day,
            cancelled: *cancelled,
        }),
        SignalLine::Mood { level, energy } => {
            SignalBody::Mood(MoodSignal { level: *level, energy: *energy, note: text("notes") })
        }
        SignalLine::Context { name, value } => SignalBody::Context(ContextSignal { name: name.clone(), value: *value }),
    };
    let signal =
        Signal { body, signal_id: Some(format!("export-{}", event.event)), at_ms: Some(instant("at", &event.at)?) };
    signal.validate()?;
    Ok(Some(signal))
}
