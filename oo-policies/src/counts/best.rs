//! The probability that each of several independent Beta variables is the greatest, by quadrature.
//!
//! P(k) = ∫ fₖ·Πⱼ≠ₖFⱼ over t = ln(x/(1−x)), in which every Beta density gᵃᵇ(t) ∝ xᵃ(1−x)ᵇ is log-concave and smooth,
//! whatever a, b > 0: mode ln(a/b), scale σ = √(1/a+1/b), mass √(2π)·σ·e^{δ(a)+δ(b)−δ(a+b)} relative to the mode, δ the
//! remainder of Stirling's series. Panels of under two σ of the narrowest variable, eight Gauss–Legendre nodes each,
//! with the spectral integral inside a panel for Fⱼ. The integral begins where the last variable begins: below, at
//! least one Fⱼ is nil.

/// Nodes a panel.
const NODES: usize = 8;
/// The nodes in (0, 1) and their weights (Abramowitz & Stegun, table 25.4).
const HALF: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];
/// A density below e^−28 of its mode is nil.
const NIL: f64 = -28.0;
/// What one variable keeps between panels.
const FIELDS: usize = 7;
/// Of a variable: a, b, σ, the ends of its support, what its exponent is reduced by, F so far.
const A: usize = 0;
const B: usize = 1;
const SIGMA: usize = 2;
const LEFT: usize = 3;
const RIGHT: usize = 4;
const TOP: usize = 5;
const BELOW: usize = 6;

/// The nodes of a panel of length 2, and the integrals up to them.
#[derive(Clone, Debug)]
pub(crate) struct Quadrature {
    nodes: [f64; NODES],
    weights: [f64; NODES],
    /// Row i: what the integral from −1 to node i takes of the values at all nodes.
    up_to: [[f64; NODES]; NODES],
}

impl Quadrature {
    /// The tables.
    pub(crate) fn new() -> Self {
        let (mut nodes, mut weights) = ([0.0; NODES], [0.0; NODES]);
        for (i, (node, weight)) in HALF.iter().enumerate() {
            (nodes[3 - i], weights[3 - i]) = (-node, *weight);
            (nodes[4 + i], weights[4 + i]) = (*node, *weight);
        }
        let mut up_to = [[0.0; NODES]; NODES];
        for (row, end) in up_to.iter_mut().zip(nodes) {
            let at_end = legendre(end);
            for ((entry, node), weight) in row.iter_mut().zip(nodes).zip(weights) {
                let at_node = legendre(node);
                // ∫Pₙ = (Pₙ₊₁ − Pₙ₋₁)/(2n+1), and f has the coefficients (2n+1)/2·Σ w·Pₙ·f.
                *entry = 0.5 * weight * (end + 1.0);
                for n in 1..NODES {
                    *entry += 0.5 * weight * at_node[n] * (at_end[n + 1] - at_end[n - 1]);
                }
            }
        }
        Quadrature { nodes, weights, up_to }
    }

    /// The numbers of working memory for `count` variables.
    pub(crate) const fn work(count: usize) -> usize {
        count * (FIELDS + 2 * NODES)
    }

    /// Writes into `shares` how probable it is that each variable, given by its (a, b), is the greatest; they sum to 1
    /// within rounding. `work` holds [`work`](Quadrature::work) numbers.
    pub(crate) fn best(&self, variable: impl Fn(usize) -> (f64, f64), shares: &mut [f64], work: &mut [f64]) {
        let count = shares.len();
        shares.fill(0.0);
        if count == 1 {
            shares.fill(1.0);
            return;
        }
        let (fields, values) = work[..Quadrature::work(count)].split_at_mut(count * FIELDS);
        let (fields, _) = fields.as_chunks_mut::<FIELDS>();
        let (mut from, mut to) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for (index, own) in fields.iter_mut().enumerate() {
            *own = describe(variable(index));
            from = from.max(own[LEFT]);
            to = to.max(own[RIGHT]);
        }
        for own in fields.iter_mut() {
            self.below(own, from);
        }
        // The greatest of many is sharper than each.
        let length = 1.6 / (1.0 + 0.1 * libm::log(count as f64));
        let mut start = from;
        while start < to {
            let mut left = fields.iter().zip(&mut *shares).filter(|(own, _)| own[RIGHT] > start);
            if let (Some((own, share)), None) = (left.next(), left.next()) {
                // All others are below for sure: it wins with what is left of it.
                *share += (1.0 - own[BELOW]).max(0.0);
                break;
            }
            let end = panel_end(fields, start, to, length);
            self.panel(fields, values, shares, (start, end));
            start = end;
        }
        let sum: f64 = shares.iter().sum();
        if sum > 0.0 {
            shares.iter_mut().for_each(|share| *share /= sum);
        } else {
            shares.fill(1.0 / count as f64);
        }
    }

