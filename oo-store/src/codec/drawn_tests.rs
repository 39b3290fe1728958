//! The lean decoding is the whole decoding without what it throws away, and refuses what that refuses.

use std::path::Path;
use std::sync::Arc;

use oo_core::candidate::{ArmKey, TipKind};
use oo_core::decision::{CandidateFact, Decision, Removal};
use oo_core::event::{Event, EventBody};
use oo_core::id::{ItemKey, Pseudonym};
use oo_core::moment::Moment;
use oo_core::reaction::{DismissReason, Reaction, ShownMode};
use oo_core::testing::samples;
use proptest::prelude::*;

use super::names::Names;
use super::{decode, decode_drawn, drawn, encode};

const USER: Pseudonym = Pseudonym([0xab; 16]);

/// What both decodings say of `bytes` is the same; whether they accept them.
fn agree(bytes: &[u8]) -> bool {
    let whole = decode(bytes).map(|event| Event { body: event.body.drawn_alone(), ..event });
    let lean = decode_drawn(bytes, &mut Names::default());
    match (&whole, &lean) {
        (Ok(whole), Ok(lean)) => assert_eq!(format!("{whole:?}"), format!("{lean:?}")),
        (Err(whole), Err(lean)) => assert_eq!((whole.kind(), whole.message()), (lean.kind(), lean.message())),
        _ => panic!("whole: {whole:?}, lean: {lean:?}"),
    }
    whole.is_ok()
}

fn golden() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events-v1");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn the_golden_files_are_read_alike() {
    for bytes in golden() {
        assert!(agree(&bytes));
    }
}

/// What makes up a long log is read here, and not passed on to the whole decoder.
#[test]
fn decisions_and_their_timers_are_read_lean() {
    let mut events: Vec<Event> = samples::every_body(USER);
    events.extend((1..40).map(|number| samples::decision(number, USER, 1 + number as usize % 12)));
    for event in events {
        let lean = matches!(
            event.body,
            EventBody::Decision(_)
                | EventBody::Reaction { .. }
                | EventBody::Returned { .. }
                | EventBody::Expired { .. }
                | EventBody::Horizon { .. }
                | EventBody::ParkingLapsed { .. }
                | EventBody::Shadow(_)
        );
        let bytes = encode(&event).unwrap();
        assert_eq!(drawn::event(&bytes, &mut Names::default()).is_ok(), lean, "{event:?}");
    }
    let mut held = samples::decision_body(1, 4);
    held.candidates[2].arm = ArmKey::new(ArmKey::HOLD);
    let bytes = encode(&samples::event(1, Some(USER), EventBody::Decision(held.clone().into()))).unwrap();
    let EventBody::Decision(read) = decode_drawn(&bytes, &mut Names::default()).unwrap().body else { panic!() };
    assert_eq!(*read, held, "where doing nothing was a candidate, the others count");
}

#[test]
fn damaged_bytes_are_refused_alike() {
    for bytes in golden() {
        for length in 0..bytes.len() {
            agree(&bytes[..length]);
        }
        for at in 0..bytes.len() {
            for flip in [0x01, 0x02, 0x04, 0x08, 0x10, 0x40, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                agree(&damaged);
            }
        }
    }
}

fn removal() -> impl Strategy<Value = Removal> {
    prop_oneof![
        Just(Removal::Consent),
        Just(Removal::CoolDown),
        Just(Removal::Snoozed),
        Just(Removal::Denied),
        Just(Removal::Duplicate),
        Just(Removal::Expired),
        Just(Removal::Overflow),
        Just(Removal::Unavailable),
    ]
}

