//! Cases of what is kept beside the log: people, texts, snapshots, projections, timers.

use std::sync::Arc;

use super::append_cases::{snapshot, tip_item};
use super::bench::{Bench, with_text};
use crate::decision::PolicyRef;
use crate::error::ErrorKind;
use crate::id::{Position, Pseudonym, UserKey};
use crate::ports::{DueKind, Entry, Projection, ScoreRow, TextField, TextWrite, TipRow, UserRecord};
use crate::testing::samples;

pub(super) fn people(bench: &Bench) {
    assert!(bench.known("ann").is_none());
    let ann = bench.person("ann");
    assert_eq!(bench.known("ann").as_ref(), Some(&ann));
    // Whatever is offered later, a known person stays who they are.
    let other = crate::ports::NewUser { user: Pseudonym([1; 16]), key: UserKey::new([2; 32]) };
    assert_eq!(bench.sure(|| bench.state.user("ann", Some(other.clone()))).as_ref(), Some(&ann));
    let ben = bench.person("ben");
    assert_ne!((ann.user, &ann.key), (ben.user, &ben.key));
    assert!(bench.known("Ann").is_none() && bench.known("ann ").is_none() && bench.known("").is_none());
    assert_eq!(bench.person_by(ben.user), Some(ben));
    assert_eq!(bench.person_by(Pseudonym([1; 16])), None);
    assert_eq!(bench.info().users, 2);
    let odd = "ü\u{202e}\u{1f600}'; DROP TABLE users; --";
    let odd_person = bench.person(odd);
    assert_eq!(bench.known(odd), Some(odd_person));
}

pub(super) fn texts(bench: &Bench) {
    let (ann, ben) = (bench.person("ann"), bench.person("ben"));
    let item = samples::item(1);
    let long = "ß".repeat(20_000);
    let entry = Entry {
        key: Some(ann.key.clone()),
        texts: vec![
            TextWrite { item, field: TextField::Title, text: "File taxes".to_owned() },
            TextWrite { item, field: TextField::Notes, text: long.clone() },
            TextWrite { item: tip_item(1), field: TextField::Tip, text: "{}".to_owned() },
        ],
        ..Entry::new(samples::mood(1, ann.user))
    };
    bench.add(&entry);
    bench.add(&with_text(&samples::mood(2, ben.user), &ben, item, TextField::Title, "Ben's"));
    let asked =
        [(tip_item(1), TextField::Tip), (item, TextField::Id), (item, TextField::Notes), (item, TextField::Title)];
    let got = bench.sure(|| bench.state.texts(&ann, &asked));
    assert_eq!(got, [Some("{}".to_owned()), None, Some(long), Some("File taxes".to_owned())]);
    assert_eq!(bench.sure(|| bench.state.texts(&ann, &[])), []);
    // Replaced, then deleted.
    bench.add(&with_text(&samples::mood(3, ann.user), &ann, item, TextField::Title, "File them"));
    assert_eq!(bench.text(&ann, item, TextField::Title).as_deref(), Some("File them"));
    bench.add(&with_text(&samples::mood(4, ann.user), &ann, item, TextField::Title, ""));
    assert_eq!(bench.text(&ann, item, TextField::Title), None);
    assert_eq!(bench.text(&ben, item, TextField::Title).as_deref(), Some("Ben's"));
    // Another key does not open it.
    let thief = UserRecord { user: ben.user, key: ann.key.clone() };
    let refused = bench.attempt(|| bench.state.texts(&thief, &[(item, TextField::Title)]));
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::Storage));
    // A text without a key to seal it under is refused, and nothing of its entry is stored.
    let head = bench.head();
    let unsealed = Entry { key: None, ..with_text(&samples::mood(5, ann.user), &ann, item, TextField::Title, "clear") };
    assert_eq!(bench.try_append(&unsealed).map_err(|error| error.kind()), Err(ErrorKind::Internal));
    assert_eq!(bench.head(), head);
}

pub(super) fn snapshots(bench: &Bench) {
    for position in [3, 9, 6] {
        bench.save(&snapshot("registry", position));
    }
    bench.save(&snapshot("people", 4));
    assert_eq!(bench.sure(|| bench.state.snapshot("registry")), Some(snapshot("registry", 9)));
    assert_eq!(bench.sure(|| bench.state.snapshot("people")), Some(snapshot("people", 4)));
    let replaced = crate::ports::Snapshot { epoch: 2, bytes: vec![1; 300_000], ..snapshot("registry", 9) };
    bench.save(&replaced);
    assert_eq!(bench.sure(|| bench.state.snapshot("registry")), Some(replaced));
    assert!(bench.sure(|| bench.state.snapshot("nobody")).is_none());
}

