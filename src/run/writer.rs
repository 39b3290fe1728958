//! The one writer: takes what waits, commits it together, folds it, teaches it, and only then answers.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use oo_core::id::Position;
use oo_core::ports::Transaction;
use oo_core::{Error, ErrorKind, Result};

use super::backoff::Backoff;
use super::fold::Folding;
use super::jobs::{Reply, Work, next_return, unexpected};
use super::projector::Projector;
use super::{Counters, Run, exports, sweep};
use crate::world::stopwatch;

/// The most jobs of one commit.
const BATCH: usize = 512;
/// How long projections may wait.
const PROJECT_EVERY: Duration = Duration::from_millis(250);
/// Rows after which projections are written at once.
const PROJECT_ROWS: usize = 8_000;
/// How long a snapshot that is due waits after the one before: each waits for the disk.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(250);
/// How often timers are looked at.
pub(super) const SWEEP_MS: i64 = 1_000;
/// Events read at once from the log.
const PAGE: usize = 2_000;

/// Work and where its answer goes.
pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) reply: Option<oneshot::Sender<Result<Reply>>>,
}

impl Job {
    /// Whether the write-ahead log is to be truncated before it is answered. Retention asks for that once, at its end.
    fn scrubs(&self) -> bool {
        matches!(self.work, Work::Scrub) || self.erases() && !matches!(self.work, Work::Retain(_))
    }

    /// Whether it may leave a policy withdrawn.
    fn erases(&self) -> bool {
        match &self.work {
            Work::Consent(consent) => consent.denies(),
            work => matches!(work, Work::Forget(_) | Work::Retain(_)),
        }
    }

    fn is_alone(&self) -> bool {
        self.erases() || matches!(self.work, Work::Person(_) | Work::Role(_) | Work::Return)
    }
}

/// The writer thread's state.
pub(crate) struct Writer {
    run: Arc<Run>,
    projector: Projector,
    projected_at: Instant,
    saved_at: Instant,
    /// Whether erased bytes still wait for the write-ahead log to be truncated.
    unscrubbed: bool,
    /// When truncating it is tried again.
    scrubbing: Backoff,
    /// When the rebuild of a withdrawn policy is tried again.
    rebuilding: Backoff,
}

impl Writer {
    /// Folds the tail of the log and starts the thread. Projections resume after `projected`.
    pub(crate) fn start(run: &Arc<Run>, projected: Position) -> Result<()> {
        let (sender, receiver) = channel();
        let mut writer = Writer {
            run: run.clone(),
            projector: Projector::new(projected),
            projected_at: stopwatch(),
            saved_at: stopwatch(),
            unscrubbed: false,
            scrubbing: Backoff::default(),
            rebuilding: Backoff::default(),
        };
        writer.resume(projected)?;
        let thread = std::thread::Builder::new()
            .name("oo-writer".to_owned())
            .spawn(move || writer.serve(&receiver))
            .map_err(|error| Error::internal(format!("no thread for the writer: {error}")))?;
        if let Ok(mut jobs) = run.jobs.lock() {
            *jobs = Some(sender);
        }
        if let Ok(mut threads) = run.threads.lock() {
            threads.push(thread);
        }
        Ok(())
    }

    /// Restart = snapshot + tail. Where projections are behind the snapshot, folding starts there and teaches nothing
    /// that the snapshot knows already.
    fn resume(&mut self, projected: Position) -> Result<()> {
        let mut mind = (*self.run.mind()).clone();
        mind.position = mind.position.min(projected);
        self.projector = Projector::new(mind.position);
        let run = self.run.clone();
        let fold = run.people.folding();
        let after = mind.position;
        let mut folding = Folding::new(mind, after);
        self.read_tail(&mut folding)?;
        folding.settle()?;
        self.adopt(folding);
        drop(fold);
        Ok(())
    }

    fn read_tail(&self, folding: &mut Folding) -> Result<()> {
        loop {
            let events = self.run.log.read(folding.mind.position, PAGE)?;
            let done = events.len() < PAGE;
            folding.absorb(&self.run, events)?;
            folding.settle()?;
            // These are committed already: a long tail is told page by page rather than gathered.
            self.run.bus.publish(&folding.news.take());
            if done {
                return Ok(());
            }
        }
    }

