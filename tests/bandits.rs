//! Named bandits through the facade: durable, exact, shared between processes, and forgotten with a person.
#![cfg(feature = "testing")]

use std::sync::Arc;

use oo::id::DecisionId;
use oo::{ArmKey, Bandit, BanditSpec, DecideRequest, ErrorKind, PolicySpec, RewardStatus, Rows};
use oo_core::testing::world::SeededWorld;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;
const ROWS: [f64; 6] = [1.0, 0.0, 0.5, 0.0, 1.0, 0.5];

async fn open(path: &std::path::Path, seed: &str) -> oo::Result<oo::Engine> {
    let world = Arc::new(SeededWorld::new(MONDAY, "key"));
    let entropy = Arc::new(SeededWorld::new(MONDAY, seed));
    oo::Engine::builder(path).clock(world.clone()).entropy(entropy).key(world).open().await
}

fn linucb() -> Option<PolicySpec> {
    PolicySpec::parse(r#"{"type":"linucb","alpha":0.5}"#).ok()
}

fn request(number: u8) -> DecideRequest {
    let mut values = ROWS.to_vec();
    values[2] = f64::from(number) / 256.0;
    DecideRequest { policy: linucb(), id: Some(DecisionId([number; 16])), ..DecideRequest::new("prices", values, 2) }
}

fn id(choice: &oo::Choice) -> oo::Result<DecisionId> {
    DecisionId::parse(&choice.decision)
}

#[tokio::test]
async fn a_named_bandit_is_the_bare_bandit_on_disk() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let mut bare = Bandit::new(BanditSpec::new(linucb().ok_or("no spec")?, 3))?;
    let oo = open(&path, "a").await?;
    for number in 1..40 {
        let request = request(number);
        let decided =
            bare.decide(&Rows::new(&request.values, 2).with_days(&[20_514]), DecisionId([number; 16]).into())?;
        let choice = oo.decide(request).await?;
        assert_eq!((choice.index, &choice.pmf[..]), (decided.index, decided.pmf()));
        assert_eq!(choice.scores, decided.scores());
        let reward = f64::from(number % 3);
        bare.update(&decided, reward)?;
        let rewarded = oo.reward(id(&choice)?, reward).await?;
        assert_eq!((rewarded.status, rewarded.reward), (RewardStatus::Learned, Some(reward)));
    }
    let state = |bandits: Vec<oo::NamedBandit>| (bandits.len(), bandits[0].lessons, bandits[0].state_hash.clone());
    let live = state(oo.bandits().await?);
    assert_eq!(live, (1, 39, oo_core::id::hex(&bare.state_hash()?)));
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    assert!(oo.replay().await?.pmfs >= 39);
    assert!(oo.decisions(10).await?.is_empty(), "a choice is no tip");
    drop(oo);
    let oo = open(&path, "b").await?;
    assert_eq!(state(oo.bandits().await?), live);
    let again = oo.decide(request(7)).await?;
    assert_eq!(oo.choice(id(&again)?).await?.reward, Some(1.0));
    assert_eq!(oo.bandits().await?[0].lessons, 39, "the same id is the same decision");
    Ok(())
}

/// A choice is an event and nothing else: whoever reads the tables finds the candidates of tips alone.
#[tokio::test]
async fn a_choice_leaves_no_rows_in_the_tables_of_tips() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let oo = open(&path, "a").await?;
    let choice = oo.decide(request(1)).await?;
    oo.decide(DecideRequest { user: Some("anna".into()), ..request(2) }).await?;
    oo.decide_all((3..20).map(request).collect()).await?;
    oo.reward(id(&choice)?, 1.0).await?;
    oo.close();
    drop(oo);
    let count = |table: &str| -> Result<i64, rusqlite::Error> {
        let conn = rusqlite::Connection::open(&path)?;
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
    };
    assert_eq!((count("tip_scores")?, count("tips")?), (0, 0));
    assert!(count("events")? >= 20);
    // A tip beside them has its own.
    let oo = open(&path, "b").await?;
    let tip = oo.recommend("anna").await?.ok_or("no tip")?;
    oo.decide(request(30)).await?;
    oo.close();
    drop(oo);
    assert_eq!((count("tip_scores")?, count("tips")?), (i64::from(tip.candidates), 1));
    Ok(())
}

