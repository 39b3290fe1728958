//! The reference server of oO and the `oo` command.
//!
//! [`cli`] reads the command line and opens the engine on a data folder. `oo serve` hands it to [`serve`], which
//! listens, and stops gracefully. Each request passes [`http::door`] (who may call, how often, for how long), reaches a
//! handler in [`routes`] that converts, calls one verb of the engine and converts back, and leaves as JSON or as a
//! [`http::problem::Problem`]. [`import`] reads files that a person already has.
//!
//! Nothing here decides or learns: whatever the server can do, the facade `oo` can do without it.

pub mod cli;
pub mod http;
pub mod import;
pub mod routes;
pub mod serve;
