//! A long log on disk: what an engine has written after 50 days of 10,000 people, each with one tip a day.
//!
//! The events are written through the store alone, in commits of 64 decisions and their reactions, because making them
//! by asking an engine would take longer than everything that is measured on them. The first opening then folds them
//! all and leaves projections and a snapshot, as any engine does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo::id::{DecisionId, EventId, ItemKey, Position, Pseudonym};
use oo::moment::{DAY_MS, HOUR_MS, Moment};
use oo::{
    ArmKey, Clock as _, Entropy, Event, EventBody, FeatureSchema, Mode, PolicySpec, Reaction, ShownMode, TipKind,
};
use oo_core::decision::{CandidateFact, Decision, Exploration, PolicyRef};
use oo_core::id::UserKey;
use oo_core::ports::{Entry, EventLog, NewUser, StateStore, TextField, TextWrite, UserRecord};

use crate::Outcome;
use crate::catalogue::{self, Catalogue};

/// People in the log.
pub(crate) const PEOPLE: usize = 10_000;
/// Decisions in the log, each with its reaction.
pub(crate) const PAIRS: usize = 500_000;
/// Candidates of a decision.
const CANDIDATES: usize = 10;
/// Decisions of a commit.
const COMMIT: usize = 64;
/// How long after its decision a reaction comes.
const THINKING_MS: i64 = 90_000;

/// A file with a long log.
pub(crate) struct LongLog {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl LongLog {
    /// Writes the log of an engine that serves `policy`, and opens and closes that engine once. With `OO_LONG_LOG=FOLDER`
    /// it is kept there and copied from there the next time.
    pub(crate) async fn write(policy: &str) -> Outcome<Self> {
        let folder = tempfile::tempdir_in(".")?;
        let path = folder.path().join("oo.db");
        let kept = std::env::var_os("OO_LONG_LOG").map(PathBuf::from);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.join("oo.db").exists()) {
            copy(kept, folder.path())?;
            return Ok(LongLog { _folder: folder, path });
        }
        // The champion enters the log in front of everything else.
        builder(&path)?.policy(PolicySpec::parse(policy)?).open().await?.close();
        write(&path)?;
        let oo = builder(&path)?.open().await?;
        oo.health().await?;
        oo.close();
        if let Some(kept) = kept {
            std::fs::create_dir_all(&kept)?;
            copy(folder.path(), &kept)?;
        }
        Ok(LongLog { _folder: folder, path })
    }

    /// An engine on the log, not open yet.
    pub(crate) fn builder(&self) -> Outcome<oo::EngineBuilder> {
        builder(&self.path)
    }

    /// Deletes what was saved of the policies: they are to be learned anew.
    pub(crate) fn drop_snapshots(&self) -> Outcome<()> {
        rusqlite::Connection::open(&self.path)?.execute("DELETE FROM snapshots", [])?;
        Ok(())
    }

    /// Makes `policy` the one that entered the log in front of everything else.
    pub(crate) fn enter_instead(&self, policy: &str) -> Outcome<()> {
        let conn = rusqlite::Connection::open(&self.path)?;
        let bytes: Vec<u8> = conn.query_row("SELECT bytes FROM events WHERE position = 1", [], |row| row.get(0))?;
        let mut event = oo_store::codec::decode(&bytes)?;
        let EventBody::PolicyRole(fact) = &mut event.body else { return Err("no policy entered first".into()) };
        fact.spec = serde_json::to_string(&PolicySpec::parse(policy)?)?;
        conn.execute("UPDATE events SET bytes = ?1 WHERE position = 1", [oo_store::codec::encode(&event)?])?;
        self.drop_snapshots()
    }
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    for file in ["oo.db", "oo.db.key"] {
        std::fs::copy(from.join(file), to.join(file))?;
    }
    Ok(())
}

fn builder(path: &Path) -> Outcome<oo::EngineBuilder> {
    catalogue::builder(path, Arc::new(Catalogue::new(CANDIDATES)))
}

/// Counts up: people, keys and ids need only differ.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn bytes(&self, _: &'static str) -> oo::Result<[u8; 32]> {
        let mut state = self.0.fetch_add(1, Ordering::Relaxed);
        Ok(std::array::from_fn(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        }))
    }
}

