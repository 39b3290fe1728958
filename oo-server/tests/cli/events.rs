//! `oo events tail`: the log as JSON lines.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Home, ended, oo};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_log_as_json_lines() {
    let home = Home::new();
    home.says(&["tip", "--user", "ann"]);
    home.says(&["react", "done", "--user", "ann"]);
    home.says(&["tip", "--user", "bea"]);
    let all = lines(&home.says(&["events", "tail"]));
    let types: Vec<&str> = all.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["policy_role", "decision", "reaction", "decision"]);
    assert_eq!(lines(&home.says(&["events", "tail", "--user", "ann"])), all[1..3]);
    assert_eq!(
        lines(&home.says(&["events", "tail", "--types", "reaction,policy_role"])),
        [&all[..1], &all[2..3]].concat()
    );
    let after = all[1]["position"].to_string();
    assert_eq!(lines(&home.says(&["events", "tail", "--after", &after])), all[2..]);
    assert_eq!(home.says(&["events", "tail", "--after", "now"]), "");
    for wrong in [["--after", "later"], ["--after", "999999"], ["--types", "descision"], ["--user", ""]] {
        let refused = home.run(&["events", "tail", wrong[0], wrong[1]]);
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
        assert!(String::from_utf8(refused.stderr).unwrap().starts_with("oo: "), "{wrong:?}");
    }
}

#[test]
fn following_goes_on_until_it_is_interrupted() {
    let home = Home::new();
    home.says(&["tip", "--user", "ann"]);
    let command = ["events", "tail", "--follow", "--types", "decision", "--data", &home.data()];
    let mut child = oo(&command).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut next = || {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        line
    };
    let first = lines(&next());
    home.says(&["tip", "--user", "bea"]);
    let second = lines(&next());
    assert!(first[0]["position"].as_u64() < second[0]["position"].as_u64());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert_eq!(next(), "");
}

/// Nobody reads, and the pipe is full: it stops as soon as it is told to, whether it follows or not.
#[test]
fn a_reader_that_does_not_read_does_not_keep_it_from_stopping() {
    let home = Home::new();
    let tasks: Vec<String> =
        (0..1_000).map(|n| format!("{{\"kind\": \"task\", \"id\": \"t{n}\", \"title\": \"Task {n}\"}}\n")).collect();
    home.says(&["import", &home.write("tasks.jsonl", tasks.concat().as_bytes())]);
    let all = home.says(&["events", "tail"]);
    assert!(all.len() > 4 * 64 * 1024, "a pipe of {} bytes may hold all", all.len());
    for (name, follow) in [("-TERM", &["--follow"][..]), ("-INT", &[])] {
        let mut child =
            oo(&["events", "tail", "--data", &home.data()]).args(follow).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::with_capacity(1, child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        assert!(child.try_wait().unwrap().is_none(), "{name}: the pipe took everything");
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
        assert!(ended(&mut child).success(), "{name}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert!(all.starts_with(&(first + &rest)), "what was written are the first events");
    }
}
