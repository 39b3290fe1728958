//! Sending messages, again and in any order, and holding the engine to its answers.

use futures_util::future::join_all;
use oo::id::{DecisionId, EventId};
use oo::{
    Choice, Engine, Error, ErrorKind, EventBody, Ingested, ReactStatus, Reacted, RecommendRequest, Recommendation,
};

use crate::model::{Message, Model};
use crate::simulation::{Held, PEOPLE, Simulation};

/// What the engine answers to a message.
pub(crate) enum Answer {
    Ingested(Ingested),
    Recommended(Recommendation),
    Reacted(Reacted),
    Chosen(Choice),
    Rewarded,
}

async fn ask(engine: &Engine, message: &Message) -> oo::Result<Answer> {
    Ok(match message {
        Message::Signal { person, signal } => Answer::Ingested(engine.ingest(PEOPLE[*person], signal.clone()).await?),
        Message::Recommend { person, request } => {
            let request =
                RecommendRequest { request_id: Some(request.clone()), ..RecommendRequest::new(PEOPLE[*person]) };
            Answer::Recommended(engine.recommend_with(request).await?)
        }
        Message::React { request } => Answer::Reacted(engine.react_with(request.clone()).await?),
        Message::Decide { request } => Answer::Chosen(engine.decide(request.clone()).await?),
        Message::Reward { decision, reward } => engine.reward(*decision, *reward).await.map(|_| Answer::Rewarded)?,
    })
}