#[tokio::test]
async fn a_reward_is_learned_once_revised_and_shared() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let (one, two) = (open(&path, "a").await?, open(&path, "b").await?);
    let choice = one.decide(request(1)).await?;
    assert_eq!(two.reward(id(&choice)?, 1.0).await?.status, RewardStatus::Learned);
    assert_eq!(one.reward(id(&choice)?, 1.0).await?.status, RewardStatus::Duplicate);
    let learned = one.decide(request(2)).await?;
    assert_ne!(learned.scores, choice.scores, "what another process acknowledged is learned");
    assert_eq!(one.reward(id(&choice)?, -2.0).await?.status, RewardStatus::Revised);
    assert_eq!(two.reward(id(&choice)?, -2.0).await?.status, RewardStatus::Duplicate);

    let other = tempfile::tempdir()?;
    let last = open(&other.path().join("oo.db"), "c").await?;
    let choice = last.decide(request(1)).await?;
    last.reward(id(&choice)?, -2.0).await?;
    assert_eq!(last.bandits().await?, one.bandits().await?, "a revision leaves the hash of the last reward alone");
    assert_eq!(two.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_choice_knows_what_another_process_has_just_learned() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let (one, two) = (open(&path, "a").await?, open(&path, "b").await?);
    // Without an id nothing of the log is read before the choice is made.
    let ask = || DecideRequest { id: None, ..request(7) };
    one.decide(ask()).await?;
    for reward in [1.0, 0.0, 2.0] {
        let before = two.decide(ask()).await?;
        two.reward(id(&before)?, reward).await?;
        let seen = one.decide(ask()).await?;
        assert_eq!(seen.scores, two.decide(ask()).await?.scores);
        assert_ne!(seen.scores, before.scores);
    }
    assert_eq!(one.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_batch_is_one_commit() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder.path().join("oo.db"), "a").await?;
    let choices = oo.decide_all((1..=100).map(request).collect()).await?;
    assert_eq!(choices.len(), 100);
    let mut wrong: Vec<DecideRequest> = (101..=110).map(request).collect();
    wrong[7].values[1] = f64::NAN;
    let error = oo.decide_all(wrong).await.err().ok_or("NaN was taken")?;
    assert_eq!(error.field(), Some("decisions[7].x1"));
    let unknown = oo.choice(DecisionId([101; 16])).await.err().ok_or("half a batch was kept")?;
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    let again = oo.decide_all(vec![request(1), request(120)]).await?;
    assert_eq!(again[0], choices[0]);
    Ok(())
}

