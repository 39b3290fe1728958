//! The policy over a [`State`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};
use sha2::Digest;

use crate::auto::AutoSpec;
use crate::auto::body;
use crate::auto::state::State;
use crate::exploration::Exploration;
use crate::frame::{Frame, Spare, Work};
use crate::kernel::{Path, dispatch, laned};
use crate::kind::Ground;
use crate::linucb::Sharing;
use crate::linucb::contest::{Contest, score_shared};
use crate::linucb::head::{check_index, check_shape, not_finite};
use crate::saved;
use crate::statistic::Statistic;
use crate::sums::{Sums, check_grid};

/// LinUCB without a knob.
#[derive(Clone, Debug)]
pub(super) struct Auto {
    ground: Arc<Ground>,
    exploration: Exploration,
    state: State,
    spare: Spare,
}

impl Auto {
    /// The policy on `ground` in `state`.
    pub(super) fn new(ground: Ground, spec: &AutoSpec, state: State) -> Self {
        Auto { ground: Arc::new(ground), exploration: spec.exploration, state, spare: Spare::default() }
    }

    /// The model that all arms share.
    fn shared(&self) -> Option<&Statistic> {
        let first = || self.state.arms.iter().next().map(|(_, arm)| &arm.present);
        if self.state.sharing == Sharing::Shared { first() } else { None }
    }

    /// Mean and width of a row whose arm was never tried.
    fn cold(&self, x: &[f64]) -> (f64, f64) {
        let frame: &Frame = &self.state.frame;
        let (mut mean, mut norm) = (0.0, f64::from(u8::from(frame.has_intercept())));
        for (prior, x) in frame.prior.iter().zip(x) {
            mean += prior * x;
            norm += x * x;
        }
        (mean, (norm / frame.ridge).sqrt())
    }

    /// Learns `lessons` in their order; after an error this is no policy any more.
    fn learn(&mut self, lessons: &[Lesson]) -> Result<()> {
        let mut work = self.spare.take(&self.state.frame);
        let mut touched = BTreeSet::new();
        for lesson in lessons {
            self.state.learn(lesson, &mut work)?;
            touched.insert(self.state.key(lesson));
        }
        for key in &touched {
            self.state.settle(key, &mut work);
        }
        self.spare.keep(work);
        Ok(())
    }

    /// Writes a score a row.
    fn score(&self, actions: &Actions<'_>, out: &mut Scored) {
        let frame: &Frame = &self.state.frame;
        let (alpha, best_only) = (self.state.alpha(), self.exploration.best_only());
        match self.shared() {
            Some(model) => score_shared(model, frame, alpha, best_only, actions, out),
            None => {
                let contest = Contest { arms: &self.state.arms, frame, alpha, work: 0, best_only };
                contest.score(actions, out, |x| self.cold(x));
            }
        }
    }

    /// The sums of all lessons of each model.
    fn totals(&self) -> Result<BTreeMap<ArmKey, Sums>> {
        let arms = self.state.arms.keys().zip(self.state.arms.iter());
        arms.map(|(key, (_, arm))| Ok((key.clone(), arm.total()?))).collect()
    }

    /// The policy of `totals` at the start of an epoch.
    fn derived(&self, totals: Vec<(ArmKey, Sums)>) -> Self {
        let mut frame = self.state.frame.as_ref().clone();
        frame.ridge = 1.0;
        Auto { state: State::derived(frame, self.state.sharing, totals), ..self.clone() }
    }
}

