//! Asking, reacting, forgetting and verifying, without a server.

use serde_json::Value;

use crate::support::{Home, oo};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_tip_and_what_became_of_it() {
    let home = Home::new();
    let answer = json(&home.says(&["tip", "--json"]));
    let shown = home.says(&["tip"]);
    assert!(shown.starts_with(answer["tip"]["content"].as_str().unwrap()), "{shown}");
    assert!(shown.contains(answer["tip"]["id"].as_str().unwrap()));

    assert_eq!(json(&home.says(&["react", "done"]))["reward"], 1.0);
    let gone = home.run(&["react", "done"]);
    assert_eq!(gone.status.code(), Some(1), "no tip is open any more");
    let id = answer["tip"]["id"].as_str().unwrap();
    assert_eq!(json(&home.says(&["react", "dismiss", "--tip", id, "--reason", "never"]))["status"], "applied");

    let health = json(&home.says(&["health"]));
    assert_eq!(health["lessons"], 1);
    let replayed = json(&home.says(&["replay", "--verify"]));
    assert_eq!(replayed["differences"], serde_json::json!([]));
    assert_eq!(replayed["state_hash"], health["state_hash"]);
}

#[test]
fn forgetting_from_the_command_line() {
    let home = Home::new();
    home.says(&["tip", "--user", "ann"]);
    assert!(home.says(&["export", "--user", "ann"]).lines().count() > 1);
    let receipt = json(&home.says(&["forget", "--user", "ann"]));
    assert_eq!(receipt["stage"], "erased");
    assert_eq!(json(&home.says(&["forget", "--user", "ann"]))["stage"], "nothing_held");
    assert!(home.path("data.forgotten").exists(), "beside the folder, outside its backups");
}

#[test]
fn the_key_lies_beside_the_folder_and_is_needed() {
    let home = Home::new();
    home.says(&["tip"]);
    let key = home.path("data.key");
    assert!(key.exists());
    assert!(std::fs::read_dir(home.data()).unwrap().all(|entry| !entry.unwrap().path().ends_with("oo.db.key")));
    std::fs::rename(&key, home.path("elsewhere")).unwrap();
    let refused = home.run(&["tip"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.starts_with("oo: ") && said.contains("key"), "{said}");
    assert!(!key.exists(), "never a new key for old data");
}

#[test]
fn a_wrong_call_is_code_2_and_says_what_to_do() {
    let home = Home::new();
    let wrong: [&[&str]; 9] = [
        &["react", "like"],
        &["react", "snooze"],
        &["react", "done", "--tip", "7"],
        &["import", "/no/such/file"],
        &["tip", "--user", ""],
        &["serve", "--addr", "0.0.0.0:0"],
        &["serve", "--addr", "nonsense"],
        &["serve", "--host", "oo.lan"],
        &["nonsense"],
    ];
    for args in wrong {
        let output = home.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn settings_come_from_a_file_and_the_environment() {
    let home = Home::new();
    let good = home.write("oo.toml", b"holdout = 0.0\n");
    home.says(&["tip", "--config", &good]);
    let misspelt = home.write("bad.toml", b"holdot = 0.0\n");
    let refused = home.run(&["tip", "--config", &misspelt]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("holdot"));
    let out_of_range = oo(&["tip", "--data", &home.data()]).env("OO_HOLDOUT", "7").output().unwrap();
    assert_eq!(out_of_range.status.code(), Some(2));
}

#[test]
fn an_address_that_is_taken_is_said() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = home.run(&["serve", "--addr", &taken.local_addr().unwrap().to_string()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in use"));
    assert!(!home.path("data").exists(), "the data are left alone");
}