    fn serve(mut self, receiver: &Receiver<Job>) {
        loop {
            let first = match receiver.recv_timeout(PROJECT_EVERY) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let mut jobs: Vec<Job> = first.into_iter().collect();
            while jobs.len() < BATCH && !jobs.is_empty() {
                match receiver.try_recv() {
                    Ok(job) => jobs.push(job),
                    Err(_) => break,
                }
            }
            let stop = jobs.iter().any(|job| matches!(job.work, Work::Stop));
            if jobs.is_empty() {
                // Time passes also while nobody asks.
                self.sweep_or_warn();
                self.follow_or_warn();
                if self.rebuilding.is_due(stopwatch()) {
                    self.return_or_warn();
                }
            } else {
                self.batch(jobs);
            }
            if self.projector.has_news()
                && (self.projector.len() > PROJECT_ROWS || self.projected_at.elapsed() >= PROJECT_EVERY || stop)
            {
                self.project();
            }
            self.snapshot(stop);
            if stop {
                break;
            }
        }
    }

    /// Commits jobs together and answers them.
    fn batch(&mut self, jobs: Vec<Job>) {
        let flush = jobs.iter().any(|job| matches!(job.work, Work::Sync { flush: true }));
        let (erases, scrubs) = (jobs.iter().any(Job::erases), jobs.iter().any(Job::scrubs));
        let mut replies = Vec::with_capacity(jobs.len());
        // An erasure and a change of role read what is committed, and a person is made at once: each has a transaction of
        // its own.
        for group in jobs.chunk_by(|a, b| !a.is_alone() && !b.is_alone()) {
            if let [Job { work: Work::Person(caller_id), .. }] = group {
                replies.push(self.run.make_person(caller_id).map(Reply::Person));
                continue;
            }
            match self.commit(group) {
                Ok(answers) => replies.extend(answers),
                // What cannot be read or written may be one job's alone: the others are done without it.
                Err(error) if error.kind() == ErrorKind::Storage && group.len() > 1 => {
                    replies.extend(
                        group.iter().map(|job| self.commit(slice::from_ref(job))?.pop().ok_or_else(unexpected)?),
                    );
                }
                Err(error) => replies.extend(group.iter().map(|_| Err(error.clone()))),
            }
        }
        if scrubs {
            // A reader that was waited for in vain is not waited for by each that follows.
            self.scrub(&mut replies, !self.unscrubbed);
        }
        self.sweep_or_warn();
        if flush {
            self.project();
        }
        for (job, reply) in jobs.into_iter().zip(replies) {
            if let Some(sender) = job.reply {
                // Whoever asked may have gone; what was committed stays.
                let _ = sender.send(reply);
            }
        }
        if erases {
            self.return_or_warn();
        }
        self.run.people.evict();
    }

    /// One transaction: folds what others committed, does every job, commits, teaches. A job that fails says so to
    /// its caller alone; a storage failure undoes and fails all.
    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Result<Reply>>> {
        let run = self.run.clone();
        let fold = run.people.folding();
        let mut folding = Folding::new((*run.mind()).clone(), self.projector.through());
        let mut replies = Vec::with_capacity(jobs.len());
        let outcome = if jobs.iter().any(|job| job.work.writes()) {
            run.log.transact(&mut |tx: &mut dyn Transaction| {
                replies.clear();
                folding.absorb_others(&run, tx)?;
                for job in jobs {
                    let reply = job.work.execute(&run, tx, &mut folding);
                    if let Err(error) = &reply
                        && matches!(error.kind(), ErrorKind::Storage | ErrorKind::Internal | ErrorKind::Busy)
                        && !is_refusal(&job.work, error)
                    {
                        return Err(error.clone());
                    }
                    replies.push(reply);
                }
                Ok(())
            })
        } else {
            replies.extend(jobs.iter().map(|_| Ok(Reply::Synced)));
            self.read_tail(&mut folding)
        };
        match outcome.and_then(|()| folding.settle()) {
            Ok(()) => {
                let leaving = folding.leaving.take();
                self.adopt(folding);
                drop(fold);
                exports::leave(&run, leaving, &mut replies);
                if jobs.iter().any(|job| job.work.writes()) {
                    run.failing.store(false, Ordering::Relaxed);
                }
                Ok(replies)
            }
            Err(error) => {
                if error.kind() == ErrorKind::Storage {
                    run.failing.store(true, Ordering::Relaxed);
                }
                run.people.drop_states(&folding.touched);
                // A decision that was undone is nobody's: an answer to it waits, as one to any that is not known.
                folding.touched.iter().for_each(|user| run.people.disown(*user));
                run.choices.clear();
                Err(error)
            }
        }
    }

    /// Makes a folded batch the truth of this process.
    fn adopt(&mut self, folding: Folding) {
        for digest in &folding.forgotten {
            self.projector.forget(*digest);
            // Who read while they were being forgotten may have put them back.
            self.run.people.forget(*digest);
            self.run.pool.forget(*digest);
        }
        // What was loaded while part of it was being erased is loaded anew.
        self.run.people.drop_states(&folding.trimmed);
        self.projector.merge(folding.projector);
        self.run.set_own_head(folding.mind.position);
        self.run.set_mind(folding.mind);
        self.run.bus.publish(&folding.news);
    }

