//! A budget of requests a second for the whole process.
//!
//! The generic cell rate algorithm on one atomic: a request moves the theoretical arrival time on by its share, and is
//! refused while that lies more than a second's worth of burst ahead. No lock, no allocation.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Nanoseconds of burst that may be used at once.
const BURST_NS: u64 = 1_000_000_000;

/// The budget.
#[derive(Debug)]
pub struct Rate {
    interval_ns: u64,
    started: Instant,
    arrival_ns: AtomicU64,
}

impl Rate {
    /// `per_second` requests a second, and as many at once; 0 is without limit.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "a budget of real time, never folded")]
    pub fn new(per_second: u32) -> Self {
        let interval_ns = if per_second == 0 { 0 } else { BURST_NS / u64::from(per_second) };
        Rate { interval_ns, started: Instant::now(), arrival_ns: AtomicU64::new(0) }
    }

    /// Whether a request may pass now.
    #[must_use]
    pub fn take(&self) -> bool {
        self.interval_ns == 0 || self.take_at(u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    fn take_at(&self, now_ns: u64) -> bool {
        let next = |arrival: u64| {
            let next = arrival.max(now_ns).saturating_add(self.interval_ns);
            (next <= now_ns.saturating_add(BURST_NS)).then_some(next)
        };
        self.arrival_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_only_the_rate() {
        let rate = Rate::new(10);
        let passed = |now_ns: u64| (0..100).filter(|_| rate.take_at(now_ns)).count();
        assert_eq!(passed(0), 10);
        assert_eq!(passed(99_999_999), 0);
        assert_eq!(passed(300_000_000), 3);
        assert_eq!(passed(60_000_000_000), 10);
    }

    #[test]
    fn nought_is_without_limit() {
        let rate = Rate::new(0);
        assert!((0..100_000).all(|_| rate.take()));
    }
}
