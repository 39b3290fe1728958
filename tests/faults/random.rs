//! The one source of chance of a schedule.

/// splitmix64: small, seeded, the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed ^ 0x6f4f_0050)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of `weighted`, each as often as its weight says.
    pub(crate) fn weighted<T: Copy>(&mut self, weighted: &[(u64, T)]) -> T {
        let mut at = self.next() % weighted.iter().map(|(weight, _)| weight).sum::<u64>();
        for (weight, what) in weighted {
            if at < *weight {
                return *what;
            }
            at -= weight;
        }
        unreachable!("the weights were summed")
    }
}
