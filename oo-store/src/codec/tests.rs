//! Events and their bytes: golden files that are read for ever, and what is no event.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oo_core::ErrorKind;
use oo_core::decision::Decision;
use oo_core::event::{Event, EventBody, PolicyRoleFact};
use oo_core::id::Pseudonym;
use oo_core::signal::SignalKind;
use oo_core::testing::samples;
use proptest::prelude::*;
use prost::Message;

use super::{decode, encode, pb};

const USER: Pseudonym = Pseudonym([0xab; 16]);

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events-v1")
}

/// The golden events by file name, as this version makes them.
fn samples_by_name() -> BTreeMap<String, Event> {
    let mut events: Vec<Event> = samples::every_body(USER);
    events.push(samples::reaction(1, None, samples::decision_id(2), oo_core::reaction::Reaction::Done));
    events.extend(samples::every_bare_body(USER));
    let bounded = Decision { bounded: vec![0, 2], ..samples::decision_body(5, 3) };
    let fallback = Decision { fallback: true, ..samples::decision_body(6, 2) };
    for (number, body, candidates) in [(5, bounded, 3), (6, fallback, 2)] {
        events.push(Event { body: EventBody::Decision(Arc::new(body)), ..samples::decision(number, USER, candidates) });
    }
    let role = events.iter().find_map(|event| match &event.body {
        EventBody::PolicyRole(fact) => Some(fact.clone()),
        _ => None,
    });
    let defined = PolicyRoleFact { definition: Some(r#"{"features":[]}"#.to_owned()), ..role.unwrap() };
    events.push(samples::event(7, None, EventBody::PolicyRole(defined)));
    events.extend(samples::every_trimmed_body(USER));
    let heard = Decision { heard: SignalKind::ALL.to_vec(), ..samples::decision_body(8, 2) };
    events.push(Event { body: EventBody::Decision(Arc::new(heard)), ..samples::decision(8, USER, 2) });
    events
        .into_iter()
        .enumerate()
        .map(|(number, event)| (format!("{number:02}-{}.bin", name(&event.body)), event))
        .collect()
}

fn name(body: &EventBody) -> &'static str {
    match body {
        EventBody::Signal(fact) => fact.kind().as_str(),
        EventBody::Decision(_) => "decision",
        EventBody::Reaction { reaction, .. } => reaction.as_str(),
        EventBody::Returned { .. } => "returned",
        EventBody::Expired { .. } => "expired",
        EventBody::Horizon { .. } => "horizon",
        EventBody::ParkingLapsed { .. } => "parking-lapsed",
        EventBody::Consent { .. } => "consent",
        EventBody::Preferences(_) => "preferences",
        EventBody::PolicyRole(_) => "policy-role",
        EventBody::Shadow(_) => "shadow",
        EventBody::Forgotten(_) => "forgotten",
        EventBody::Bandit(_) => "bandit",
        EventBody::Choice(_) => "choice",
        EventBody::Reward(_) => "reward",
        EventBody::Lesson(_) => "lesson",
        EventBody::Trimmed(_) => "trimmed",
        EventBody::Exported { .. } => "exported",
    }
}

#[test]
fn every_body_comes_back_as_it_was() {
    for event in samples_by_name().into_values() {
        assert_eq!(decode(&encode(&event).unwrap()).unwrap(), event);
    }
}

/// What format 1 wrote is read for ever. The files were written once, by the version that introduced the format; with
/// `OO_BLESS=1` missing ones are added, and none is ever changed.
#[test]
fn golden_events_of_format_1_are_read_for_ever() {
    let expected = samples_by_name();
    for (name, event) in &expected {
        let path = golden().join(name);
        if std::env::var_os("OO_BLESS").is_some() && !path.exists() {
            std::fs::create_dir_all(golden()).unwrap();
            std::fs::write(&path, encode(event).unwrap()).unwrap();
        }
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(&decode(&bytes).unwrap(), event, "{name}");
        assert_eq!(encode(event).unwrap(), bytes, "{name}: format 1 is written as it always was");
    }
    assert_eq!(std::fs::read_dir(golden()).unwrap().count(), expected.len());
}

/// The numbers of the fields that one of `message`'s alternatives has, as the schema declares them.
fn declared(message: &str, alternatives: &str) -> BTreeMap<u32, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto/oo/events/v1/events.proto");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, from) = text.split_once(&format!("\nmessage {message} {{")).unwrap();
    let (_, from) = from.split_once(&format!("oneof {alternatives} {{")).unwrap();
    let (inner, _) = from.split_once('}').unwrap();
    let field = |line: &str| {
        let (name, number) = line.trim().strip_suffix(';')?.split_once(" = ")?;
        Some((number.parse().ok()?, name.to_owned()))
    };
    inner.lines().filter_map(field).collect()
}

/// The first field of `bytes` that `known` has: its number and its bytes.
fn chosen<'a>(bytes: &'a [u8], known: &BTreeMap<u32, String>) -> Option<(u32, &'a [u8])> {
    use prost::encoding::{WireType, decode_key, decode_varint};
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, wire) = decode_key(&mut rest).unwrap();
        let length = match wire {
            WireType::Varint => {
                decode_varint(&mut rest).unwrap();
                0
            }
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            _ => usize::try_from(decode_varint(&mut rest).unwrap()).unwrap(),
        };
        let (value, tail) = rest.split_at(length);
        if known.contains_key(&number) {
            return Some((number, value));
        }
        rest = tail;
    }
    None
}

