//! Saved minds are read for ever: what was written once loads with the same states, in every form there was.
//!
//! `OO_REGENERATE=1` writes what is missing, never what is there: a change of format is a new file beside the old one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::choice::BanditFact;
use oo_core::decision::PolicyRef;
use oo_core::event::{PolicyRoleFact, Role};
use oo_core::id::{DecisionId, Position, hex};
use oo_core::lesson::Lesson;
use oo_core::policy::Policy;
use oo_core::ports::{PolicyFactory, PolicyGround, Snapshot};
use oo_core::registry::{PolicyEntry, PolicyRegistry};
use oo_core::reward::RewardSpec;
use oo_core::schema::{FeatureSchema, FeatureSpec};
use oo_core::{Error, ErrorKind, Result};
use oo_policies::{BanditSpec, PolicySpec};

use super::{Mind, REGISTRY, is_over_another_schema};
use crate::policies::PolicyMaker;

/// A policy of an embedder's own; what it saves is one of ours.
#[derive(Debug)]
struct Own;

impl PolicyFactory for Own {
    fn kind(&self) -> &str {
        "own"
    }

    fn settings(&self) -> String {
        r#"{"mild":true}"#.to_owned()
    }

    fn fresh(&self, ground: &PolicyGround) -> Result<Arc<dyn Policy>> {
        oo_policies::build(&PolicySpec::parse(r#"{"type":"greedy"}"#)?, &ground.schema, ground.reward)
    }

    fn load(&self, ground: &PolicyGround, bytes: &[u8]) -> Result<Arc<dyn Policy>> {
        oo_policies::load(bytes, &ground.schema)
    }
}

fn schema(names: &[&str]) -> Result<Arc<FeatureSchema>> {
    let features = names.iter().map(|name| FeatureSpec::new(*name, -1.0, 1.0)).collect::<Result<_>>()?;
    FeatureSchema::new(features, None).map(Arc::new)
}

fn maker() -> Result<PolicyMaker> {
    PolicyMaker::new(schema(&["a", "b", "c"])?, RewardSpec::v1()?, vec![Arc::new(Own)])
}

fn lesson(number: u8, dim: usize) -> Lesson {
    let x = (0..dim).map(|column| i16::from(number) * 97 - 1_000 * column as i16).collect();
    Lesson { decision: DecisionId([number; 16]), ..Lesson::new(x, ArmKey::new("arm"), i16::from(number) - 30) }
}

/// A champion, a shadow of the embedder's own that stands in, a policy over an older schema, one that waits for its
/// rebuild; and two bandits.
fn mind(maker: &PolicyMaker) -> Result<Mind> {
    let older = schema(&["a", "gone"])?;
    let fact = |id: &str, spec: &str, over: &FeatureSchema| -> Result<PolicyRoleFact> {
        Ok(PolicyRoleFact {
            policy: PolicyRef { id: Arc::from(id), version: 2 },
            role: Role::Shadow,
            spec: spec.to_owned(),
            schema: over.hash(),
            definition: Some(over.to_json()?),
            reason: "opened".to_owned(),
        })
    };
    let now = schema(&["a", "b", "c"])?;
    let entries = [
        (fact("main", r#"{"type":"auto"}"#, &now)?, Role::Champion, None),
        (fact("own", r#"{"type":"own","custom":{"mild":true}}"#, &now)?, Role::Shadow, Some(Role::Champion)),
        (fact("older", r#"{"type":"linucb"}"#, &older)?, Role::Shadow, None),
        (fact("waits", r#"{"type":"logistic","reward_range":[-0.3,1]}"#, &now)?, Role::Retired, Some(Role::Shadow)),
    ];
    let entries = entries.map(|(fact, role, returns)| {
        let policy = maker.enter(&fact)?;
        let lessons: Vec<Lesson> = (1..30).map(|number| lesson(number, 3)).collect();
        let policy = if role == Role::Retired { policy } else { policy.learned(&lessons)? };
        Ok(PolicyEntry { policy_ref: fact.policy, role, returns, policy })
    });
    let registry = PolicyRegistry::new(entries.into_iter().collect::<Result<_>>()?);
    let mut mind = Mind { position: Position(77), epoch: 3, registry, ..Mind::default() };
    for (name, spec) in
        [("prices", r#"{"type":"lin_ts","draws":8}"#), ("headlines", r#"{"type":"beta_ts","reward_range":[-16,16]}"#)]
    {
        let spec = BanditSpec::new(PolicySpec::parse(spec)?, 2);
        let spec = serde_json::to_string(&spec).map_err(|error| Error::internal(error.to_string()))?;
        mind.bandits.open(&BanditFact { name: Arc::from(name), spec })?;
    }
    let lessons = (1..20).map(|number| lesson(number, 2)).collect();
    mind.bandits.learn(BTreeMap::from([(Arc::from("prices"), lessons)]))?;
    Ok(mind)
}

/// What a loaded mind is: roles and states.
fn told(mind: &Mind) -> Vec<String> {
    let policies = mind.registry.entries().iter().map(|entry| {
        let state = hex(&entry.policy.identity().state);
        format!("{} {:?} {:?} {state} {}", entry.policy_ref, entry.role, entry.returns, entry.policy.lessons())
    });
    let bandits = mind.bandits.iter().map(|(name, bandit)| {
        format!(
            "{name} {} {}",
            bandit.state_hash().map_or_else(|error| error.to_string(), |hash| hex(&hash)),
            bandit.lessons()
        )
    });
    policies.chain(bandits).collect()
}

/// The registry as it was written before policies could be withdrawn.
fn without_returns(registry: &PolicyRegistry) -> Vec<u8> {
    let mut out = b"oo.reg.1".to_vec();
    let mut put = |part: &[u8]| {
        out.extend_from_slice(&(part.len() as u64).to_le_bytes());
        out.extend_from_slice(part);
    };
    put(&(registry.entries().len() as u64).to_le_bytes());
    for entry in registry.entries() {
        put(entry.policy_ref.id.as_bytes());
        put(&entry.policy_ref.version.to_le_bytes());
        put(match entry.role {
            Role::Champion => b"champion",
            Role::Shadow => b"shadow",
            Role::Retired => b"retired",
        });
        put(&entry.policy.save());
    }
    out
}

#[test]
fn saved_minds_are_read_for_ever() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snapshots");
    let maker = maker()?;
    let index = folder.join("states.json");
    let text = std::fs::read_to_string(&index).unwrap_or_else(|_| "{}".to_owned());
    let mut states: BTreeMap<String, Vec<String>> = serde_json::from_str(&text)?;
    if std::env::var_os("OO_REGENERATE").is_some() {
        let mind = mind(&maker)?;
        // A store from before there were bandits has the registry alone.
        let forms = [
            ("mind-2", mind.bytes()),
            ("registry-2", mind.registry.save()),
            ("registry-1", without_returns(&mind.registry)),
        ];
        for (name, bytes) in forms {
            let path = folder.join(format!("{name}.bin"));
            if !path.exists() {
                let snapshot = Snapshot { name: REGISTRY.to_owned(), position: Position(77), epoch: 3, bytes };
                states.insert(name.to_owned(), told(&Mind::load(&snapshot, &maker)?));
                std::fs::write(path, snapshot.bytes)?;
            }
        }
        std::fs::write(&index, serde_json::to_string_pretty(&states)? + "\n")?;
    }
    for name in ["mind-2", "mind-1", "registry-2", "registry-1"] {
        let bytes = std::fs::read(folder.join(format!("{name}.bin")))?;
        let snapshot = Snapshot { name: REGISTRY.to_owned(), position: Position(77), epoch: 3, bytes };
        let mind = Mind::load(&snapshot, &maker)?;
        assert_eq!((mind.position, mind.learned, mind.epoch), (Position(77), Position(77), 3));
        assert_eq!(told(&mind), states[name], "{name}: another state");
        match name {
            "mind-2" => assert!(mind.bytes() == snapshot.bytes, "{name} is written as it always was"),
            "registry-2" => assert!(mind.registry.save() == snapshot.bytes, "{name} is written as it always was"),
            _ => {}
        }
        // It goes on learning.
        let next = mind.registry.learned(&[lesson(40, 3)])?;
        assert_eq!(next.champion()?.policy.lessons(), mind.registry.champion()?.policy.lessons() + 1);
    }
    // A new tag needs a new file.
    let now = mind(&maker)?.bytes();
    assert_eq!((&now[..8], &now[48..56]), (&b"oo.mind2"[..], &b"oo.reg.2"[..]), "add the new format's file");
    Ok(())
}

/// What a newer oO wrote is said before anything else: a migration must not learn it anew in its old form.
#[test]
fn a_newer_policy_behind_one_over_another_schema_is_of_a_newer_oo()
-> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut snapshot = mind(&maker()?)?.save();
    snapshot.bytes = mind(&maker()?)?.registry.save();
    let other = PolicyMaker::new(schema(&["a", "b", "d"])?, RewardSpec::v1()?, vec![Arc::new(Own)])?;
    let error = Mind::load(&snapshot, &other).err().ok_or("it was loaded")?;
    assert!(is_over_another_schema(&error), "{error}");
    let last = snapshot.bytes.windows(8).rposition(|bytes| bytes == b"oOpolicy").ok_or("no policy")?;
    snapshot.bytes[last + 8] = 99;
    let error = Mind::load(&snapshot, &other).err().ok_or("it was loaded")?;
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(!is_over_another_schema(&error) && error.message().contains("upgrade oO"), "{error}");
    Ok(())
}
