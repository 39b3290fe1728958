//! The bandit alone: the errors that name a column, ranges, and the verbs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_policies::{Bandit, BanditSpec, NamedArms, PolicySpec, RangeSpec, Rows};

fn bandit(json: &str, dim: usize) -> Bandit {
    Bandit::new(BanditSpec::new(PolicySpec::parse(json).unwrap(), dim)).unwrap()
}

#[test]
fn errors_name_the_column_and_suggest_a_range() {
    let bandit = bandit(r#"{"type":"linucb"}"#, 3);
    let error = bandit.decide(&Rows::new(&[0.0, 0.0, 0.0, 0.0, 31.5, 0.0], 2), 1.into()).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("x1")));
    assert!(
        error.message().contains("row 1, column 1 is 31.5") && error.message().contains("a range of (-32, 32)"),
        "{error}"
    );
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
        let error = bandit.decide(&Rows::new(&[0.0, 0.0, value], 1), 1.into()).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("x2")));
    }
    let field = |x: &[f64], count, arms: Option<&[ArmKey]>| {
        bandit.decide(&Rows { arms, ..Rows::new(x, count) }, 1.into()).unwrap_err().field().map(str::to_owned)
    };
    assert_eq!(field(&[], 0, None).as_deref(), Some("candidates"));
    assert_eq!(field(&[1.0; 5], 2, None).as_deref(), Some("x"));
    assert_eq!(field(&[1.0; 6], usize::MAX, None).as_deref(), Some("x"));
    assert_eq!(field(&[1.0; 6], 2, Some(&[ArmKey::new("a")])).as_deref(), Some("arms"));
}

