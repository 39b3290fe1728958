//! The features of a logged decision under another schema, as of the moment it was made.
//!
//! Where the new schema only appends features to the old one, they are 0: exactly what extended statistics hold. Else
//! every row is assembled anew from what was known of the person at that moment, and whatever the log holds by name
//! stands over it. What needs a text is masked, because the log has none.

use std::sync::Arc;

use crate::candidate::{TipCandidate, TipKind};
use crate::decision::{CandidateFact, Decision};
use crate::error::{Error, Result};
use crate::moment::Moment;
use crate::retention::LessonFact;
use crate::schema::FeatureSchema;
use crate::sources::tasks;
use crate::user::UserState;

use super::{Assembled, ConsentPolicy, FeatureAssembler};

/// A translation from one schema to another.
#[derive(Clone, Debug)]
pub struct Translation {
    old: Arc<FeatureSchema>,
    new: Arc<FeatureSchema>,
    /// The old column of each new one that has its name.
    columns: Vec<Option<usize>>,
}

impl Translation {
    /// The translation of decisions over `old` to `new`.
    #[must_use]
    pub fn new(old: Arc<FeatureSchema>, new: Arc<FeatureSchema>) -> Self {
        let columns = new.features().iter().map(|feature| old.index(&feature.name)).collect();
        Translation { old, new, columns }
    }

    /// Whether the new schema only appends features.
    #[must_use]
    pub fn appends(&self) -> bool {
        self.new.extends(&self.old)
    }

    /// `decision` under the new schema: the same candidates, scores, pmf and draw over other columns. `state` is what was
    /// known of its person just before, `now` the decision's moment, `assembler` the new schema's.
    ///
    /// # Errors
    /// `storage` when the decision's rows do not fit the old schema.
    pub fn translated(
        &self,
        decision: &Decision,
        state: &UserState,
        consent: ConsentPolicy,
        now: &Moment,
        assembler: &FeatureAssembler,
    ) -> Result<Decision> {
        if let Some(extended) = self.extended(decision)? {
            return Ok(extended);
        }
        let (from, to) = (self.old.dim(), self.new.dim());
        let mut features = Vec::with_capacity(decision.candidates.len() * to);
        let shells: Vec<TipCandidate> = decision.candidates.iter().map(|fact| shell(fact, state)).collect();
        let mut assembled = Assembled::default();
        assembler.assemble(state, consent, now, &shells, &mut assembled);
        features.extend_from_slice(&assembled.grid);
        for (row, logged) in features.chunks_exact_mut(to).zip(decision.features.chunks_exact(from)) {
            self.keep(row, logged);
        }
        Ok(Decision { features: features.into(), schema: self.new.hash(), ..decision.clone() })
    }

    /// `decision` under the new schema where that only appends features, so that nothing has to be known of its person;
    /// none where it does not.
    ///
    /// # Errors
    /// `storage` when the decision's rows do not fit the old schema.
    pub fn extended(&self, decision: &Decision) -> Result<Option<Decision>> {
        let (from, to) = (self.old.dim(), self.new.dim());
        let count = decision.candidates.len();
        if decision.features.len() != from * count {
            let message = format!("decision {} does not fit its own schema; restore the newest backup", decision.id);
            return Err(Error::storage(message));
        }
        if !self.appends() {
            return Ok(None);
        }
        let mut features = Vec::with_capacity(count * to);
        for row in decision.features.chunks_exact(from) {
            features.extend_from_slice(row);
            features.resize(features.len() + to - from, 0);
        }
        Ok(Some(Decision { features: features.into(), schema: self.new.hash(), ..decision.clone() }))
    }

    /// What is left of a decision, under the new schema: what was logged by name, and 0 for all else.
    ///
    /// # Errors
    /// `storage` when its row does not fit the old schema.
    pub fn lesson(&self, fact: &LessonFact) -> Result<LessonFact> {
        let (from, to) = (self.old.dim(), self.new.dim());
        let row = |logged: &[i16]| {
            let mut row = vec![0; to];
            if self.appends() {
                row[..from].copy_from_slice(logged);
            } else {
                self.keep(&mut row, logged);
            }
            row
        };
        let centred = fact.centre.as_ref().map_or(from + 1, |centre| centre.len());
        if fact.x.len() != from || centred != from + 1 {
            let message =
                format!("a lesson of {} does not fit its own schema; restore the newest backup", fact.decision);
            return Err(Error::storage(message));
        }
        let centre = fact.centre.as_ref().map(|centre| {
            let mut all = row(&centre[..from]);
            all.push(centre[from]);
            Arc::from(all)
        });
        Ok(LessonFact { x: row(&fact.x).into(), centre, schema: self.new.hash(), ..fact.clone() })
    }

    /// Puts what was logged by name over a row, held to the new range.
    fn keep(&self, row: &mut [i16], logged: &[i16]) {
        for ((n, column), new) in row.iter_mut().zip(&self.columns).zip(self.new.features()) {
            if let Some(column) = *column {
                let value = self.old.features()[column].range.value(logged[column]);
                *n = new.range.clamped(value.clamp(new.range.lo(), new.range.hi()));
            }
        }
    }
}

/// A candidate as far as the log and the person's state know it.
fn shell(fact: &CandidateFact, state: &UserState) -> TipCandidate {
    let candidate = match state.tasks.get(&fact.key) {
        Some(task) => tasks::candidate(task),
        None if fact.kind == TipKind::Todo => TipCandidate::todo("", ""),
        None => TipCandidate::advice("", ""),
    };
    TipCandidate {
        key: Some(fact.key),
        content_hash: Some(fact.content_hash),
        source: fact.source.clone(),
        arm_key: Some(fact.arm.clone()),
        expires_ms: fact.expires_ms,
        ..candidate
    }
}
