//! The range of a bare bandit's columns: what is suggested, what `"auto"` becomes, and when.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_policies::{Bandit, BanditSpec, PolicySpec, RangeSpec, Rows};

fn bandit(json: &str, dim: usize) -> Bandit {
    Bandit::new(BanditSpec::new(PolicySpec::parse(json).unwrap(), dim)).unwrap()
}

/// The range that a message suggests; none where it says to rescale.
fn suggested(message: &str) -> Option<RangeSpec> {
    let (_, range) = message.split_once("range of (")?;
    let (lo, rest) = range.split_once(", ").unwrap();
    let (hi, _) = rest.split_once(')').unwrap();
    Some(RangeSpec::fixed(lo.parse().unwrap(), hi.parse().unwrap()).unwrap())
}

#[test]
fn a_suggested_range_is_a_range_that_fits() {
    let narrow = bandit(r#"{"type":"linucb"}"#, 1);
    for value in [16.5, -17.0, 1e30, -1.2e30, 1.28e30, 1e31, 1e300, -f64::MAX] {
        let error = narrow.decide(&Rows::new(&[value], 1), 1.into()).unwrap_err();
        let lesson = narrow.clone().learn(&Rows::new(&[0.0], 1), &[value]).unwrap_err();
        let (range, reward_range) = (suggested(error.message()), suggested(lesson.message()));
        assert_eq!(range, reward_range);
        assert_eq!(range.is_some(), value.abs() < 1.26e30, "{error}");
        assert!(error.message().contains("rescale it") && lesson.message().contains("rescale it"), "{error} {lesson}");
        let auto = BanditSpec { range: RangeSpec::Auto, ..narrow.spec() };
        let Some(range) = range else {
            let error = Bandit::new(auto).unwrap().decide(&Rows::new(&[0.0, value], 2), 1.into()).unwrap_err();
            assert_eq!(error.field(), Some("x0"));
            assert!(error.message().contains("row 1, column 0"), "{error}");
            continue;
        };
        let mut wide = Bandit::new(BanditSpec { range, reward_range: range, ..narrow.spec() }).unwrap();
        wide.learn(&Rows::new(&[value], 1), &[value]).unwrap();
        let auto = Bandit::new(auto).unwrap();
        auto.decide(&Rows::new(&[value], 1), 1.into()).unwrap();
        assert_eq!(auto.spec().range, range);
    }
    // What fits stays in: a number just below nought asks for no range about nought alone.
    let chances = BanditSpec { range: RangeSpec::fixed(0.0, 1.0).unwrap(), ..narrow.spec() };
    let error = Bandit::new(chances).unwrap().decide(&Rows::new(&[-1e-40], 1), 1.into()).unwrap_err();
    assert_eq!(suggested(error.message()), RangeSpec::fixed(-1.0, 1.0).ok());
    let auto = Bandit::new(BanditSpec { range: RangeSpec::Auto, ..narrow.spec() }).unwrap();
    auto.decide(&Rows::new(&[-1e-40], 1), 1.into()).unwrap();
}

#[test]
fn auto_is_fixed_by_the_first_call() {
    let spec = BanditSpec { range: RangeSpec::Auto, ..BanditSpec::new(PolicySpec::default(), 2) };
    let mut auto = Bandit::new(spec.clone()).unwrap();
    assert!(auto.state_hash().is_err());
    let unfixed = Bandit::load(&auto.save()).unwrap();
    assert_eq!(unfixed.spec().range, RangeSpec::Auto);
    assert!(auto.learn(&Rows::new(&[1.0, -5.5], 1), &[99.0]).is_err());
    assert_eq!(auto.spec().range, RangeSpec::Auto, "a refused call fixes nothing");
    auto.learn(&Rows::new(&[1.0, -5.5], 1), &[1.0]).unwrap();
    let declared = BanditSpec { range: RangeSpec::fixed(-8.0, 8.0).unwrap(), ..spec.clone() };
    assert_eq!(auto.spec(), declared);
    let mut fixed = Bandit::new(declared).unwrap();
    fixed.learn(&Rows::new(&[1.0, -5.5], 1), &[1.0]).unwrap();
    assert_eq!(auto.state_hash().unwrap(), fixed.state_hash().unwrap());
    assert_eq!(auto.save(), fixed.save());
    assert!(auto.decide(&Rows::new(&[9.0, 0.0], 1), 1.into()).is_err());
    Bandit::merge(&[&auto, &fixed]).unwrap();
    let mut wider = Bandit::new(spec).unwrap();
    wider.learn(&Rows::new(&[1.0, -9.0], 1), &[1.0]).unwrap();
    assert_eq!(Bandit::merge(&[&auto, &wider]).unwrap_err().kind(), ErrorKind::Incompatible);
    assert_ne!(auto.state_hash().unwrap(), wider.state_hash().unwrap());
}

#[test]
fn a_refused_call_fixes_no_range() {
    let auto = |json: &str| {
        let policy = PolicySpec::parse(json).unwrap();
        Bandit::new(BanditSpec { range: RangeSpec::Auto, ..BanditSpec::new(policy, 2) }).unwrap()
    };
    let wide = [1.0, -5.5];
    let (rows, arms) = (Rows::new(&wide, 1), [ArmKey::new("a")]);
    for json in [r#"{"type":"linucb"}"#, r#"{"type":"uniform"}"#, r#"{"type":"auto"}"#, r#"{"type":"mixture"}"#] {
        let mut bandit = auto(json);
        assert!(bandit.unlearn(&rows, &[1.0]).is_err(), "{json}");
        assert!(!bandit.is_fixed(), "{json}: what was never learned cannot be taken back");
        assert_eq!(bandit.explain(&rows, 1).unwrap_err().field(), Some("index"));
        assert!(!bandit.is_fixed(), "{json}: there is no such row");
        bandit.unlearn(&Rows::new(&[], 0), &[]).unwrap();
        assert!(!bandit.is_fixed(), "{json}: nothing was taken back");
        let stop = |_: usize| -> oo_core::Result<()> { Err(oo_core::Error::busy("stop")) };
        assert!(bandit.learn_in_parts(&rows, &[1.0], 1, &mut { stop }).is_err());
        assert!(!bandit.is_fixed(), "{json}: it was interrupted");
        bandit.explain(&rows, 0).unwrap();
        assert_eq!(bandit.spec().range, RangeSpec::fixed(-8.0, 8.0).unwrap());
    }
    let mut centred = auto(r#"{"type":"action_centred"}"#);
    for wrong in [[9.0, 0.0, 0.5], [1.0, 1.0, 1.5], [1.0, 1.0, f64::NAN]] {
        let rows = rows.with_arms(&arms).with_centres(&wrong);
        let parts = centred.learn_in_parts(&rows, &[1.0], 1, &mut |_| Ok(()));
        for refused in [parts, centred.learn(&rows, &[1.0]), centred.revise(&rows, &[1.0], &[0.5])] {
            assert_eq!(refused.unwrap_err().field(), Some("centres"));
            assert!(!centred.is_fixed(), "{wrong:?} is no centre");
        }
    }
    // The parts of one call are all rounded to the range of the whole.
    let (mut whole, mut parts) = (auto(r#"{"type":"linucb"}"#), auto(r#"{"type":"linucb"}"#));
    let rows = Rows::new(&[0.5, 0.25, 1.0, 7.5], 2);
    whole.learn(&rows, &[1.0, 0.0]).unwrap();
    parts.learn_in_parts(&rows, &[1.0, 0.0], 1, &mut |_| Ok(())).unwrap();
    assert_eq!(whole.save(), parts.save());
}
