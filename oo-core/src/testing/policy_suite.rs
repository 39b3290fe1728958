//! What every policy must pass, whoever wrote it.
//!
//! A policy is given by how it is made and loaded; [`PolicySuite::run`] checks it on generated worlds and panics at the
//! first promise it breaks. The checks bear the numbers of the statements that oO's tests are named after: 1 (pmf),
//! 2 (draws), 13 (exactness), 15 (revision), 23 (unlearning), 24 (schema).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a harness fails by panicking")]

mod port;
mod saved;

use std::sync::Arc;

use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};

use crate::candidate::ArmKey;
use crate::draw::{Seed, draw};
use crate::error::Result;
use crate::grid::GRID_MAX;
use crate::id::DecisionId;
use crate::lesson::{Lesson, centre};
use crate::policy::{Actions, Policy, Scored, Unlearned};
use crate::schema::{FeatureSchema, FeatureSpec};
use crate::testing::statistics::chi_square_p;

/// How many ways of splitting the same ordered lessons into batches are compared.
const BATCHINGS: usize = 4;

/// How a policy is made over a schema; the suite uses several.
pub type Factory<'a> = &'a dyn Fn(&FeatureSchema) -> Arc<dyn Policy>;
/// How a policy is loaded.
pub type Loader<'a> = &'a dyn Fn(&[u8], &FeatureSchema) -> Result<Arc<dyn Policy>>;

/// A policy under test.
#[derive(Clone, Copy)]
pub struct PolicySuite<'a> {
    /// Named in failures.
    pub name: &'a str,
    /// Makes the policy that has learned nothing.
    pub build: Factory<'a>,
    /// Loads what it saved.
    pub load: Loader<'a>,
    /// ε: every probability is at least ε/K.
    pub floor: f64,
    /// Whether what it learned is a sum: any order gives the same hash, and lessons subtract. Where it is not, the
    /// ordered lessons in any batches must still give the same bits, and unlearning must ask for a rebuild.
    pub exact: bool,
    /// How many random contexts the pmf is checked on.
    pub contexts: u32,
    /// How many draws are compared with the pmf.
    pub draws: u32,
    /// How many orders of the same lessons are compared, where it is exact.
    pub orders: u32,
}

impl std::fmt::Debug for PolicySuite<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A generated schema, lessons over it, and candidates.
struct World {
    schema: FeatureSchema,
    random: Pcg64Dxsm,
    arms: Vec<ArmKey>,
}

impl World {
    fn new(seed: u64) -> Self {
        let ranges = [(-1.0, 1.0), (0.0, 1.0), (-16.0, 16.0), (0.0, 30.0), (-0.25, 0.25), (0.0, 7.0), (-3.0, 1.0)];
        let features = ranges
            .iter()
            .enumerate()
            .map(|(index, (lo, hi))| {
                FeatureSpec::new(format!("f{index}"), *lo, *hi).unwrap().with_prior(0.125 * (index % 3) as f64)
            })
            .collect();
        World {
            schema: FeatureSchema::new(features, None).unwrap(),
            random: Pcg64Dxsm::seed_from_u64(seed),
            arms: ["advice/rest", "advice/focus", "todo/task", "todo/home"].map(ArmKey::new).to_vec(),
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.next_u64() % bound
    }

    fn row(&mut self) -> Arc<[i16]> {
        let schema = self.schema.clone();
        schema
            .features()
            .iter()
            .map(|feature| {
                let share = self.below(10_001) as f64 / 10_000.0;
                let (lo, hi) = (feature.range.lo(), feature.range.hi());
                if self.below(9) == 0 { 0 } else { feature.range.clamped(lo + share * (hi - lo)) }
            })
            .collect()
    }

    fn lesson(&mut self) -> Lesson {
        let arm = self.below(4) as usize;
        let reward = i16::try_from(self.below(2 * 16384 + 1) as i32 - 16384).unwrap_or(GRID_MAX);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.random.next_u64().to_le_bytes());
        let lesson = Lesson::new(self.row(), self.arms[arm].clone(), reward);
        let propensity = (1 + self.below(1_000)) as f64 / 1_000.0;
        let other = self.row();
        let centre = Some(centre(self.schema.dim(), [("other", propensity, &other[..])], "hold"));
        Lesson { decision: DecisionId(id), day: 20_000, propensity, centre, ..lesson }
    }

    fn lessons(&mut self, count: usize) -> Vec<Lesson> {
        (0..count).map(|_| self.lesson()).collect()
    }

    fn candidates(&mut self, count: usize) -> Candidates {
        let mut candidates = Candidates { dim: self.schema.dim(), values: Vec::new(), arms: Vec::new() };
        for _ in 0..count {
            let row = self.row();
            let features = self.schema.features();
            candidates.values.extend(row.iter().zip(features).map(|(n, feature)| feature.range.value(*n)));
            let arm = self.below(5) as usize;
            candidates.arms.push(self.arms.get(arm).cloned().unwrap_or_else(|| ArmKey::new("never/tried")));
        }
        candidates
    }
}

struct Candidates {
    dim: usize,
    values: Vec<f64>,
    arms: Vec<ArmKey>,
}