fn candidate() -> impl Strategy<Value = CandidateFact> {
    let arm = prop_oneof!["[a-z]{1,8}/[a-z]{1,8}", Just(ArmKey::HOLD.to_owned()), "\\PC{0,6}"];
    (any::<[u8; 16]>(), any::<[u8; 16]>(), arm, any::<bool>(), "\\PC{0,6}", any::<Option<i64>>()).prop_map(
        |(key, content, arm, todo, source, expires_ms)| CandidateFact {
            key: ItemKey(key),
            content_hash: ItemKey(content),
            arm: ArmKey::new(arm),
            kind: if todo { TipKind::Todo } else { TipKind::Advice },
            source: Arc::from(source),
            expires_ms,
        },
    )
}

prop_compose! {
    fn decided()(
        candidates in prop::collection::vec(candidate(), 0..14),
        dim in 0_usize..40,
        (seed, drawn, holdout, fallback, reported) in any::<(u64, u32, bool, bool, bool)>(),
        (request, expires_ms, latency_us, epoch) in any::<(Option<[u8; 16]>, Option<i64>, u32, u32)>(),
        removals in prop::collection::vec((any::<[u8; 16]>(), removal()), 0..6),
        (prompt_version, llm_model) in (prop::option::of("\\PC{0,5}"), prop::option::of("\\PC{0,5}")),
        floats in prop::collection::vec((any::<f64>(), any::<f64>(), any::<bool>()), 14),
    ) -> Decision {
        let count = candidates.len();
        Decision {
            request: request.map(ItemKey),
            shown: if reported { ShownMode::Reported } else { ShownMode::OnAnswer },
            features: (0..count * dim).map(|n| (seed.wrapping_mul(n as u64 * 2 + 1) >> 48) as u16 as i16).collect(),
            scores: floats.iter().take(count).map(|(score, _, _)| *score).collect(),
            pmf: floats.iter().take(count).map(|(_, p, _)| *p).collect(),
            bounded: (0..count as u32).filter(|row| floats[*row as usize].2).collect(),
            drawn: drawn % count.max(1) as u32,
            candidates,
            holdout,
            fallback,
            removals: removals.into_iter().map(|(key, why)| (ItemKey(key), why)).collect(),
            epoch,
            expires_ms,
            latency_us,
            prompt_version,
            llm_model,
            ..samples::decision_body(seed % 1_000, 1)
        }
    }
}

fn reaction() -> impl Strategy<Value = Reaction> {
    prop_oneof![
        Just(Reaction::Shown),
        Just(Reaction::Done),
        any::<i64>().prop_map(|until_ms| Reaction::Snooze { until_ms }),
        prop::option::of(prop_oneof![
            Just(DismissReason::NotNow),
            Just(DismissReason::NotRelevant),
            Just(DismissReason::Never)
        ])
        .prop_map(|reason| Reaction::Dismiss { reason }),
    ]
}

prop_compose! {
    fn any_event()(
        body in prop_oneof![
            3 => decided().prop_map(|decision| EventBody::Decision(Arc::new(decision))),
            1 => (any::<u64>(), reaction())
                .prop_map(|(number, reaction)| EventBody::Reaction { decision: samples::decision_id(number >> 20), reaction }),
        ],
        (at_ms, recorded_ms, offset_s, user) in any::<(i64, i64, i32, bool)>(),
        zone in "\\PC{0,12}",
    ) -> Event {
        let moment = Moment { at_ms, offset_s, zone: Arc::from(zone) };
        Event { moment, recorded_ms, ..samples::event(1, user.then_some(USER), body) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn generated_events_are_read_alike(event in any_event()) {
        prop_assert!(agree(&encode(&event).unwrap()));
    }

    #[test]
    fn generated_damage_is_refused_alike(
        event in any_event(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = encode(&event).unwrap();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        agree(&bytes);
    }

    /// Fields that come twice, in another order, or in another form mean what the whole decoder says.
    #[test]
    fn fields_in_another_order_are_read_alike(
        event in any_event(),
        other in any_event(),
        place in any::<prop::sample::Index>(),
    ) {
        let (one, two) = (encode(&event).unwrap(), encode(&other).unwrap());
        agree(&[&one[..], &two[..]].concat());
        agree(&[&one[..place.index(one.len())], &two[..]].concat());
    }
}
