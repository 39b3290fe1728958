//! oO's policies: contextual bandits over exact statistics.
//!
//! In the order data meets them. Settings are data, a [`PolicySpec`]; [`build`] makes a policy of them over a feature
//! schema. A lesson's grid integers enter exact [`sums`]: no order, sharding or forgetting leaves a trace. From the
//! sums follows a triangular factor of the inverse, updated by each lesson and derived anew at fixed counts; from it
//! the weights θ. The kernel scores candidates eight at a time, with the same bits on every processor.
//! [`Exploration`] turns scores into a pmf, from which only the engine, or a bare [`Bandit`], draws. A policy saves
//! to checked bytes and [`load`]s without a changed bit; [`merge`] adds what several learned.

mod action_centred;
mod auto;
pub mod bare;
mod bytes;
mod counts;
mod drift;
mod epsilon_greedy;
mod exploration;
mod factor;
mod frame;
mod greedy;
mod hierarchical;
mod kernel;
mod kind;
mod lin_ts;
mod linucb;
mod logistic;
mod mixture;
mod saved;
mod softmax;
mod spec;
mod square_cb;
mod statistic;
pub mod sums;
mod uniform;

pub use action_centred::ActionCentredSpec;
pub use auto::AutoSpec;
pub use bare::{Bandit, BanditSpec, Decided, NamedArms, RangeSpec, Rows};
pub use counts::{BetaTsSpec, RecoveringSoftmaxSpec, Ucb1Spec};
pub use drift::{DLinUcbSpec, Forgetting, SwLinUcbSpec, Window};
pub use epsilon_greedy::EpsilonGreedySpec;
pub use exploration::Exploration;
pub use greedy::GreedySpec;
pub use hierarchical::HierarchicalSpec;
pub use lin_ts::LinTsSpec;
pub use linucb::{LinUcbSpec, Sharing};
pub use logistic::{LogisticExploration, LogisticSpec};
pub use mixture::{MemberSpec, MixtureSpec};
pub use saved::{extend, load, merge};
pub use softmax::SoftmaxSpec;
pub use spec::{PolicySpec, build, build_population};
pub use square_cb::SquareCbSpec;
pub use uniform::UniformSpec;

/// The README's snippets run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
