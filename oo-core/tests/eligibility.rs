//! Eligibility: every removal has its reason, the order is the keys', and only the cool-down gives way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod features_world;

use std::collections::BTreeMap;

use features_world::{NOW_MS, World, advice, at, now};
use oo_core::candidate::TipCandidate;
use oo_core::decision::{Mode, Removal};
use oo_core::eligibility::{Availability, Eligibility, Eligible};
use oo_core::event::Preferences;
use oo_core::features::ConsentPolicy;
use oo_core::moment::{HOUR_MS, Moment};
use oo_core::reaction::{DismissReason, Reaction};
use oo_core::signal::SignalKind;
use proptest::prelude::*;

fn sort_out(world: &World, now: &Moment, candidates: &[TipCandidate]) -> Eligible {
    let candidates = candidates.iter().map(|candidate| world.keyed(candidate.clone())).collect();
    Eligibility::default().sort_out(&world.state, ConsentPolicy::default(), now, candidates).unwrap()
}

fn ids(eligible: &Eligible) -> Vec<&str> {
    let mut ids: Vec<&str> = eligible.kept.iter().map(|candidate| candidate.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

fn reason(world: &World, eligible: &Eligible, candidate: &TipCandidate) -> Option<Removal> {
    let key = world.keyed(candidate.clone()).key.unwrap();
    eligible.removals.iter().find(|(removed, _)| *removed == key).map(|(_, reason)| *reason)
}

#[test]
fn each_removal_has_its_reason() {
    let mut world = World::default();
    let [done, never, snoozed, free] = ["done", "never", "snoozed", "free"].map(advice);
    let gone = TipCandidate { expires_ms: Some(NOW_MS), ..advice("gone") };
    let not_yet = TipCandidate { expires_ms: Some(NOW_MS + 1), ..advice("not yet") };
    let twin = TipCandidate { content: free.content.clone(), ..advice("twin") };
    let todo = TipCandidate::todo("task", "Water the plants.");
    world.tip(&at(-19.9), &done, Some(Reaction::Done));
    world.tip(&at(-900.0), &never, Some(Reaction::Dismiss { reason: Some(DismissReason::Never) }));
    world.tip(&at(-2.0), &snoozed, Some(Reaction::Snooze { until_ms: NOW_MS + 1 }));
    world.consent(SignalKind::Task, false);
    let all = [&done, &never, &snoozed, &free, &gone, &not_yet, &twin, &todo].map(Clone::clone);
    let eligible = sort_out(&world, &now(), &all);
    assert_eq!(ids(&eligible), ["free", "not yet"]);
    let expected = [
        (&done, Removal::CoolDown),
        (&never, Removal::Denied),
        (&snoozed, Removal::Snoozed),
        (&gone, Removal::Expired),
        (&twin, Removal::Duplicate),
        (&todo, Removal::Consent),
    ];
    for (candidate, removal) in expected {
        assert_eq!(reason(&world, &eligible, candidate), Some(removal), "{}", candidate.id);
    }
    assert_eq!(eligible.removals.len(), expected.len());
}

#[test]
fn rest_ends_with_the_cool_down_and_a_snooze_at_its_time() {
    let mut world = World::default();
    let tip = advice("a");
    world.tip(&at(-20.0), &tip, Some(Reaction::Done));
    assert_eq!(ids(&sort_out(&world, &now(), &[tip.clone(), advice("b")])), ["a", "b"]);
    let earlier = Moment::utc(NOW_MS - 1);
    assert_eq!(ids(&sort_out(&world, &earlier, &[tip.clone(), advice("b")])), ["b"]);

    let mut world = World::default();
    world.tip(&at(-30.0), &tip, Some(Reaction::Snooze { until_ms: NOW_MS }));
    assert_eq!(ids(&sort_out(&world, &now(), &[tip.clone(), advice("b")])), ["a", "b"]);
    assert_eq!(ids(&sort_out(&world, &earlier, &[tip, advice("b")])), ["b"]);
}

#[test]
fn drawn_but_unanswered_is_no_removal() {
    let mut world = World::default();
    world.tip(&at(-1.0), &advice("a"), None);
    assert_eq!(ids(&sort_out(&world, &now(), &[advice("a"), advice("b")])), ["a", "b"]);
}

#[test]
fn the_cool_down_gives_way_when_nothing_else_is_left_and_nothing_else_does() {
    let mut world = World::default();
    let (done, never) = (advice("done"), advice("never"));
    world.tip(&at(-1.0), &done, Some(Reaction::Done));
    world.tip(&at(-1.0), &never, Some(Reaction::Dismiss { reason: Some(DismissReason::Never) }));
    let eligible = sort_out(&world, &now(), &[done.clone(), never.clone()]);
    assert_eq!(ids(&eligible), ["done"]);
    assert_eq!(reason(&world, &eligible, &done), None, "what is kept was not removed");
    assert_eq!(reason(&world, &eligible, &never), Some(Removal::Denied));
    assert!(sort_out(&world, &now(), &[never]).kept.is_empty());
}

#[test]
fn the_same_words_do_not_come_back_under_another_name() {
    let mut world = World::default();
    let never = advice("never");
    world.tip(&at(-900.0), &never, Some(Reaction::Dismiss { reason: Some(DismissReason::Never) }));
    let renamed = TipCandidate { content: never.content.clone(), ..advice("renamed") };
    let eligible = sort_out(&world, &now(), &[renamed.clone(), never, advice("free")]);
    assert_eq!(ids(&eligible), ["free"]);
    assert_eq!(reason(&world, &eligible, &renamed), Some(Removal::Duplicate));
}

#[test]
fn overflow_is_shared_by_the_sources() {
    let world = World::default();
    let of = |source: &str, count: usize| -> Vec<TipCandidate> {
        (0..count).map(|n| TipCandidate { source: source.into(), ..advice(&format!("{source}{n:03}")) }).collect()
    };
    let many: Vec<TipCandidate> = of("x", 100).into_iter().chain(of("y", 10)).collect();
    let eligible = sort_out(&world, &now(), &many);
    assert_eq!(eligible.kept.len(), 64);
    assert_eq!(
        eligible.kept.iter().filter(|candidate| &*candidate.source == "y").count(),
        10,
        "the small source is whole"
    );
    assert_eq!(eligible.removals.len(), 46);
    assert!(eligible.removals.iter().all(|(_, reason)| *reason == Removal::Overflow));
    let first: Vec<String> = (0..54).map(|n| format!("x{n:03}")).collect();
    assert_eq!(ids(&eligible)[..54], first, "the first of the large one, in its own order");
}

#[test]
fn a_candidate_without_a_key_is_an_error() {
    let settings = Eligibility::default();
    let bare = vec![advice("a")];
    assert!(settings.sort_out(&World::default().state, ConsentPolicy::default(), &now(), bare).is_err());
}

#[test]
fn the_daily_cap_counts_local_days_and_the_persons_own_stands_first() {
    let mut world = World::default();
    for hour in [-3.0, -2.0, -1.0] {
        world.tip(&at(hour), &advice("a"), None);
    }
    let availability =
        |world: &World, settings: Eligibility, now: &Moment| settings.availability(Mode::Pull, &world.state, now);
    let capped = |daily_cap| Eligibility { daily_cap, ..Eligibility::default() };
    assert_eq!(availability(&world, capped(None), &now()), Availability::Available, "off by default");
    assert_eq!(availability(&world, capped(Some(4)), &now()), Availability::Available);
    assert_eq!(availability(&world, capped(Some(3)), &now()), Availability::DailyCap);
    assert_eq!(availability(&world, capped(Some(3)), &at(13.6)), Availability::Available, "a new day");
    let tomorrow_here = Moment { offset_s: 14 * 3600, ..now() };
    assert_eq!(availability(&world, capped(Some(3)), &tomorrow_here), Availability::Available, "a new day there");
    world.preferences(Preferences { daily_cap: Some(2), ..Preferences::default() });
    assert_eq!(availability(&world, capped(Some(9)), &now()), Availability::DailyCap);
    world.preferences(Preferences { quiet_from: Some(0), quiet_to: Some(1440), ..Preferences::default() });
    assert_eq!(availability(&world, capped(None), &now()), Availability::Available, "a pull answers at any hour");
}

#[test]
fn settings_are_checked_and_strict() {
    assert!(Eligibility::default().validate().is_ok());
    assert!(Eligibility { max_candidates: 0, ..Eligibility::default() }.validate().is_err());
    assert!(Eligibility { daily_cap: Some(0), ..Eligibility::default() }.validate().is_err());
    assert!(serde_json::from_str::<Eligibility>(r#"{"cool_down_h": 5}"#).is_ok());
    assert!(
        serde_json::from_str::<Eligibility>(r#"{"cooldown_h": 5}"#).is_err(),
        "a misspelt setting is never silence"
    );
}

proptest! {
    #[test]
    fn every_candidate_is_kept_or_removed_with_a_reason_in_key_order(
        offered in proptest::collection::vec((0..40_u8, 0..12_u8), 0..120),
        past in proptest::collection::vec((0..40_u8, 0..4_u8, -40..0_i32), 0..30),
        order in any::<u64>(),
    ) {
        let mut world = World::default();
        for (id, reaction, hours) in past {
            let moment = at(f64::from(hours));
            let reaction = match reaction {
                0 => Some(Reaction::Done),
                1 => Some(Reaction::Dismiss { reason: Some(DismissReason::Never) }),
                2 => Some(Reaction::Snooze { until_ms: NOW_MS + HOUR_MS }),
                _ => None,
            };
            world.tip(&moment, &advice(&id.to_string()), reaction);
        }
        let candidates: Vec<TipCandidate> = offered
            .iter()
            .map(|(id, words)| TipCandidate { content: format!("words {words}"), ..advice(&id.to_string()) })
            .collect();
        let eligible = sort_out(&world, &now(), &candidates);
        let keys: Vec<_> = eligible.kept.iter().map(|candidate| candidate.key.unwrap()).collect();
        prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "sorted, each once");
        prop_assert!(eligible.removals.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mut fates: BTreeMap<_, u32> = BTreeMap::new();
        for key in keys.iter().copied().chain(eligible.removals.iter().map(|(key, _)| *key)) {
            *fates.entry(key).or_default() += 1;
        }
        for candidate in &candidates {
            prop_assert_eq!(fates.get(&world.keyed(candidate.clone()).key.unwrap()), Some(&1));
        }
        let mut contents: Vec<_> = eligible.kept.iter().map(|candidate| candidate.content_hash).collect();
        contents.sort_unstable();
        contents.dedup();
        prop_assert_eq!(contents.len(), keys.len(), "no content twice");
        // Contents unique: then the order in which candidates come does not matter.
        let mut shuffled: Vec<TipCandidate> =
            (0..30).map(|id: u64| advice(&((id * 7 + order % 30) % 30).to_string())).collect();
        let once = sort_out(&world, &now(), &shuffled);
        shuffled.reverse();
        prop_assert_eq!(once, sort_out(&world, &now(), &shuffled));
    }
}
