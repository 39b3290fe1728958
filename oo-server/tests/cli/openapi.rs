//! `openapi.json` is what the server says of itself.

use std::path::Path;

use crate::support::oo;

#[test]
fn the_committed_description_is_up_to_date() {
    let output = oo(&["openapi"]).output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("}\n"));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    if std::env::var_os("OO_REGENERATE").is_some() {
        std::fs::write(&file, &said).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert!(said == committed, "openapi.json is out of date; `make generate`, or run this test with OO_REGENERATE=1");
}

#[test]
fn every_reference_leads_somewhere() {
    let said = String::from_utf8(oo(&["openapi"]).output().unwrap().stdout).unwrap();
    let api: serde_json::Value = serde_json::from_str(&said).unwrap();
    let mut references = Vec::new();
    collect(&api, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        assert!(api.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn collect(value: &serde_json::Value, references: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value.as_str()) {
                    ("$ref", Some(reference)) => references.push(reference.to_owned()),
                    _ => collect(value, references),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
