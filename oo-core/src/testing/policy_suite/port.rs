//! What the port asks beside statistics: errors, explanations, bounds, learning in place, and people.

use std::sync::Arc;

use super::{PolicySuite, World, bits, scored};
use crate::ErrorKind;
use crate::candidate::ArmKey;
use crate::id::Pseudonym;
use crate::lesson::Lesson;
use crate::personal::Personal;
use crate::policy::{Actions, Scored, Unlearned};

impl PolicySuite<'_> {
    /// Learning in place gives what `learned` gives, to the last saved byte; refused lessons leave no trace.
    pub fn learned_in_place(&self) {
        let mut world = World::new(9);
        let candidates = world.candidates(9);
        let mut policy = (self.build)(&world.schema);
        for count in [1, 7, 60, 1, 90] {
            let lessons = world.lessons(count);
            let mut own = (self.load)(&policy.save(), &world.schema).unwrap();
            let Some(alone) = Arc::get_mut(&mut own) else {
                panic!("{self:?}: what was loaded is held by somebody else");
            };
            let mut short = world.lesson();
            short.x = short.x[1..].into();
            assert!(
                !matches!(alone.learn_in_place(&[lessons[0].clone(), short]), Ok(true)),
                "{self:?}: learns a short lesson in place"
            );
            let revision =
                Lesson { reward: lessons[0].reward / 2, replaces: Some(lessons[0].reward), ..lessons[0].clone() };
            let lessons = [lessons, vec![revision]].concat();
            let next = policy.learned(&lessons).unwrap();
            let wanted = if alone.learn_in_place(&lessons).unwrap() { &next } else { &policy };
            assert_eq!(own.identity(), wanted.identity(), "{self:?}: learning in place changes the identity");
            assert!(own.save() == wanted.save(), "{self:?}: learning in place leaves another state");
            assert_eq!(
                bits(own.as_ref(), &candidates),
                bits(wanted.as_ref(), &candidates),
                "{self:?}: learning in place changes bits"
            );
            policy = next;
        }
    }

    /// Where lessons are taken away next, summing gives what learning gives, to the last saved byte.
    pub fn summed_before_an_epoch(&self) {
        let mut world = World::new(12);
        let (mut learned, mut summed) = ((self.build)(&world.schema), (self.build)(&world.schema));
        let mut all = Vec::new();
        for count in [1, 7, 60, 0, 200] {
            let mut lessons = world.lessons(count);
            if let Some(first) = lessons.first().cloned() {
                lessons.push(Lesson { reward: first.reward / 2, replaces: Some(first.reward), ..first });
            }
            (learned, summed) = (learned.learned(&lessons).unwrap(), summed.summed(&lessons).unwrap());
            assert_eq!(summed.identity(), learned.identity(), "{self:?}: summing makes another state");
            all.extend(lessons);
        }
        for gone in [&[][..], &all[2..5]] {
            match (learned.unlearned(gone).unwrap(), summed.unlearned(gone).unwrap()) {
                (Unlearned::Exact(learned), Unlearned::Exact(summed)) => {
                    assert!(learned.save() == summed.save(), "{self:?}: summing leaves another state");
                }
                (Unlearned::Rebuild, Unlearned::Rebuild) | (Unlearned::Summed(_), Unlearned::Summed(_)) => {}
                other => panic!("{self:?}: {other:?}"),
            }
        }
    }

    /// Scores that are bounds are marked one by one, and are of candidates that cannot win: none reaches the best score,
    /// and none is below the score that is explained.
    pub fn bounds_only_losers(&self) {
        let mut world = World::new(10);
        let policy = (self.build)(&world.schema).learned(&world.lessons(300)).unwrap();
        let mut out = Scored::default();
        for count in [1, 3, 40, 300, 700, 2] {
            let candidates = world.candidates(count);
            policy.distribution(&candidates.actions(), &mut out).unwrap();
            if out.bounded.is_empty() {
                continue;
            }
            assert_eq!(out.bounded.len(), count, "{self:?}: one mark a candidate, or none at all");
            let best = out.scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for (index, (score, _)) in out.scores.iter().zip(&out.bounded).enumerate().filter(|(_, (_, mark))| **mark) {
                assert!(*score < best, "{self:?}: the best score {score} is only a bound");
                let exact = policy.explain(&candidates.actions(), index).unwrap().score;
                assert!(exact <= score + 1e-9 * (1.0 + score.abs()), "{self:?}: {score} does not bound {exact}");
            }
        }
    }

    /// A person's part is a pure function of their lessons, keeps its name, and gives a valid pmf; another policy's part
    /// or none is as good as a stranger.
    pub fn personal_parts(&self) {
        let mut world = World::new(11);
        let whose = Pseudonym([3; 16]);
        let lessons: Vec<Lesson> =
            world.lessons(60).into_iter().map(|lesson| Lesson { person: Some(whose), ..lesson }).collect();
        let policy = (self.build)(&world.schema).learned(&lessons).unwrap();
        let candidates = world.candidates(9);
        let with = |part: Option<&dyn Personal>| {
            let actions = Actions { person: Some(whose), personal: part, ..candidates.actions() };
            let mut out = Scored::default();
            policy.distribution(&actions, &mut out).unwrap();
            let sum: f64 = out.distribution.pmf().iter().sum();
            assert!((sum - 1.0).abs() <= 1e-12, "{self:?}: the probabilities for a person sum to {sum}");
            let why = policy.explain(&actions, 4).unwrap();
            assert!((why.score - out.scores[4]).abs() <= 1e-9 * (1.0 + why.score.abs()), "{self:?}: explains another");
            out.scores.iter().chain(out.distribution.pmf()).map(|number| number.to_bits()).collect::<Vec<_>>()
        };
        let foreign: Arc<dyn Personal> = Arc::new(Foreign);
        assert_eq!(with(Some(&*foreign)), with(None), "{self:?}: reads a part that is not its own");
        let Some(empty) = policy.personal() else { return };
        assert_eq!(
            (self.build)(&world.schema).personal().map(|part| part.name().to_owned()),
            Some(empty.name().to_owned()),
            "{self:?}: asks for another part after learning"
        );
        let fold = |lessons: &[Lesson]| lessons.iter().fold(empty.clone(), |part, lesson| part.learned(lesson));
        let part = fold(&lessons[..20]);
        assert_eq!(part.name(), empty.name(), "{self:?}: a lesson renames the part");
        assert_eq!(with(Some(&*part)), with(Some(&*fold(&lessons[..20]))), "{self:?}: a part is not pure");
        assert_ne!(with(Some(&*part)), with(Some(&*empty)), "{self:?}: a part ignores its lessons");
        let mut turned = lessons[..20].to_vec();
        turned.reverse();
        assert_eq!(with(Some(&*part)), with(Some(&*fold(&turned))), "{self:?}: a part depends on the order");
        let first = Lesson { reward: -turned[0].reward / 2, ..turned[0].clone() };
        let revision = Lesson { replaces: Some(first.reward), ..turned[0].clone() };
        turned[0] = first;
        let revised = fold(&turned).learned(&revision);
        assert_eq!(with(Some(&*part)), with(Some(&*revised)), "{self:?}: a revision leaves a trace in a part");
    }

    /// Wrong shapes and numbers are refused with `invalid_input`.
    pub fn bad_input(&self) {
        let mut world = World::new(7);
        let policy = (self.build)(&world.schema).learned(&world.lessons(20)).unwrap();
        let good = world.candidates(3);
        let dim = good.dim;
        let refused = |values: &[f64], arms: &[ArmKey], dim: usize, what: &str| {
            let actions = Actions::new(dim, values, arms);
            let kind = policy.distribution(&actions, &mut Scored::default()).err().map(|error| error.kind());
            assert_eq!(kind, Some(ErrorKind::InvalidInput), "{self:?}: {what} must be refused");
            let kind = policy.explain(&actions, 0).err().map(|error| error.kind());
            assert!(kind.is_none_or(|kind| kind == ErrorKind::InvalidInput), "{self:?}: {what} in explain");
        };
        refused(&[], &[], dim, "an empty set");
        refused(&good.values, &good.arms, dim + 1, "a wrong dimension");
        refused(&good.values[1..], &good.arms, dim, "a short row");
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for at in [0, dim, 3 * dim - 1] {
                let mut values = good.values.clone();
                values[at] = wrong;
                refused(&values, &good.arms, dim, "a number that is not finite");
            }
        }
        assert!(policy.explain(&good.actions(), 3).is_err(), "{self:?}: explains a candidate that is not there");
        let mut lesson = world.lesson();
        lesson.x = lesson.x[1..].into();
        assert!(policy.learned(&[world.lesson(), lesson.clone()]).is_err(), "{self:?}: learns a short lesson");
        assert!(policy.unlearned(&[lesson]).is_err(), "{self:?}: unlearns a short lesson");
        assert!(policy.learned(&[]).is_ok(), "{self:?}: no lesson is a lesson batch too");
    }

    /// mean = Σ contributions + intercept, and the explained score is the served one.
    pub fn explanations_add_up(&self) {
        let mut world = World::new(8);
        let policy = (self.build)(&world.schema).learned(&world.lessons(90)).unwrap();
        let candidates = world.candidates(12);
        let scores = scored(policy.as_ref(), &candidates).scores;
        for (index, score) in scores.iter().enumerate() {
            let why = policy.explain(&candidates.actions(), index).unwrap();
            assert!(
                why.contributions.is_empty() || why.contributions.len() == candidates.dim,
                "{self:?}: a contribution a feature"
            );
            let sum = why.contributions.iter().sum::<f64>() + why.intercept;
            let scale = 1.0 + why.contributions.iter().map(|share| share.abs()).sum::<f64>();
            assert!((sum - why.mean).abs() <= 1e-12 * scale, "{self:?}: {sum} is not the mean {}", why.mean);
            assert!(why.width >= 0.0, "{self:?}: a negative width");
            assert!((why.score - score).abs() <= 1e-12 * scale, "{self:?}: explains {}, served {score}", why.score);
        }
    }
}

/// A part that no policy asked for.
#[derive(Debug)]
struct Foreign;

impl Personal for Foreign {
    fn name(&self) -> &str {
        "foreign"
    }

    fn learned(self: Arc<Self>, _: &Lesson) -> Arc<dyn Personal> {
        self
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
