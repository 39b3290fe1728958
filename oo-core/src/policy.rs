//! The port of policies.
//!
//! A [`Policy`] is an immutable value: learning builds its successor, bit-identical for every split of the same
//! ordered lessons into batches. It states scores and a distribution; it never draws. A policy that cannot state its
//! probabilities cannot be served.

use std::fmt;
use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::distribution::Distribution;
use crate::error::Result;
use crate::id::Pseudonym;
use crate::lesson::Lesson;
use crate::personal::Personal;
use crate::schema::SchemaHash;

/// The candidates of one decision as a policy sees them.
#[derive(Clone, Copy, Debug)]
pub struct Actions<'a> {
    /// Number of columns, the schema's dimension.
    pub dim: usize,
    /// Row-major features, `arms.len()` × `dim`, already on the grid.
    pub values: &'a [f64],
    /// The arm of each row. Its length is the number of candidates, at least 1.
    pub arms: &'a [ArmKey],
    /// The UTC day of the decision.
    pub day: i32,
    /// Whose decision it is, where the caller says.
    pub person: Option<Pseudonym>,
    /// What is kept of that person for the policy, where it asked for it with [`Policy::personal`].
    pub personal: Option<&'a dyn Personal>,
}

impl<'a> Actions<'a> {
    /// Candidates on day 0, for nobody in particular.
    #[must_use]
    pub fn new(dim: usize, values: &'a [f64], arms: &'a [ArmKey]) -> Self {
        Actions { dim, values, arms, day: 0, person: None, personal: None }
    }

    /// The number of candidates.
    #[must_use]
    pub fn count(&self) -> usize {
        self.arms.len()
    }
}

/// Scores and their distribution; one is kept and filled again, so that a steady decide allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Scored {
    /// One score a candidate.
    pub scores: Vec<f64>,
    /// One probability a candidate.
    pub distribution: Distribution,
    /// Whether the probabilities are an estimate of the policy's own, as Thompson sampling's are for more than two
    /// candidates. They are what is drawn from all the same.
    pub estimated: bool,
    /// Whether each score is only an upper bound, because the candidate could not win; empty when none is.
    pub bounded: Vec<bool>,
    /// Where the policy last found the arm of each row: guesses that it checks, so that a list of arms that comes again
    /// needs no search.
    pub places: Vec<usize>,
    /// Working memory of the policy; its content means nothing between calls.
    pub scratch: Vec<f64>,
    /// Where a policy that is made of others has them decide; as `scratch`, kept and filled again.
    pub nested: Option<Box<Scored>>,
}

impl Scored {
    /// Forgets what the last decision said of its scores: whether they were estimated, and which were bounds. Whoever
    /// fills the same buffers by several policies does this before each.
    pub fn unmark(&mut self) {
        self.estimated = false;
        self.bounded.clear();
    }

    /// About how many bytes its own buffers hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let numbers = self.scores.capacity() + self.distribution.pmf().len() + self.scratch.capacity();
        8 * (numbers + self.places.capacity()) + self.bounded.capacity()
    }
}

/// What is left when a person's lessons are taken away.
#[derive(Clone, Debug)]
pub enum Unlearned {
    /// The policy that never saw them, exactly, at the start of a new epoch.
    Exact(Arc<dyn Policy>),
    /// The sums are those of the policy that never saw them, but kept in another form: few lessons that once were many
    /// are no longer known one by one. Hashes are equal, scores to rounding, saved bytes differ. Where there is a log,
    /// a rebuild gives the very bits; where there is none, this is the policy to go on with.
    Summed(Arc<dyn Policy>),
    /// The statistics do not subtract; rebuild by replaying the log.
    Rebuild,
}

/// Why a candidate scored as it did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// θᵢ·xᵢ for each feature in schema order; for policies without weights, empty.
    pub contributions: Vec<f64>,
    /// The share of the intercept.
    pub intercept: f64,
    /// The expected reward, Σ contributions + intercept.
    pub mean: f64,
    /// The standard width √(xᵀA⁻¹x) behind the score, before its factor.
    pub width: f64,
    /// The score.
    pub score: f64,
}

/// What a policy is and what it has learned.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyIdentity {
    /// The policy's `type` as in settings, such as `linucb`.
    pub kind: String,
    /// The full settings as canonical JSON.
    pub spec: String,
    /// The schema it was made for.
    pub schema: SchemaHash,
    /// The hash of spec, schema and exact sums; equal for the same set of lessons.
    pub state: [u8; 32],
    /// How many lessons are in it.
    pub lessons: u64,
}

/// The port of policies: six verbs, and more that have a default.
pub trait Policy: Send + Sync + fmt::Debug {
    /// Scores the candidates and states their distribution. Pure: the same policy and actions give the same bits.
    ///
    /// # Errors
    /// `invalid_input` for an empty set, a wrong dimension or a value that is not finite.
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()>;

    /// The policy after `lessons`, in their order.
    ///
    /// # Errors
    /// `invalid_input` for a wrong dimension or an integer off the grid; the policy is as it was.
    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>>;

    /// The policy after `lessons`, of which only what stays at the start of an epoch is wanted: where
    /// [`unlearned`](Policy::unlearned) is the next call, whatever it takes away, this gives the same as
    /// [`learned`](Policy::learned), and may be faster.
    ///
    /// # Errors
    /// As [`learned`](Policy::learned).
    fn summed(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        self.learned(lessons)
    }

    /// The policy that never saw `lessons` (whose `replaces` is ignored), at the start of a new epoch: whatever is
    /// derived is derived anew. With no lessons this only starts the epoch.
    ///
    /// # Errors
    /// `invalid_input` when a lesson cannot have been learned by this policy.
    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned>;

    /// Why candidate `index` scored as it did.
    ///
    /// # Errors
    /// `invalid_input` as [`distribution`](Policy::distribution), or when `index` is out of range.
    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation>;

    /// The state as tagged, versioned bytes, the live factor included, so that loading changes no bit.
    fn save(&self) -> Vec<u8>;

    /// What the policy is and what it has learned. Hashes the sums: not for the hot path.
    fn identity(&self) -> PolicyIdentity;

    /// How many lessons are in it, without hashing where the policy can.
    fn lessons(&self) -> u64 {
        self.identity().lessons
    }

    /// Becomes the policy that [`learned`](Policy::learned) gives, where that is cheaper and nobody else holds this one:
    /// whether it did.
    ///
    /// # Errors
    /// As [`learned`](Policy::learned); the policy is as it was.
    fn learn_in_place(&mut self, lessons: &[Lesson]) -> Result<bool> {
        let _ = lessons;
        Ok(false)
    }

    /// Whether the same lessons in the same order give the same bits. Replaying the log compares only such policies.
    fn replays(&self) -> bool {
        true
    }

    /// The empty statistic of a person that this policy wants kept beside itself and handed back in
    /// [`Actions::personal`]; none for a policy to which all people are one, or which holds its people itself.
    fn personal(&self) -> Option<Arc<dyn Personal>> {
        None
    }
}
