//! The two vectors of a hybrid policy: z, on which arms share a model, and x, on which each has its own.
//!
//! Without context columns both are all columns. With n of them x is the first n, and z the candidate's own columns
//! (where there is an intercept) and their products with each context column, context by context; a product is rounded
//! last, to the grid of (−M·M′, M·M′) for ranges of magnitudes M and M′. The intercept is the last entry of x, and of z
//! where z is all columns.

use oo_core::grid::Grid;
use oo_core::schema::{FeatureSchema, MAX_FEATURES};
use oo_core::{Error, Result};

use crate::frame::Frame;

/// How a candidate's columns become z and x.
#[derive(Clone, Debug)]
pub(crate) struct Joint {
    /// The layout of z.
    pub(crate) common: Frame,
    /// The layout of x.
    pub(crate) own: Frame,
    products: Option<Products>,
}

#[derive(Clone, Debug)]
struct Products {
    context: usize,
    /// The number of columns.
    dim: usize,
    /// Whether the candidate's columns stand alone too.
    alone: bool,
    /// The grid of each product, context by context.
    grids: Vec<Grid>,
}

impl Joint {
    /// The layout over `schema`, whose own frame is `frame`.
    ///
    /// # Errors
    /// `invalid_input` when `context` leaves no candidate's column, or there are too many products.
    pub(crate) fn new(schema: &FeatureSchema, frame: &Frame, context: Option<usize>) -> Result<Self> {
        let Some(context) = context else {
            // The shared model has the prior; an arm's departure from it is 0 before it is known.
            let prior = vec![0.0; frame.size];
            let own = Frame::of(frame.dim, frame.steps.clone(), prior, frame.reward_step, frame.ridge);
            return Ok(Joint { common: frame.clone(), own, products: None });
        };
        let dim = schema.dim();
        let alone = frame.has_intercept();
        if context >= dim {
            let message = format!("{context} context columns of {dim} leave none of the candidate; name fewer");
            return Err(Error::invalid("sharing", message));
        }
        let size = (context + usize::from(alone)) * (dim - context);
        if size > MAX_FEATURES {
            let message = format!("context times candidate gives {size} features; use at most {MAX_FEATURES}");
            return Err(Error::invalid("sharing", message));
        }
        let features = schema.features();
        let most = |column: usize| features[column].range.lo().abs().max(features[column].range.hi().abs());
        let (mut steps, mut prior) = (Vec::with_capacity(size), vec![0.0; size]);
        if alone {
            steps.extend_from_slice(&frame.steps[context..dim]);
            prior[..dim - context].copy_from_slice(&frame.prior[context..dim]);
        }
        let mut grids = Vec::with_capacity(context * (dim - context));
        for i in 0..context {
            for j in context..dim {
                let bound = most(i) * most(j);
                grids.push(Grid::new(-bound, bound)?);
            }
        }
        steps.extend(grids.iter().map(Grid::step));
        let common = Frame::of(size, steps, prior, frame.reward_step, frame.ridge);
        let steps = [&frame.steps[..context], &frame.steps[dim..]].concat();
        let prior = [&frame.prior[..context], &frame.prior[dim..]].concat();
        let own = Frame::of(context, steps, prior, frame.reward_step, frame.ridge);
        Ok(Joint { common, own, products: Some(Products { context, dim, alone, grids }) })
    }

    /// Whether z and x are the same columns.
    pub(crate) fn is_one(&self) -> bool {
        self.products.is_none()
    }

    /// Which column entry `index` of z belongs to, a product to the candidate's; none for the intercept.
    pub(crate) fn column(&self, index: usize) -> Option<usize> {
        match &self.products {
            None => (index < self.common.dim).then_some(index),
            Some(products) => Some(products.context + index % (products.dim - products.context)),
        }
    }

    /// Lays the columns `values` out as `z` and `x`, both in whole lanes; what is not finite stays so.
    pub(crate) fn lay(&self, values: &[f64], z: &mut [f64], x: &mut [f64]) {
        let Some(products) = &self.products else {
            self.common.pad(values, z);
            self.own.pad(values, x);
            return;
        };
        let (context, candidate) = values.split_at(products.context);
        self.own.pad(context, x);
        let mut rest = z;
        if products.alone {
            let (alone, tail) = rest.split_at_mut(candidate.len());
            alone.copy_from_slice(candidate);
            rest = tail;
        }
        let pairs = context.iter().flat_map(|c| candidate.iter().map(move |a| c * a));
        for ((z, product), grid) in rest.iter_mut().zip(pairs).zip(&products.grids) {
            *z = (product / grid.step()).round_ties_even() * grid.step();
        }
    }

