//! The running engine: what every handle shares.
//!
//! One writer thread commits in groups and folds; every other thread reads immutable snapshots. Verbs live in
//! `verbs/`; this is the machinery below them.

mod backoff;
mod choices;
pub(crate) mod exports;
mod fold;
mod jobs;
mod lessons;
mod mind;
mod people;
mod projector;
mod relearn;
mod retention;
mod shadows;
mod sweep;
mod teach;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, RwLock};

use tokio::sync::oneshot;

use oo_core::eligibility::Eligibility;
use oo_core::event::{Event, PolicyRoleFact, Role, Stored};
use oo_core::features::{ConsentPolicy, FeatureAssembler};
use oo_core::id::{DecisionId, EventId, Position, Pseudonym};
use oo_core::moment::{Moment, Zone};
use oo_core::policy::Policy;
use oo_core::ports::{CandidateSource, Clock, Entropy, EventLog, EventSink, SecretStore, StateStore, Upkeep};
use oo_core::registry::{PolicyRegistry, STANDS_IN};
use oo_core::reward::RewardSpec;
use oo_core::schema::FeatureSchema;
use oo_core::user::{Applied, UserState};
use oo_core::{Error, Result};

pub(crate) use jobs::{
    ChooseWork, ConsentWork, ForgetWork, ReactWork, Reply, RetainWork, RewardWork, Who, Work, next_return,
    receipt_chain,
};
pub(crate) use mind::{Mind, REGISTRY, is_over_another_schema};
pub(crate) use people::{People, locked};
pub(crate) use projector::{score_rows, tip_row};
pub(crate) use shadows::ShadowJob;
pub(crate) use sweep::expired_event;
pub(crate) use writer::Writer;

use crate::bus::Bus;
use crate::featurise::Columns;
use crate::gather::Pool;
use crate::policies::PolicyMaker;
use crate::settings::Settings;

/// Everything the verbs share.
pub(crate) struct Run {
    /// Where the database is; absolute.
    pub(crate) path: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) store: Arc<dyn StateStore>,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) upkeep: Arc<dyn Upkeep>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) schema: Arc<FeatureSchema>,
    pub(crate) assembler: FeatureAssembler,
    pub(crate) eligibility: Eligibility,
    pub(crate) reward: RewardSpec,
    pub(crate) sources: Vec<Arc<dyn CandidateSource>>,
    pub(crate) featurisers: Vec<Columns>,
    pub(crate) bus: Arc<Bus>,
    pub(crate) maker: PolicyMaker,
    /// Serves where the champion fails.
    pub(crate) fallback: Arc<dyn Policy>,
    pub(crate) people: People,
    pub(crate) choices: choices::Choices,
    pub(crate) pool: Pool,
    pub(crate) counters: Counters,
    mind: RwLock<Arc<Mind>>,
    /// The last position this process committed or is committing: events up to it need no catching up.
    own_head: AtomicU64,
    /// Whether the last commit failed on the storage.
    failing: AtomicBool,
    /// When timers are looked at next (Unix milliseconds).
    next_sweep_ms: AtomicI64,
    jobs: Mutex<Option<Sender<writer::Job>>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    shadow_jobs: Mutex<Option<std::sync::mpsc::SyncSender<shadows::ShadowJob>>>,
    retention: Mutex<Option<retention::Stopper>>,
}

/// Things that are counted and shown by the metrics.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) decisions: AtomicU64,
    pub(crate) reactions: AtomicU64,
    pub(crate) choices: AtomicU64,
    pub(crate) signals: AtomicU64,
    pub(crate) parked: AtomicU64,
    pub(crate) parking_lapsed: AtomicU64,
    pub(crate) clamped: AtomicU64,
    pub(crate) source_failures: AtomicU64,
    pub(crate) featuriser_failures: AtomicU64,
    pub(crate) shadow_dropped: AtomicU64,
    pub(crate) shadow_failures: AtomicU64,
    pub(crate) projection_failures: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, amount: u64) {
        counter.fetch_add(amount, Ordering::Relaxed);
    }
}

/// What `Run` is made from.
pub(crate) struct Parts {
    pub(crate) path: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) store: Arc<dyn StateStore>,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) upkeep: Arc<dyn Upkeep>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) schema: Arc<FeatureSchema>,
    pub(crate) sources: Vec<Arc<dyn CandidateSource>>,
    pub(crate) featurisers: Vec<Columns>,
    pub(crate) sinks: Vec<Arc<dyn EventSink>>,
    pub(crate) maker: PolicyMaker,
    pub(crate) mind: Mind,
}

