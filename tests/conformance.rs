//! The engine's conformance cases through the Rust door. See `tests/conformance/README.md`.
#![cfg(feature = "testing")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use oo::blocking::Engine;
use oo::event_json::EventLine;
use oo::id::{DecisionId, Position};
use oo::{
    After, ArmKey, Consents, DecideRequest, EventsRequest, PolicySpec, Preferences, RangeSpec, ReactRequest, Reaction,
    RecommendRequest, Settings, ShownMode, TipId, Waited,
};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[test]
fn every_engine_case_gives_the_same_bits() -> Outcome<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    let mut cases = 0;
    for path in paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "json")) {
        let mut case: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        if case.get("steps").is_none() {
            continue;
        }
        run(&mut case).map_err(|error| format!("{}: {error}", path.display()))?;
        if std::env::var_os("OO_REGENERATE").is_some() {
            std::fs::write(path, serde_json::to_string_pretty(&case)? + "\n")?;
        }
        cases += 1;
    }
    assert!(cases >= 8, "only {cases} cases were found");
    Ok(())
}

#[test]
fn every_kind_of_policy_is_a_named_bandit_of_a_case() -> Outcome<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/bandit_kinds.json");
    let case: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let steps = case["steps"].as_array().ok_or("no steps")?;
    for kind in PolicySpec::KINDS {
        let asked = |step: &&Value| step["args"]["policy"]["type"] == *kind;
        assert!(
            steps.iter().any(|step| asked(&step)),
            "{kind} is not in bandit_kinds.json: its `about` says every kind"
        );
    }
    Ok(())
}

fn run(case: &mut Value) -> Outcome<()> {
    let regenerate = std::env::var_os("OO_REGENERATE").is_some();
    let folder = tempfile::tempdir()?;
    let world = folder.path().join("world.json");
    std::fs::write(&world, case["world"].to_string())?;
    let settings: Settings = serde_json::from_value(case["settings"].clone())?;
    if regenerate {
        fill_next_decision(case, &world)?;
    }
    let builder = oo::Engine::builder(folder.path().join("oo.db")).settings(settings).test_world(&world)?;
    let oo = Engine::from_builder(builder)?;
    let mut saved: BTreeMap<String, Value> = BTreeMap::new();
    let seed = case["world"]["seed"].clone();
    for (number, step) in case["steps"].as_array_mut().ok_or("no steps")?.iter_mut().enumerate() {
        if step["not_over"].as_array().is_some_and(|doors| doors.contains(&json!("rust"))) {
            continue;
        }
        if let Some(at) = step["at"].as_str() {
            let next = folder.path().join("next.json");
            std::fs::write(&next, json!({"now": at, "seed": seed}).to_string())?;
            std::fs::rename(&next, &world)?;
        }
        let verb = step["verb"].as_str().unwrap_or_default().to_owned();
        let args = resolve(&step["args"], &saved);
        let answer = call(&oo, &verb, &args);
        match (answer, step["expect_error"].as_str()) {
            (Err(error), Some(kind)) if error.kind().as_str() == kind => continue,
            (Err(error), wanted) => return Err(format!("step {number} {verb}: {error}, wanted {wanted:?}").into()),
            (Ok(answer), Some(kind)) => return Err(format!("step {number} {verb}: no {kind} but {answer}").into()),
            (Ok(answer), None) => {
                for (name, path) in step["save"].as_object().into_iter().flatten() {
                    let inner = |value: &'_ Value, key: &str| match key.parse::<usize>() {
                        Ok(index) => value[index].clone(),
                        Err(_) => value[key].clone(),
                    };
                    let keys = path.as_str().unwrap_or_default().split('.').filter(|key| !key.is_empty());
                    let value = keys.fold(answer.clone(), |value, key| inner(&value, key));
                    saved.insert(name.clone(), value);
                }
                let seen = if verb == "health" { listed(&answer, &step["expect"]) } else { answer };
                if regenerate {
                    step["expect"] = seen;
                } else if seen != step["expect"] {
                    return Err(format!("step {number} {verb}:\n seen {seen}\n want {}", step["expect"]).into());
                }
            }
        }
    }
    Ok(())
}

/// `@next_decision` becomes the id that the world's first decision will have, when the case is written anew.
fn fill_next_decision(case: &mut Value, world: &Path) -> Outcome<()> {
    use oo::{Clock as _, Entropy as _};
    let entropy = oo::FileWorld::open(world)?;
    let next = oo::id::DecisionId::v7(entropy.now_ms(), &entropy.bytes("decision")?).to_string();
    for step in case["steps"].as_array_mut().into_iter().flatten() {
        if step["args"]["tip"] == json!("@next_decision") {
            step["args"]["tip"] = json!(next);
        }
    }
    Ok(())
}

fn listed(answer: &Value, wanted: &Value) -> Value {
    wanted.as_object().map_or(Value::Null, |keys| keys.keys().map(|key| (key.clone(), answer[key].clone())).collect())
}

fn resolve(args: &Value, saved: &BTreeMap<String, Value>) -> Value {
    match args {
        Value::String(text) => {
            text.strip_prefix('$').and_then(|name| saved.get(name)).cloned().unwrap_or_else(|| args.clone())
        }
        Value::Array(items) => items.iter().map(|item| resolve(item, saved)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), resolve(value, saved))).collect(),
        _ => args.clone(),
    }
}

