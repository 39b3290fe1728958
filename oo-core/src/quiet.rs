//! Quiet hours: when oO never speaks unasked.
//!
//! They are wall-clock minutes where the person is. Whether a moment is quiet follows from the offset that was recorded
//! with it, so it needs no time-zone database and no memory: across midnight, on a journey, and after a clock that
//! jumped back, the moment alone decides. Only [`next_end`] looks ahead, and asks the zone for the offsets to come.

use crate::event::Preferences;
use crate::moment::{MINUTE_MS, Moment, Zone};

const MINUTES_A_DAY: u32 = 1440;

/// Whether `now` lies in the quiet hours. The end is no longer quiet; equal start and end, or one of them alone, mean none.
#[must_use]
pub fn is_quiet(preferences: &Preferences, now: &Moment) -> bool {
    let (Some(from), Some(to)) = (preferences.quiet_from, preferences.quiet_to) else { return false };
    let minute = now.minute_of_day();
    if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
}

/// The first instant after `now` (Unix milliseconds) that is not quiet in `zone`; `now` itself when it is not, none when
/// every minute is quiet.
///
/// It walks minute by minute, because a change of the clocks may end the quiet hours early or repeat them.
#[must_use]
pub fn next_end(preferences: &Preferences, zone: &Zone, now: &Moment) -> Option<i64> {
    if !is_quiet(preferences, &zone.moment(now.at_ms)) {
        return Some(now.at_ms);
    }
    let whole = now.at_ms - now.at_ms.rem_euclid(MINUTE_MS);
    // Two days hold every wall-clock minute, whatever the clocks do.
    (1..=2 * i64::from(MINUTES_A_DAY))
        .map(|minutes| whole + minutes * MINUTE_MS)
        .find(|at_ms| !is_quiet(preferences, &zone.moment(*at_ms)))
}
