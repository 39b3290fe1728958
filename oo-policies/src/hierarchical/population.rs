//! What people have in common: one ridge regression over everybody's lessons, and the scores of one person on top.

use std::sync::Arc;

use oo_core::Result;
use oo_core::lesson::Lesson;
use oo_core::personal::Personal;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use sha2::Digest;

use super::HierarchicalSpec;
use super::body;
use super::crowd::Crowd;
use super::part::Part;
use super::person::Person;
use crate::exploration::Exploration;
use crate::frame::{Frame, Work};
use crate::kernel::{Path, dispatch, laned};
use crate::kind::{Ground, People};
use crate::linucb::head::{check_index, check_shape, not_finite};
use crate::saved;
use crate::statistic::Statistic;

/// The weight of the prior noise, one lesson of noise 1.
const PRIOR_NOISE: f64 = 1.0;

/// The population's model. As a policy it holds no people: each decision brings its person's part.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    head: Arc<Head>,
    statistic: Statistic,
}

/// What every successor has in common.
#[derive(Debug)]
struct Head {
    ground: Ground,
    frame: Frame,
    alpha: f64,
    rank: usize,
    personal_ridge: Option<f64>,
    exploration: Exploration,
    nobody: Arc<Person>,
}

impl Population {
    /// The population of no lesson.
    pub(crate) fn new(ground: Ground, settings: &HierarchicalSpec) -> Self {
        let frame = Frame::new(&ground.schema, ground.reward, settings.lambda, settings.intercept);
        let statistic = Statistic::new(&frame);
        let head = Head {
            nobody: Arc::new(Person::new(frame.dim)),
            frame,
            ground,
            alpha: settings.alpha,
            rank: settings.rank,
            personal_ridge: settings.personal_ridge,
            exploration: settings.exploration,
        };
        Population { head: Arc::new(head), statistic }
    }

    /// The same settings over another statistic.
    pub(crate) fn with(&self, statistic: Statistic) -> Self {
        Population { head: self.head.clone(), statistic }
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.head.frame
    }

    pub(crate) fn statistic(&self) -> &Statistic {
        &self.statistic
    }

    /// The most columns in which people differ.
    pub(crate) fn rank(&self) -> usize {
        self.head.rank
    }

    /// κ, where it is declared.
    pub(crate) fn personal_ridge(&self) -> Option<f64> {
        self.head.personal_ridge
    }

    /// σ̂², the noise by the population's marginal likelihood: what its posterior leaves of Σr², over the lessons.
    /// It follows from Σr² + λ‖θ₀‖² − θᵀ(b + λθ₀), which a fit with more entries than lessons does not drive to 0.
    pub(crate) fn noise(&self) -> f64 {
        let frame = &self.head.frame;
        let sums = self.statistic.sums();
        let mut left = sums.squares() as f64 * (frame.reward_step * frame.reward_step);
        let theta = self.statistic.theta();
        for (i, prior) in frame.prior.iter().enumerate() {
            let b = sums.rewards()[i] as f64 * (frame.steps[i] * frame.reward_step) + frame.ridge * prior;
            left += frame.ridge * (prior * prior) - theta[i] * b;
        }
        // A reward's own rounding is the least noise there is.
        let least = frame.reward_step * frame.reward_step;
        ((PRIOR_NOISE + left.max(0.0)) / (PRIOR_NOISE + sums.lessons() as f64)).max(least)
    }

    /// As [`distribution`](Policy::distribution), for `person`; without one, the population alone.
    pub(crate) fn score(&self, actions: &Actions<'_>, person: Option<&Person>, out: &mut Scored) -> Result<()> {
        let frame = &self.head.frame;
        check_shape(actions, frame.dim)?;
        let part = person.map(|person| Part::derived(self, person)).transpose()?;
        let factor = self.head.alpha * self.noise().sqrt();
        let linear = self.statistic.linear(frame.dim, 1.0);
        let path = Path::best();
        let len = laned(frame.size);
        out.scratch.clear();
        out.scratch.resize(2 * len, 0.0);
        out.scores.clear();
        out.unmark();
        let (padded, columns) = out.scratch.split_at_mut(len);
        let mut sum = 0.0;
        for x in actions.values.chunks_exact(frame.dim) {
            frame.pad(x, padded);
            let (mut mean, mut squared) = dispatch::score_one(path, linear, padded);
            if let Some(part) = &part {
                let (more, wider) = part.score(path, padded, columns);
                mean += more;
                squared += wider;
            }
            let score = mean + factor * squared.sqrt();
            sum += score * 0.0;
            out.scores.push(score);
        }
        if sum != 0.0 {
            return Err(not_finite(actions));
        }
        self.head.exploration.apply(&out.scores, &mut out.distribution);
        Ok(())
    }