impl Candidates {
    fn actions(&self) -> Actions<'_> {
        Actions { day: 20_000, ..Actions::new(self.dim, &self.values, &self.arms) }
    }
}

fn scored(policy: &dyn Policy, candidates: &Candidates) -> Scored {
    let mut out = Scored::default();
    policy.distribution(&candidates.actions(), &mut out).unwrap();
    out
}

/// Scores and pmf as bits.
fn bits(policy: &dyn Policy, candidates: &Candidates) -> Vec<u64> {
    let out = scored(policy, candidates);
    out.scores.iter().chain(out.distribution.pmf()).map(|number| number.to_bits()).collect()
}

impl PolicySuite<'_> {
    /// Runs every check.
    ///
    /// # Panics
    /// When the policy breaks a promise; the message names it.
    pub fn run(&self) {
        self.s01_pmf();
        self.s02_draws_match();
        self.s13_exactness();
        self.s15_revision();
        self.s23_unlearned_is_never_learned();
        self.s24_saved_and_loaded();
        self.learned_in_place();
        self.summed_before_an_epoch();
        self.bounds_only_losers();
        self.personal_parts();
        self.bad_input();
        self.explanations_add_up();
    }

    /// Σp = 1 within 1e-12, every p ≥ ε/K, nothing NaN, one score and probability a candidate; buffers may be used again.
    /// Returns the worst |Σp − 1|, and the least p·K: at least ε.
    pub fn s01_pmf(&self) -> (f64, f64) {
        let (mut worst, mut least) = (0.0_f64, f64::INFINITY);
        let mut world = World::new(1);
        let mut policy = (self.build)(&world.schema);
        let mut out = Scored::default();
        for context in 0..self.contexts {
            if context.is_power_of_two() {
                policy = policy.learned(&world.lessons(40)).unwrap();
            }
            let count = 1 + world.below(30) as usize;
            let candidates = world.candidates(count);
            // As another policy may leave it.
            out.estimated = true;
            out.bounded.resize(64, true);
            policy.distribution(&candidates.actions(), &mut out).unwrap();
            let pmf = out.distribution.pmf();
            assert_eq!(
                (out.scores.len(), pmf.len()),
                (count, count),
                "{self:?}: one score and probability a candidate"
            );
            assert!(out.scores.iter().all(|score| score.is_finite()), "{self:?}: a score is not finite");
            let sum: f64 = pmf.iter().sum();
            assert!((sum - 1.0).abs() <= 1e-12, "{self:?}: the probabilities sum to {sum}");
            worst = worst.max((sum - 1.0).abs());
            least = pmf.iter().fold(least, |least, p| least.min(p * count as f64));
            let floor = self.floor / count as f64;
            assert!(pmf.iter().all(|p| *p >= floor && *p <= 1.0), "{self:?}: a probability is below {floor}: {pmf:?}");
            if context < 100 {
                let again = scored(policy.as_ref(), &candidates);
                assert_eq!(
                    (&again.scores, &again.distribution, again.estimated, &again.bounded),
                    (&out.scores, &out.distribution, out.estimated, &out.bounded),
                    "{self:?}: not pure, or marks of another policy are left"
                );
            }
            let index = draw(&mut out.distribution, 0.0, Seed::Number(u64::from(context))).index;
            assert!(out.distribution.pmf()[index] > 0.0, "{self:?}: drew a candidate of probability 0");
        }
        (worst, least)
    }

    /// Draws at a fixed context match the pmf, with and without a holdout. Returns the least χ² p-value.
    pub fn s02_draws_match(&self) -> f64 {
        let mut least = 1.0_f64;
        let mut world = World::new(2);
        let policy = (self.build)(&world.schema).learned(&world.lessons(100)).unwrap();
        let candidates = world.candidates(7);
        let stated = scored(policy.as_ref(), &candidates).distribution;
        for holdout in [0.0, 0.2] {
            let mut counts = [0_u64; 7];
            let mut pmf = Vec::new();
            for seed in 0..self.draws {
                let mut distribution = stated.clone();
                counts[draw(&mut distribution, holdout, Seed::Number(u64::from(seed))).index] += 1;
                pmf = distribution.pmf().to_vec();
            }
            let p = chi_square_p(&counts, &pmf);
            assert!(p > 1e-3, "{self:?}: draws do not match the pmf, p = {p}: {counts:?} against {pmf:?}");
            least = least.min(p);
        }
        least
    }

    /// The ordered log in any batches gives the same bits; the predecessor is as it was; where it is exact, any order
    /// gives the same hash. Returns how many batchings and orders of the lessons were compared.
    pub fn s13_exactness(&self) -> usize {
        let mut world = World::new(3);
        let lessons = world.lessons(333);
        let candidates = world.candidates(9);
        let fresh = (self.build)(&world.schema);
        let before = (bits(fresh.as_ref(), &candidates), fresh.identity());
        let whole = fresh.learned(&lessons).unwrap();
        assert_eq!(
            before,
            (bits(fresh.as_ref(), &candidates), fresh.identity()),
            "{self:?}: learning changed the predecessor"
        );
        assert_eq!(whole.identity().lessons, 333, "{self:?}: lessons are not counted");
        assert_ne!(whole.identity().state, fresh.identity().state, "{self:?}: the hash ignores what was learned");
        for round in 0..BATCHINGS {
            let mut split = fresh.clone();
            let mut rest = &lessons[..];
            while !rest.is_empty() {
                let most = if round == 0 { 1 } else { 90 };
                let (batch, tail) = rest.split_at(rest.len().min(1 + world.below(most) as usize));
                split = split.learned(batch).unwrap();
                rest = tail;
            }
            assert_eq!(
                bits(whole.as_ref(), &candidates),
                bits(split.as_ref(), &candidates),
                "{self:?}: batches change bits"
            );
            assert_eq!(whole.identity(), split.identity(), "{self:?}: batches change the identity");
        }
        if !self.exact {
            return BATCHINGS;
        }
        let epoch = |policy: &dyn Policy| match policy.unlearned(&[]).unwrap() {
            Unlearned::Exact(policy) => bits(policy.as_ref(), &candidates),
            other => panic!("{self:?}: is exact and cannot start an epoch: {other:?}"),
        };
        let (identity, derived) = (whole.identity(), epoch(whole.as_ref()));
        let mut shuffled = lessons;
        for _ in 0..self.orders {
            for index in (1..shuffled.len()).rev() {
                let other = world.below(index as u64 + 1) as usize;
                shuffled.swap(index, other);
            }
            let other = fresh.learned(&shuffled).unwrap();
            assert_eq!(identity, other.identity(), "{self:?}: the hash depends on the order");
            assert_eq!(derived, epoch(other.as_ref()), "{self:?}: derived bits depend on the order");
        }
        BATCHINGS + self.orders as usize
    }

    /// A revised reward leaves the hash of learning the last value only.
    pub fn s15_revision(&self) {
        let mut world = World::new(4);
        let lessons = world.lessons(150);
        let fresh = (self.build)(&world.schema);
        let mut revised = fresh.clone();
        let mut last = lessons.clone();
        for (index, lesson) in lessons.iter().enumerate() {
            revised = revised.learned(std::slice::from_ref(lesson)).unwrap();
            if index % 3 == 0 {
                let reward = -lesson.reward / 2;
                let revision = Lesson { reward, replaces: Some(lesson.reward), ..lesson.clone() };
                revised = revised.learned(&[revision]).unwrap();
                last[index].reward = reward;
            }
        }
        let once = fresh.learned(&last).unwrap();
        assert_eq!(revised.identity(), once.identity(), "{self:?}: a revision leaves a trace");
        let candidates = world.candidates(5);
        assert_eq!(
            bits(revised.as_ref(), &candidates),
            bits(once.as_ref(), &candidates),
            "{self:?}: a revision counts as a lesson"
        );
    }

    /// Unlearned is never learned, and starts an epoch; what was never learned is refused. What is not exact asks for a
    /// rebuild.
    pub fn s23_unlearned_is_never_learned(&self) {
        let mut world = World::new(5);
        let (theirs, others) = (world.lessons(70), world.lessons(130));
        let candidates = world.candidates(8);
        let fresh = (self.build)(&world.schema);
        let mut mixed = theirs.clone();
        mixed.extend(others.iter().cloned());
        for index in 0..70 {
            mixed.swap(index, (index * 37 + 11) % 200);
        }
        let left = match fresh.learned(&mixed).unwrap().unlearned(&theirs).unwrap() {
            Unlearned::Exact(left) | Unlearned::Summed(left) if self.exact => left,
            Unlearned::Rebuild if !self.exact => return,
            other => panic!("{self:?}: exact is {}, and unlearning gave {other:?}", self.exact),
        };
        let never = fresh.learned(&others).unwrap();
        assert_eq!(left.identity(), never.identity(), "{self:?}: unlearning leaves a trace");
        let Unlearned::Exact(never) = never.unlearned(&[]).unwrap() else {
            panic!("{self:?}: subtracts lessons but cannot start an epoch")
        };
        assert_eq!(
            bits(left.as_ref(), &candidates),
            bits(never.as_ref(), &candidates),
            "{self:?}: an epoch is not derived anew"
        );
        let more = world.lessons(100);
        let (left, never) = (left.learned(&more).unwrap(), never.learned(&more).unwrap());
        assert_eq!(
            bits(left.as_ref(), &candidates),
            bits(never.as_ref(), &candidates),
            "{self:?}: epochs go different ways"
        );
        let all: Vec<Lesson> = others.into_iter().chain(more).collect();
        let (Unlearned::Exact(empty) | Unlearned::Summed(empty)) = left.unlearned(&all).unwrap() else {
            panic!("{self:?}: subtracts some lessons and not all")
        };
        assert_eq!(empty.identity(), fresh.identity(), "{self:?}: the last lesson leaves a trace");
        assert_eq!(
            bits(empty.as_ref(), &candidates),
            bits(fresh.as_ref(), &candidates),
            "{self:?}: empty is not fresh"
        );
        assert!(empty.unlearned(&all[..1]).is_err(), "{self:?}: unlearned what was never learned");
    }
}