/// Whoever adds a body, a kind of signal or a reaction to the schema adds its golden file.
#[test]
fn every_alternative_of_the_schema_has_a_golden_file() {
    let alternatives =
        [("Event", "body", 15), ("Signal", "fact", 5), ("Reaction", "reaction", 4)].map(|(message, name, least)| {
            let declared = declared(message, name);
            assert!(declared.len() >= least, "{message}.{name}: {declared:?}");
            declared
        });
    let [bodies, facts, reactions] = &alternatives;
    let mut missing = alternatives.clone();
    for entry in std::fs::read_dir(golden()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let (body, inner) = chosen(&bytes, bodies).unwrap();
        missing[0].remove(&body);
        let (place, within) = match bodies[&body].as_str() {
            "Signal signal" => (1, facts),
            "Reaction reaction" => (2, reactions),
            _ => continue,
        };
        missing[place].remove(&chosen(inner, within).unwrap().0);
    }
    assert_eq!(missing, [BTreeMap::new(), BTreeMap::new(), BTreeMap::new()], "no golden file");
}

#[test]
fn a_decision_with_ten_candidates_is_small() {
    let bytes = encode(&samples::decision(1, USER, 10)).unwrap();
    assert!(bytes.len() < 1_500, "{} bytes", bytes.len());
}