impl Policy for Auto {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        check_shape(actions, self.state.frame.dim)?;
        self.score(actions, out);
        out.estimated = false;
        // Factors and weights are finite: a score is finite exactly if its row is, and not absurdly long.
        if out.scores.iter().map(|score| score * 0.0).sum::<f64>() != 0.0 {
            return Err(not_finite(actions));
        }
        self.exploration.apply(&out.scores, &mut out.distribution);
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut next = self.clone();
        next.learn(lessons)?;
        Ok(Arc::new(next))
    }

    fn learn_in_place(&mut self, lessons: &[Lesson]) -> Result<bool> {
        for lesson in lessons {
            self.state.frame.check(lesson)?;
            check_grid(&lesson.x, &[lesson.reward, lesson.replaces.unwrap_or(0)])?;
        }
        if !self.state.has_room(lessons) {
            return Ok(false);
        }
        self.learn(lessons)?;
        Ok(true)
    }

    /// Scale, segment and window follow from the sums at the start of an epoch.
    fn summed(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut work = Work::new(&self.state.frame);
        let mut totals = self.totals()?;
        for lesson in lessons {
            work.take(&self.state.frame, lesson)?;
            let total = totals.entry(self.state.key(lesson)).or_insert_with(|| Sums::new(self.state.frame.size));
            match lesson.replaces {
                None => total.add(&work.integers, lesson.reward)?,
                Some(replaced) => total.revise(&work.integers, lesson.reward, replaced)?,
            }
        }
        Ok(Arc::new(self.derived(totals.into_iter().collect())))
    }

    fn lessons(&self) -> u64 {
        self.state.arms.iter().map(|(_, arm)| arm.lessons()).sum()
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let mut work = Work::new(&self.state.frame);
        let mut totals = self.totals()?;
        for lesson in lessons {
            let key = self.state.key(lesson);
            let Some(total) = totals.get_mut(&key) else {
                let message = format!("arm {:?} never learned a lesson; unlearn only what was learned", key.as_str());
                return Err(Error::invalid("arm", message));
            };
            work.take(&self.state.frame, lesson)?;
            total.subtract(&work.integers, lesson.reward)?;
        }
        totals.retain(|_, total| !total.is_zero());
        Ok(Unlearned::Exact(Arc::new(self.derived(totals.into_iter().collect()))))
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let frame: &Frame = &self.state.frame;
        check_shape(actions, frame.dim)?;
        check_index(actions, index)?;
        let x = &actions.values[index * frame.dim..(index + 1) * frame.dim];
        let arm = &actions.arms[index..=index];
        let model = self.shared().or_else(|| self.state.arms.get(&arm[0]).map(|arm| &arm.present));
        let (theta, mean, width) = match model {
            Some(model) => {
                let mut padded = vec![0.0; laned(frame.size)];
                frame.pad(x, &mut padded);
                let linear = model.linear(frame.dim, self.state.alpha());
                let (mean, squared) = dispatch::score_one(Path::best(), linear, &padded);
                (model.theta(), mean, squared.sqrt())
            }
            None => {
                let (mean, width) = self.cold(x);
                (frame.prior.as_slice(), mean, width)
            }
        };
        // The score is the one that is served, whose lanes may add in another order.
        let mut scored = Scored::default();
        self.score(&Actions::new(frame.dim, x, arm), &mut scored);
        let score = scored.scores[0];
        if !score.is_finite() {
            return Err(not_finite(actions));
        }
        Ok(Explanation {
            contributions: theta.iter().zip(x).map(|(theta, x)| theta * x).collect(),
            intercept: theta.get(frame.dim).copied().unwrap_or(0.0),
            mean,
            width,
            score,
        })
    }

    fn save(&self) -> Vec<u8> {
        saved::write(&self.ground, |out| body::write(out, &self.state))
    }

    fn identity(&self) -> PolicyIdentity {
        let mut lessons = 0;
        let mut hash = self.ground.hasher();
        hash.update((self.state.frame.size as u64).to_le_bytes());
        for (key, arm) in self.state.arms.iter() {
            // Sums hold at most 2³⁴ lessons, those of `learned` are counted there.
            let Ok(total) = arm.total() else { continue };
            if total.lessons() == 0 {
                continue;
            }
            lessons += total.lessons();
            hash.update((key.len() as u64).to_le_bytes());
            hash.update(key.as_bytes());
            total.hash_into(&mut hash);
        }
        self.ground.identity(hash, lessons)
    }
}