fn call(oo: &Engine, verb: &str, args: &Value) -> oo::Result<Value> {
    let text = |name: &str| args[name].as_str();
    let user = text("user").unwrap_or("me");
    let instant = |name: &str| text(name).map(|at| oo::moment::parse_rfc3339(name, at)).transpose();
    let answer = match verb {
        "recommend" => {
            let request = RecommendRequest {
                request_id: text("request_id").map(str::to_owned),
                shown: if text("shown") == Some("reported") { ShownMode::Reported } else { ShownMode::OnAnswer },
                ..RecommendRequest::new(user)
            };
            json!(oo.recommend_with(request)?)
        }
        "react" => {
            let tip: TipId = text("tip").unwrap_or_default().parse()?;
            let reaction =
                Reaction::from_parts(text("reaction").unwrap_or_default(), instant("until")?, text("reason"))?;
            json!(oo.react_with(ReactRequest {
                id: text("id").map(str::to_owned),
                at_ms: instant("at")?,
                ..ReactRequest::new(tip, reaction)
            })?)
        }
        "ingest" => {
            let signals = args["signals"].as_array().cloned().unwrap_or_default();
            let signals = signals.into_iter().map(oo::wire::signal_from_value).collect::<oo::Result<Vec<_>>>()?;
            json!(oo.ingest_all(user, signals)?)
        }
        "decide" => json!(oo.decide(decision(args, args)?)?),
        "decide_all" => {
            let decisions = args["decisions"].as_array().into_iter().flatten();
            json!(oo.decide_all(decisions.map(|own| decision(own, args)).collect::<oo::Result<_>>()?)?)
        }
        "reward" => {
            json!(oo.reward(decision_id("decision", &args["decision"])?, args["reward"].as_f64().unwrap_or(f64::NAN))?)
        }
        "reward_all" => {
            let each = args["rewards"].as_array().into_iter().flatten();
            let each = each.map(|one| {
                Ok((decision_id("decision", &one["decision"])?, one["reward"].as_f64().unwrap_or(f64::NAN)))
            });
            let rewarded = oo.reward_all(each.collect::<oo::Result<_>>()?)?;
            let rewarded = rewarded.into_iter().map(|rewarded| match rewarded {
                Ok(rewarded) => json!(rewarded),
                Err(error) => json!({"kind": error.kind().as_str()}),
            });
            rewarded.collect()
        }
        "choice" => json!(oo.choice(decision_id("decision", &args["decision"])?)?),
        "bandits" => json!(oo.bandits()?),
        "policies" => json!(oo.policies()?),
        "explain" => json!(oo.explain(text("tip").unwrap_or_default().parse::<TipId>()?)?),
        "history" => json!(oo.history(user, usize::try_from(args["limit"].as_u64().unwrap_or(20)).unwrap_or(20))?),
        "consents" => json!(oo.consents(user)?),
        "set_consents" => json!(oo.set_consents(user, parsed::<Consents>(&args["consents"])?)?),
        "preferences" => json!(oo.preferences(user)?),
        "set_preferences" => json!(oo.set_preferences(user, parsed::<Preferences>(&args["preferences"])?)?),
        "forget" => json!(oo.forget(user)?),
        "receipt" => json!(oo.receipt(text("id").unwrap_or_default())?),
        "receipts" => json!(oo.receipts(usize::try_from(args["limit"].as_u64().unwrap_or(50)).unwrap_or(50))?),
        "verify_receipt" => json!(oo.verify_receipt(&parsed(&args["receipt"])?)?),
        "export" => json!(oo.export(user)?),
        "import_export" => json!(oo.import_export(user, text("export").unwrap_or_default())?),
        "retain" => json!(oo.retain()?),
        "events" => {
            let types = args["types"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let after = match &args["after"] {
                Value::Null => After::Start,
                Value::String(after) => After::parse(after)?,
                after => After::Position(Position(after.as_u64().unwrap_or(u64::MAX))),
            };
            let request = EventsRequest { user: text("user").map(str::to_owned), ..EventsRequest::default() };
            let mut events = oo.events(request.after(after).types(types))?;
            let mut lines = Vec::new();
            while let Waited::Event(stored) = events.wait(Duration::from_secs(60))? {
                lines.push(EventLine::new(&stored).to_value()?);
            }
            json!(lines)
        }
        "health" => json!(oo.health()?),
        "replay" => json!(oo.replay()?),
        _ => return Err(oo::Error::invalid("verb", format!("{verb} is no verb"))),
    };
    Ok(answer)
}

/// The decision `own` of a named bandit, which `bandit` names.
fn decision(own: &Value, bandit: &Value) -> oo::Result<DecideRequest> {
    let rows: Vec<Vec<f64>> = parsed(&own["features"])?;
    let own_or_shared = |name: &str| Some(&own[name]).filter(|own| !own.is_null()).unwrap_or(&bandit[name]).clone();
    let range = |name: &str| Some(&bandit[name]).filter(|range| !range.is_null()).map(parsed::<RangeSpec>).transpose();
    Ok(DecideRequest {
        policy: Some(&bandit["policy"]).filter(|policy| !policy.is_null()).map(policy).transpose()?,
        range: range("range")?,
        reward_range: range("reward_range")?,
        arms: own_or_shared("arms")
            .as_array()
            .map(|arms| arms.iter().filter_map(Value::as_str).map(ArmKey::new).collect()),
        user: own_or_shared("user").as_str().map(str::to_owned),
        id: Some(&own["id"]).filter(|id| !id.is_null()).map(|id| decision_id("id", id)).transpose()?,
        ..DecideRequest::new(bandit["bandit"].as_str().unwrap_or_default(), rows.concat(), rows.len())
    })
}

fn policy(settings: &Value) -> oo::Result<PolicySpec> {
    PolicySpec::parse(&settings.to_string())
}

fn decision_id(field: &str, id: &Value) -> oo::Result<DecisionId> {
    DecisionId::parse(id.as_str().unwrap_or_default()).map_err(|error| error.with_field(field))
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> oo::Result<T> {
    serde_json::from_value(value.clone()).map_err(|error| oo::Error::invalid("args", error.to_string()))
}
