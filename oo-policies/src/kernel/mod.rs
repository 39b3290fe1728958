//! The numeric kernel: dense loops over a lower triangle, with the same bits on every machine.
//!
//! Every sum has a fixed order:
//! across candidates the eight lanes are independent of each other; within a product the eight partial sums are those
//! of the index modulo 8. Multiplications and additions stay apart (no fused multiply-add), so the portable code and
//! the AVX2 and AVX-512 compilations of the very same functions agree bit for bit; [`dispatch`] picks one at run time.

mod absorb;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod combine;
mod derive;
pub(crate) mod dispatch;
mod dual;
mod lanes;
mod score;
#[cfg(test)]
mod tests;
mod triangle;
mod turn;

pub(crate) use absorb::Probe;
pub(crate) use dispatch::Path;
pub(crate) use dual::{Dual, dual_work_len};
pub(crate) use score::{Linear, scratch_len};
pub(crate) use triangle::{laned, packed_len, packed_start, row_start};

/// How many candidates, or partial sums, are worked on side by side.
pub(crate) const LANES: usize = 8;
