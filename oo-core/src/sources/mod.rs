//! The candidate sources that are always there: the person's open tasks, and the advice library.
//!
//! Both answer at once, from memory, so that a tip is served when everything else is down.

pub mod advice;
pub mod tasks;

pub use advice::AdviceLibrary;
pub use tasks::OpenTasks;
