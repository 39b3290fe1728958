//! oO: the event log and its projections on SQLite.