pub(super) fn projections(bench: &Bench) {
    let (ann, ben) = (bench.person("ann").user, bench.person("ben").user);
    for (number, user) in [(1, ann), (2, ben), (3, ann)] {
        bench.add_event(&samples::decision(number, user, 3));
    }
    let tips = vec![(Position(1), tip(1, ann)), (Position(2), tip(2, ben)), (Position(3), tip(3, ann))];
    let scores: Vec<ScoreRow> = (1..=3).flat_map(scores_of).collect();
    let project = |after: u64, through: u64, tips: &[(Position, TipRow)], scores: &[ScoreRow]| {
        let projection = Projection {
            after: Position(after),
            through: Position(through),
            tips: tips.to_vec(),
            scores: scores.to_vec(),
        };
        bench.sure(|| bench.state.project(&projection))
    };
    // What begins after the stored position would leave a gap.
    assert_eq!(project(1, 3, &tips[1..], &scores), Position(0));
    assert!(bench.tips(None, 10).is_empty());
    assert_eq!(project(0, 3, &tips, &scores), Position(3));
    assert_eq!(bench.info().projected, Position(3));
    assert_eq!(bench.tips(Some(ann), 10), [tip(3, ann), tip(1, ann)]);
    assert_eq!(bench.tips(None, 2), [tip(3, ann), tip(2, ben)]);
    assert_eq!(bench.tip(samples::decision_id(2)), Some(tip(2, ben)));
    assert_eq!(bench.tip(samples::decision_id(9)), None);
    assert_eq!(bench.scores(samples::decision_id(2)), scores_of(2).collect::<Vec<_>>());
    // Late rows of another process change nothing, and are told where it stands.
    let stale = TipRow { state: "expired", ..tip(1, ann) };
    assert_eq!(project(0, 3, &[(Position(3), stale)], &[]), Position(3));
    assert_eq!(bench.tip(samples::decision_id(1)), Some(tip(1, ann)));
    // Of a batch that reaches back, what is new is taken: a touched tip is replaced, an old touch is not.
    let done = TipRow { state: "done", reward: Some(1.0), shown_ms: Some(5), due_ms: None, ..tip(1, ann) };
    bench.add_event(&samples::mood(4, ann));
    let stale_two = TipRow { state: "expired", ..tip(2, ben) };
    assert_eq!(project(2, 4, &[(Position(4), done.clone()), (Position(2), stale_two)], &[]), Position(4));
    assert_eq!(bench.tip(samples::decision_id(1)), Some(done));
    assert_eq!(bench.tip(samples::decision_id(2)), Some(tip(2, ben)));
}

pub(super) fn timers(bench: &Bench) {
    let ann = bench.person("ann").user;
    let mut tips = Vec::new();
    for number in 1..=4 {
        bench.add_event(&samples::decision(number, ann, 3));
        let due_ms = (number != 3).then(|| 1_000 - number.cast_signed());
        tips.push((Position(number), TipRow { due_ms, ..tip(number, ann) }));
    }
    let projection = Projection { after: Position(0), through: Position(4), tips, scores: Vec::new() };
    bench.sure(|| bench.state.project(&projection));
    let due = bench.due(998);
    assert_eq!(
        due.iter().map(|due| (due.decision, due.due_ms)).collect::<Vec<_>>(),
        [(samples::decision_id(4), 996), (samples::decision_id(2), 998)]
    );
    assert!(due.iter().all(|due| due.kind == DueKind::Tip && due.user == Some(ann)));
}

/// The projected row of the decision at position and with number `number`.
pub(super) fn tip(number: u64, user: Pseudonym) -> TipRow {
    TipRow {
        decision: samples::decision_id(number),
        user,
        position: Position(number),
        decided_ms: samples::NOW_MS,
        policy: PolicyRef { id: Arc::from("linucb"), version: 1 },
        key: samples::item(number),
        arm: Arc::from("advice/focus"),
        kind: "advice",
        propensity: 0.25,
        holdout: number.is_multiple_of(2),
        state: "open",
        reward: None,
        shown_ms: Some(samples::NOW_MS),
        due_ms: Some(samples::NOW_MS + 1),
    }
}

/// The projected scores of the decision at position and with number `number`.
pub(super) fn scores_of(number: u64) -> impl Iterator<Item = ScoreRow> {
    (0..3).map(move |index| ScoreRow {
        position: Position(number),
        index,
        key: samples::item(number * 10 + u64::from(index)),
        arm: Arc::from("advice/rest"),
        score: -0.5,
        propensity: 1.0 / 3.0,
    })
}
