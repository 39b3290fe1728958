//! Linear policies for worlds that drift: what is long ago weighs less, or nothing.
//!
//! With lessons weighed by their age, V = λI + Σwₛxxᵀ, Ṽ = λI + Σwₛ²xxᵀ and b = λθ₀ + Σwₛrx give θ = V⁻¹b, and the
//! width of x is √(xᵀV⁻¹ṼV⁻¹x) (Russac, Vernade & Cappé, NeurIPS 2019, equations 5 and 6, *forgetting towards the
//! ridge*: V never loses λI). *Daily*, the age is in UTC days of the decision: integer sums a day are kept for ever, and
//! everything else follows from them, so lessons subtract, merge and hash in any order. *Stepped*, the age is in
//! lessons, as in the papers: the order of the log is part of the state.

mod body;
mod daily;
mod days;
mod decay;
mod derived;
pub(crate) mod dlinucb;
mod head;
mod part;
mod stepped;
pub(crate) mod sw_linucb;
#[cfg(test)]
mod tests;
mod trail;
mod weighted;
mod window;

pub use dlinucb::{DLinUcbSpec, Forgetting};
pub use sw_linucb::{SwLinUcbSpec, Window};
