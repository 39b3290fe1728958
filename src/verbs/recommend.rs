//! `recommend`: the life of a tip, from a request to an answer that is on disk.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use oo_core::candidate::TipCandidate;
use oo_core::decide::{DecideOn, DecideWith, decide};
use oo_core::decision::Decision;
use oo_core::eligibility::Availability;
use oo_core::event::{Event, EventBody};
use oo_core::features::{Assembled, ConsentPolicy};
use oo_core::id::{DecisionId, EventId, ItemKey, Position, Pseudonym};
use oo_core::moment::Moment;
use oo_core::personal::PersonalParts;
use oo_core::policy::{Actions, Scored};
use oo_core::ports::{Appended, Entry, FeaturiserQuery, Slot, TextField, TextWrite, UserRecord};
use oo_core::why::{WhyRequest, why};
use oo_core::{Error, ErrorKind, Result};

use crate::engine::Engine;
use crate::gather::Gathering;
use crate::run::{Counters, Mind, Reply, Run, ShadowJob, Work, expired_event, locked};
use crate::tip::{RecommendRequest, Recommendation, Tip, TipText, Why, due_text};
use crate::world::stopwatch;

thread_local! {
    /// Buffers of the hot path, one set a thread: a steady decision allocates only what it keeps.
    static BUFFERS: RefCell<(Assembled, Scored)> = RefCell::default();
}

/// What stands before a person.
enum Standing {
    /// This tip, already decided.
    Tip(DecisionId, bool),
    /// Nothing yet: these events come first, and these candidates are to be chosen from.
    Open(Vec<Event>, Gathering, DecisionId, Moment),
    /// A snoozed tip is due; or a returned one has passed. Commit these, then look again.
    First(Vec<Event>),
    /// There can be no decision now.
    None(&'static str),
}

impl Engine {
    /// One tip for `request`: the same one until it is reacted to or expires; `None` when there can be none now.
    ///
    /// The decision is on disk before this returns, and it has learned from every reaction that was acknowledged
    /// before the call, in any process.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id or candidate; `busy`, `storage`.
    pub async fn recommend(&self, request: impl Into<RecommendRequest>) -> Result<Option<Tip>> {
        self.recommend_with(request.into()).await.map(|recommendation| recommendation.tip)
    }