    /// Lays the grid integers `columns` of `schema` out as those of z and x, intercepts included.
    ///
    /// # Errors
    /// `invalid_input` for a wrong number of columns.
    pub(crate) fn integers(&self, schema: &FeatureSchema, columns: &[i16]) -> Result<(Vec<i16>, Vec<i16>)> {
        if columns.len() != schema.dim() {
            let (got, want) = (columns.len(), schema.dim());
            return Err(Error::invalid("x", format!("the lesson has {got} features, the policy's schema {want}")));
        }
        let mut z = Vec::with_capacity(self.common.size);
        let mut x = Vec::with_capacity(self.own.size);
        match &self.products {
            None => {
                z.extend_from_slice(columns);
                x.extend_from_slice(columns);
                if self.common.has_intercept() {
                    z.push(1);
                }
            }
            Some(products) => {
                let (context, candidate) = columns.split_at(products.context);
                x.extend_from_slice(context);
                if products.alone {
                    z.extend_from_slice(candidate);
                }
                let value = |column: usize| schema.features()[column].range.value(columns[column]);
                let mut grids = products.grids.iter();
                for i in 0..products.context {
                    for (j, grid) in (products.context..products.dim).zip(&mut grids) {
                        z.push(grid.round(value(i) * value(j)));
                    }
                }
            }
        }
        if self.own.has_intercept() {
            x.push(1);
        }
        Ok((z, x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oo_core::schema::FeatureSpec;

    fn joint(context: Option<usize>, intercept: bool) -> (FeatureSchema, Joint) {
        let ranges = [(-1.0, 1.0), (0.0, 30.0), (-0.25, 0.25), (0.0, 7.0)];
        let features =
            ranges.iter().enumerate().map(|(i, (lo, hi))| FeatureSpec::new(format!("f{i}"), *lo, *hi).unwrap());
        let schema = FeatureSchema::new(features.collect(), None).unwrap();
        let frame = Frame::new(&schema, Grid::new(-1.0, 1.0).unwrap(), 1.0, intercept);
        let joint = Joint::new(&schema, &frame, context).unwrap();
        (schema, joint)
    }

    #[test]
    fn a_lesson_is_laid_out_as_its_candidate_was() {
        for (context, intercept) in [(None, true), (None, false), (Some(0), true), (Some(1), false), (Some(3), true)] {
            let (schema, joint) = joint(context, intercept);
            for seed in 0..200_i32 {
                let columns: Vec<i16> =
                    (0..4).map(|i| ((seed * 7919 + i * 104_729) % 32_769 - 16_384) as i16).collect();
                let values: Vec<f64> =
                    columns.iter().zip(schema.features()).map(|(n, feature)| feature.range.value(*n)).collect();
                let (mut z, mut x) = (vec![0.0; joint.common.size], vec![0.0; joint.own.size]);
                joint.lay(&values, &mut z, &mut x);
                let (n, m) = joint.integers(&schema, &columns).unwrap();
                let back = |n: &[i16], frame: &Frame| -> Vec<f64> {
                    n.iter().zip(&frame.steps).map(|(n, step)| f64::from(*n) * step).collect()
                };
                assert_eq!(back(&n, &joint.common), z);
                assert_eq!(back(&m, &joint.own), x);
            }
        }
    }

    #[test]
    fn the_products_follow_the_candidates_own_columns() {
        let (_, joint) = joint(Some(2), true);
        let (mut z, mut x) = (vec![0.0; 6], vec![0.0; 3]);
        joint.lay(&[0.5, 2.0, 0.25, 4.0], &mut z, &mut x);
        assert_eq!(z, [0.25, 4.0, 0.125, 2.0, 0.5, 8.0]);
        assert_eq!(x, [0.5, 2.0, 1.0]);
    }

    #[test]
    fn context_columns_that_leave_no_candidate_are_refused() {
        let schema = FeatureSchema::raw(3, -1.0, 1.0).unwrap();
        let frame = Frame::new(&schema, Grid::new(-1.0, 1.0).unwrap(), 1.0, true);
        assert!(Joint::new(&schema, &frame, Some(3)).is_err());
        let schema = FeatureSchema::raw(200, -1.0, 1.0).unwrap();
        let frame = Frame::new(&schema, Grid::new(-1.0, 1.0).unwrap(), 1.0, true);
        assert!(Joint::new(&schema, &frame, Some(100)).is_err());
    }
}