impl Simulation {
    /// Sends messages at once through `lane`; what gets no answer is sent again at once, or waits to be sent later.
    pub(crate) fn deliver(&mut self, lane: usize, mut messages: Vec<Message>) -> Held<()> {
        for attempt in 1.. {
            let engine = self.engine(lane);
            for message in &messages {
                self.sent(message);
            }
            let answers = self.runtime.block_on(join_all(messages.iter().map(|message| ask(&engine, message))));
            drop(engine);
            let mut unanswered = Vec::new();
            for (message, answer) in messages.iter().zip(answers) {
                let said = match &answer {
                    Ok(_) => "answered".to_owned(),
                    Err(error) => error.to_string(),
                };
                self.note(format!("{lane}: {message:?}: {said}"));
                match answer {
                    Ok(answer) => self.answered(message, answer)?,
                    Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::Storage) => {
                        unanswered.push(message.clone());
                    }
                    Err(error) => self.refused(message, &error)?,
                }
            }
            if unanswered.is_empty() {
                return Ok(());
            }
            if attempt == 4 || self.is_off(lane) || self.random.percent(35) {
                self.model.waiting.append(&mut unanswered);
                return Ok(());
            }
            messages = unanswered;
        }
        Ok(())
    }

    /// Whatever is sent may land, answered or not.
    fn sent(&mut self, message: &Message) {
        match message {
            Message::Signal { person, signal } => {
                if let Some(id) = &signal.signal_id {
                    let life = self.model.life(*person);
                    life.signals.entry(id.clone()).or_insert(false);
                    life.kinds.insert(id.clone(), signal.kind());
                }
            }
            Message::Reward { decision, reward } => {
                self.model.rewards.entry(*decision).or_default().possible.push(*reward);
            }
            Message::Decide { request } => self.model.asked.extend(request.id),
            Message::Recommend { .. } | Message::React { .. } => {}
        }
    }

    fn refused(&mut self, message: &Message, error: &Error) -> Held<()> {
        let fine = match message {
            Message::Signal { .. } => error.kind() == ErrorKind::Denied,
            // A time to come back that has passed meanwhile, or a reaction from the future of a clock that was set back.
            Message::React { .. } => error.kind() == ErrorKind::InvalidInput,
            // Its decision never landed, or is forgotten.
            Message::Reward { .. } => error.kind() == ErrorKind::NotFound,
            Message::Recommend { .. } | Message::Decide { .. } => false,
        };
        if fine { Ok(()) } else { Err(format!("{message:?} was refused: {error}")) }
    }

    fn answered(&mut self, message: &Message, answer: Answer) -> Held<()> {
        self.model.answers += 1;
        let known = match (message, answer) {
            (Message::Signal { person, signal }, Answer::Ingested(ingested)) => {
                let id = signal.signal_id.clone().unwrap_or_default();
                let known = self.model.life(*person).signals.insert(id, true) == Some(true);
                if ingested.accepted + ingested.duplicates != 1 || known && ingested.accepted > 0 {
                    return Err(format!("{message:?} was acknowledged before, and now {ingested:?}"));
                }
                known
            }
            (Message::Recommend { person, request }, Answer::Recommended(recommendation)) => match recommendation.tip {
                Some(tip) => self.recommended(*person, request, tip.id.0)?,
                None => false,
            },
            (Message::React { request }, Answer::Reacted(reacted)) => {
                let Some(id) = Model::reaction_id(request) else { return Ok(()) };
                let known = self.model.reactions.insert(id, request.tip.0).is_some();
                if known && reacted.status != ReactStatus::Duplicate {
                    return Err(format!("{request:?} was acknowledged before, and now {reacted:?}"));
                }
                known
            }
            (Message::Decide { .. }, Answer::Chosen(choice)) => self.chosen(choice)?,
            (Message::Reward { decision, reward }, Answer::Rewarded) => {
                let rewarded = self.model.rewards.entry(*decision).or_default();
                rewarded.possible.clear();
                rewarded.acknowledged.replace(*reward) == Some(*reward)
            }
            _ => return Err(format!("{message:?} got the answer of another question")),
        };
        if known {
            self.model.repeats += 1;
        } else if self.random.percent(25) {
            // Delivered once more, some day.
            self.model.waiting.push(message.clone());
        }
        Ok(())
    }

    fn recommended(&mut self, person: usize, request: &str, tip: DecisionId) -> Held<bool> {
        match self.model.tips.insert(tip, person) {
            Some(owner) if owner != person => {
                return Err(format!("{} got the tip of {}", PEOPLE[person], PEOPLE[owner]));
            }
            _ => {}
        }
        let before = self.model.life(person).requests.get(request).copied();
        if before != Some(tip) {
            // A request that made a decision is answered by it for ever.
            let key = self.record(person)?.map(|record| record.key.item("request", request));
            let made = |id: DecisionId| -> Held<bool> {
                let events = self.store().log.of_decision(id).map_err(|error| error.to_string())?;
                Ok(events.iter().any(|stored| match &stored.event.body {
                    EventBody::Decision(decision) => decision.request == key && key.is_some(),
                    _ => false,
                }))
            };
            if let Some(before) = before
                && made(before)?
            {
                return Err(format!("the request {request} made {before}, and is now answered by {tip}"));
            }
            self.model.life(person).requests.insert(request.to_owned(), tip);
        }
        self.await_shadow(tip);
        Ok(before == Some(tip))
    }

    /// Waits a little for the shadows of a decision, which score it in their own time.
    fn await_shadow(&self, tip: DecisionId) {
        for _ in 0..if self.has_shadow() { 10 } else { 0 } {
            let events = self.store().log.of_decision(tip).unwrap_or_default();
            if events.iter().any(|stored| matches!(stored.event.body, EventBody::Shadow(_))) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    fn chosen(&mut self, choice: Choice) -> Held<bool> {
        let id = DecisionId::parse(&choice.decision).map_err(|error| error.to_string())?;
        match self.model.choices.get(&id) {
            Some(before)
                if (before.index, &before.pmf, &before.scores) != (choice.index, &choice.pmf, &choice.scores) =>
            {
                Err(format!("{before:?} became {choice:?}"))
            }
            Some(_) => Ok(true),
            None => {
                self.model.choices.insert(id, choice);
                Ok(false)
            }
        }
    }

    /// The person as the store has them.
    pub(crate) fn record(&self, person: usize) -> Held<Option<oo_core::ports::UserRecord>> {
        self.store().state.user(PEOPLE[person], None).map_err(|error| error.to_string())
    }

    /// The event of a signal with an id.
    pub(crate) fn signal_event(record: &oo_core::ports::UserRecord, id: &str) -> EventId {
        EventId::derived("signal", &[&record.user.0, &record.key.item("signal", id).0])
    }
}
