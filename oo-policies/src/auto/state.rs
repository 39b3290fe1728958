//! What `auto` has learned, and how a lesson changes it.
//!
//! Estimates are due at counts of lessons (each a quarter further than the last, and every 16th for a change), and are
//! made when the *next* lesson comes: a reward revised meanwhile leaves no trace in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::id::DecisionId;
use oo_core::lesson::Lesson;

use crate::auto::arm::Arm;
use crate::auto::change::{find, misfit};
use crate::auto::evidence::{foresee, log_evidence, right_side};
use crate::auto::members::Members;
use crate::auto::scale::Scale;
use crate::auto::window::{Foreseen, Window};
use crate::frame::{Frame, Work};
use crate::kernel::laned;
use crate::linucb::Sharing;
use crate::linucb::arms::Arms;
use crate::statistic::Statistic;
use crate::sums::{MAX_LESSONS, Sums};

/// The number of lessons at which the scale is estimated first.
const FIRST: u64 = 8;
/// After how many lessons a change is looked for, in models of up to 32 entries; larger ones look less often.
const LOOK: u64 = 16;
/// The most steps of the scale's fixed point while learning, and at the start of an epoch.
const STEPS: usize = 3;
const STEPS_OF_EPOCH: usize = 12;
/// A ridge that moves by less, in its logarithm, is left as it is.
const SAME_RIDGE: f64 = 0.05;
/// The width in units of the noise when all is learned, and what is added to it when nothing is.
const WIDTH: f64 = 0.5;
const WIDTH_OF_IGNORANCE: f64 = 2.0;
/// The most unknowns a lesson that widen.
const MOST_UNKNOWNS: f64 = 4.0;

/// Arms, scale, segment and window.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The layout, with the present ridge.
    pub(super) frame: Arc<Frame>,
    /// The arms by key; those of a shared model are one, under the empty key.
    pub(super) arms: Arms<Arm>,
    pub(super) sharing: Sharing,
    /// σ².
    pub(super) variance: f64,
    /// The noise when the present segment began, if it began with a change.
    pub(super) known: Option<f64>,
    /// The first decision of the present segment.
    pub(super) boundary: DecisionId,
    /// The lessons of the present segment, if it began with a change.
    pub(super) members: Members,
    pub(super) window: Window,
    /// Lessons of the present segment.
    pub(super) lessons: u64,
    /// d for each arm with a lesson: how many numbers there are to learn.
    pub(super) unknowns: u64,
    /// Lessons since the epoch began.
    pub(super) since_epoch: u64,
    /// At how many lessons of the segment the scale is estimated next.
    pub(super) next: u64,
    /// Whether changes are looked for.
    #[cfg(test)]
    pub(super) looks: bool,
}

impl State {
    /// The state of `totals` at the start of an epoch: they alone decide.
    pub(super) fn derived(frame: Frame, sharing: Sharing, totals: Vec<(ArmKey, Sums)>) -> Self {
        let mut entries: Vec<(ArmKey, Arm)> =
            totals.into_iter().map(|(key, sums)| (key, Arm::derived(sums, &frame))).collect();
        if sharing == Sharing::Shared && entries.is_empty() {
            entries.push((ArmKey::new(""), Arm::new(&frame)));
        }
        let mut state = State {
            frame: Arc::new(frame),
            arms: Arms::new(entries),
            sharing,
            variance: 1.0,
            known: None,
            boundary: DecisionId::default(),
            members: Members::default(),
            window: Window::default(),
            lessons: 0,
            unknowns: 0,
            since_epoch: 0,
            next: FIRST,
            #[cfg(test)]
            looks: true,
        };
        state.count();
        if state.lessons >= FIRST {
            state.estimate(STEPS_OF_EPOCH);
        }
        state
    }

    /// The factor of the width: (½ + 2√(unknowns/lessons))·σ, at most 4½·σ, which it is while there is no lesson.
    pub(super) fn alpha(&self) -> f64 {
        let share = match self.lessons {
            0 => MOST_UNKNOWNS,
            lessons => (self.unknowns as f64 / (lessons as f64 + 1.0)).min(MOST_UNKNOWNS),
        };
        (WIDTH + WIDTH_OF_IGNORANCE * share.sqrt()) * self.variance.sqrt()
    }