    /// F of one variable where the integral begins.
    fn below(&self, own: &mut Fields, from: f64) {
        if own[RIGHT] <= from {
            own[BELOW] = 1.0;
            return;
        }
        let mut start = own[LEFT];
        while start < from {
            let end = from.min(start + 1.6 * own[SIGMA]);
            let half = 0.5 * (end - start);
            for (node, weight) in self.nodes.iter().zip(self.weights) {
                own[BELOW] += half * weight * density(own, &logs(start + half * (1.0 + node)));
            }
            start = end;
        }
    }

    /// Adds the part of one panel to `shares`; `values` holds densities, then distribution functions.
    fn panel(&self, fields: &mut [Fields], values: &mut [f64], shares: &mut [f64], (start, end): (f64, f64)) {
        let half = 0.5 * (end - start);
        let points = self.nodes.map(|node| logs(start + half * (1.0 + node)));
        let (densities, below) = values.split_at_mut(fields.len() * NODES);
        let (densities, _) = densities.as_chunks_mut::<NODES>();
        let (below, _) = below.as_chunks_mut::<NODES>();
        let mut all = [1.0; NODES];
        for ((own, f), up) in fields.iter_mut().zip(&mut *densities).zip(&mut *below) {
            if own[RIGHT] <= start {
                continue;
            }
            for (f, point) in f.iter_mut().zip(&points) {
                *f = density(own, point);
            }
            for ((up, row), all) in up.iter_mut().zip(&self.up_to).zip(&mut all) {
                let mut inside = 0.0;
                for (entry, f) in row.iter().zip(&*f) {
                    inside += entry * f;
                }
                *up = (own[BELOW] + half * inside).max(f64::MIN_POSITIVE);
                *all *= *up;
            }
            let mut inside = 0.0;
            for (weight, f) in self.weights.iter().zip(&*f) {
                inside += weight * f;
            }
            own[BELOW] += half * inside;
        }
        for (((own, f), up), share) in fields.iter().zip(&*densities).zip(&*below).zip(shares) {
            if own[RIGHT] <= start {
                continue;
            }
            for i in 0..NODES {
                *share += half * self.weights[i] * f[i] * (all[i] / up[i]);
            }
        }
    }
}

type Fields = [f64; FIELDS];

/// P₀…P₈ at `x`.
fn legendre(x: f64) -> [f64; NODES + 1] {
    let mut values = [1.0; NODES + 1];
    values[1] = x;
    for n in 1..NODES {
        let order = n as f64;
        values[n + 1] = ((2.0 * order + 1.0) * x * values[n] - order * values[n - 1]) / (order + 1.0);
    }
    values
}

/// ln x and ln(1−x) at t = ln(x/(1−x)).
fn logs(t: f64) -> (f64, f64) {
    let rest = libm::log1p(libm::exp(-t.abs()));
    (t.min(0.0) - rest, -(t.max(0.0)) - rest)
}

/// The logarithm of xᵃ(1−x)ᵇ.
fn exponent(own: &Fields, (x, rest): (f64, f64)) -> f64 {
    own[A] * x + own[B] * rest
}

