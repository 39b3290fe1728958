//! The projector: rows of `tips` and `tip_scores`, gathered while folding and written in the background.

use std::collections::BTreeMap;

use oo_core::Result;
use oo_core::decision::Decision;
use oo_core::id::{DecisionId, Position, Pseudonym};
use oo_core::join::Join;
use oo_core::ports::{Projection, ScoreRow, StateStore, TipRow};

/// Rows that are not written yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projector {
    after: Position,
    through: Position,
    tips: BTreeMap<DecisionId, (Position, TipRow)>,
    scores: Vec<ScoreRow>,
}

impl Projector {
    pub(crate) fn new(after: Position) -> Self {
        Projector { after, through: after, ..Projector::default() }
    }

    pub(crate) fn advance(&mut self, position: Position) {
        self.through = self.through.max(position);
    }

    pub(crate) fn through(&self) -> Position {
        self.through
    }

    /// How many rows wait.
    pub(crate) fn len(&self) -> usize {
        self.tips.len() + self.scores.len()
    }

    pub(crate) fn has_news(&self) -> bool {
        self.through > self.after
    }

    /// The scores of a fresh decision.
    pub(crate) fn decision(&mut self, position: Position, decision: &Decision) {
        self.scores.extend(score_rows(position, decision));
    }

    /// Where a tip stands after the event at `position`.
    pub(crate) fn tip(&mut self, position: Position, user: Pseudonym, join: &Join) {
        self.row(position, tip_row(user, join));
    }

    /// The row of a tip after the event at `position`.
    pub(crate) fn row(&mut self, position: Position, row: TipRow) {
        self.tips.insert(row.decision, (position, row));
    }

    /// Drops the rows of a forgotten person.
    pub(crate) fn forget(&mut self, digest: [u8; 32]) {
        let mut gone = Vec::new();
        self.tips.retain(|_, (_, row)| {
            let keep = row.user.digest() != digest;
            if !keep {
                gone.push(row.position);
            }
            keep
        });
        self.scores.retain(|row| !gone.contains(&row.position));
    }

    /// Takes over what a committed batch gathered.
    pub(crate) fn merge(&mut self, later: Projector) {
        self.through = self.through.max(later.through);
        self.tips.extend(later.tips);
        self.scores.extend(later.scores);
    }

    /// Writes what waits.
    pub(crate) fn write(&mut self, store: &dyn StateStore) -> Result<()> {
        if !self.has_news() {
            return Ok(());
        }
        let projection = Projection {
            after: self.after,
            through: self.through,
            tips: std::mem::take(&mut self.tips).into_values().collect(),
            scores: std::mem::take(&mut self.scores),
        };
        match store.project(&projection) {
            Ok(_) => {
                self.after = self.through;
                Ok(())
            }
            Err(error) => {
                self.tips = projection.tips.into_iter().map(|(at, row)| (row.decision, (at, row))).collect();
                self.scores = projection.scores;
                Err(error)
            }
        }
    }
}

/// The rows of a decision's candidates.
pub(crate) fn score_rows(position: Position, decision: &Decision) -> Vec<ScoreRow> {
    let rows = decision.candidates.iter().zip(decision.scores.iter().zip(&decision.pmf)).zip(0_u32..);
    rows.map(|((candidate, (score, propensity)), index)| ScoreRow {
        position,
        index,
        key: candidate.key,
        arm: candidate.arm.0.clone(),
        score: *score,
        propensity: *propensity,
    })
    .collect()
}

/// The row of a tip as it stands.
pub(crate) fn tip_row(user: Pseudonym, join: &Join) -> TipRow {
    TipRow {
        decision: join.decision,
        user,
        position: join.position,
        decided_ms: join.decided.at_ms,
        policy: join.policy.clone(),
        key: join.key,
        arm: join.arm.0.clone(),
        kind: join.kind.as_str(),
        propensity: join.propensity,
        holdout: join.holdout,
        state: join.state.as_str(),
        reward: join.reward_value(),
        shown_ms: join.shown.as_ref().map(|shown| shown.at_ms),
        due_ms: join.due_ms(),
    }
}
