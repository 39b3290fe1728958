//! `oo migrate-policy`: what was learned is taken over to another feature schema, once.

use std::process::Output;

use oo::{FeatureSchema, FeatureSpec};
use oo_core::features::default_schema;
use serde_json::Value;

use crate::support::{Home, oo};

fn registry(text: &str) -> Vec<(String, String, u64)> {
    let policies: Vec<Value> = serde_json::from_str(text).unwrap();
    let text = |policy: &Value, key: &str| policy[key].as_str().unwrap().to_owned();
    policies
        .iter()
        .map(|policy| (text(policy, "policy"), text(policy, "role"), policy["lessons"].as_u64().unwrap()))
        .collect()
}

fn entry(policy: &str, role: &str, lessons: u64) -> (String, String, u64) {
    (policy.to_owned(), role.to_owned(), lessons)
}

/// A store with two lessons.
fn taught() -> Home {
    let home = Home::new();
    for user in ["ann", "ben"] {
        home.says(&["tip", "--user", user]);
        home.says(&["react", "done", "--user", user]);
    }
    home
}

fn write(home: &Home, name: &str, features: Vec<FeatureSpec>) -> String {
    let schema = FeatureSchema::new(features, default_schema().unwrap().norm_bound()).unwrap();
    home.write(name, schema.to_json().unwrap().as_bytes())
}

fn appended(home: &Home) -> String {
    let mut features = default_schema().unwrap().features().to_vec();
    features.push(FeatureSpec::new("steps", 0.0, 1.0).unwrap());
    write(home, "appended.json", features)
}

fn with(home: &Home, args: &[&str], schema: &str) -> Output {
    oo(args).arg("--data").arg(home.data()).env("OO_SCHEMA_FILE", schema).output().unwrap()
}

#[test]
fn an_appended_schema_extends_the_champion_once() {
    let home = taught();
    let schema = appended(&home);
    // What is retired is not held any more.
    let extended = [entry("main@1", "retired", 0), entry("main@2", "champion", 2)];
    assert_eq!(registry(&home.says(&["migrate-policy", "--schema", &schema])), extended);
    assert_eq!(registry(&home.says(&["migrate-policy", "--schema", &schema])), extended, "once is enough");
    // The settings name the schema from now on; over the old one the store is not opened.
    let refused = home.run(&["health"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("migrate"), "{refused:?}");
    let health = with(&home, &["health"], &schema);
    let health: Value = serde_json::from_slice(&health.stdout).unwrap();
    assert_eq!((&health["policy"], &health["lessons"]), (&Value::from("main@2"), &Value::from(2)));
    let again = with(&home, &["migrate-policy"], &schema);
    assert_eq!(
        registry(std::str::from_utf8(&again.stdout).unwrap()),
        extended,
        "without --schema that of the settings"
    );
    let replayed = with(&home, &["replay"], &schema);
    assert!(replayed.status.success(), "{replayed:?}");
}

#[test]
fn another_schema_is_learned_anew_beside_the_champion() {
    let home = taught();
    let mut features = default_schema().unwrap().features().to_vec();
    features.remove(3);
    let schema = write(&home, "other.json", features);
    let refitted = [entry("main@1", "champion", 2), entry("main@2", "shadow", 2)];
    for _ in 0..2 {
        assert_eq!(registry(&home.says(&["migrate-policy", "--schema", &schema])), refitted);
    }
}

#[test]
fn a_schema_that_cannot_be_read_changes_nothing() {
    let home = taught();
    let before = home.says(&["health"]);
    let empty = home.write("empty.json", b"");
    let text = home.write("text.json", b"no schema");
    let twice =
        home.write("twice.json", br#"{"features": [{"name": "a", "range": [0, 1]}, {"name": "a", "range": [0, 1]}]}"#);
    let nowhere = home.path("nowhere.json").to_str().unwrap().to_owned();
    for file in [&empty, &text, &twice, &nowhere, &home.data()] {
        let output = home.run(&["migrate-policy", "--schema", file]);
        assert_eq!(output.status.code(), Some(2), "{file}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("schema"), "{file}: {said}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(home.says(&["health"]), before);
}
