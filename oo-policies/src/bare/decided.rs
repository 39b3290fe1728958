//! What a bare bandit decided; kept and filled again, a steady decide allocates nothing.

use std::cell::RefCell;
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::id::Pseudonym;
use oo_core::policy::Scored;

/// How many numbers of rows a thread keeps as arms.
const MOST_NUMBERS: usize = 4096;

thread_local! {
    static NUMBERS: RefCell<Vec<ArmKey>> = const { RefCell::new(Vec::new()) };
}

fn number(row: usize) -> ArmKey {
    ArmKey(Arc::from(row.to_string()))
}

/// One decision of a bare bandit, and what it needs to be learned from.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// The drawn row.
    pub index: usize,
    /// Its probability, from before the draw.
    pub propensity: f64,
    pub(super) scored: Scored,
    pub(super) values: Vec<f64>,
    pub(super) arms: Vec<ArmKey>,
    pub(super) numbered: bool,
    /// Whether `arms` were found to be named once each.
    pub(super) distinct: bool,
    pub(super) x: Vec<i16>,
    pub(super) person: Option<Pseudonym>,
    pub(super) day: i32,
    pub(super) grid: Option<Grid>,
    /// The hash of the settings of the bandit that decided.
    pub(super) settings: [u8; 32],
}

impl Decided {
    /// The probability of each row.
    #[must_use]
    pub fn pmf(&self) -> &[f64] {
        self.scored.distribution.pmf()
    }

    /// The score of each row.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        &self.scored.scores
    }

    /// The arm of the drawn row.
    #[must_use]
    pub fn arm(&self) -> Option<&ArmKey> {
        self.arms.get(self.index)
    }

    /// The drawn row as grid integers.
    #[must_use]
    pub fn x(&self) -> &[i16] {
        &self.x
    }

    /// A copy without what only the next decision in the same buffer would use.
    #[must_use]
    pub fn kept(&self) -> Self {
        let Scored { scores, distribution, estimated, bounded, .. } = &self.scored;
        let (scores, distribution, bounded) = (scores.clone(), distribution.clone(), bounded.clone());
        let scored = Scored { scores, distribution, estimated: *estimated, bounded, ..Scored::default() };
        Decided { scored, values: self.values.clone(), arms: self.arms.clone(), x: self.x.clone(), ..*self }
    }

    /// About how many bytes its buffers hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let nested = self.scored.nested.as_deref().map_or(0, Scored::bytes);
        self.scored.bytes() + nested + 8 * self.values.capacity() + 2 * self.x.capacity() + 16 * self.arms.capacity()
    }

    /// Puts the arms of `count` rows in place: the caller's, or the rows' numbers.
    pub(super) fn set_arms(&mut self, count: usize, arms: Option<&[ArmKey]>) {
        match arms {
            // The same arms as before, as in a loop of decisions, are not counted anew.
            Some(arms)
                if self.arms.len() == arms.len()
                    && self.arms.iter().zip(arms).all(|(own, arm)| Arc::ptr_eq(&own.0, &arm.0)) => {}
            Some(arms) => {
                (self.numbered, self.distinct) = (false, false);
                self.arms.clear();
                self.arms.extend_from_slice(arms);
            }
            None => {
                if !self.numbered {
                    self.arms.clear();
                    (self.numbered, self.distinct) = (true, false);
                }
                self.arms.truncate(count);
                NUMBERS.with_borrow_mut(|numbers| {
                    for row in numbers.len()..count.min(MOST_NUMBERS) {
                        numbers.push(number(row));
                    }
                    let kept = self.arms.len().min(numbers.len());
                    self.arms.extend_from_slice(&numbers[kept..count.clamp(kept, numbers.len())]);
                });
                self.arms.extend((self.arms.len()..count).map(number));
            }
        }
    }
}
