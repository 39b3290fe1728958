//! Consents: which kinds of signal a person agrees to.

use oo_core::Result;
use oo_core::signal::SignalKind;

use crate::engine::Engine;
use crate::outcome::Consents;
use crate::run::{ConsentWork, Work, locked};

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
    /// With a kind that is taken back goes what rested on it, in one transaction: its signals, their texts, and the
    /// decisions that were made while one was known; what was learned from those is subtracted, exactly. New signals of
    /// that kind are refused.
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
        let said: Vec<_> = said.into_iter().filter_map(|(kind, said)| said.map(|granted| (kind, granted))).collect();
        if !said.is_empty() {
            let record = (*record).clone();
            run.submit(Work::Consent(ConsentWork { record, said, moment, now_ms, again: false })).await?;
        }
        self.consents(user).await
    }
}
