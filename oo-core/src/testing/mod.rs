//! What tests of oO and of what others add to it share, behind the feature `testing`.
//!
//! [`store_suite`] is what every store must pass, [`policy_suite`] every policy; [`faults`] wraps a store so that it fails, delays and repeats by a
//! seed; [`memory`] is a store without a disk; [`samples`] are events to store. Harnesses here fail by panicking.

pub mod faults;
pub mod memory;
pub mod policy_suite;
pub mod samples;
pub mod statistics;
pub mod store_suite;
pub mod world;