fn write(path: &Path) -> Outcome<()> {
    let entropy = Arc::new(Counting((1 << 40).into()));
    let key = oo_store::FileKey::beside(path, entropy.clone());
    let store = oo_store::open(path, Arc::new(key), entropy.clone())?;
    let mut people = Vec::with_capacity(PEOPLE);
    for number in 0..PEOPLE {
        let mut pseudonym = [0; 16];
        pseudonym.copy_from_slice(&entropy.bytes("pseudonym")?[..16]);
        let new = NewUser { user: Pseudonym(pseudonym), key: UserKey::new(entropy.bytes("key")?) };
        people.push(store.user(&format!("u{number}"), Some(new))?.ok_or("no person was made")?);
    }
    let mut author = Author {
        entropy,
        schema: catalogue::schema()?,
        began_ms: oo::SystemClock.now_ms() - HOUR_MS - 50 * DAY_MS,
        state: 17,
    };
    for commit in 0..PAIRS.div_ceil(COMMIT) {
        let numbers = commit * COMMIT..PAIRS.min((commit + 1) * COMMIT);
        let mut entries = Vec::with_capacity(2 * COMMIT);
        let mut reactions = Vec::with_capacity(COMMIT);
        for number in numbers {
            let (decision, reaction) = author.pair(number, &people[number % PEOPLE])?;
            entries.push(decision);
            reactions.push(reaction);
        }
        entries.append(&mut reactions);
        store.transact(&mut |tx| entries.iter().try_for_each(|entry| tx.append(entry).map(|_| ())))?;
    }
    Ok(())
}

/// Writes decisions and reactions.
struct Author {
    entropy: Arc<Counting>,
    schema: FeatureSchema,
    began_ms: i64,
    state: u64,
}

impl Author {
    fn pair(&mut self, number: usize, person: &UserRecord) -> Outcome<(Entry, Entry)> {
        #[allow(clippy::cast_possible_wrap, reason = "at most half a million")]
        let at_ms = self.began_ms + number as i64 * (50 * DAY_MS / PAIRS as i64);
        let decision = self.decision(at_ms)?;
        let id = decision.id;
        let decided = Event {
            id: EventId(id.0),
            moment: Moment::utc(at_ms),
            recorded_ms: at_ms,
            user: Some(person.user),
            body: EventBody::Decision(Arc::new(decision)),
        };
        let text = r#"{"v":1,"id":"c3","content":"Candidate number 3","category":"other","candidates":10,"why":{}}"#;
        let reaction = if number.is_multiple_of(3) { Reaction::Done } else { Reaction::Dismiss { reason: None } };
        let reacted = Event {
            id: EventId::v7(at_ms + THINKING_MS, &self.entropy.bytes("event")?),
            moment: Moment::utc(at_ms + THINKING_MS),
            recorded_ms: at_ms + THINKING_MS,
            user: Some(person.user),
            body: EventBody::Reaction { decision: id, reaction },
        };
        let texts = vec![TextWrite { item: ItemKey(id.0), field: TextField::Tip, text: text.to_owned() }];
        let decided = Entry { key: Some(person.key.clone()), texts, ..Entry::new(decided) };
        Ok((decided, Entry::new(reacted)))
    }

    fn decision(&mut self, at_ms: i64) -> Outcome<Decision> {
        let mut candidates = Vec::with_capacity(CANDIDATES);
        for _ in 0..CANDIDATES {
            let bytes = self.entropy.bytes("item")?;
            let (mut key, mut content) = ([0; 16], [0; 16]);
            key.copy_from_slice(&bytes[..16]);
            content.copy_from_slice(&bytes[16..]);
            candidates.push(CandidateFact {
                key: ItemKey(key),
                content_hash: ItemKey(content),
                arm: ArmKey::new("advice/other"),
                kind: TipKind::Advice,
                source: Arc::from("bench"),
                expires_ms: None,
            });
        }
        candidates.sort_by_key(|candidate| candidate.key);
        let values = crate::decide::numbers(&mut self.state, CANDIDATES * catalogue::DIM);
        let grids = self.schema.features().iter().cycle();
        let share = 1.0 / CANDIDATES as f64;
        Ok(Decision {
            id: DecisionId::v7(at_ms, &self.entropy.bytes("decision")?),
            request: None,
            mode: Mode::Pull,
            shown: ShownMode::OnAnswer,
            candidates,
            features: values.iter().zip(grids).map(|(value, feature)| feature.range.clamped(*value)).collect(),
            scores: crate::decide::numbers(&mut self.state, CANDIDATES),
            bounded: Vec::new(),
            pmf: vec![share; CANDIDATES],
            #[allow(clippy::cast_possible_truncation, reason = "less than the number of candidates")]
            drawn: ((self.state >> 33) % CANDIDATES as u64) as u32,
            holdout: false,
            exploration: Exploration { epsilon: 0.05, holdout: 0.05 },
            policy: PolicyRef { id: Arc::from("main"), version: 1 },
            fallback: false,
            learned_through: Position(1),
            epoch: 0,
            schema: self.schema.hash(),
            reward_spec: 1,
            removals: Vec::new(),
            expires_ms: None,
            prompt_version: None,
            llm_model: None,
            latency_us: 60,
            heard: Vec::new(),
        })
    }
}