/// The density in t.
fn density(own: &Fields, point: &(f64, f64)) -> f64 {
    libm::exp(exponent(own, *point) - own[TOP])
}

fn describe((a, b): (f64, f64)) -> Fields {
    let (mode, sigma) = (libm::log(a / b), (1.0 / a + 1.0 / b).sqrt());
    let mut own = [a, b, sigma, mode, mode, 0.0, 0.0];
    let peak = exponent(&own, logs(mode));
    for (end, sign) in [(LEFT, -1.0), (RIGHT, 1.0)] {
        let mut distance = 7.0 * sigma;
        // A log-concave density falls ever faster: this ends.
        while exponent(&own, logs(mode + sign * distance)) - peak > NIL && distance < 1e6 {
            distance *= 1.2;
        }
        own[end] = mode + sign * distance;
    }
    let ln_mass = 0.918_938_533_204_672_8 + libm::log(sigma) + stirling(a) + stirling(b) - stirling(a + b);
    own[TOP] = peak + ln_mass;
    own
}

/// δ(z) in lnΓ(z) = (z−½)ln z − z + ½ln 2π + δ(z).
fn stirling(z: f64) -> f64 {
    if z < 10.0 {
        return stirling(z + 1.0) + (z + 0.5) * libm::log1p(1.0 / z) - 1.0;
    }
    let square = 1.0 / (z * z);
    (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / z
}

/// Where the panel that begins at `start` ends.
fn panel_end(fields: &[Fields], start: f64, to: f64, length: f64) -> f64 {
    let mut end = to;
    for own in fields {
        if own[LEFT] > start {
            end = end.min(own[LEFT]);
        } else if own[RIGHT] > start {
            end = end.min(start + length * own[SIGMA]);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(variables: &[(f64, f64)]) -> Vec<f64> {
        let mut shares = vec![0.0; variables.len()];
        let mut work = vec![0.0; Quadrature::work(variables.len())];
        Quadrature::new().best(|index| variables[index], &mut shares, &mut work);
        shares
    }

    /// P(Y > X) for X ~ Beta(a, b) and Y ~ Beta(c, d) with whole c: Σ B(a+i, b+d) / ((d+i)·B(1+i, d)·B(a, b)) over
    /// i < c (Cook 2005).
    fn exact(x: (f64, f64), y: (u32, f64)) -> f64 {
        let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
        let (c, d) = y;
        (0..c)
            .map(|i| {
                let i = f64::from(i);
                libm::exp(ln_beta(x.0 + i, x.1 + d) - libm::log(d + i) - ln_beta(1.0 + i, d) - ln_beta(x.0, x.1))
            })
            .sum()
    }

    #[test]
    fn two_arms_match_the_closed_form() {
        let mut worst: f64 = 0.0;
        for x in [(1.0, 1.0), (0.5, 0.5), (3.0, 40.0), (250.0, 750.0), (0.3, 9.0), (80.0, 2.5), (2e4, 6e4)] {
            for y in [(1, 1.0), (2, 0.5), (5, 30.0), (90, 300.0), (400, 1200.5), (1, 80.0), (60, 1.5)] {
                let shares = best(&[x, (f64::from(y.0), y.1)]);
                worst = worst.max((shares[1] - exact(x, y)).abs());
            }
        }
        println!("two arms: farthest from the closed form {worst:.2e}");
        assert!(worst < 1e-8, "{worst}");
    }

    #[test]
    fn equal_arms_share_and_a_sure_arm_wins() {
        for count in [2, 3, 10, 100, 1000] {
            for share in best(&vec![(3.5, 7.25); count]) {
                assert!((share * count as f64 - 1.0).abs() < 1e-9, "{share} of {count}");
            }
        }
        let shares = best(&[(9e5, 1e5), (10.0, 1e6), (1.0, 1.0)]);
        // The uniform arm beats a sure 0.9 once in ten.
        assert!((shares[2] - 0.1).abs() < 1e-3 && shares[1] < 1e-30, "{shares:?}");
    }
}