#[test]
fn a_refused_lesson_leaves_the_bandit_as_it_was() {
    let mut bandit = bandit(r#"{"type":"linucb"}"#, 2);
    bandit.learn(&Rows::new(&[1.0, 2.0], 1), &[1.0]).unwrap();
    let before = bandit.save();
    assert_eq!(bandit.learn(&Rows::new(&[1.0, 2.0, 3.0, 4.0], 2), &[1.0, 17.0]).unwrap_err().field(), Some("reward"));
    assert_eq!(bandit.learn(&Rows::new(&[1.0, 2.0, 3.0, 17.0], 2), &[1.0, 1.0]).unwrap_err().field(), Some("x1"));
    assert_eq!(bandit.learn(&Rows::new(&[1.0, 2.0], 2), &[1.0, 1.0]).unwrap_err().field(), Some("x"));
    assert!(bandit.learn(&Rows::new(&[1.0, 2.0], 1), &[f64::NAN]).is_err());
    assert!(bandit.unlearn(&Rows::new(&[1.0, 3.0], 1), &[1.0]).is_err());
    let decided = self::bandit(r#"{"type":"linucb"}"#, 3).decide(&Rows::new(&[1.0; 3], 1), 1.into()).unwrap();
    assert_eq!(bandit.update(&decided, 1.0).unwrap_err().kind(), ErrorKind::Incompatible);
    assert_eq!(bandit.save(), before);
}

#[test]
fn verbs_agree() {
    let rows = [0.5, 1.0, -2.0, 4.0, 0.0, 3.0];
    let arms: Vec<ArmKey> = ["a", "b", "a"].map(ArmKey::new).to_vec();
    for json in [r#"{"type":"linucb"}"#, r#"{"type":"linucb","sharing":"disjoint"}"#] {
        let mut one = bandit(json, 2);
        let mut other = bandit(json, 2);
        let decided = one.decide(&Rows::new(&rows, 3).with_arms(&arms), 5.into()).unwrap();
        one.update(&decided, 0.25).unwrap();
        let row = &rows[decided.index * 2..decided.index * 2 + 2];
        let arm = &arms[decided.index..=decided.index];
        other.learn(&Rows::new(row, 1).with_arms(arm), &[8.0]).unwrap();
        other.revise(&Rows::new(row, 1).with_arms(arm), &[0.25], &[8.0]).unwrap();
        assert_eq!(one.state_hash().unwrap(), other.state_hash().unwrap());
        assert_eq!(
            one.decide(&Rows::new(&rows, 3).with_arms(&arms), 9.into()).unwrap().scores(),
            other.decide(&Rows::new(&rows, 3).with_arms(&arms), 9.into()).unwrap().scores()
        );
        let both = Bandit::merge(&[&one, &other]).unwrap();
        assert_eq!(both.lessons(), 2);
        one.unlearn(&Rows::new(row, 1).with_arms(arm), &[0.25]).unwrap();
        assert_eq!(one.state_hash().unwrap(), bandit(json, 2).state_hash().unwrap());
        let why = both.explain(&Rows::new(&rows, 3).with_arms(&arms), 1).unwrap();
        assert_eq!(why.contributions.len(), 2);
        for none in [3, usize::MAX] {
            let error = both.explain(&Rows::new(&rows, 3).with_arms(&arms), none).unwrap_err();
            assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("index")));
        }
    }
    assert_eq!(
        bandit(r#"{"type":"linucb","sharing":"disjoint"}"#, 2)
            .learn(&Rows::new(&rows, 3), &[1.0; 3])
            .unwrap_err()
            .field(),
        Some("arms")
    );
}

#[test]
fn a_decision_is_used_again_without_a_trace() {
    let bandit = bandit(r#"{"type":"linucb","sharing":"disjoint"}"#, 2);
    let rows = [0.5, 1.0, -2.0, 4.0, 0.0, 3.0];
    let named: Vec<ArmKey> = ["a", "b", "c"].map(ArmKey::new).to_vec();
    let mut used = oo_policies::Decided::default();
    for (count, arms) in [(3, Some(&named[..])), (2, None), (1, Some(&named[..1])), (3, None)] {
        bandit.decide_into(&Rows { arms, ..Rows::new(&rows[..count * 2], count) }, 4.into(), &mut used).unwrap();
        let fresh = bandit.decide(&Rows { arms, ..Rows::new(&rows[..count * 2], count) }, 4.into()).unwrap();
        assert_eq!(
            (used.index, used.pmf(), used.scores(), used.arm()),
            (fresh.index, fresh.pmf(), fresh.scores(), fresh.arm())
        );
        assert_eq!(used.x(), fresh.x());
    }
}

#[test]
fn a_decision_says_nothing_of_the_one_before_it() {
    let sampled = bandit(r#"{"type":"lin_ts"}"#, 2);
    let mut bounding = bandit(r#"{"type":"linucb"}"#, 64);
    let number = |n: u32| f64::from(n.wrapping_mul(2_654_435_761) >> 16) / 65_536.0 - 0.5;
    let rows: Vec<f64> = (0..64 * 400).map(number).collect();
    let rewards: Vec<f64> = rows.chunks_exact(64).map(|row| 8.0 * row[0]).collect();
    bounding.learn(&Rows::new(&rows, 400), &rewards).unwrap();
    let mut used = oo_policies::Decided::default();
    for json in [r#"{"type":"uniform"}"#, r#"{"type":"linucb"}"#, r#"{"type":"ucb1","reward_range":[-16,16]}"#] {
        sampled.decide_into(&Rows::new(&rows[..6], 3), 1.into(), &mut used).unwrap();
        assert!(used.estimated());
        bandit(json, 2).decide_into(&Rows::new(&rows[..6], 3), 1.into(), &mut used).unwrap();
        assert!(!used.estimated(), "{json} estimates nothing");
        bounding.decide_into(&Rows::new(&rows, 400), 1.into(), &mut used).unwrap();
        assert!(used.bounded().contains(&true));
        bandit(json, 2).decide_into(&Rows::new(&rows[..6], 3), 1.into(), &mut used).unwrap();
        assert!(used.bounded().is_empty(), "{json} bounds nothing");
    }
}

#[test]
fn misspelt_settings_are_errors() {
    for json in [
        r#"{"type":"linucb","alfa":1}"#,
        r#"{"type":"lin_ucb"}"#,
        r#"{"type":"uniform","epsilon":0.1}"#,
        r#"{"type":"greedy","alpha":1}"#,
        r#"{"type":"epsilon_greedy","epsilon":1.5}"#,
        r#"{"type":"linucb","alpha":-1}"#,
        r#"{"type":"linucb","exploration":{"type":"softmax","tau":0}}"#,
        r#"{"type":"linucb","exploration":{"type":"softmax"}}"#,
        r#"{"alpha":1}"#,
        "[]",
        "",
    ] {
        assert_eq!(PolicySpec::parse(json).unwrap_err().kind(), ErrorKind::InvalidInput, "{json}");
    }
    assert!(serde_json::from_str::<BanditSpec>(r#"{"policy":{"type":"linucb"},"dim":2,"rang":[0,1]}"#).is_err());
    assert!(Bandit::new(BanditSpec::new(PolicySpec::default(), 0)).is_err());
    let auto_reward = BanditSpec { reward_range: RangeSpec::Auto, ..BanditSpec::new(PolicySpec::default(), 1) };
    assert_eq!(Bandit::new(auto_reward).unwrap_err().field(), Some("reward_range"));
    let a = PolicySpec::parse(r#"{"type":"epsilon_greedy","epsilon":-0.0}"#).unwrap().to_json().unwrap();
    let b = PolicySpec::parse(r#"{"type":"epsilon_greedy","epsilon":0}"#).unwrap().to_json().unwrap();
    assert_eq!(a, b, "equal settings are equal text");
}

#[test]
fn a_steady_decide_keeps_its_buffers() {
    let bandit = bandit(r#"{"type":"linucb"}"#, 2);
    let rows = [0.5, 1.0, -2.0, 4.0, 0.0, 3.0];
    let mut decided = oo_policies::Decided::default();
    let mut places = Vec::new();
    for seed in 0..5_u64 {
        bandit.decide_into(&Rows::new(&rows, 3), seed.into(), &mut decided).unwrap();
        places.push((decided.pmf().as_ptr(), decided.scores().as_ptr(), decided.x().as_ptr()));
    }
    assert!(places.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_context_is_scored_as_a_row_for_each_arm() {
    let mut bandit = bandit(r#"{"type":"linucb","sharing":"disjoint"}"#, 2);
    let arms = ["a", "b", "c"].map(ArmKey::new);
    bandit.learn(&Rows::new(&[1.0, 2.0, -1.0, 0.5], 2).with_arms(&arms[..2]), &[1.0, 0.0]).unwrap();
    let rows = bandit.decide(&Rows::new(&[0.3, 0.7, 0.3, 0.7, 0.3, 0.7], 3).with_arms(&arms), 1.into()).unwrap();
    let context = bandit.decide(&Rows::of_context(&[0.3, 0.7], &arms), 1.into()).unwrap();
    assert_eq!((rows.scores(), rows.pmf(), rows.index), (context.scores(), context.pmf(), context.index));
    let twice = [arms[0].clone(), arms[1].clone(), arms[0].clone()];
    let error = bandit.decide(&Rows::of_context(&[0.3, 0.7], &twice), 1.into()).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("arms")));
    // Two candidates may share an arm: two to-dos do.
    bandit.decide(&Rows::new(&[0.3, 0.7, 0.1, 0.7, 0.3, 0.2], 3).with_arms(&twice), 1.into()).unwrap();
    // A buffer that is filled again knows when its arms are others.
    let mut out = context;
    let error = bandit.decide_into(&Rows::of_context(&[0.3, 0.7], &twice), 1.into(), &mut out).unwrap_err();
    assert_eq!(error.field(), Some("arms"));
}

#[test]
fn what_is_kept_of_a_decision_is_all_of_it() {
    let mut bandit = bandit(r#"{"type":"linucb","sharing":"disjoint"}"#, 2);
    let arms: NamedArms = ["a", "b", "c"].into_iter().map(ArmKey::new).collect();
    let mut buffer = oo_policies::Decided::default();
    for seed in 0..20_u64 {
        bandit.decide_into(&Rows::of_named(&[0.3, 0.7], &arms), seed.into(), &mut buffer).unwrap();
        let (kept, fresh) = (buffer.kept(), bandit.decide(&Rows::of_context(&[0.3, 0.7], &arms), seed.into()).unwrap());
        let all = |one: &oo_policies::Decided| {
            let (pmf, scores, x) = (one.pmf().to_vec(), one.scores().to_vec(), one.x().to_vec());
            (one.index, one.propensity, pmf, scores, x, one.arm().cloned(), one.features(), one.named_arms().to_vec())
        };
        assert_eq!(all(&kept), all(&fresh));
        assert!(kept.bytes() < buffer.bytes(), "{} of {} bytes", kept.bytes(), buffer.bytes());
        let mut other = bandit.clone();
        other.update(&fresh, 0.5).unwrap();
        bandit.update(&kept, 0.5).unwrap();
        assert_eq!(bandit.save(), other.save());
    }
}

#[test]
fn named_arms_know_whether_one_is_named_twice() {
    let bandit = bandit(r#"{"type":"linucb","sharing":"disjoint"}"#, 1);
    let named = |names: &[&str]| names.iter().copied().map(ArmKey::new).collect::<NamedArms>();
    let (once, twice) = (named(&["a", "b"]), named(&["a", "b", "a"]));
    assert!(once.are_distinct() && !twice.are_distinct() && named(&[]).are_distinct());
    bandit.decide(&Rows::of_named(&[0.5], &once), 1.into()).unwrap();
    let error = bandit.decide(&Rows::of_named(&[0.5], &twice), 1.into()).unwrap_err();
    assert_eq!(error.field(), Some("arms"));
    assert!(error.message().contains("\"a\" is named twice"), "{error}");
}

#[test]
fn a_probability_that_no_draw_can_have_is_refused() {
    let mut bandit = bandit(r#"{"type":"linucb"}"#, 1);
    for p in [0.0, -0.1, 1.5, f64::NAN] {
        let error = bandit.learn(&Rows::new(&[1.0, 2.0], 2).with_propensities(&[0.5, p]), &[1.0, 1.0]).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("propensities")));
    }
    assert_eq!(bandit.lessons(), 0);
}

#[test]
fn learning_in_parts_is_learning_at_once_or_not_at_all() {
    let x: Vec<f64> = (0..600).map(|n| f64::from(n % 37) / 16.0).collect();
    let rewards: Vec<f64> = (0..300).map(|n| f64::from(n % 3)).collect();
    let rows = Rows::new(&x, 300);
    let (mut whole, mut parts) = (bandit(r#"{"type":"linucb"}"#, 2), bandit(r#"{"type":"linucb"}"#, 2));
    whole.learn(&rows, &rewards).unwrap();
    let mut seen = Vec::new();
    let count = |done| {
        seen.push(done);
        Ok(())
    };
    parts.learn_in_parts(&rows, &rewards, 128, &mut { count }).unwrap();
    assert_eq!(seen, [128, 256, 300]);
    assert_eq!(parts.save(), whole.save());
    let decided: Vec<_> = (0..30).map(|seed| whole.decide(&rows, seed.into()).unwrap()).collect();
    let decided: Vec<_> = decided.iter().collect();
    whole.update_all(&decided, &rewards[..30]).unwrap();
    let mut seen = Vec::new();
    let mut count = |done| {
        seen.push(done);
        Ok(())
    };
    parts.update_all_in_parts(&decided, &rewards[..30], 16, &mut count).unwrap();
    assert_eq!(parts.save(), whole.save());
    let other: Vec<f64> = rewards.iter().map(|reward| 2.0 - reward).collect();
    whole.revise(&rows, &other, &rewards).unwrap();
    parts.revise_in_parts(&rows, &other, &rewards, 200, &mut count).unwrap();
    assert_eq!(seen, [16, 30, 200, 300]);
    assert_eq!(parts.save(), whole.save());
    assert_eq!(
        parts.revise_in_parts(&rows, &other, &rewards[1..], 9, &mut |_| Ok(())).unwrap_err().field(),
        Some("replaced")
    );
    let before = parts.save();
    let halt = |_: usize| -> oo_core::Result<()> { Err(oo_core::Error::busy("stop")) };
    parts.update_all_in_parts(&decided, &rewards[..30], 16, &mut { halt }).unwrap_err();
    parts.revise_in_parts(&rows, &rewards, &other, 16, &mut { halt }).unwrap_err();
    let stop = |done| if done < 256 { Ok(()) } else { Err(oo_core::Error::busy("stop")) };
    parts.learn_in_parts(&rows, &rewards, 128, &mut { stop }).unwrap_err();
    let mut bad = x.clone();
    bad[599] = 99.0;
    parts.learn_in_parts(&Rows::new(&bad, 300), &rewards, 128, &mut |_| Ok(())).unwrap_err();
    assert_eq!(parts.save(), before);
}

#[test]
fn what_another_bandit_decided_is_not_learned() {
    let own = r#"{"type":"linucb","sharing":"disjoint"}"#;
    let mut bandit = bandit(own, 2);
    let (rows, arms) = ([0.5, 1.0, -2.0, 4.0], ["a", "b"].map(ArmKey::new));
    let rows = Rows::new(&rows, 2).with_arms(&arms);
    for other in [
        r#"{"type":"linucb"}"#,
        r#"{"type":"linucb","sharing":"disjoint","alpha":0.5}"#,
        r#"{"type":"lin_ts","sharing":"disjoint"}"#,
        r#"{"type":"uniform"}"#,
        r#"{"type":"action_centred"}"#,
    ] {
        let decided = self::bandit(other, 2).decide(&rows, 1.into()).unwrap();
        for refused in
            [bandit.update(&decided, 1.0), bandit.update_all(&[&decided], &[1.0]), bandit.centre(&decided).map(|_| ())]
        {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::Incompatible, "{other}");
        }
    }
    let narrow = BanditSpec { reward_range: RangeSpec::fixed(0.0, 1.0).unwrap(), ..bandit.spec() };
    let decided = Bandit::new(narrow).unwrap().decide(&rows, 1.into()).unwrap();
    assert_eq!(bandit.update(&decided, 1.0).unwrap_err().kind(), ErrorKind::Incompatible);
    assert_eq!(bandit.lessons(), 0);
    // Whoever has the same settings is the same bandit: the one that was saved, a shard of it, and the merged ones.
    let decided = bandit.decide(&rows, 1.into()).unwrap();
    let spelt = r#"{"type":"linucb","sharing":"disjoint","alpha":1.0,"lambda":1}"#;
    for mut same in [
        Bandit::load(&bandit.save()).unwrap(),
        self::bandit(spelt, 2),
        Bandit::merge(&[&bandit, &self::bandit(own, 2)]).unwrap(),
    ] {
        same.update(&decided, 1.0).unwrap();
        assert_eq!(same.lessons(), 1);
    }
    let auto = BanditSpec { range: RangeSpec::Auto, ..bandit.spec() };
    let mut auto = Bandit::new(auto).unwrap();
    let decided = auto.decide(&rows, 1.into()).unwrap();
    Bandit::load(&auto.save()).unwrap().update(&decided, 1.0).unwrap();
    auto.update(&decided, 1.0).unwrap();
}

#[test]
fn decisions_are_learned_together_or_not_at_all() {
    let mut bandit = bandit(r#"{"type":"linucb"}"#, 1);
    let decided: Vec<_> = (0..5).map(|seed| bandit.decide(&Rows::new(&[0.5, 1.0], 2), seed.into()).unwrap()).collect();
    let all: Vec<_> = decided.iter().collect();
    for wrong in [&[0.0, 1.0][..], &[0.0, 1.0, 2.0, f64::NAN, 1.0]] {
        bandit.update_all(&all, wrong).unwrap_err();
        assert_eq!(bandit.lessons(), 0);
    }
    let mut single = bandit.clone();
    bandit.update_all(&all, &[0.0, 1.0, 2.0, 3.0, 1.0]).unwrap();
    for (decided, reward) in decided.iter().zip([0.0, 1.0, 2.0, 3.0, 1.0]) {
        single.update(decided, reward).unwrap();
    }
    assert_eq!(bandit.save(), single.save());
}
