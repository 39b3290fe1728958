//! Preferences: a person's zone, quiet hours, daily cap and language.

use oo_core::event::{self, Event, EventBody};
use oo_core::moment::Zone;
use oo_core::ports::Entry;
use oo_core::{Error, Result};

use crate::engine::Engine;
use crate::outcome::Preferences;
use crate::run::{Work, locked};

impl Engine {
    /// The preferences of `user`.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn preferences(&self, user: &str) -> Result<Preferences> {
        let run = self.run();
        run.catch_up().await?;
        let said = match run.known(user)? {
            Some(record) => locked(&*run.state(record.user)?).preferences.clone(),
            None => event::Preferences::default(),
        };
        Ok(said.into())
    }

    /// Replaces the preferences of `user`.
    ///
    /// # Errors
    /// `invalid_input` for an unknown zone, a malformed time, half of the quiet hours, or a language that is none.
    pub async fn set_preferences(&self, user: &str, preferences: Preferences) -> Result<Preferences> {
        let zone = Zone::parse(&preferences.zone)?;
        let language = preferences.language.clone();
        if !(2..=3).contains(&language.len()) || !language.chars().all(|c| c.is_ascii_lowercase()) {
            return Err(Error::invalid("language", "use an ISO 639 code in lower case, such as \"en\""));
        }
        if preferences.quiet_from.is_some() != preferences.quiet_to.is_some() {
            return Err(Error::invalid(
                "quiet_to",
                "quiet hours need both quiet_from and quiet_to; pass both or neither",
            ));
        }
        if preferences.daily_cap == Some(0) {
            return Err(Error::invalid("daily_cap", "a daily cap is at least 1; leave it out for none"));
        }
        let body = EventBody::Preferences(event::Preferences {
            zone: zone.name().to_owned(),
            quiet_from: preferences.quiet_from.as_deref().map(|text| clock_minutes("quiet_from", text)).transpose()?,
            quiet_to: preferences.quiet_to.as_deref().map(|text| clock_minutes("quiet_to", text)).transpose()?,
            daily_cap: preferences.daily_cap,
            language,
        });
        let run = self.run();
        run.catch_up().await?;
        let record = run.person(user).await?;
        let now_ms = run.clock.now_ms();
        let id = run.new_event_id(now_ms)?;
        let event = Event { id, moment: zone.moment(now_ms), recorded_ms: now_ms, user: Some(record.user), body };
        run.submit(Work::Append(vec![Entry::new(event)])).await?;
        self.preferences(user).await
    }
}

impl From<event::Preferences> for Preferences {
    fn from(said: event::Preferences) -> Self {
        Preferences {
            zone: said.zone,
            quiet_from: said.quiet_from.map(clock_text),
            quiet_to: said.quiet_to.map(clock_text),
            daily_cap: said.daily_cap,
            language: said.language,
        }
    }
}

fn clock_text(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn clock_minutes(field: &str, text: &str) -> Result<u32> {
    let wrong = || Error::invalid(field, "write the time as HH:MM, such as \"22:00\"");
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let (hours, minutes): (u32, u32) = (hours.parse().map_err(|_| wrong())?, minutes.parse().map_err(|_| wrong())?);
    if hours > 23 || minutes > 59 || text.len() > 5 {
        return Err(wrong());
    }
    Ok(hours * 60 + minutes)
}
