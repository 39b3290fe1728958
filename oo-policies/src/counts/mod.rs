//! Arms without features: exact counts an arm, and policies on them.
//!
//! An arm's tally is n, Σr and Σr² in grid integers, so lessons subtract, merge, revise and hash in any order, as for
//! the linear policies. A rule turns tallies into scores and a pmf: Thompson sampling of a Beta posterior, the bound of
//! UCB1, or a softmax that lets an arm recover after it was shown. Features are checked and not used.

mod best;
pub(crate) mod beta_ts;
mod body;
mod counted;
pub(crate) mod recovering;
mod sharded;
mod shown;
mod tally;
pub(crate) mod ucb1;

pub use beta_ts::BetaTsSpec;
pub use recovering::RecoveringSoftmaxSpec;
pub use ucb1::Ucb1Spec;
