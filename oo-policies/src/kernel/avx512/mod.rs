//! What the compiler does not find by itself: folding eight sums side by side, and rows that end within eight lanes.
//!
//! Every operation is one of the portable code's, in its order: products and sums stay apart, and lanes beyond a row's
//! end are left alone.

mod grow;
mod products;
mod transpose;
mod turn;

pub(super) use grow::grow;
pub(super) use products::{multiply, score};
pub(super) use transpose::transpose;
pub(super) use turn::update;
