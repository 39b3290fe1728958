//! Backups, restores and keys from the command line.

use std::process::Output;

use serde_json::Value;

use crate::support::{Home, oo};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn file(home: &Home, name: &str) -> String {
    home.path(name).to_str().unwrap().to_owned()
}

#[test]
fn s23_a_restore_from_the_command_line_does_not_bring_the_forgotten_back() {
    let home = Home::new();
    for user in ["ann", "ben"] {
        home.says(&["tip", "--user", user]);
        home.says(&["react", "done", "--user", user]);
    }
    let backup = file(&home, "a.backup");
    let made = json(&home.says(&["backup", &backup]));
    home.says(&["forget", "--user", "ann"]);
    let forgotten = json(&home.says(&["health"]));

    let refused = home.run(&["restore", &backup]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert_eq!(json(&home.says(&["health"])), forgotten, "it was left alone");

    let restored = json(&home.says(&["restore", &backup, "--replace", "--verify"]));
    assert_eq!(restored["position"], made["position"]);
    assert_eq!(restored["replayed"]["differences"], serde_json::json!([]));
    assert_eq!(restored["health"]["state_hash"], forgotten["state_hash"], "unlearned again");
    assert_ne!(restored["health"]["incarnation"], forgotten["incarnation"]);
    assert!(restored["replaced"].as_str().unwrap().ends_with("oo.db.replaced"));
    assert_eq!(home.says(&["export", "--user", "ann"]).lines().count(), 1);
    assert!(home.says(&["export", "--user", "ben"]).lines().count() > 2);

    // On another machine: the backup, the key and the forgotten list.
    let elsewhere = Home::new();
    std::fs::copy(home.path("data.key"), elsewhere.path("data.key")).unwrap();
    std::fs::copy(home.path("data.forgotten"), elsewhere.path("data.forgotten")).unwrap();
    let restored = json(&elsewhere.says(&["restore", &backup, "--verify"]));
    let list = serde_json::json!({"path": file(&elsewhere, "data.forgotten"), "lines": 1});
    assert_eq!((&restored["forgotten_list"], &restored["health"]["erasing"]), (&list, &Value::from(0)));
    assert_eq!(elsewhere.says(&["export", "--user", "ann"]).lines().count(), 1);
    assert!(elsewhere.says(&["export", "--user", "ben"]).lines().count() > 2);
}

#[test]
fn a_restore_without_the_list_says_so_and_the_list_may_come_later() {
    let home = Home::new();
    home.says(&["tip", "--user", "ann"]);
    home.says(&["react", "done", "--user", "ann"]);
    let backup = file(&home, "a.backup");
    home.says(&["backup", &backup]);
    home.says(&["forget", "--user", "ann"]);
    home.says(&["compact"]);
    let elsewhere = Home::new();
    std::fs::copy(home.path("data.key"), elsewhere.path("data.key")).unwrap();
    let output = elsewhere.run(&["restore", &backup]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains(&file(&elsewhere, "data.forgotten")), "{}", said(&output));
    assert_eq!(json(std::str::from_utf8(&output.stdout).unwrap())["forgotten_list"]["lines"], Value::Null);
    assert!(elsewhere.says(&["export", "--user", "ann"]).lines().count() > 2, "brought back, and it was said");
    std::fs::copy(home.path("data.forgotten"), elsewhere.path("data.forgotten")).unwrap();
    assert_eq!(elsewhere.says(&["export", "--user", "ann"]).lines().count(), 1);
}

#[test]
fn a_restore_whose_log_does_not_replay_fails() {
    let home = Home::new();
    home.says(&["tip"]);
    home.says(&["react", "done"]);
    let backup = file(&home, "a.backup");
    home.says(&["backup", &backup]);
    // A row that the log does not give, as nobody but another program writes it.
    let other = rusqlite::Connection::open(&backup).unwrap();
    assert_eq!(other.execute("UPDATE tips SET reward = 0.25", []).unwrap(), 1);
    drop(other);
    let elsewhere = Home::new();
    std::fs::copy(home.path("data.key"), elsewhere.path("data.key")).unwrap();
    let output = elsewhere.run(&["restore", &backup, "--verify"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("differences"), "{}", said(&output));
    let done = json(std::str::from_utf8(&output.stdout).unwrap());
    assert_ne!(done["replayed"]["differences"], serde_json::json!([]));
}

#[test]
fn a_backup_is_made_beside_a_server_that_serves() {
    let server = crate::support::Server::start();
    server.post("/api/recommend", &serde_json::json!({})).json();
    let health = server.get("/health").json();
    let backup = file(&server.home, "a.backup");
    let made = json(&server.home.says(&["backup", &backup]));
    assert_eq!((&made["position"], &made["incarnation"]), (&health["position"], &health["incarnation"]));
    let again = server.home.run(&["backup", &backup]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    server.home.says(&["backup", &backup, "--overwrite"]);
    let refused = server.home.run(&["restore", &backup, "--replace"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("stop it"), "{}", said(&refused));
    let rotated = json(&server.home.says(&["keys", "rotate"]));
    server.post("/api/recommend", &serde_json::json!({})).json();
    server.call_as("somebody-new", "POST", "/api/recommend", &serde_json::json!({})).json();
    let home = server.stop();
    assert_eq!(json(&home.says(&["keys", "status"]))["key_id"], rotated["to"]);
}

#[test]
fn keys_are_rotated_in_their_place_or_to_a_file_that_is_named() {
    let home = Home::new();
    home.says(&["tip"]);
    let key = std::fs::read(home.path("data.key")).unwrap();
    let status = json(&home.says(&["keys", "status"]));
    assert_eq!((&status["wrapped"], &status["unwiped"]), (&Value::from(3), &Value::from(false)));
    let rotated = json(&home.says(&["keys", "rotate"]));
    assert_eq!((&rotated["from"], &rotated["wiped"]), (&status["key_id"], &Value::from(true)));
    assert_ne!(std::fs::read(home.path("data.key")).unwrap(), key);
    assert!(!home.path("data.key.next").exists());
    let kept = |rotated: &Value| home.path(&format!("data.key.previous-{}", rotated["from"].as_str().unwrap()));
    assert_eq!(std::fs::read(kept(&rotated)).unwrap(), key, "backups need it");
    let given_up = json(&home.says(&["keys", "rotate", "--discard-old-key"]));
    assert_eq!(given_up["from"], rotated["to"]);
    assert!(!kept(&given_up).exists() && kept(&rotated).exists());

    let output = home.run(&["keys", "rotate", "--new-key-file", &file(&home, "new.key")]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("OO_MASTER_KEY_FILE"), "{}", said(&output));
    let refused = home.run(&["tip"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("another master key"), "{}", said(&refused));
    let with = |args: &[&str], variable: &str, value: &str| {
        oo(args).arg("--data").arg(home.data()).env(variable, value).output().unwrap()
    };
    assert!(with(&["tip"], "OO_MASTER_KEY_FILE", &file(&home, "new.key")).status.success());

    // The key itself in the environment, and as a command's output.
    let line = std::fs::read_to_string(home.path("new.key")).unwrap();
    let digits = line.trim().split(' ').next_back().unwrap().to_owned();
    for value in [&line, &digits] {
        let output = with(&["tip"], "OO_MASTER_KEY", value);
        assert!(output.status.success(), "{}", said(&output));
    }
    let command = format!("cat {}", file(&home, "new.key"));
    assert!(with(&["tip"], "OO_MASTER_KEY_COMMAND", &command).status.success());
    let cannot = with(&["keys", "rotate"], "OO_MASTER_KEY", &digits);
    assert_eq!(cannot.status.code(), Some(2));
    assert!(said(&cannot).contains("--new-key-file"), "{}", said(&cannot));
    for (variable, value) in [
        ("OO_MASTER_KEY", ""),
        ("OO_MASTER_KEY", "0123"),
        ("OO_MASTER_KEY_COMMAND", "/no/such/program"),
        ("OO_MASTER_KEY_FILE", "/no/such/file"),
    ] {
        let output = with(&["tip"], variable, value);
        assert_eq!(output.status.code(), Some(1), "{variable}={value}");
        assert!(said(&output).contains("key") && !said(&output).contains(&digits), "{}", said(&output));
    }
    let both = oo(&["tip", "--data", &home.data()])
        .env("OO_MASTER_KEY", &digits)
        .env("OO_MASTER_KEY_FILE", file(&home, "new.key"))
        .output()
        .unwrap();
    assert_eq!(both.status.code(), Some(2));
    assert!(said(&both).contains("OO_MASTER_KEY_FILE") && !said(&both).contains(&digits), "{}", said(&both));
}

#[test]
fn upkeep_of_data_that_are_not_there_makes_none() {
    let home = Home::new();
    for args in [&["backup", "a.backup"][..], &["keys", "status"], &["keys", "rotate"]] {
        let output = home.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(said(&output).contains("no database"), "{}", said(&output));
    }
    let nothing = home.run(&["restore", &file(&home, "nowhere")]);
    assert_eq!(nothing.status.code(), Some(2), "{}", said(&nothing));
    assert!(!home.path("data").join("oo.db").exists() && !home.path("data.key").exists());
}
