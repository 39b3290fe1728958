//! `policies`: the registry, for whoever runs the engine.

use oo_core::Result;
use oo_core::id::hex;
use oo_core::registry::role_name;

use crate::engine::Engine;
use crate::outcome::RegisteredPolicy;

impl Engine {
    /// Every policy of the registry, oldest first: which one serves, which score in its shadow, which are retired.
    ///
    /// # Errors
    /// `storage`, `busy`.
    pub async fn policies(&self) -> Result<Vec<RegisteredPolicy>> {
        self.run().catch_up().await?;
        let entries = self.run().mind().registry.entries().to_vec();
        let registered = entries.into_iter().map(|entry| {
            let identity = entry.policy.identity();
            RegisteredPolicy {
                policy: entry.policy_ref.to_string(),
                role: role_name(entry.role).to_owned(),
                settings: serde_json::from_str(&identity.spec).unwrap_or_default(),
                schema: hex(&identity.schema.0),
                lessons: identity.lessons,
                state_hash: hex(&identity.state),
            }
        });
        Ok(registered.collect())
    }
}
