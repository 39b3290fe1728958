//! The assembler: one grid row a candidate, from what is known of a person and a moment.
//!
//! What depends on the moment alone is computed once; a row then costs one copy, a handful of candidate features, the
//! norm bound and the rounding, well under a microsecond. Values beyond a declared range are held to it and counted,
//! never an error. Crosses and the norm bound come before rounding; rounding is last, and the rounded value is the one
//! that is scored, logged and learned.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::candidate::{ArmKey, TipCandidate};
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::moment::Moment;
use crate::schema::FeatureSchema;
use crate::user::UserState;

use super::catalogue::{CATALOGUE_LEN, Feature, Scope};
use super::facts::Facts;
use super::freshness::{ConsentPolicy, FreshnessLimits, SignalFreshness};
use super::values::{arm_rates, candidate_features, fill_arm_rates, moment_features};

/// One decision's candidates as numbers; kept and filled again, so that a steady assembly allocates next to nothing.
#[derive(Clone, Debug, Default)]
pub struct Assembled {
    /// The number of columns, the schema's dimension.
    pub dim: usize,
    /// Grid integers, row-major.
    pub grid: Vec<i16>,
    /// The same as numbers: each is exactly its integer times its column's step.
    pub values: Vec<f64>,
    /// The arm of each row.
    pub arms: Vec<ArmKey>,
    /// How many values lay outside their range (or were no number) and were held to it; a value of the moment counts once.
    pub clamped: u32,
    /// What of the person could be used.
    pub freshness: SignalFreshness,
    /// The same, distilled.
    pub facts: Facts,
    base: Vec<f64>,
    arm_rates: Vec<(ArmKey, [f64; 3])>,
}

impl Assembled {
    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.arms.len()
    }

    /// The values of row `index`, empty when there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        self.values.get(index * self.dim..(index + 1) * self.dim).unwrap_or(&[])
    }
}

/// How one column of the schema is filled.
#[derive(Clone, Copy, Debug)]
struct CandidateColumn {
    column: usize,
    feature: usize,
}

/// Turns what is known into features under one schema. Immutable; made once.
#[derive(Clone, Debug)]
pub struct FeatureAssembler {
    schema: Arc<FeatureSchema>,
    limits: FreshnessLimits,
    grids: Vec<Grid>,
    columns: BTreeMap<String, usize>,
    context: Vec<(usize, Feature)>,
    named: Vec<(usize, String)>,
    candidate: Vec<CandidateColumn>,
    reads_text: bool,
}

impl FeatureAssembler {
    /// An assembler of `schema`. Columns that the catalogue does not know are filled by candidates and context signals.
    ///
    /// # Errors
    /// `invalid_input` when a limit is out of range.
    pub fn new(schema: Arc<FeatureSchema>, limits: FreshnessLimits) -> Result<Self> {
        limits.validate()?;
        let mut assembler = FeatureAssembler {
            limits,
            grids: schema.features().iter().map(|feature| feature.range).collect(),
            columns: BTreeMap::new(),
            context: Vec::new(),
            named: Vec::new(),
            candidate: Vec::new(),
            reads_text: false,
            schema,
        };
        for (column, spec) in assembler.schema.features().iter().enumerate() {
            assembler.columns.insert(spec.name.clone(), column);
            match Feature::parse(&spec.name) {
                Some(feature) if feature.is_context_name() => assembler.named.push((column, spec.name.clone())),
                None => assembler.named.push((column, spec.name.clone())),
                Some(feature) if feature.entry().scope == Scope::Context => assembler.context.push((column, feature)),
                Some(feature) => {
                    assembler.reads_text |= feature >= Feature::Text0 && feature <= Feature::Text7;
                    assembler.candidate.push(CandidateColumn { column, feature: feature as usize });
                }
            }
        }
        Ok(assembler)
    }

    /// The schema.
    #[must_use]
    pub fn schema(&self) -> &Arc<FeatureSchema> {
        &self.schema
    }

    /// The freshness limits.
    #[must_use]
    pub fn limits(&self) -> &FreshnessLimits {
        &self.limits
    }

    /// Checks a context signal's name and value against the schema.
    ///
    /// # Errors
    /// `invalid_input` when the schema has no column of that name for context signals, or the value is out of its range.
    pub fn check_context(&self, name: &str, value: f64) -> Result<()> {
        let Some((column, _)) = self.named.iter().find(|(_, known)| known == name) else {
            let known: Vec<&str> = self.named.iter().map(|(_, name)| name.as_str()).take(16).collect();
            let shown: String = name.chars().take(64).collect();
            return Err(Error::invalid(
                "name",
                format!("the feature schema has no context {shown:?}; it has: {}", known.join(", ")),
            ));
        };
        self.check_value("value", *column, value)
    }