impl Run {
    pub(crate) fn new(parts: Parts) -> Result<Arc<Self>> {
        let eligibility = Eligibility {
            cool_down_h: parts.settings.cool_down_hours,
            max_candidates: parts.settings.candidates,
            ..Eligibility::default()
        };
        eligibility.validate()?;
        let people = People::new(parts.settings.cached_users);
        people.ask(&parts.mind.registry);
        Ok(Arc::new(Run {
            assembler: FeatureAssembler::new(parts.schema.clone(), oo_core::features::FreshnessLimits::default())?,
            eligibility,
            reward: RewardSpec::v1()?,
            people,
            choices: choices::Choices::default(),
            pool: Pool::default(),
            counters: Counters::default(),
            own_head: AtomicU64::new(parts.mind.position.0),
            mind: RwLock::new(Arc::new(parts.mind)),
            failing: AtomicBool::new(false),
            next_sweep_ms: AtomicI64::new(i64::MIN),
            jobs: Mutex::new(None),
            threads: Mutex::new(Vec::new()),
            shadow_jobs: Mutex::new(None),
            retention: Mutex::new(None),
            path: parts.path,
            settings: parts.settings,
            log: parts.log,
            store: parts.store,
            secrets: parts.secrets,
            upkeep: parts.upkeep,
            clock: parts.clock,
            entropy: parts.entropy,
            schema: parts.schema,
            sources: parts.sources,
            featurisers: parts.featurisers,
            fallback: parts.maker.fallback()?,
            bus: Arc::new(Bus::new(parts.sinks)),
            maker: parts.maker,
        }))
    }

    /// The policies as of now.
    pub(crate) fn mind(&self) -> Arc<Mind> {
        match self.mind.read() {
            Ok(mind) => mind.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    pub(crate) fn set_mind(&self, mind: Mind) {
        let mind = Arc::new(mind);
        match self.mind.write() {
            Ok(mut place) => *place = mind,
            Err(poisoned) => *poisoned.into_inner() = mind,
        }
    }

    /// Whether the store can be written, as far as is known; after a failure it is tried with a snapshot.
    pub(crate) fn can_write(&self) -> bool {
        if !self.failing.load(Ordering::Relaxed) {
            return true;
        }
        let snapshot = self.mind().save();
        let written = self.log.transact(&mut |tx| tx.save_snapshot(&snapshot)).is_ok();
        self.failing.fetch_and(!written, Ordering::Relaxed);
        written
    }

    /// Hands `work` to the writer and waits for its answer, which comes after its commit is on disk.
    pub(crate) async fn submit(&self, work: Work) -> Result<Reply> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(writer::Job { work, reply: Some(reply) })?;
        answer.await.map_err(|_| closed())?
    }

    /// As [`submit`](Run::submit) for each of `works`, which share commits.
    pub(crate) async fn submit_all(&self, works: impl Iterator<Item = Work>) -> Vec<Result<Reply>> {
        let submit = |work| {
            let (reply, answer) = oneshot::channel();
            self.enqueue(writer::Job { work, reply: Some(reply) }).map(|()| answer)
        };
        let answers: Vec<_> = works.map(submit).collect();
        let mut replies = Vec::with_capacity(answers.len());
        for answer in answers {
            replies.push(match answer {
                Ok(answer) => answer.await.unwrap_or_else(|_| Err(closed())),
                Err(error) => Err(error),
            });
        }
        replies
    }

    /// As [`submit`](Run::submit), for a thread that may wait.
    pub(crate) fn submit_blocking(&self, work: Work) -> Result<Reply> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(writer::Job { work, reply: Some(reply) })?;
        answer.blocking_recv().map_err(|_| closed())?
    }

    /// Hands `work` to the writer without waiting.
    pub(crate) fn submit_later(&self, work: Work) -> Result<()> {
        self.enqueue(writer::Job { work, reply: None })
    }

    fn enqueue(&self, job: writer::Job) -> Result<()> {
        let jobs = self.jobs.lock().map_err(|_| closed())?;
        jobs.as_ref().ok_or_else(closed)?.send(job).map_err(|_| closed())
    }

