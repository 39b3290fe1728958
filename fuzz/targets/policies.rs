//! Saved policies and bandits. The first byte says whether the bytes are a policy or a bandit, and whether their checksum is
//! put right, which leads past the check to what it guards.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored, Unlearned};
use oo_core::schema::FeatureSchema;
use oo_policies::{Bandit, Rows};
use sha2::{Digest, Sha256};

/// The schemas of the fixtures that the corpus began with.
static SCHEMAS: LazyLock<Vec<FeatureSchema>> =
    LazyLock::new(|| (1..=8).map(|dim| FeatureSchema::raw(dim, -1.0, 1.0).expect("a schema")).collect());

fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    [bytes, &Sha256::digest(bytes)[..]].concat()
}

/// A policy that was read is one: it answers or says why not, learns, and is read again as it was saved. Only bytes that
/// no lessons lead to may learn their way to what is refused; that is said as for any other damage.
fn use_policy(policy: &Arc<dyn Policy>, schema: &FeatureSchema) {
    let dim = schema.dim();
    let values = vec![0.25; dim * 3];
    let arms: Vec<ArmKey> = ["a", "b", "c"].map(ArmKey::new).to_vec();
    let mut scored = Scored::default();
    if policy.distribution(&Actions::new(dim, &values, &arms), &mut scored).is_ok() {
        let sum: f64 = scored.distribution.pmf().iter().sum();
        assert!((sum - 1.0).abs() < 1e-6, "the probabilities sum to {sum}");
    }
    reads_again(policy, schema);
    let lesson = Lesson::new(vec![1; dim].into(), arms[0].clone(), 1);
    let Ok(learned) = policy.learned(std::slice::from_ref(&lesson)) else { return };
    reads_again_or_says_why(&learned, schema);
    // What it cannot take back it says; what was taken back is a policy again.
    if let Ok(Unlearned::Exact(policy) | Unlearned::Summed(policy)) = learned.unlearned(&[lesson]) {
        reads_again_or_says_why(&policy, schema);
    }
}

fn reads_again(policy: &Arc<dyn Policy>, schema: &FeatureSchema) {
    let saved = policy.save();
    let again = oo_policies::load(&saved, schema).expect("what was saved can be read");
    assert_eq!(again.save(), saved);
}

fn reads_again_or_says_why(policy: &Arc<dyn Policy>, schema: &FeatureSchema) {
    let saved = policy.save();
    match oo_policies::load(&saved, schema) {
        Ok(again) => assert_eq!(again.save(), saved),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Storage),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let bytes = if choice & 1 == 0 { rest.to_vec() } else { with_checksum(rest) };
    if choice & 2 == 0 {
        for schema in SCHEMAS.iter() {
            if let Ok(policy) = oo_policies::load(&bytes, schema) {
                use_policy(&policy, schema);
            }
        }
    } else if let Ok(bandit) = Bandit::load(&bytes) {
        let dim = bandit.spec().dim;
        if dim <= 64 {
            let values = vec![0.25; dim * 2];
            // Whether it answers or says why not.
            let _ = bandit.decide(&Rows::new(&values, 2), 7.into());
        }
        let saved = bandit.save();
        assert_eq!(Bandit::load(&saved).expect("what was saved can be read").save(), saved);
    }
});