#[tokio::test]
async fn forgetting_a_person_leaves_the_bandit_that_never_met_them() -> Outcome {
    for policy in [r#"{"type":"linucb"}"#, r#"{"type":"linucb","sharing":"disjoint"}"#, r#"{"type":"uniform"}"#] {
        let spec = PolicySpec::parse(policy)?;
        let mut states = Vec::new();
        for met in [true, false] {
            let folder = tempfile::tempdir()?;
            let oo = open(&folder.path().join("oo.db"), "a").await?;
            for number in 1..30 {
                let user = if number % 3 == 0 { "anna" } else { "ben" };
                if user == "anna" && !met {
                    continue;
                }
                // One row: what is drawn does not depend on what was learned, so both worlds have the same lessons.
                let values = vec![f64::from(number) / 32.0, 1.0, -0.5];
                let arms = Some(vec![ArmKey::new(["low", "high"][usize::from(number % 2)])]);
                let (whose, policy) = (Some(user.to_owned()), Some(spec.clone()));
                let request = DecideRequest { user: whose, arms, policy, values, count: 1, ..request(number) };
                let choice = oo.decide(request).await?;
                let reward = f64::from(number % 2);
                oo.reward(id(&choice)?, reward).await?;
                if user == "anna" {
                    oo.reward(id(&choice)?, -reward).await?;
                }
            }
            if met {
                let export = oo.export("anna").await?;
                assert_eq!(export.matches("\"type\":\"choice\"").count(), 9);
                assert!(export.matches("\"type\":\"reward\"").count() >= 9);
                let receipt = oo.forget("anna").await?;
                assert_eq!(receipt.lessons, 9);
                assert!(!oo.export("anna").await?.contains("choice"));
                assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
            }
            states.push(oo.bandits().await?);
        }
        assert_eq!(states[0], states[1], "{policy}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_said() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder.path().join("oo.db"), "a").await?;
    let choice = oo.decide(request(1)).await?;
    let said = |error: Option<oo::Error>| error.map(|error| (error.kind(), error.field().map(str::to_owned)));
    let told = |kind, field: &str| Some((kind, Some(field.to_owned())));
    assert_eq!(said(oo.reward(DecisionId([9; 16]), 1.0).await.err()), told(ErrorKind::NotFound, "decision"));
    assert_eq!(said(oo.reward(id(&choice)?, 17.0).await.err()), told(ErrorKind::InvalidInput, "reward"));
    assert_eq!(said(oo.reward(id(&choice)?, f64::NAN).await.err()), told(ErrorKind::InvalidInput, "reward"));
    let none = DecideRequest { values: Vec::new(), count: 0, id: None, ..request(2) };
    assert_eq!(said(oo.decide(none).await.err()), told(ErrorKind::InvalidInput, "candidates"));
    let first = DecideRequest { bandit: "new".to_owned(), values: Vec::new(), count: 0, id: None, ..request(2) };
    assert_eq!(said(oo.decide(first).await.err()), told(ErrorKind::InvalidInput, "candidates"));
    assert!(oo.bandits().await?.iter().all(|bandit| bandit.name != "new"), "what was refused opens nothing");
    let shape = DecideRequest { values: vec![1.0; 5], ..request(2) };
    assert_eq!(said(oo.decide(shape).await.err()), told(ErrorKind::InvalidInput, "x"));
    let far = DecideRequest { values: vec![99.0; 6], ..request(2) };
    assert_eq!(said(oo.decide(far).await.err()), told(ErrorKind::InvalidInput, "x0"));
    let arms = DecideRequest { arms: Some(vec![ArmKey::new("a")]), ..request(2) };
    assert_eq!(said(oo.decide(arms).await.err()), told(ErrorKind::InvalidInput, "arms"));
    let other = DecideRequest { policy: PolicySpec::parse(r#"{"type":"uniform"}"#).ok(), ..request(2) };
    assert_eq!(said(oo.decide(other).await.err()), told(ErrorKind::Incompatible, "policy"));
    let taken = DecideRequest { bandit: "other".to_owned(), ..request(1) };
    assert_eq!(said(oo.decide(taken).await.err()), told(ErrorKind::InvalidInput, "id"));
    let tip = oo.recommend("anna").await?.ok_or("no tip")?;
    assert_eq!(said(oo.reward(tip.id.0, 1.0).await.err()), told(ErrorKind::NotFound, "decision"));
    assert_eq!(oo.bandits().await?.len(), 1, "nothing that was refused opened a bandit");
    Ok(())
}

#[tokio::test]
async fn the_advantage_over_doing_nothing_is_learned() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let spec = PolicySpec::parse(r#"{"type":"action_centred"}"#)?;
    let arms = vec![ArmKey::HOLD, "walk"].into_iter().map(ArmKey::new).collect::<Vec<_>>();
    let mut bare = Bandit::new(BanditSpec::new(spec.clone(), 3))?;
    let oo = open(&path, "a").await?;
    for number in 1..20 {
        let values = vec![0.0, 0.0, 0.0, 1.0, f64::from(number) / 32.0, -0.5];
        let rows = Rows::new(&values, 2).with_arms(&arms).with_days(&[20_514]);
        let decided = bare.decide(&rows, DecisionId([number; 16]).into())?;
        bare.update(&decided, f64::from(number % 2))?;
        let request = DecideRequest { policy: Some(spec.clone()), arms: Some(arms.clone()), ..request(number) };
        let choice = oo.decide(DecideRequest { values, ..request }).await?;
        assert_eq!(choice.pmf, decided.pmf());
        oo.reward(id(&choice)?, f64::from(number % 2)).await?;
    }
    assert_eq!(oo.bandits().await?[0].state_hash, oo_core::id::hex(&bare.state_hash()?));
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

/// What has outgrown its lessons cannot be them again by subtraction: the log gives the form of never having seen them.
#[tokio::test]
async fn what_is_few_again_after_forgetting_is_rebuilt() -> Outcome {
    let kinds = [
        (r#"{"type":"dlinucb"}"#, 8),
        (r#"{"type":"sw_linucb"}"#, 8),
        (r#"{"type":"linucb","sharing":"disjoint"}"#, 70),
        (r#"{"type":"hierarchical"}"#, 8),
        (r#"{"type":"auto","sharing":"disjoint"}"#, 70),
    ];
    for (settings, dim) in kinds {
        let folder = tempfile::tempdir()?;
        let oo = open(&folder.path().join("oo.db"), "few").await?;
        let many = dim as u8 + 4;
        for number in 1..=many {
            let values =
                (0..dim).map(|column| f64::from((number as usize * 7 + column * 3) as u8 % 32) / 32.0).collect();
            let choice = oo
                .decide(DecideRequest {
                    policy: PolicySpec::parse(settings).ok(),
                    id: Some(DecisionId([number; 16])),
                    user: Some(if number % 2 == 0 { "anna" } else { "ben" }.to_owned()),
                    arms: Some(vec![ArmKey::new("tea")]),
                    ..DecideRequest::new("few", values, 1)
                })
                .await?;
            oo.reward(id(&choice)?, f64::from(number % 3)).await?;
        }
        oo.forget("anna").await?;
        assert_eq!(oo.replay().await?.differences, Vec::<String>::new(), "{settings}");
        assert_eq!(oo.bandits().await?[0].lessons, u64::from(many / 2), "{settings}");
    }
    Ok(())
}

/// Decisions of one thread share a buffer: what one bandit says of its scores is not said of the next one's.
#[tokio::test]
async fn a_bandit_says_nothing_of_the_one_before_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder.path().join("oo.db"), "a").await?;
    let ask = |name: &str, settings: &str, count: usize| {
        let number = |n: usize| f64::from((n as u32).wrapping_mul(2_654_435_761) >> 16) / 65_536.0 - 0.5;
        let values = (0..16 * count).map(number).collect();
        DecideRequest { policy: PolicySpec::parse(settings).ok(), ..DecideRequest::new(name, values, count) }
    };
    let uniform = r#"{"type":"uniform"}"#;
    for round in 0..3 {
        let sampled = oo.decide(ask("sampled", r#"{"type":"lin_ts"}"#, 3)).await?;
        assert!(sampled.estimated);
        let plain = oo.decide(ask("plain", uniform, 3)).await?;
        assert!(!plain.estimated, "round {round}: uniform estimates nothing");
        let bounded = oo.decide(ask("bounded", r#"{"type":"linucb"}"#, 2_000)).await?;
        assert!(round > 0 || !bounded.bounded.is_empty(), "the bounds of a cold model are its widths, and skip");
        let plain = oo.decide(ask("plain", uniform, 3)).await?;
        assert_eq!(plain.bounded, Vec::<u32>::new(), "round {round}: uniform bounds nothing");
        for _ in 0..40 {
            let choice = oo.decide(ask("bounded", r#"{"type":"linucb"}"#, 20)).await?;
            oo.reward(id(&choice)?, 1.0).await?;
        }
    }
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}