    /// As [`recommend`](Engine::recommend), saying why when there is no tip.
    ///
    /// # Errors
    /// As [`recommend`](Engine::recommend).
    pub async fn recommend_with(&self, request: RecommendRequest) -> Result<Recommendation> {
        let run = self.run();
        if let Some(id) = &request.request_id {
            oo_core::signal::checked_id("request_id", id)?;
        }
        for candidate in &request.candidates {
            candidate.validate()?;
            run.assembler.check_candidate(candidate)?;
        }
        for _ in 0..8 {
            let record = run.person(&request.user).await?;
            run.catch_up().await?;
            match attempt(run, &record, &request).await {
                Ok(Some(recommendation)) => return Ok(recommendation),
                Ok(None) => {}
                // Forgotten meanwhile, elsewhere: whoever asks now is a new person.
                Err(error) if error.kind() == ErrorKind::NotFound => run.forget_cached(record.user),
                // A consent was taken back while this was decided: look at what is known now.
                Err(error) if error.kind() == ErrorKind::Denied => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::busy("the person's tip keeps changing; try again"))
    }
}

/// One attempt; `None` when the state moved and it must be looked at again.
async fn attempt(
    run: &Arc<Run>,
    record: &Arc<UserRecord>,
    request: &RecommendRequest,
) -> Result<Option<Recommendation>> {
    let started = stopwatch();
    match standing(run, record, request)? {
        Standing::Tip(id, returned) => answer_known(run, record, id, returned).await,
        Standing::None(reason) => Ok(Some(Recommendation { tip: None, reason: Some(reason.to_owned()) })),
        Standing::First(events) => {
            run.submit(Work::Append(events.into_iter().map(Entry::new).collect())).await?;
            Ok(None)
        }
        Standing::Open(events, gathering, id, now) => {
            let since = gathering.since();
            let candidates = gathering.finish(run, record.user).await;
            let state = run.state(record.user)?;
            let language = locked(&state).preferences.language.clone();
            let (user, at) = (request.user.clone(), now.clone());
            let query = FeaturiserQuery { user, now: at, language, decision: id };
            let candidates = run.featurise(query, candidates).await;
            let mind = run.mind();
            // What sources answered may rest on what is erased by now. What is erased from here on is newer than `mind`, and
            // the writer refuses the decision.
            if run.pool.since(record.user) != since {
                return Ok(None);
            }
            let chosen = match choose(run, &mind, record, request, id, &now, candidates, started)? {
                Choice::Made(chosen) => chosen,
                Choice::Nothing => {
                    return Ok(Some(Recommendation { tip: None, reason: Some("no_candidate".to_owned()) }));
                }
                Choice::Ahead => {
                    run.submit(Work::Sync { flush: false }).await?;
                    return Ok(None);
                }
            };
            commit(run, record, events, *chosen, mind).await
        }
    }
}

/// Looks at what stands before the person and, where nothing does, asks the sources.
fn standing(run: &Arc<Run>, record: &UserRecord, request: &RecommendRequest) -> Result<Standing> {
    let now_ms = run.clock.now_ms();
    let since = run.pool.since(record.user);
    let handle = run.state(record.user)?;
    let state = locked(&handle);
    let (_, now) = run.moment(&state.preferences.zone, now_ms);
    let asked = request.request_id.as_ref().map(|id| record.key.item("request", id));
    if asked.is_some()
        && let Some(join) = state.slate.tips.values().find(|join| join.request == asked)
    {
        return Ok(Standing::Tip(join.decision, false));
    }
    // A decision that the state no longer holds is still the answer to its request, whatever stands now.
    let or_earlier = |now| Ok(run.made_by(record.user, asked)?.map_or(now, |id| Standing::Tip(id, false)));
    let mut events = Vec::new();
    if let Some(returned) = state.slate.returned.and_then(|id| state.tip(&id)) {
        match expired_event(returned, record.user, now_ms) {
            Some(event) => return Ok(Standing::First(vec![event])),
            None => return or_earlier(Standing::Tip(returned.decision, true)),
        }
    }
    if let Some(due) = state.due_snooze(now_ms) {
        // Of the same state whoever asks makes the same event; of a later one another, also within a millisecond.
        let id = EventId::derived("returned", &[&due.decision.0, &state.slate.through.0.to_le_bytes()]);
        let body = EventBody::Returned { decision: due.decision };
        return Ok(Standing::First(vec![Event {
            id,
            moment: now,
            recorded_ms: now_ms,
            user: Some(record.user),
            body,
        }]));
    }
    if let Some(open) = state.slate.open.and_then(|id| state.tip(&id)) {
        match expired_event(open, record.user, now_ms) {
            Some(event) => events.push(event),
            None => return or_earlier(Standing::Tip(open.decision, false)),
        }
    }
    if run.eligibility.availability(request.mode, &state, &now) != Availability::Available {
        return or_earlier(Standing::None("daily_cap"));
    }
    let id = run.new_decision_id(now_ms)?;
    let gathering = Gathering::start(run, record, request, (since, &state), &now, id);
    Ok(Standing::Open(events, gathering, id, now))
}

/// A decision and everything that is text of it.
struct Chosen {
    decision: Arc<Decision>,
    candidate: TipCandidate,
    text: TipText,
    moment: Moment,
    personal: PersonalParts,
}

/// What became of choosing.
enum Choice {
    /// A decision.
    Made(Box<Chosen>),
    /// No candidate is left.
    Nothing,
    /// The person's own lessons are ahead of the policies, by a batch that is being committed: wait, then look again.
    Ahead,
}

#[allow(clippy::too_many_arguments, reason = "one call site; each is a different thing of the decision")]
fn choose(
    run: &Run,
    mind: &Mind,
    record: &UserRecord,
    request: &RecommendRequest,
    id: DecisionId,
    now: &Moment,
    candidates: Vec<TipCandidate>,
    started: Instant,
) -> Result<Choice> {
    let champion = mind.registry.champion()?;
    let consent = ConsentPolicy { default_granted: run.settings.consent_by_default };
    let handle = run.state(record.user)?;
    BUFFERS.with_borrow_mut(|(assembled, scored)| {
        let (eligible, personal, heard) = {
            let state = locked(&handle);
            if state.personal.through() > mind.position {
                return Ok(Choice::Ahead);
            }
            let eligible = run.eligibility.sort_out(&state, consent, now, candidates)?;
            if eligible.kept.is_empty() {
                return Ok(Choice::Nothing);
            }
            run.assembler.assemble(&state, consent, now, &eligible.kept, assembled);
            let heard: Vec<_> = state.heard.keys().copied().collect();
            (eligible, state.personal.clone(), heard)
        };
        Counters::add(&run.counters.clamped, u64::from(assembled.clamped));
        let with = DecideWith {
            policy: &*champion.policy,
            policy_ref: &champion.policy_ref,
            learned_through: mind.position,
            epoch: mind.epoch,
            schema: run.schema.hash(),
            reward_spec: run.reward.version(),
            holdout: run.settings.holdout,
        };
        let on = DecideOn {
            id,
            person: Some(record.user),
            personal: &personal,
            request: request.request_id.as_ref().map(|id| record.key.item("request", id)),
            mode: request.mode,
            shown: request.shown,
            now,
            candidates: &eligible.kept,
            removals: &eligible.removals,
            assembled,
            heard: &heard,
        };
        let mut decision = match decide(&with, &on, scored) {
            Err(error) => {
                tracing::warn!(policy = %with.policy_ref, %error, "the champion failed; every candidate has the same probability");
                run.maker.failed();
                let decision = decide(&DecideWith { policy: &*run.fallback, ..with }, &on, scored)?;
                Decision { fallback: true, ..decision }
            }
            decided => decided?,
        };
        decision.latency_us = run.clock.elapsed_us(started);
        let drawn = decision.drawn as usize;
        let why = explain(run, mind, &eligible.kept, assembled, scored, &decision, (record.user, &personal), now)?;
        let count = u32::try_from(eligible.kept.len()).unwrap_or(u32::MAX);
        let Some(mut candidate) = eligible.kept.into_iter().nth(drawn) else {
            return Err(Error::internal("the draw fell outside the candidates; report this as a defect"));
        };
        unseal(run, record, &mut candidate)?;
        let text = TipText {
            v: 1,
            id: candidate.id.clone(),
            content: candidate.content.clone(),
            category: candidate.category.clone(),
            due: candidate.due.map(due_text),
            candidates: count,
            why,
        };
        let (decision, moment) = (Arc::new(decision), now.clone());
        Ok(Choice::Made(Box::new(Chosen { decision, candidate, text, moment, personal })))
    })
}

/// Reads the sealed text of a candidate whose source does not hold it.
fn unseal(run: &Run, record: &UserRecord, candidate: &mut TipCandidate) -> Result<()> {
    let (true, Some(key)) = (candidate.content.is_empty(), candidate.key) else { return Ok(()) };
    let mut texts = run.store.texts(record, &[(key, TextField::Title), (key, TextField::Id)])?.into_iter();
    candidate.content = texts.next().flatten().ok_or_else(|| {
        Error::storage("the text of a task is missing from the store; send the task again or restore a backup")
    })?;
    candidate.id = texts.next().flatten().unwrap_or_default();
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "one call site; each is a different thing of the decision")]
fn explain(
    run: &Run,
    mind: &Mind,
    candidates: &[TipCandidate],
    assembled: &Assembled,
    scored: &Scored,
    decision: &Decision,
    (person, personal): (Pseudonym, &PersonalParts),
    now: &Moment,
) -> Result<Why> {
    let drawn = decision.drawn as usize;
    let actions = Actions::new(assembled.dim, &assembled.values, &assembled.arms);
    let policy = &*mind.registry.champion()?.policy;
    let actions = Actions { day: now.utc_day(), person: Some(person), personal: personal.of(policy), ..actions };
    let explanation = policy.explain(&actions, drawn)?;
    let best = scored.scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let explored = decision.holdout || scored.scores.get(drawn).is_some_and(|score| *score < best);
    let Some(candidate) = candidates.get(drawn) else { return Ok(Why::default()) };
    let said = why(&WhyRequest {
        schema: &run.schema,
        row: assembled.row(drawn),
        contributions: &explanation.contributions,
        explored,
        kind: candidate.kind,
        due: candidate.due,
        facts: &assembled.facts,
        now,
    });
    Ok(Why::new(said, explanation.width))
}

/// Commits a decision; the loser of a race answers with the winner's.
async fn commit(
    run: &Arc<Run>,
    record: &Arc<UserRecord>,
    before: Vec<Event>,
    chosen: Chosen,
    mind: Arc<Mind>,
) -> Result<Option<Recommendation>> {
    let Chosen { decision, candidate, text, moment, personal } = chosen;
    let now_ms = moment.at_ms;
    let event = Event {
        // In the order of time, so that the index of ids grows at its end.
        id: EventId(decision.id.0),
        moment: moment.clone(),
        recorded_ms: now_ms,
        user: Some(record.user),
        body: EventBody::Decision(decision.clone()),
    };
    let sealed = serde_json::to_string(&text).map_err(|error| Error::internal(error.to_string()))?;
    let mut entries: Vec<Entry> = before.into_iter().map(Entry::new).collect();
    entries.push(Entry {
        event: Arc::new(event),
        key: Some(record.key.clone()),
        texts: vec![TextWrite { item: ItemKey(decision.id.0), field: TextField::Tip, text: sealed }],
        slot: Slot::Take(decision.id),
    });
    let Reply::Appended(outcomes, _) = run.submit(Work::Append(entries)).await? else {
        return Err(Error::internal("the writer answered another question; report this as a defect"));
    };
    match outcomes.last() {
        Some(Appended::At(_)) => {
            Counters::add(&run.counters.decisions, 1);
            let join_expiry = decision.expires_ms.unwrap_or(now_ms + oo_core::moment::DAY_MS);
            let tip = Tip::new(&decision, candidate.kind, &candidate.source, text, join_expiry, now_ms, false);
            run.shadow(ShadowJob { user: record.user, personal, moment, decision, mind });
            Ok(Some(Recommendation { tip: Some(tip), reason: None }))
        }
        Some(Appended::SlotTaken(winner)) => answer_known(run, record, *winner, false).await,
        Some(Appended::Duplicate(position)) => {
            let events = run.log.read(Position(position.0 - 1), 1)?;
            match events.first().map(|stored| &stored.event.body) {
                Some(EventBody::Decision(decision)) => answer_known(run, record, decision.id, false).await,
                _ => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

/// The tip of a decision that is in the log, or is being committed to it; `None` when it turned out to be in neither.
async fn answer_known(
    run: &Run,
    record: &UserRecord,
    id: DecisionId,
    returned: bool,
) -> Result<Option<Recommendation>> {
    let stored = run.log.of_decision(id)?.into_iter().find_map(|stored| match stored.event.body {
        EventBody::Decision(decision) => Some((decision, stored.event.moment)),
        _ => None,
    });
    let Some((decision, decided)) = stored else {
        // A state shows what the writer is still committing: wait for it, then look again.
        run.submit(Work::Sync { flush: false }).await?;
        return Ok(None);
    };
    let sealed = run.store.texts(record, &[(ItemKey(id.0), TextField::Tip)])?.into_iter().next().flatten();
    let text: TipText = sealed
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| Error::storage("the text of the tip is missing from the store; restore a backup"))?;
    let handle = run.state(record.user)?;
    let expires_ms =
        locked(&handle).tip(&id).map_or(decided.at_ms + oo_core::moment::DAY_MS, oo_core::join::Join::expires_ms);
    let Some(chosen) = decision.chosen() else {
        return Err(Error::storage("the decision has no drawn candidate; the log is damaged, restore a backup"));
    };
    let (kind, source) = (chosen.kind, chosen.source.clone());
    let tip = Tip::new(&decision, kind, &source, text, expires_ms, decided.at_ms, returned);
    Ok(Some(Recommendation { tip: Some(tip), reason: None }))
}
