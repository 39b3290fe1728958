//! Nothing secret in logs, errors and debug output: everything is logged, much goes wrong, and then it is searched.
#![cfg(feature = "testing")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use oo::blocking::Engine;
use oo::{EngineBuilder, Entropy, KeyProvider, ReactRequest, Reaction, RecommendRequest, Settings, Signal};
use oo_core::id::hex;
use oo_core::ports::StateStore as _;
use oo_core::signal::{SignalBody, TaskSignal};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const CALLER: &str = "caller-quagga-5f3a";
const TITLE: &str = "Renew the zebra passport";
const NOTES: &str = "the okapi drawer, left";
const TASK: &str = "task-aardvark-77";
const REQUEST: &str = "request-kudu-12";
const TOKEN: &str = "token-bongo-99c1";
const COMPLAINT: &str = "complaint-oribi-31";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// What was shown of errors and of values.
#[derive(Default)]
struct Shown {
    text: String,
    errors: usize,
    succeeded: Vec<String>,
}

impl Shown {
    /// Keeps an error as it is displayed and debugged; a success is a defect of the test, told at its end.
    fn error<T>(&mut self, what: &str, outcome: oo::Result<T>) -> Outcome<()> {
        let Err(error) = outcome else {
            self.succeeded.push(what.to_owned());
            return Ok(());
        };
        self.errors += 1;
        writeln!(self.text, "{what}: {error} {error:?} {error:#?} {} {:?}", error.message(), error.field())?;
        Ok(())
    }

    fn value(&mut self, value: &dyn Debug) -> Outcome<()> {
        writeln!(self.text, "{value:?} {value:#?}")?;
        Ok(())
    }
}

fn task(title: &str) -> Signal {
    let task = TaskSignal {
        id: TASK.to_owned(),
        title: title.to_owned(),
        notes: Some(NOTES.to_owned()),
        ..TaskSignal::default()
    };
    Signal { signal_id: Some(REQUEST.to_owned()), ..Signal::from(SignalBody::Task(task)) }
}

/// The system's randomness, and every key that it gave.
#[derive(Default)]
struct Drawn(Mutex<Vec<(&'static str, [u8; 32])>>);

impl Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Drawn")
    }
}

impl Entropy for Drawn {
    fn bytes(&self, purpose: &'static str) -> oo::Result<[u8; 32]> {
        let bytes = oo::SystemEntropy.bytes(purpose)?;
        if ["key", "store_key", "master_key"].contains(&purpose) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push((purpose, bytes));
        }
        Ok(bytes)
    }
}

impl Drawn {
    /// The keys by what they are; the store's first key is the one by which people are looked up.
    fn keys(&self) -> BTreeMap<String, [u8; 32]> {
        let (mut keys, mut count) = (BTreeMap::new(), BTreeMap::new());
        for (purpose, bytes) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let number = count.entry(purpose).or_insert(0);
            keys.insert(format!("{purpose} {number}"), *bytes);
            *number += 1;
        }
        keys
    }
}

fn needles(keys: &BTreeMap<String, [u8; 32]>) -> BTreeMap<String, String> {
    let mut needles = BTreeMap::new();
    for (name, key) in keys {
        needles.insert(format!("{name} in hexadecimal"), hex(&key[..8]));
        let numbers: Vec<String> = key[..6].iter().map(ToString::to_string).collect();
        needles.insert(format!("{name} as numbers"), numbers.join(", "));
        needles.insert(format!("{name} as lines"), numbers.join(",\n"));
    }
    for text in [CALLER, TITLE, NOTES, TASK, REQUEST, TOKEN, COMPLAINT] {
        // A word of it is enough.
        let word = text.split([' ', '-', ',']).find(|word| word.len() > 3 && *word != "task").unwrap_or(text);
        let telling = ["quagga", "zebra", "okapi", "aardvark", "kudu", "bongo", "oribi"];
        let telling = telling.into_iter().find(|telling| text.contains(telling)).unwrap_or(word);
        needles.insert(text.to_owned(), telling.to_owned());
    }
    needles
}

