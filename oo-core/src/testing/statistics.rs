//! The few statistical tests that harnesses judge random behaviour with.

/// The p-value of Pearson's χ² test of `observed` counts against the probabilities `expected`.
///
/// Categories of fewer than 5 expected counts are too rare for it: together they are held against the upper tail of a
/// Poisson distribution, and the smaller p-value is the answer. A category of probability 0 must not be observed; then,
/// and only then, the answer is 0 at once.
#[must_use]
pub fn chi_square_p(observed: &[u64], expected: &[f64]) -> f64 {
    let total = observed.iter().sum::<u64>() as f64;
    let (mut statistic, mut categories) = (0.0, 0_u32);
    let (mut rare, mut rare_mean) = (0.0, 0.0);
    for (count, p) in observed.iter().zip(expected) {
        let (count, mean) = (*count as f64, total * p);
        if mean >= 5.0 {
            categories += 1;
            statistic += (count - mean) * (count - mean) / mean;
        } else if *p > 0.0 {
            rare += count;
            rare_mean += mean;
        } else if count > 0.0 {
            return 0.0;
        }
    }
    // P(Poisson(m) ≥ n) is the lower regularised gamma function at (n, m).
    let tail = if rare > 0.0 { 1.0 - upper_gamma(rare, rare_mean) } else { 1.0 };
    if categories < 2 {
        return tail;
    }
    tail.min(upper_gamma(f64::from(categories - 1) / 2.0, statistic / 2.0))
}

/// Pearson's correlation of two equally long samples.
#[must_use]
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len().min(b.len()) as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / count, b.iter().sum::<f64>() / count);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        ab += (a - mean_a) * (b - mean_b);
        aa += (a - mean_a) * (a - mean_a);
        bb += (b - mean_b) * (b - mean_b);
    }
    ab / (aa * bb).sqrt()
}

/// The regularised upper incomplete gamma function Q(a, x) (Abramowitz & Stegun 6.5.29 and 6.5.31).
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let scale = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let mut term = 1.0 / a;
        let mut sum = term;
        for n in 1..1000 {
            term *= x / (a + f64::from(n));
            sum += term;
        }
        return 1.0 - scale * sum;
    }
    // Lentz's method on the continued fraction.
    let mut b = x + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..1000 {
        let an = f64::from(n) * (a - f64::from(n));
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        fraction *= d * c;
    }
    scale * fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_p_values() {
        // χ² = 6.635 with one degree of freedom, 18.307 and 3.940 with ten.
        assert!((upper_gamma(0.5, 6.634_897 / 2.0) - 0.01).abs() < 1e-7);
        assert!((upper_gamma(5.0, 18.307_038 / 2.0) - 0.05).abs() < 1e-7);
        assert!((upper_gamma(5.0, 3.940_299 / 2.0) - 0.95).abs() < 1e-7);
        assert!(chi_square_p(&[700, 300], &[0.5, 0.5]) < 1e-6);
        assert!(chi_square_p(&[502, 498], &[0.5, 0.5]) > 0.5);
        assert!(chi_square_p(&[999, 1], &[1.0, 0.0]) == 0.0);
        let rare = |count: u64| chi_square_p(&[100_000 - count, count], &[1.0 - 1e-6, 1e-6]);
        assert!(rare(0) == 1.0 && rare(1) > 0.05 && rare(4) < 1e-5, "{} {}", rare(1), rare(4));
    }

    #[test]
    fn correlation_of_lines() {
        assert!((correlation(&[1.0, 2.0, 3.0], &[5.0, 4.0, 3.0]) + 1.0).abs() < 1e-12);
    }
}