    /// The key of the model that learns `lesson`.
    pub(super) fn key(&self, lesson: &Lesson) -> ArmKey {
        match self.arms.keys().next() {
            Some(only) if self.sharing == Sharing::Shared => only.clone(),
            _ => lesson.arm.clone(),
        }
    }

    /// Takes one lesson; the weights of its model follow with [`settle`](State::settle).
    pub(super) fn learn(&mut self, lesson: &Lesson, work: &mut Work) -> Result<()> {
        let lesson = Lesson {
            decision: lesson.decision,
            replaces: lesson.replaces,
            ..Lesson::new(lesson.x.clone(), self.key(lesson), lesson.reward)
        };
        work.take(&self.frame, &lesson)?;
        if let Some(replaced) = lesson.replaces {
            return self.revise(&lesson, replaced, work);
        }
        if self.prepare(work)? {
            work.take(&self.frame, &lesson)?;
        }
        let frame: &Frame = &self.frame;
        let arm = self.arms.change(&lesson.arm, || Arm::new(frame));
        let rhs = &mut work.spare[..laned(frame.size)];
        rhs.fill(0.0);
        right_side(arm.present.sums(), frame, rhs);
        let (mean, spread) = foresee(arm.present.factor(), &work.x, &work.spare, &mut work.p, &mut work.y);
        arm.present.learn_projected(frame, lesson.reward, work)?;
        if arm.present.sums().lessons() == 1 {
            self.unknowns += frame.size as u64;
        }
        self.lessons += 1;
        self.since_epoch += 1;
        if self.known.is_some() {
            self.members.push(&lesson);
        }
        let misfit = misfit(f64::from(lesson.reward) * frame.reward_step - mean, spread, self.variance);
        self.window.push(Foreseen { lesson, mean, spread, misfit });
        Ok(())
    }

    /// Whether `lessons` fit, were they all of one arm.
    pub(super) fn has_room(&self, lessons: &[Lesson]) -> bool {
        let more = lessons.len() as u64;
        let room = |arm: &Arm| arm.lessons() + more <= MAX_LESSONS;
        lessons.iter().all(|lesson| self.arms.get(&self.key(lesson)).is_none_or(room))
    }

    /// The weights of `key` from its sums.
    pub(super) fn settle(&mut self, key: &ArmKey, work: &mut Work) {
        let frame: &Frame = &self.frame;
        self.arms.change(key, || Arm::new(frame)).present.settle(frame, work);
    }

    fn revise(&mut self, lesson: &Lesson, replaced: i16, work: &mut Work) -> Result<()> {
        let known = self.known.is_some() && self.members.revise(lesson, replaced);
        let here = self.window.revise(lesson, replaced, &self.frame, self.variance) || known;
        // All members are known while there are few; beyond, decisions of an engine tell by their ids, which rise.
        let closed = !here && (self.lessons <= self.members.len() as u64 || lesson.decision < self.boundary);
        let frame = self.frame.clone();
        let arm = self.arms.change(&lesson.arm, || Arm::new(&frame));
        match &mut arm.before {
            Some(before) if closed => before.revise(&work.integers, lesson.reward, replaced),
            _ => arm.present.learn(&frame, lesson, work),
        }
    }

    /// Does what is due before the next lesson: whether it may have used `work`.
    fn prepare(&mut self, work: &mut Work) -> Result<bool> {
        let due = self.lessons >= self.next;
        if self.lessons >= self.next {
            self.reconsider()?;
            for (_, arm) in self.arms.each_mut() {
                arm.present.settle(&self.frame, work);
            }
            self.estimate(STEPS);
        }
        let look = LOOK.max(self.frame.size as u64 / 2 / LOOK * LOOK);
        #[cfg(test)]
        if !self.looks {
            return Ok(due);
        }
        // Before the first estimate there is no scale to be surprised on.
        if self.lessons >= FIRST
            && self.since_epoch.is_multiple_of(look)
            && let Some(newest) = find(&self.window, &self.frame, self.variance, self.lessons)?
        {
            self.restart(newest, work)?;
            return Ok(true);
        }
        Ok(due)
    }

