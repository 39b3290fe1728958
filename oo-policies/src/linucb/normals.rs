//! The fixed table of standard normal numbers that Thompson sampling draws with.
//!
//! A Latin hypercube: each column holds the M quantiles Φ⁻¹((i+½)/M) in an order of its own, so that every direction's
//! mean is 0 and its spread right for any M, and the variance of an estimate is at most M/(M−1) times that of independent
//! draws (McKay, Beckman & Conover 1979; Owen 1997). The orders come from a fixed seed: the same table in every process.

use oo_core::candidate::ArmKey;

use crate::kernel::{Path, dispatch};

/// M numbers for each entry of the projections it meets.
#[derive(Clone, Debug)]
pub(crate) struct Normals {
    columns: Vec<f64>,
}

impl Normals {
    /// `draws` draws for projections of `len` entries, from `seed`.
    pub(crate) fn new(draws: usize, len: usize, seed: u64) -> Self {
        let quantiles: Vec<f64> = (0..draws).map(|i| quantile((i as f64 + 0.5) / draws as f64)).collect();
        let mut state = seed;
        let mut order: Vec<usize> = (0..draws).collect();
        let mut columns = Vec::with_capacity(draws * len);
        for _ in 0..len {
            for last in (1..draws).rev() {
                order.swap(last, below(&mut state, last + 1));
            }
            columns.extend(order.iter().map(|place| quantiles[*place]));
        }
        Normals { columns }
    }

    /// out = zᵀp of each draw z, in the table's order.
    pub(crate) fn products(&self, p: &[f64], out: &mut [f64]) {
        dispatch::combine(Path::best(), &self.columns, p, out);
    }

    /// Puts `products` into the order in which an arm of its own takes the draws: each once, so that an arm's draws stay
    /// as even as the table, in an order that differs between arms, so that arms are independent.
    pub(crate) fn shuffle(arm: &ArmKey, products: &mut [f64]) {
        let mut state = hash(arm);
        for last in (1..products.len()).rev() {
            products.swap(last, below(&mut state, last + 1));
        }
    }
}

/// Φ(t), the standard normal distribution function.
pub(crate) fn cdf(t: f64) -> f64 {
    0.5 * libm::erfc(-t * std::f64::consts::FRAC_1_SQRT_2)
}

/// Φ⁻¹(u) for u in (0, 1), by Newton's method from 0, which is monotone in each half.
fn quantile(u: f64) -> f64 {
    if u > 0.5 {
        return -quantile(1.0 - u);
    }
    let mut t: f64 = 0.0;
    for _ in 0..100 {
        let density = libm::exp(-0.5 * t * t) / (std::f64::consts::TAU).sqrt();
        let next = t - (cdf(t) - u) / density;
        if next >= t {
            break;
        }
        t = next;
    }
    t
}

/// The next output of SplitMix64 (Steele, Lea & Flood 2014).
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number below `bound`.
#[allow(clippy::cast_possible_truncation, reason = "the high half of the product is below `bound`")]
fn below(state: &mut u64, bound: usize) -> usize {
    ((u128::from(mix(state)) * bound as u128) >> 64) as usize
}

/// FNV-1a of the key's bytes.
fn hash(arm: &ArmKey) -> u64 {
    arm.as_str()
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_invert_the_distribution_function() {
        for i in 1..1000 {
            let u = f64::from(i) / 1000.0;
            assert!((cdf(quantile(u)) - u).abs() < 1e-14, "{u}");
        }
        assert!((quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-13);
        assert!((quantile(1e-5) + 4.264_890_793_922_825).abs() < 1e-11);
    }

    #[test]
    fn every_column_has_mean_0_and_columns_are_not_correlated() {
        let (draws, len) = (128, 40);
        let table = Normals::new(draws, len, 1);
        let column = |j: usize| &table.columns[j * draws..(j + 1) * draws];
        for j in 0..len {
            let sum: f64 = column(j).iter().sum();
            let squares: f64 = column(j).iter().map(|z| z * z).sum();
            assert!(sum.abs() < 1e-10 && (squares / draws as f64 - 1.0).abs() < 0.03, "{j}: {sum}, {squares}");
            for other in 0..j {
                let product: f64 = column(j).iter().zip(column(other)).map(|(a, b)| a * b).sum();
                assert!((product / draws as f64).abs() < 0.45, "{j}, {other}: {product}");
            }
        }
    }

    #[test]
    fn an_arm_takes_every_draw_once_in_an_order_of_its_own() {
        let rows: Vec<f64> = (0..100).map(f64::from).collect();
        let take = |key: &str| {
            let mut products = rows.clone();
            Normals::shuffle(&ArmKey::new(key), &mut products);
            products
        };
        assert_eq!(take("a"), take("a"));
        assert_ne!(take("a"), take("b"));
        let mut taken = take("a");
        taken.sort_by(f64::total_cmp);
        assert_eq!(taken, rows);
    }
}
