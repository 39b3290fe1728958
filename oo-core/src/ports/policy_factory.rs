//! The port of policy factories: how a policy of the embedder's own enters the engine.
//!
//! A factory makes the policy that has learned nothing, and reads one from what its `save` wrote. The engine does the
//! rest: it teaches the policy from the log, saves it in snapshots under the factory's kind, checks every probability
//! it states, and serves uniformly, counted, when it fails.

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::grid::Grid;
use crate::policy::Policy;
use crate::schema::FeatureSchema;

/// What a policy of the embedder's own stands on.
#[derive(Clone, Debug)]
pub struct PolicyGround {
    /// The settings it is made with, as [`PolicyFactory::settings`] gave them when it entered.
    pub settings: String,
    /// The schema of the features.
    pub schema: Arc<FeatureSchema>,
    /// The grid of the rewards.
    pub reward: Grid,
}

/// Makes policies of one kind.
pub trait PolicyFactory: Send + Sync + fmt::Debug {
    /// The kind's stable name: the `type` in logged settings, and the name of its saved states.
    fn kind(&self) -> &str;

    /// The settings as JSON. A policy with other settings than the stored one is taught from the log and takes over.
    fn settings(&self) -> String {
        "{}".to_owned()
    }

    /// The policy that has learned nothing.
    ///
    /// # Errors
    /// Whatever is wrong; the engine does not open then.
    fn fresh(&self, ground: &PolicyGround) -> Result<Arc<dyn Policy>>;

    /// The policy whose [`save`](Policy::save) wrote `bytes`.
    ///
    /// # Errors
    /// Whatever is wrong; the engine does not open then.
    fn load(&self, ground: &PolicyGround, bytes: &[u8]) -> Result<Arc<dyn Policy>>;
}
