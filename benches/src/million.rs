//! A log of a million events: opening it, learning it anew, and forgetting one of its 10,000 people. 500,000 decisions among
//! 10 candidates of 32 features and their reactions; the file is in the page cache.
//!
//! Learning anew is opening the file without what was saved of the policies: a lesson is a decision and its reaction, read,
//! decoded, folded, joined and learned. Forgetting is timed from the call to its receipt, which says `erased` and, where
//! the policies subtract, unlearned; where they do not, until the champion is back.

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::decide::{AUTO, LINUCB};
use crate::figure::{Bar, Figures, quantile};
use crate::long_log::{LongLog, PAIRS, PEOPLE};

/// A policy that does not subtract.
const LOGISTIC: &str = r#"{"type": "logistic", "reward_range": [-0.3, 1.0]}"#;
/// How often each is measured; the median counts.
const ROUNDS: usize = 3;
/// How long a rebuild may take before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) async fn run(figures: &mut Figures) -> Outcome<()> {
    let log = LongLog::write(LINUCB).await?;
    let mut opened = Vec::new();
    for _ in 0..ROUNDS {
        opened.push(open(&log).await?.1);
    }
    figures.put("cold_start_1m_s", median(opened), "s", Bar::AtMost(2.0));
    let learned = learned_anew(&log).await?;
    figures.put("replay_lessons_per_s", PAIRS as f64 / learned, "1/s", Bar::AtLeast(400_000.0));
    figures.note("cold_start_1m_learned_anew_s", learned, "s");
    let (mut erased, mut unlearned) = (Vec::new(), Vec::new());
    for person in 0..ROUNDS {
        let (answered, rebuilt) = forget(&log, person).await?;
        erased.push(answered);
        unlearned.push(rebuilt);
    }
    figures.put("forget_erased_s", median(erased), "s", Bar::AtMost(2.0));
    figures.put("forget_unlearned_s", median(unlearned), "s", Bar::AtMost(2.0));

    // Policies whose lessons cost more than reading them.
    log.enter_instead(AUTO)?;
    figures.note("replay_auto_lessons_per_s", PAIRS as f64 / learned_anew(&log).await?, "1/s");
    log.enter_instead(LOGISTIC)?;
    figures.note("replay_logistic_lessons_per_s", PAIRS as f64 / learned_anew(&log).await?, "1/s");
    let (mut erased, mut unlearned) = (Vec::new(), Vec::new());
    for person in ROUNDS..2 * ROUNDS {
        let (answered, rebuilt) = forget(&log, person).await?;
        erased.push(answered);
        unlearned.push(rebuilt);
    }
    figures.note("forget_erased_rebuilt_s", median(erased), "s");
    figures.put("forget_unlearned_rebuilt_s", median(unlearned), "s", Bar::AtMost(10.0));
    Ok(())
}

/// Seconds until the engine is open, and until it has answered the first request.
async fn open(log: &LongLog) -> Outcome<(f64, f64)> {
    let builder = log.builder()?;
    let started = Instant::now();
    let oo = builder.open().await?;
    let opened = started.elapsed().as_secs_f64();
    oo.recommend("somebody").await?.ok_or("no tip")?;
    let answered = started.elapsed().as_secs_f64();
    oo.close();
    Ok((opened, answered))
}

/// Seconds until the engine is open and has answered, without what was saved of the policies.
async fn learned_anew(log: &LongLog) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        log.drop_snapshots()?;
        times.push(open(log).await?.1);
    }
    Ok(median(times))
}

/// Seconds until `person` is erased, and until the champion serves without them.
async fn forget(log: &LongLog, person: usize) -> Outcome<(f64, f64)> {
    let oo = log.builder()?.open().await?;
    let champion = oo.health().await?.policy;
    let started = Instant::now();
    let receipt = oo.forget(&format!("u{}", PEOPLE / 2 + person)).await?;
    let erased = started.elapsed().as_secs_f64();
    if receipt.stage != "erased" || receipt.lessons == 0 {
        return Err(format!("the receipt says {:?} of {} lessons", receipt.stage, receipt.lessons).into());
    }
    // Looking waits for nothing that the writer does.
    while oo.health().await?.policy != champion {
        if started.elapsed() > PATIENCE {
            return Err("the champion did not come back".into());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let unlearned = started.elapsed().as_secs_f64();
    oo.close();
    Ok((erased, unlearned))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    quantile(&times, 0.5)
}