#[test]
fn nothing_secret_is_in_logs_errors_and_debug_output() -> Outcome<()> {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::level_filters::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let mut shown = Shown::default();
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let key_file = folder.path().join("oo.db.key");

    let open_tasks = oo_core::sources::OpenTasks { cool_down_ms: 0 };
    let drawn = Arc::new(Drawn::default());
    let builder = EngineBuilder::new(&path).sources(vec![Arc::new(open_tasks)]).entropy(drawn.clone());
    let oo = Engine::from_builder(builder)?;
    let first_line = std::fs::read_to_string(&key_file)?;
    let signal = task(TITLE);
    shown.value(&signal)?;
    oo.ingest(CALLER, signal.clone())?;
    let request = RecommendRequest { request_id: Some(REQUEST.to_owned()), ..RecommendRequest::from(CALLER) };
    shown.value(&request)?;
    let tip = oo.recommend(request)?.ok_or("a tip")?;
    assert!(tip.content.contains("zebra"), "the task was drawn: {}", tip.content);
    shown.value(&tip)?;
    shown.value(&oo.explain(tip.id)?)?;
    shown.value(&oo.history(CALLER, 5)?)?;
    let react = ReactRequest { id: Some(REQUEST.to_owned()), ..ReactRequest::new(tip.id, Reaction::Done) };
    shown.value(&react)?;
    oo.react_with(react)?;
    let secrets = oo.secrets_of(CALLER);
    secrets.put("todoist.refresh_token", TOKEN)?;
    oo.secrets().put("todoist.client_secret", TOKEN)?;
    shown.value(&secrets)?;
    shown.value(&secrets.get("todoist.refresh_token")?)?;
    shown.value(&oo.inner().secrets_of(CALLER))?;
    shown.value(&oo::DecideRequest { user: Some(CALLER.to_owned()), ..oo::DecideRequest::new("a", vec![0.5], 1) })?;
    shown.value(&oo)?;
    shown.value(&(oo.health()?, oo.keys()?, oo.metrics(), oo.policies()?, oo.consents(CALLER)?))?;

    // Calls that are wrong, each with what must not be repeated.
    shown.error("an empty title", oo.ingest(CALLER, task("")))?;
    shown.error("a long title", oo.ingest(CALLER, task(&TITLE.repeat(1_000))))?;
    shown.error("an id with NUL", oo.ingest(&format!("{CALLER}\0"), signal.clone()))?;
    shown.error("a long id", oo.recommend(CALLER.repeat(90).as_str()))?;
    shown.error("a long task id", oo.ingest(CALLER, Signal::task(TASK.repeat(90), TITLE)))?;
    shown.error("a secret as its purpose", secrets.put(TOKEN, "x").and(secrets.put(&format!("{TOKEN}!"), "x")))?;
    shown.error("a long secret", secrets.put("a", TOKEN.repeat(9_000)))?;
    shown.error("an id as a receipt", oo.receipt(CALLER))?;
    shown.error("no tip", oo.explain(oo_core::id::DecisionId([7; 16])))?;
    let consents = oo::Consents { task: Some(false), ..oo::Consents::default() };
    oo.set_consents(CALLER, consents)?;
    shown.error("a denied kind", oo.ingest(CALLER, signal.clone()))?;
    // The consent took the texts with it: there are some again.
    oo.set_consents(CALLER, oo::Consents { task: Some(true), ..oo::Consents::default() })?;
    oo.ingest(CALLER, signal)?;

    // Rotation, backups, restores, and what fails of them.
    let backup = folder.path().join("a.backup");
    shown.value(&oo.backup(&backup)?)?;
    shown.error("a backup that exists", oo.backup(&backup))?;
    shown.value(&oo.rotate_key()?)?;
    let key: Arc<dyn KeyProvider> = Arc::new(oo::FileKey::new(&key_file, Arc::new(oo::SystemEntropy)));
    shown.error("the key that it has", oo.rotate_key_to(key.clone()))?;
    let master = key.master_key(false)?;
    shown.value(&(&key, &master, oo::EnvKey::new("OO_MASTER_KEY")))?;
    oo.close();
    shown.error("a closed engine", oo.recommend(CALLER))?;
    drop(oo);
    let keys = drawn.keys();
    let names: Vec<&str> = keys.keys().map(String::as_str).collect();
    assert_eq!(names, ["key 0", "key 1", "master_key 0", "master_key 1", "store_key 0"]);
    assert_eq!(&keys["master_key 1"], master.expose(), "the one after the rotation");
    assert!(first_line.contains(&hex(&keys["master_key 0"])), "the one before it");
    let store = oo_store::open(&path, key.clone(), drawn)?;
    assert_eq!(store.user(CALLER, None)?.ok_or("the person")?.key.expose(), &keys["key 1"]);
    drop(store);
    let needles = needles(&keys);

    shown.error("a backup of an older key", oo::restore(&backup, folder.path().join("again.db")))?;
    shown.error("a restore over a database", oo::restore(&backup, &path))?;
    let line = std::fs::read_to_string(&key_file)?;
    for wrong in [first_line, line[..60].to_owned(), format!("{line}{line}"), line.replace("v1", "v2")] {
        std::fs::write(&key_file, wrong)?;
        shown.error("a wrong key", Engine::open(&path))?;
        shown.error(
            "a wrong key",
            EngineBuilder::new(&path).restore(&backup, true).and(Engine::open(&path).map(|_| ())),
        )?;
    }
    std::fs::remove_file(&key_file)?;
    shown.error("no key", Engine::open(&path))?;
    let digits = line.trim().split(' ').next_back().ok_or("digits")?.to_owned();
    for command in [
        format!("sh -c 'echo {COMPLAINT} {digits} >&2; exit 1'"),
        format!("sh -c 'echo {digits}; exit 1'"),
        format!("echo {digits}00"),
    ] {
        let script = folder.path().join("command.sh");
        std::fs::write(&script, &command)?;
        let settings = Settings { master_key_command: Some(format!("sh {}", script.display())), ..Settings::default() };
        shown.value(&settings)?;
        shown.error("a command", Engine::from_builder(EngineBuilder::new(&path).settings(settings)))?;
    }
    std::fs::write(&key_file, &line)?;

    // What is stored was tampered with.
    let conn = rusqlite::Connection::open(&path)?;
    for tamper in [
        "UPDATE texts SET sealed = zeroblob(length(sealed))",
        "UPDATE secrets SET sealed = zeroblob(length(sealed))",
        "UPDATE events SET bytes = x'ffffffff' WHERE position = (SELECT max(position) FROM events)",
        "UPDATE keys SET wrapped = zeroblob(length(wrapped))",
    ] {
        conn.execute_batch(tamper)?;
        match Engine::open(&path) {
            Ok(oo) => {
                let (export, secret) =
                    (oo.export(CALLER).map(|_| ()), oo.secrets_of(CALLER).get("todoist.refresh_token"));
                shown.error(tamper, export.and(secret.map(|_| ())))?;
                shown.value(&oo.rotate_key())?;
            }
            Err(error) => shown.error::<()>(tamper, Err(error))?,
        }
    }

    let log = log.text();
    assert!(log.contains("the master key was rotated"), "the log was not heard: {log}");
    assert!(log.contains("a backup was written"));
    assert_eq!(shown.succeeded, Vec::<String>::new());
    assert!(shown.errors >= 25, "{} errors", shown.errors);
    for (name, needle) in &needles {
        for (place, text) in [("the log", &log), ("an error or debug output", &shown.text)] {
            let line = text.lines().find(|line| line.contains(needle.as_str()));
            assert!(line.is_none() && !text.contains(needle.as_str()), "{name} is in {place}: {line:?}");
        }
    }
    Ok(())
}