#[test]
fn damaged_events_are_errors_and_never_panic() {
    for (name, event) in samples_by_name() {
        let bytes = encode(&event).unwrap();
        for length in 0..bytes.len() {
            let cut = decode(&bytes[..length]);
            assert!(cut.is_err() || cut.is_ok_and(|other| other != event), "{name} cut to {length}");
        }
        for at in 0..bytes.len() {
            for flip in [0x01, 0x08, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                if let Err(error) = decode(&damaged) {
                    assert!(matches!(error.kind(), ErrorKind::Storage | ErrorKind::Incompatible), "{name}: {error}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
    }

    #[test]
    fn spliced_events_never_panic(
        (one, other) in (0usize..40, 0usize..40),
        (from, to) in (0usize..2000, 0usize..2000),
    ) {
        let events: Vec<Vec<u8>> = samples_by_name().values().map(|event| encode(event).unwrap()).collect();
        let (one, other) = (&events[one % events.len()], &events[other % events.len()]);
        let mut spliced = one[..from % one.len()].to_vec();
        spliced.extend_from_slice(&other[to % other.len()..]);
        if let Ok(event) = decode(&spliced) {
            // Whatever is accepted can be written again.
            prop_assert!(encode(&event).is_ok());
        }
    }
}

fn wire(event: &Event) -> pb::Event {
    pb::Event::decode(encode(event).unwrap().as_slice()).unwrap()
}

fn refused(wire: &pb::Event) -> ErrorKind {
    decode(&wire.encode_to_vec()).unwrap_err().kind()
}

#[test]
fn what_a_newer_oo_wrote_is_incompatible() {
    let mood = samples::mood(1, USER);
    // A newer format.
    assert_eq!(refused(&pb::Event { format: 2, ..wire(&mood) }), ErrorKind::Incompatible);
    // A body that this version does not know.
    let mut bytes = pb::Event { body: None, ..wire(&mood) }.encode_to_vec();
    assert_eq!(decode(&bytes).unwrap_err().kind(), ErrorKind::Storage, "no body at all is damage");
    prost::encoding::bytes::encode(99, &b"something new".to_vec(), &mut bytes);
    assert_eq!(decode(&bytes).unwrap_err().kind(), ErrorKind::Incompatible);
    // A value of an enum that this version does not know.
    let consent = pb::event::Body::Consent(pb::Consent { kind: 77, granted: true });
    assert_eq!(refused(&pb::Event { body: Some(consent), ..wire(&mood) }), ErrorKind::Incompatible);
    let unspecified = pb::event::Body::Consent(pb::Consent { kind: 0, granted: true });
    assert_eq!(refused(&pb::Event { body: Some(unspecified), ..wire(&mood) }), ErrorKind::Storage);
    // A signal and a reaction of new kinds.
    let signal = pb::event::Body::Signal(pb::Signal { fact: None });
    assert_eq!(refused(&pb::Event { body: Some(signal), ..wire(&mood) }), ErrorKind::Incompatible);
    let reaction = pb::event::Body::Reaction(pb::Reaction { decision: vec![0; 16], reaction: None });
    assert_eq!(refused(&pb::Event { body: Some(reaction), ..wire(&mood) }), ErrorKind::Incompatible);
    // A field that is new in a known message is passed over, and survives because nobody rewrites the bytes.
    let mut bytes = encode(&mood).unwrap();
    prost::encoding::bytes::encode(9, &b"a new field".to_vec(), &mut bytes);
    assert_eq!(decode(&bytes).unwrap(), mood);
}

#[test]
fn counts_that_belong_together_are_checked_both_ways() {
    let whole = samples::decision_body(1, 3);
    let broken: [fn(&mut Decision); 6] = [
        |decision| decision.scores.truncate(2),
        |decision| decision.bounded = vec![3],
        |decision| decision.pmf.push(0.0),
        |decision| decision.drawn = 3,
        |decision| decision.features = decision.features[1..].into(),
        |decision| decision.candidates.clear(),
    ];
    for break_it in broken {
        let mut decision = whole.clone();
        break_it(&mut decision);
        let event = samples::event(1, Some(USER), EventBody::Decision(decision.into()));
        assert_eq!(encode(&event).unwrap_err().kind(), ErrorKind::Internal);
    }
    let damage: [fn(&mut pb::Decision); 9] = [
        |decision| decision.keys.truncate(33),
        |decision| decision.arm[1] = 9,
        |decision| decision.sources.clear(),
        |decision| decision.kinds.truncate(1),
        |decision| decision.expiring = vec![17],
        |decision| decision.features.truncate(7),
        |decision| decision.reasons.truncate(1),
        |decision| decision.schema_hash.clear(),
        |decision| decision.policy = None,
    ];
    for damage_it in damage {
        let event = samples::event(1, Some(USER), EventBody::Decision(whole.clone().into()));
        let mut wire = wire(&event);
        let Some(pb::event::Body::Decision(decision)) = &mut wire.body else { panic!("a decision") };
        damage_it(decision);
        assert_eq!(refused(&wire), ErrorKind::Storage);
    }
}
