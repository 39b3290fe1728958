//! The JSON form of events: every field of every event is in its line, and every line keeps to the published schema.

use std::collections::BTreeSet;
use std::path::Path;

use oo::event_json::{EVENT_TYPES, EventLine, event_type};
use oo::id::{Position, Pseudonym};
use oo::{ErrorKind, Stored};
use oo_core::testing::samples;
use serde_json::{Value, json};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const USER: Pseudonym = Pseudonym([0xab; 16]);

fn samples_stored() -> Vec<Stored> {
    let mut events = samples::every_body(USER);
    events.extend(samples::every_bare_body(USER));
    events.extend(samples::every_trimmed_body(USER));
    events.push(samples::reaction(1, None, samples::decision_id(2), oo::Reaction::Done));
    events.into_iter().zip(1..).map(|(event, position)| Stored { position: Position(position), event }).collect()
}

fn schema() -> Outcome<jsonschema::Validator> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/events.schema.json");
    Ok(jsonschema::validator_for(&serde_json::from_str(&std::fs::read_to_string(path)?)?)?)
}

#[test]
fn every_event_reads_back_from_its_line() -> Outcome {
    let mut types = BTreeSet::new();
    for stored in samples_stored() {
        types.insert(event_type(&stored.event.body));
        let line = EventLine::new(&stored).to_json()?;
        assert!(!line.contains('\n'));
        assert_eq!(EventLine::parse(&line)?.to_stored()?, stored, "{line}");
        let value: Value = serde_json::from_str(&line)?;
        assert_eq!(value["type"], json!(event_type(&stored.event.body)));
        assert_eq!(EventLine::new(&stored).to_value()?, value);
    }
    assert_eq!(types, EVENT_TYPES.into_iter().collect(), "every type has a sample");
    Ok(())
}

#[test]
fn every_line_keeps_to_the_schema() -> Outcome {
    let schema = schema()?;
    for stored in samples_stored() {
        let line = EventLine::new(&stored).to_value()?;
        if let Err(error) = schema.validate(&line) {
            return Err(format!("{}: {error}", event_type(&stored.event.body)).into());
        }
        // The schema can refuse: a field less, a field more.
        for name in line.as_object().ok_or("an object")?.keys().filter(|name| *name != "until" && *name != "reason") {
            let mut less = line.clone();
            less.as_object_mut().ok_or("an object")?.remove(name);
            assert!(!schema.is_valid(&less), "{line} without {name}");
        }
        let mut more = line.clone();
        more["surname"] = json!("Doe");
        assert!(!schema.is_valid(&more), "{line} with a field more");
    }
    Ok(())
}

#[test]
fn a_damaged_line_is_refused_by_the_field() -> Outcome {
    let decision = samples_stored().into_iter().find(|stored| event_type(&stored.event.body) == "decision");
    let line = EventLine::new(&decision.ok_or("a decision")?).to_value()?;
    for (field, damage) in [
        ("event", json!("nonsense")),
        ("at", json!("yesterday")),
        ("pseudonym", json!("ABABABABABABABABABABABABABABABAB")),
        ("policy", json!("linucb")),
        ("schema", json!("07")),
        ("request", json!("é".repeat(16))),
    ] {
        let mut damaged = line.clone();
        damaged[field] = damage;
        let error = EventLine::parse(&damaged.to_string())?.to_stored().err().ok_or("was read")?;
        assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some(field)));
    }
    for text in ["", "{}", "[]", r#"{"type":"decision"}"#, r#"{"type":"export","format":"oo.export.v1"}"#] {
        assert_eq!(EventLine::parse(text).err().ok_or("was read")?.kind(), ErrorKind::InvalidInput);
    }
    Ok(())
}
