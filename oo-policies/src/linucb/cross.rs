//! The exact sums of a hybrid policy: Σzzᵀ and Σrz over all lessons; Σxxᵀ, Σrx and Σxzᵀ of each arm.
//!
//! All are integers that add, subtract and merge. Where z is x, Σxzᵀ is Σxxᵀ and not kept twice.

use std::collections::BTreeMap;

use oo_core::candidate::ArmKey;
use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

use super::joint::Joint;
use crate::frame::Frame;
use crate::kernel::{Path, dispatch};
use crate::sums::Sums;

/// One arm's sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArmSums {
    /// Σxxᵀ, Σrx, Σr² and n.
    pub(crate) own: Sums,
    /// Σxzᵀ, x by x; empty where z is x.
    pub(crate) cross: Vec<i64>,
}

impl ArmSums {
    /// The sums of no lesson.
    pub(crate) fn new(joint: &Joint) -> Self {
        let cross = if joint.is_one() { 0 } else { joint.own.size * joint.common.size };
        ArmSums { own: Sums::new(joint.own.size), cross: vec![0; cross] }
    }

    /// Adds sign·xzᵀ, sign being 1 or −1.
    pub(crate) fn move_cross(&mut self, z: &[i16], x: &[i16], sign: i64) {
        if self.cross.is_empty() {
            return;
        }
        for (row, x) in self.cross.chunks_exact_mut(z.len()).zip(x) {
            let x = sign * i64::from(*x);
            for (sum, z) in row.iter_mut().zip(z) {
                *sum = sum.wrapping_add(x * i64::from(*z));
            }
        }
    }

    /// out = Bᵀw with B = Σxzᵀ in units, w of x's size, out of z's.
    pub(crate) fn pull(&self, joint: &Joint, w: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        let (own, common) = (&joint.own, &joint.common);
        if self.cross.is_empty() {
            symmetric(&self.own, own, w, out);
            return;
        }
        for ((row, w), step) in self.cross.chunks_exact(common.size).zip(w).zip(&own.steps) {
            dispatch::add_integers(Path::best(), out, w * step, row);
        }
        for (out, step) in out.iter_mut().zip(&common.steps) {
            *out *= step;
        }
    }

    /// out = Bv, v of z's size, out of x's.
    pub(crate) fn push(&self, joint: &Joint, v: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        let (own, common) = (&joint.own, &joint.common);
        if self.cross.is_empty() {
            symmetric(&self.own, own, v, out);
            return;
        }
        for ((row, out), step) in self.cross.chunks_exact(common.size).zip(out.iter_mut()).zip(&own.steps) {
            let mut dot = 0.0;
            for ((sum, v), other) in row.iter().zip(v).zip(&common.steps) {
                dot += *sum as f64 * (v * other);
            }
            *out = dot * step;
        }
    }

    /// B's entry (i, j) in units.
    pub(crate) fn entry(&self, joint: &Joint, i: usize, j: usize) -> f64 {
        let sum = if self.cross.is_empty() { self.own.product(i, j) } else { self.cross[i * joint.common.size + j] };
        sum as f64 * (joint.own.steps[i] * joint.common.steps[j])
    }

    /// Whether these are the sums of no lesson.
    pub(crate) fn is_zero(&self) -> bool {
        self.own.is_zero() && self.cross.iter().all(|sum| *sum == 0)
    }

    fn merge(&mut self, other: &ArmSums) -> Result<()> {
        self.own.merge(&other.own)?;
        if self.cross.len() != other.cross.len() {
            return Err(Error::invalid("size", "sums of different context columns do not merge"));
        }
        for (sum, other) in self.cross.iter_mut().zip(&other.cross) {
            *sum = sum.wrapping_add(*other);
        }
        Ok(())
    }

    /// Feeds all sums to `hash`.
    pub(crate) fn hash_into(&self, hash: &mut Sha256) {
        self.own.hash_into(hash);
        for sum in &self.cross {
            hash.update(i128::from(*sum).to_le_bytes());
        }
    }
}

/// The sums of all arms and what they have in common.
#[derive(Clone, Debug)]
pub(crate) struct CrossSums {
    /// Σzzᵀ, Σrz, Σr² and n.
    pub(crate) common: Sums,
    /// Each arm's.
    pub(crate) arms: BTreeMap<ArmKey, ArmSums>,
}

impl CrossSums {
    /// Adds the lessons of `other`.
    ///
    /// # Errors
    /// `invalid_input` for other sizes or too many lessons.
    pub(crate) fn merge(&mut self, other: CrossSums) -> Result<()> {
        self.common.merge(&other.common)?;
        for (key, sums) in other.arms {
            match self.arms.get_mut(&key) {
                Some(own) => own.merge(&sums)?,
                None => {
                    self.arms.insert(key, sums);
                }
            }
        }
        Ok(())
    }
}

/// out = Sw with S = Σxxᵀ in units.
fn symmetric(sums: &Sums, frame: &Frame, w: &[f64], out: &mut [f64]) {
    dispatch::symmetric(Path::best(), sums.products(), &frame.steps, w, out);
}