    /// Folds what other processes committed while this one had nothing to do, if anybody wants to hear of it.
    fn follow_or_warn(&mut self) {
        if let Err(error) = self.follow() {
            tracing::warn!(%error, "the log could not be looked at; it will be in a moment");
        }
    }

    fn follow(&mut self) -> Result<()> {
        if self.run.bus.is_wanted() && self.run.log.head()? > self.run.mind().position {
            self.commit(&[Job { work: Work::Sync { flush: false }, reply: None }])?;
        }
        Ok(())
    }

    fn sweep_or_warn(&mut self) {
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "timers could not be looked at; they will be in a second");
        }
    }

    fn return_or_warn(&mut self) {
        match self.return_all() {
            Ok(()) if self.rebuilding.succeed() => tracing::info!("withdrawn policies were rebuilt from the log"),
            Ok(()) => {}
            Err(error) if self.rebuilding.fail(stopwatch()) => tracing::warn!(
                %error,
                "a withdrawn policy could not be rebuilt from the log; another stands in, and it is tried again after longer and longer pauses"
            ),
            Err(error) => tracing::debug!(%error, "a withdrawn policy could still not be rebuilt from the log"),
        }
    }

    /// Rebuilds withdrawn policies from the log, one commit each, and lets them return to their roles.
    fn return_all(&mut self) -> Result<()> {
        while next_return(&self.run.mind().registry).is_some() {
            for reply in self.commit(&[Job { work: Work::Return, reply: None }])? {
                reply?;
            }
        }
        Ok(())
    }

    /// Appends the events of time that passed, once a second.
    fn sweep(&mut self) -> Result<()> {
        let now_ms = self.run.clock.now_ms();
        let next = self.run.next_sweep_ms.load(Ordering::Acquire);
        // A clock that was set back must not silence the timers.
        if now_ms < next && next - now_ms <= SWEEP_MS {
            return Ok(());
        }
        self.run.next_sweep_ms.store(now_ms + SWEEP_MS, Ordering::Release);
        if self.unscrubbed && self.scrubbing.is_due(stopwatch()) {
            // Others wait for this thread: whoever reads is not waited for.
            self.scrub(&mut [], false);
        }
        self.project();
        loop {
            let entries = sweep::due_entries(&self.run, now_ms)?;
            if entries.is_empty() {
                return Ok(());
            }
            let more = entries.len() >= sweep::LIMIT;
            self.commit(&[Job { work: Work::Append(entries), reply: None }])?;
            self.project();
            if !more {
                return Ok(());
            }
        }
    }

    fn project(&mut self) {
        self.projected_at = stopwatch();
        if let Err(error) = self.projector.write(&*self.run.store) {
            Counters::add(&self.run.counters.projection_failures, 1);
            tracing::warn!(%error, "projections could not be written; they will be tried again");
        }
    }

    fn snapshot(&mut self, stop: bool) {
        let mind = self.run.mind();
        let due = mind.unsaved >= self.run.settings.snapshot_every && self.saved_at.elapsed() >= SNAPSHOT_EVERY;
        if mind.unsaved == 0 || !(stop || due) {
            return;
        }
        self.saved_at = stopwatch();
        let snapshot = mind.save();
        match self.run.log.transact(&mut |tx| tx.save_snapshot(&snapshot)) {
            Ok(()) => self.run.set_mind(super::Mind { unsaved: 0, ..(*mind).clone() }),
            Err(error) => tracing::warn!(%error, "no snapshot could be written; a restart will read a longer tail"),
        }
    }

    /// After an erasure the write-ahead log is truncated; until that succeeds the receipt says `erasing`.
    fn scrub(&mut self, replies: &mut [Result<Reply>], wait: bool) {
        let outcome = self.run.store.scrub(wait);
        let erased = matches!(outcome, Ok(true));
        self.unscrubbed = !erased;
        if erased {
            self.scrubbing.succeed();
        } else if self.scrubbing.fail(stopwatch()) {
            tracing::warn!(
                error = outcome.err().map(tracing::field::display),
                "erased bytes are still in the write-ahead log, because somebody reads the database or it cannot be written; truncating it is tried again after longer and longer pauses"
            );
        }
        for reply in replies {
            if let Ok(Reply::Forgotten(receipt)) = reply
                && erased
                && receipt.stage == "erasing"
            {
                receipt.stage = "erased".to_owned();
            }
        }
    }
}

/// A full parking lot is the caller's news, not a failure of the store.
fn is_refusal(work: &Work, error: &Error) -> bool {
    matches!(work, Work::React(_)) && error.kind() == ErrorKind::Busy
}
