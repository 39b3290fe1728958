//! Consents: which kinds of signal a person agrees to.

use oo_core::Result;
use oo_core::event::{Event, EventBody};
use oo_core::ports::Entry;
use oo_core::signal::SignalKind;

use crate::engine::Engine;
use crate::outcome::Consents;
use crate::run::{Work, locked};

impl Engine {
    /// Which kinds of signal `user` agrees to, defaults included.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn consents(&self, user: &str) -> Result<Consents> {
        let run = self.run();
        run.catch_up().await?;
        let said = match run.known(user)? {
            Some(record) => locked(&*run.state(record.user)?).consents.clone(),
            None => std::collections::BTreeMap::new(),
        };
        let of = |kind| Some(run.consents(&said, kind));
        Ok(Consents {
            task: of(SignalKind::Task),
            habit: of(SignalKind::Habit),
            calendar: of(SignalKind::Calendar),
            mood: of(SignalKind::Mood),
            context: of(SignalKind::Context),
        })
    }

    /// Records what `user` agrees to; kinds that are left out stay as they are. Answers the whole.
    ///
    /// A kind that is taken back is masked at once: nothing of it is used any more, and new signals of it are refused.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn set_consents(&self, user: &str, consents: Consents) -> Result<Consents> {
        let run = self.run();
        run.catch_up().await?;
        let record = run.person(user).await?;
        let now_ms = run.clock.now_ms();
        let zone = locked(&*run.state(record.user)?).preferences.zone.clone();
        let (_, moment) = run.moment(&zone, now_ms);
        let said = [
            (SignalKind::Task, consents.task),
            (SignalKind::Habit, consents.habit),
            (SignalKind::Calendar, consents.calendar),
            (SignalKind::Mood, consents.mood),
            (SignalKind::Context, consents.context),
        ];
        let entries = said
            .into_iter()
            .filter_map(|(kind, granted)| granted.map(|granted| (kind, granted)))
            .map(|(kind, granted)| {
                let body = EventBody::Consent { kind, granted };
                let id = run.new_event_id(now_ms)?;
                Ok(Entry::new(Event { id, moment: moment.clone(), recorded_ms: now_ms, user: Some(record.user), body }))
            })
            .collect::<Result<Vec<_>>>()?;
        if !entries.is_empty() {
            run.submit(Work::Append(entries)).await?;
        }
        self.consents(user).await
    }
}
