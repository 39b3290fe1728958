//! oO: the contextual bandits and their exact statistics.