    /// Makes sure that everything acknowledged before this call, in any process, has been learned, and that no timer
    /// that is due has been left waiting for more than a second.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        if self.jobs.lock().map_or(true, |jobs| jobs.is_none()) {
            return Err(closed());
        }
        let head = self.log.head()?.0;
        let known = self.own_head.load(Ordering::Acquire).max(self.mind().position.0);
        let now_ms = self.clock.now_ms();
        if head > known || now_ms >= self.next_sweep_ms.load(Ordering::Acquire) {
            self.submit(Work::Sync { flush: false }).await?;
        }
        Ok(())
    }

    /// As [`catch_up`](Run::catch_up), and projections are written up to the head.
    pub(crate) async fn flush(&self) -> Result<()> {
        self.submit(Work::Sync { flush: true }).await.map(|_| ())
    }

    /// The instant `at_ms` where `user`'s preferences say they are.
    pub(crate) fn moment(&self, zone: &str, at_ms: i64) -> (Zone, Moment) {
        let zone = self.people.zone(zone);
        let moment = zone.moment(at_ms);
        (zone, moment)
    }

    pub(crate) fn new_event_id(&self, now_ms: i64) -> Result<EventId> {
        Ok(EventId::v7(now_ms, &self.entropy.bytes("event")?))
    }

    pub(crate) fn new_decision_id(&self, now_ms: i64) -> Result<DecisionId> {
        Ok(DecisionId::v7(now_ms, &self.entropy.bytes("decision")?))
    }

    /// Whether `kind` is agreed to by the person whose consents are `said`.
    pub(crate) fn consents(
        &self,
        said: &std::collections::BTreeMap<oo_core::signal::SignalKind, bool>,
        kind: oo_core::signal::SignalKind,
    ) -> bool {
        said.get(&kind).copied().unwrap_or(self.settings.consent_by_default)
    }

    /// Loads the state of `user`, folded up to at least `mind().position`.
    pub(crate) fn state(&self, user: Pseudonym) -> Result<people::StateHandle> {
        self.people.state(user, || self.mind().position, &*self.log, &self.folder())
    }

    /// As [`state`](Run::state), for one who holds the fold lock: folded up to `through` at least.
    pub(crate) fn load(&self, user: Pseudonym, through: Position) -> Result<people::StateHandle> {
        self.people.load(user, through, &*self.log, &self.folder())
    }

    /// Folds `event` into `state`.
    pub(crate) fn apply(&self, state: &mut UserState, position: Position, event: &Event) -> Result<Applied> {
        let consent = ConsentPolicy { default_granted: self.settings.consent_by_default };
        self.maker.schemas().apply(&self.assembler, consent, state, position, event)
    }

    fn folder(&self) -> impl Fn(&mut UserState, &Stored) -> Result<()> + '_ {
        |state, stored| self.apply(state, stored.position, &stored.event).map(|_| ())
    }

    /// Drops what is remembered of a person who was forgotten elsewhere. Under the fold lock: a batch that is being folded
    /// keeps its states.
    pub(crate) fn forget_cached(&self, user: Pseudonym) {
        let _fold = self.people.folding();
        self.people.forget(user.digest());
        self.pool.forget(user.digest());
    }

    /// Stops the threads after what is queued has been done; a final snapshot is written.
    pub(crate) fn close(&self) {
        self.bus.close();
        self.stop_retention();
        if let Ok(mut shadows) = self.shadow_jobs.lock() {
            shadows.take();
        }
        if let Ok(mut jobs) = self.jobs.lock()
            && let Some(jobs) = jobs.take()
        {
            // The writer ends when it sees this, or when the channel is gone.
            let _ = jobs.send(writer::Job { work: Work::Stop, reply: None });
        }
        let threads = match self.threads.lock() {
            Ok(mut threads) => std::mem::take(&mut *threads),
            Err(_) => return,
        };
        for thread in threads {
            // A thread that closes the engine itself must not wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }

    /// The registry after a change of role. A policy that is new, or was retired, is taught everything the log holds before
    /// `position`.
    pub(crate) fn with_role(
        &self,
        registry: &PolicyRegistry,
        fact: &PolicyRoleFact,
        position: Position,
    ) -> Result<PolicyRegistry> {
        registry.with_role(fact, &|fact| {
            let policy = self.maker.enter(fact)?;
            let through = Position(position.0 - 1);
            match (fact.role, &*fact.reason) {
                (Role::Retired, _) => Ok(policy),
                // A forgetting is what it stands in for: an epoch begins before it serves.
                (_, STANDS_IN) => self.taught(policy, through, |policy, lessons| policy.summed(lessons)),
                _ => self.taught(policy, through, |policy, lessons| policy.learned(lessons)),
            }
        })
    }

    pub(crate) fn set_own_head(&self, position: Position) {
        self.own_head.fetch_max(position.0, Ordering::AcqRel);
    }
}

/// The error of an engine that was closed.
pub(crate) fn closed() -> Error {
    Error::new(oo_core::ErrorKind::InvalidInput, "the engine is closed; open it again")
}
