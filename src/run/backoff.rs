//! Pauses between attempts at something that keeps failing: a second, then twice as long each time, up to five minutes.
//!
//! It says when an attempt is due and whether a failure is news; whoever asks does the attempt and the talking.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);

/// The pause after the newest failure, if the newest attempt failed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    failed: Option<(Instant, Duration)>,
}

impl Backoff {
    /// Whether an attempt is due at `now`.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.failed.is_none_or(|(at, pause)| now.saturating_duration_since(at) >= pause)
    }

    /// An attempt failed at `now`: whether it is the first to.
    pub(super) fn fail(&mut self, now: Instant) -> bool {
        let pause = self.failed.map_or(FIRST, |(_, pause)| (2 * pause).min(LONGEST));
        self.failed.replace((now, pause)).is_none()
    }

    /// An attempt succeeded: whether attempts before it had failed.
    pub(super) fn succeed(&mut self) -> bool {
        self.failed.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::stopwatch;

    #[test]
    fn pauses_double_and_only_the_first_failure_is_news() {
        let start = stopwatch();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut backoff = Backoff::default();
        assert!(backoff.is_due(start));
        let (mut attempts, mut news) = (0, 0);
        for quarter in 0..4 * 3_600 {
            let now = start + quarter * Duration::from_millis(250);
            if backoff.is_due(now) {
                attempts += 1;
                news += u32::from(backoff.fail(now));
            }
        }
        // At 0, 1, 3, 7 … 255 seconds, then every five minutes of the hour.
        assert_eq!((attempts, news), (9 + 11, 1));
        assert!(backoff.succeed() && !backoff.succeed());
        assert!(backoff.is_due(at(3_600)));
        assert!(backoff.fail(at(3_600)), "a failure after a success is news again");
        assert!(!backoff.is_due(at(3_600)) && backoff.is_due(at(3_601)));
    }
}