    /// Checks the feature values that a candidate brings against the schema.
    ///
    /// # Errors
    /// `invalid_input` when the schema has no column of a name, or a value is out of its range.
    pub fn check_candidate(&self, candidate: &TipCandidate) -> Result<()> {
        let mut next = 0;
        for (name, value) in &candidate.features {
            let Some(column) = self.column(name, &mut next) else {
                let shown: String = name.chars().take(64).collect();
                return Err(Error::invalid(
                    "features",
                    format!("the feature schema has no {shown:?}; declare it there or leave it out"),
                ));
            };
            self.check_value(name, column, *value)?;
        }
        Ok(())
    }

    /// The column named `name`. Values mostly come in the schema's order: `next` is looked at first, and becomes the one
    /// after what was found.
    fn column(&self, name: &str, next: &mut usize) -> Option<usize> {
        let column = match self.schema.features().get(*next) {
            Some(feature) if feature.name == name => *next,
            _ => *self.columns.get(name)?,
        };
        *next = column + 1;
        Some(column)
    }

    fn check_value(&self, field: &str, column: usize, value: f64) -> Result<()> {
        let grid = self.grids[column];
        if grid.holds(value) {
            return Ok(());
        }
        Err(Error::invalid(
            field,
            format!("{value} is outside the declared range {} to {}; correct it or leave it out", grid.lo(), grid.hi()),
        ))
    }

    /// Fills `out` with one row a candidate. Pure: the same state, moment and candidates give the same bits.
    ///
    /// A value that a candidate brings stands over whatever the catalogue or a context signal would put in that column.
    pub fn assemble(
        &self,
        state: &UserState,
        consent: ConsentPolicy,
        now: &Moment,
        candidates: &[TipCandidate],
        out: &mut Assembled,
    ) {
        out.dim = self.grids.len();
        out.clamped = 0;
        out.grid.clear();
        out.values.clear();
        out.arms.clear();
        out.freshness = SignalFreshness::of(state, consent, &self.limits, now);
        out.facts = Facts::of(state, &out.freshness, &self.limits, now);
        let moment = moment_features(state, &out.freshness, &out.facts, now);
        self.fill_base(&moment, out);
        fill_arm_rates(state, now.at_ms, &mut out.arm_rates);
        out.grid.reserve(candidates.len() * out.dim);
        out.values.reserve(candidates.len() * out.dim);
        for candidate in candidates {
            self.push_row(state, &moment, now, candidate, out);
        }
    }

    fn fill_base(&self, moment: &[f64; CATALOGUE_LEN], out: &mut Assembled) {
        out.base.clear();
        out.base.resize(self.grids.len(), 0.0);
        for (column, feature) in &self.context {
            out.base[*column] = hold(self.grids[*column], moment[*feature as usize], &mut out.clamped);
        }
        for (name, value) in &out.facts.contexts {
            if let Some((column, _)) = self.named.iter().find(|(_, known)| **known == **name) {
                out.base[*column] = hold(self.grids[*column], *value, &mut out.clamped);
            }
        }
    }

    fn push_row(
        &self,
        state: &UserState,
        moment: &[f64; CATALOGUE_LEN],
        now: &Moment,
        candidate: &TipCandidate,
        out: &mut Assembled,
    ) {
        let arm = candidate.arm();
        let rates = arm_rates(&out.arm_rates, &arm);
        let own = candidate_features(state, &out.freshness, moment, rates, now, candidate, self.reads_text);
        let start = out.values.len();
        out.values.extend_from_slice(&out.base);
        let row = &mut out.values[start..];
        for place in &self.candidate {
            row[place.column] = hold(self.grids[place.column], own[place.feature], &mut out.clamped);
        }
        let mut next = 0;
        for (name, value) in &candidate.features {
            if let Some(column) = self.column(name, &mut next) {
                row[column] = hold(self.grids[column], *value, &mut out.clamped);
            }
        }
        let scale = self.scale(row);
        for (value, grid) in row.iter_mut().zip(&self.grids) {
            let n = grid.clamped(*value * scale);
            out.grid.push(n);
            *value = grid.value(n);
        }
        out.arms.push(arm);
    }

    fn scale(&self, row: &[f64]) -> f64 {
        let Some(bound) = self.schema.norm_bound() else { return 1.0 };
        // One fixed order: the sum reaches the log.
        let norm = row.iter().fold(0.0, |sum, value| sum + value * value).sqrt();
        if norm > bound { bound / norm } else { 1.0 }
    }
}

/// Holds `value` to its range; what had to be held, or is no number, is counted.
fn hold(grid: Grid, value: f64, clamped: &mut u32) -> f64 {
    if grid.holds(value) {
        return value;
    }
    *clamped += 1;
    if value.is_nan() { 0.0_f64.clamp(grid.lo(), grid.hi()) } else { value.clamp(grid.lo(), grid.hi()) }
}