    /// Estimates noise and ridge by up to `steps` steps of their fixed point.
    fn estimate(&mut self, steps: usize) {
        for _ in 0..steps {
            let scale = Scale::step(self.arms.iter().map(|(_, arm)| arm), &self.frame, self.known);
            self.variance = scale.variance;
            if libm::log(scale.ridge / self.frame.ridge).abs() < SAME_RIDGE {
                break;
            }
            Arc::make_mut(&mut self.frame).ridge = scale.ridge;
            self.rederive();
        }
        self.window.surprised(&self.frame, self.variance);
        self.next = (self.lessons + self.lessons.div_ceil(4)).max(FIRST);
    }

    fn rederive(&mut self) {
        for (_, arm) in self.arms.each_mut() {
            arm.rederive(&self.frame);
        }
    }

    /// Counts the lessons of the segment.
    pub(super) fn count(&mut self) {
        (self.lessons, self.unknowns) = (0, 0);
        for (_, arm) in self.arms.iter().filter(|(_, arm)| arm.present.sums().lessons() > 0) {
            self.lessons += arm.present.sums().lessons();
            self.unknowns += self.frame.size as u64;
        }
    }

    /// Starts a segment with the `newest` lessons: those before them no longer count.
    fn restart(&mut self, newest: usize, work: &mut Work) -> Result<()> {
        let window = std::mem::take(&mut self.window);
        self.known = Some(self.variance);
        for (_, arm) in self.arms.each_mut() {
            arm.before = Some(arm.total()?);
            arm.present = Statistic::new(&self.frame);
        }
        let mut present: BTreeMap<&ArmKey, Sums> = BTreeMap::new();
        let mut boundary = None;
        self.members.clear();
        for Foreseen { lesson, .. } in window.iter().skip(window.len() - newest) {
            work.take(&self.frame, lesson)?;
            let sums = present.entry(&lesson.arm).or_insert_with(|| Sums::new(self.frame.size));
            sums.add(&work.integers, lesson.reward)?;
            let frame = &self.frame;
            if let Some(before) = &mut self.arms.change(&lesson.arm, || Arm::new(frame)).before {
                before.subtract(&work.integers, lesson.reward)?;
            }
            self.members.push(lesson);
            boundary = Some(boundary.map_or(lesson.decision, |first: DecisionId| first.min(lesson.decision)));
        }
        for (key, sums) in present {
            let frame = &self.frame;
            self.arms.change(key, || Arm::new(frame)).present = Statistic::derived(sums, frame);
        }
        self.boundary = boundary.unwrap_or_default();
        self.count();
        self.next = (self.lessons + self.lessons.div_ceil(4)).max(FIRST);
        Ok(())
    }

    /// Takes the newest change back when the evidence for it, with what was learned since, is gone.
    fn reconsider(&mut self) -> Result<()> {
        if self.known.is_none() {
            return Ok(());
        }
        let mut gain = 0.0;
        let mut unions = Vec::new();
        for (key, (_, arm)) in self.arms.keys().zip(self.arms.iter()) {
            let union = arm.total()?;
            let parts = [Some(arm.present.sums()), arm.before.as_ref()].into_iter().flatten();
            gain += parts.map(|sums| log_evidence(sums, &self.frame, self.variance)).sum::<f64>();
            gain -= log_evidence(&union, &self.frame, self.variance);
            unions.push((key.clone(), union));
        }
        if gain < 0.0 {
            let entries = unions.into_iter().map(|(key, sums)| (key, Arm::derived(sums, &self.frame))).collect();
            self.arms = Arms::new(entries);
            self.known = None;
            self.boundary = DecisionId::default();
            self.members.clear();
            self.window.clear();
            self.count();
        }
        Ok(())
    }
}
