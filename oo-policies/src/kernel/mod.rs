//! The numeric kernel: dense loops over a lower triangle, with the same bits on every machine.
//!
//! Every sum has a fixed order:
//! across candidates the eight lanes are independent of each other; within a product the eight partial sums are those
//! of the index modulo 8. Multiplications and additions stay apart (no fused multiply-add), so the portable code and
//! the AVX2 and AVX-512 compilations of the very same functions agree bit for bit; [`dispatch`] picks one at run time.

mod combine;
pub(crate) mod dispatch;
mod dual;
mod score;
#[cfg(test)]
mod tests;
mod triangle;

pub(crate) use dispatch::Path;
pub(crate) use dual::{Dual, dual_work_len};
pub(crate) use score::{Linear, scratch_len};
pub(crate) use triangle::{Probe, laned, packed_len, packed_start, row_start};

/// How many candidates, or partial sums, are worked on side by side.
pub(crate) const LANES: usize = 8;