    /// As [`explain`](Policy::explain), for `person`.
    pub(crate) fn why(&self, actions: &Actions<'_>, person: Option<&Person>, index: usize) -> Result<Explanation> {
        let frame = &self.head.frame;
        check_shape(actions, frame.dim)?;
        check_index(actions, index)?;
        let x = &actions.values[index * frame.dim..(index + 1) * frame.dim];
        let len = laned(frame.size);
        let (mut padded, mut columns) = (vec![0.0; len], vec![0.0; len]);
        frame.pad(x, &mut padded);
        let path = Path::best();
        let (mut mean, mut squared) = dispatch::score_one(path, self.statistic.linear(frame.dim, 1.0), &padded);
        let mut theta = self.statistic.theta().to_vec();
        if let Some(person) = person {
            let part = Part::derived(self, person)?;
            let (more, wider) = part.score(path, &padded, &mut columns);
            mean += more;
            squared += wider;
            part.add_to(&mut theta);
        }
        let width = squared.sqrt();
        let score = mean + self.head.alpha * self.noise().sqrt() * width;
        if !score.is_finite() {
            return Err(not_finite(actions));
        }
        let contributions = theta.iter().zip(x).map(|(theta, x)| theta * x).collect();
        let intercept = theta.get(frame.dim).copied().unwrap_or(0.0);
        Ok(Explanation { contributions, intercept, mean, width, score })
    }

    /// The population after `lessons`.
    pub(crate) fn after(&self, lessons: &[Lesson]) -> Result<Self> {
        let frame = &self.head.frame;
        let mut statistic = self.statistic.clone();
        let mut work = Work::new(frame);
        for lesson in lessons {
            statistic.learn(frame, lesson, &mut work)?;
        }
        statistic.settle(frame, &mut work);
        Ok(self.with(statistic))
    }

    /// The population that never saw `lessons`, at the start of an epoch.
    pub(crate) fn without(&self, lessons: &[Lesson]) -> Result<Self> {
        let frame = &self.head.frame;
        let mut statistic = self.statistic.clone();
        let mut work = Work::new(frame);
        for lesson in lessons {
            statistic.forget(frame, lesson, &mut work)?;
        }
        Ok(self.with(Statistic::derived(statistic.into_sums(), frame)))
    }

    /// The saved policy, with the people it holds.
    pub(crate) fn saved(&self, people: People, crowd: &Crowd) -> Vec<u8> {
        saved::write(&self.head.ground, |out| body::write(out, &self.head.frame, &self.statistic, people, crowd))
    }

    /// The identity, with the people it holds: each level's sums are in the hash.
    pub(crate) fn identified(&self, crowd: &Crowd) -> PolicyIdentity {
        let mut hash = self.head.ground.hasher();
        hash.update((self.head.frame.size as u64).to_le_bytes());
        self.statistic.sums().hash_into(&mut hash);
        for (pseudonym, person) in crowd.iter().filter(|(_, person)| !person.is_empty()) {
            // A person's lessons are on the grid already: summing them cannot fail.
            if let Ok(sums) = person.sums() {
                hash.update(pseudonym.0);
                sums.hash_into(&mut hash);
            }
        }
        self.head.ground.identity(hash, self.statistic.sums().lessons())
    }
}

impl Policy for Population {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        self.score(actions, part_of(actions), out)
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(self.after(lessons)?))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        Ok(Unlearned::Exact(Arc::new(self.without(lessons)?)))
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        self.why(actions, part_of(actions), index)
    }

    fn save(&self) -> Vec<u8> {
        self.saved(People::Loaded, &Crowd::default())
    }

    fn identity(&self) -> PolicyIdentity {
        self.identified(&Crowd::default())
    }

    fn lessons(&self) -> u64 {
        self.statistic.sums().lessons()
    }

    fn personal(&self) -> Option<Arc<dyn Personal>> {
        Some(self.head.nobody.clone())
    }
}

/// The person that a decision brought with it.
fn part_of<'a>(actions: &Actions<'a>) -> Option<&'a Person> {
    actions.personal.and_then(|part| part.as_any().downcast_ref())
}
