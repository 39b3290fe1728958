//! Cases of secrets: kept for their owner and purpose alone, and gone with the person.

use super::bench::Bench;
use super::erase_cases::forget;
use crate::error::ErrorKind;
use crate::id::UserKey;
use crate::ports::UserRecord;
use crate::secret::{MAX_SECRET_BYTES, Secret, SecretOwner, SecretPurpose};

fn purpose(text: &str) -> SecretPurpose {
    SecretPurpose::parse(text).expect("a purpose")
}

impl Bench {
    fn put(&self, owner: &SecretOwner, of: &str, value: &[u8]) {
        self.sure(|| self.secrets.put_secret(owner, &purpose(of), &Secret::new(value.to_vec())));
    }

    fn secret(&self, owner: &SecretOwner, of: &str) -> Option<Vec<u8>> {
        self.sure(|| self.secrets.secret(owner, &purpose(of))).map(|secret| secret.expose().to_vec())
    }

    fn purposes(&self, owner: &SecretOwner) -> Vec<String> {
        self.sure(|| self.secrets.secret_purposes(owner)).iter().map(ToString::to_string).collect()
    }
}

pub(super) fn secrets(bench: &Bench) {
    let (ann, ben) = (bench.person("ann"), bench.person("ben"));
    let owners = [SecretOwner::Store, SecretOwner::Person(ann), SecretOwner::Person(ben.clone())];
    for owner in &owners {
        assert_eq!(bench.secret(owner, "todoist.token"), None);
        assert!(bench.purposes(owner).is_empty());
        assert!(!bench.sure(|| bench.secrets.delete_secret(owner, &purpose("todoist.token"))));
    }
    for (number, owner) in owners.iter().enumerate() {
        bench.put(owner, "todoist.token", format!("token {number}").as_bytes());
        bench.put(owner, "google.refresh_token", &[number as u8; 3]);
    }
    for (number, owner) in owners.iter().enumerate() {
        assert_eq!(bench.secret(owner, "todoist.token"), Some(format!("token {number}").into_bytes()));
        assert_eq!(bench.purposes(owner), ["google.refresh_token", "todoist.token"]);
        assert_eq!(bench.secret(owner, "todoist"), None, "a purpose is a whole name");
    }
    // Replaced, by one of any length; then deleted. The others stay.
    for value in [vec![0xff; MAX_SECRET_BYTES], vec![0], b"token of today".to_vec()] {
        bench.put(&owners[1], "todoist.token", &value);
        assert_eq!(bench.secret(&owners[1], "todoist.token"), Some(value));
    }
    bench.sure(|| bench.secrets.delete_secret(&owners[1], &purpose("todoist.token")));
    assert_eq!(bench.secret(&owners[1], "todoist.token"), None);
    assert_eq!(bench.purposes(&owners[1]), ["google.refresh_token"]);
    assert_eq!(bench.purposes(&owners[2]).len(), 2);
    // Nothing and too much are no secrets.
    for bytes in [0, MAX_SECRET_BYTES + 1] {
        let wrong = Secret::new(vec![1; bytes]);
        let refused = bench.attempt(|| bench.secrets.put_secret(&SecretOwner::Store, &purpose("a"), &wrong));
        assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::InvalidInput), "{bytes}");
    }
    // Another key does not open it.
    let thief = SecretOwner::Person(UserRecord { user: ben.user, key: UserKey::new([3; 32]) });
    let refused = bench.attempt(|| bench.secrets.secret(&thief, &purpose("todoist.token")));
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::Storage));
}

pub(super) fn forgotten(bench: &Bench) {
    let (ann, ben) = (bench.person("ann"), bench.person("ben"));
    let owners = [SecretOwner::Person(ann.clone()), SecretOwner::Person(ben), SecretOwner::Store];
    for owner in &owners {
        bench.put(owner, "todoist.token", b"a token");
    }
    forget(bench, &ann, 1);
    assert!(bench.purposes(&owners[0]).is_empty());
    assert_eq!(bench.secret(&owners[0], "todoist.token"), None);
    for owner in &owners[1..] {
        assert_eq!(bench.secret(owner, "todoist.token"), Some(b"a token".to_vec()), "nobody else's");
    }
    // A token that is refreshed too late has no owner any more.
    let late = bench.attempt(|| bench.secrets.put_secret(&owners[0], &purpose("todoist.token"), &Secret::from("late")));
    assert_eq!(late.map_err(|error| error.kind()), Err(ErrorKind::NotFound));
    assert!(bench.purposes(&owners[0]).is_empty());
}
