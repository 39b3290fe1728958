//! Statement 16 and several processes on one file: real child processes, killed and racing.
#![cfg(feature = "testing")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oo::id::EventId;
use oo::{ReactRequest, Reaction};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What a child does, by the environment: nothing, unless this test binary started it.
#[test]
fn child() -> Outcome<()> {
    let Some(path) = std::env::var_os("OO_CHILD_DB") else { return Ok(()) };
    let name = std::env::var("OO_CHILD_NAME")?;
    let pairs: u64 = std::env::var("OO_CHILD_PAIRS")?.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async move {
        let oo = oo::Engine::open(&path).await?;
        say("ready");
        let tasks: Vec<_> = (0..8_u64)
            .map(|lane| {
                let (oo, name) = (oo.clone(), name.clone());
                tokio::spawn(async move {
                    for number in 0..pairs {
                        // Half of the people are this process's own, half are everybody's.
                        let user = if lane % 2 == 0 { format!("{name}-{lane}") } else { format!("shared-{lane}") };
                        let Some(tip) = oo.recommend(&user).await? else { continue };
                        say(&format!("decided {} {user}", tip.id));
                        let reaction =
                            if number % 3 == 0 { Reaction::Done } else { Reaction::Dismiss { reason: None } };
                        let id = format!("{name}-{lane}-{number}");
                        let request = ReactRequest { id: Some(id.clone()), ..ReactRequest::new(tip.id, reaction) };
                        oo.react_with(request).await?;
                        let event = EventId::derived("reaction", &[&tip.id.0.0, id.as_bytes()]);
                        say(&format!("reacted {event} {user}"));
                    }
                    Ok::<_, oo::Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        say("finished");
        let mut go = String::new();
        std::io::stdin().read_line(&mut go)?;
        say(&format!("hash {}", oo.health().await?.state_hash));
        Ok(())
    })
}

/// One line, whole, at once: a killed child leaves no half line that could be taken for an answer.
fn say(line: &str) {
    let _ = std::io::stdout().lock().write_all(format!("\n@{line}\n").as_bytes());
}

fn start(path: &Path, name: &str, pairs: u64) -> Outcome<Child> {
    Ok(Command::new(std::env::current_exe()?)
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env("OO_CHILD_DB", path)
        .env("OO_CHILD_NAME", name)
        .env("OO_CHILD_PAIRS", pairs.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?)
}

/// 16: SIGKILL at random moments under load: no acknowledged row lost, none applied twice, state = replay(log).
#[test]
fn s16_crash_sigkill() -> Outcome<()> {
    let kills = if std::env::var_os("OO_LONG").is_some() { 200 } else { 20 };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let (mut decided, mut reacted, mut news) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut state = 88_172_645_463_325_252_u64;
    for kill in 0..kills {
        let mut child = start(&path, &format!("k{kill}"), 1_000_000)?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?);
        wait_for(&mut output, "@ready")?;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        std::thread::sleep(Duration::from_millis(20 + state % 180));
        child.kill()?;
        child.wait()?;
        let mut rest = String::new();
        output.read_to_string(&mut rest)?;
        for line in rest.lines() {
            let mut words = line.split(' ');
            let (all, id, user) = match (words.next(), words.next(), words.next()) {
                (Some("@decided"), Some(tip), Some(user)) => (&mut decided, tip, user),
                (Some("@reacted"), Some(event), Some(user)) => (&mut reacted, event, user),
                _ => continue,
            };
            all.insert((user.to_owned(), id.to_owned()));
            news.insert(user.to_owned());
        }
        // Whoever has news is looked at soon, everybody at the end: what is lost once stays lost.
        if kill + 1 == kills {
            news.extend(decided.iter().map(|(user, _)| user.clone()));
        }
        if kill % 5 == 4 || kill + 1 == kills {
            verify(&path, &std::mem::take(&mut news), &decided, &reacted)?;
        }
    }
    assert!(reacted.len() > kills * 5, "only {} acknowledged reactions: the test shows nothing", reacted.len());
    println!("{kills} kills, {} acknowledged decisions, {} acknowledged reactions", decided.len(), reacted.len());
    Ok(())
}

fn verify(
    path: &Path,
    users: &BTreeSet<String>,
    decided: &BTreeSet<(String, String)>,
    reacted: &BTreeSet<(String, String)>,
) -> Outcome<()> {
    let oo = oo::blocking::Engine::open(path)?;
    for user in users {
        let export = oo.export(user)?;
        let (mut seen, mut events) = (Vec::new(), BTreeSet::new());
        for line in export.lines().skip(1) {
            let line: serde_json::Value = serde_json::from_str(line)?;
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            assert!(events.insert(text("event")), "an event of {user} is there twice: {line}");
            seen.push(match line["type"].as_str() {
                Some("decision") => ("decision", text("id")),
                Some("reaction") => ("reaction", text("event")),
                _ => continue,
            });
        }
        for (kind, acknowledged) in [("decision", decided), ("reaction", reacted)] {
            for (_, id) in acknowledged.iter().filter(|(owner, _)| owner == user) {
                let count = seen.iter().filter(|(kept, seen)| *kept == kind && seen == id).count();
                assert_eq!(count, 1, "the acknowledged {kind} {id} of {user} is there {count} times");
            }
        }
    }
    let health = oo.health()?;
    let conn = rusqlite::Connection::open(path)?;
    let rewarded: i64 = conn.query_row("SELECT count(*) FROM tips WHERE reward IS NOT NULL", [], |row| row.get(0))?;
    assert_eq!(health.lessons, rewarded.cast_unsigned(), "each decision with a reward is one lesson");
    let replayed = oo.replay()?;
    assert_eq!(replayed.differences, Vec::<String>::new());
    assert_eq!(replayed.state_hash, health.state_hash);
    oo.close();
    Ok(())
}

/// Four processes on one file, each folding what the others commit, end with the same state hash.
#[test]
fn crash_four_processes_one_file() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let mut children = Vec::new();
    for number in 0..4 {
        let mut child = start(&path, &format!("p{number}"), 25)?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        children.push((child, output));
    }
    for (_, output) in &mut children {
        wait_for(output, "@finished")?;
    }
    let mut hashes = BTreeSet::new();
    for (child, output) in &mut children {
        child.stdin.take().ok_or("no input")?.write_all(b"go\n")?;
        hashes.insert(wait_for(output, "@hash ")?);
        assert!(child.wait()?.success());
    }
    assert_eq!(hashes.len(), 1, "four processes, one state: {hashes:?}");
    let oo = oo::blocking::Engine::open(&path)?;
    assert_eq!(Some(format!("@hash {}", oo.health()?.state_hash)), hashes.into_iter().next());
    assert_eq!(oo.replay()?.differences, Vec::<String>::new());
    Ok(())
}

/// Reads until a line that begins with `what`, which it gives.
fn wait_for(output: &mut impl BufRead, what: &str) -> Outcome<String> {
    let mut line = String::new();
    loop {
        line.clear();
        if output.read_line(&mut line)? == 0 {
            return Err(format!("the child ended before it said {what}").into());
        }
        if line.starts_with(what) {
            return Ok(line.trim_end().to_owned());
        }
    }
}
