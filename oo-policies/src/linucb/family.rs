//! What every kind of the linear family comes down to: how arms share, the ridge, the intercept and the rule.

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::{Error, Result};

use super::arm::Arm;
use super::arms::Arms;
use super::body::{Body, misfit};
use super::disjoint::DisjointLinear;
use super::head::Head;
use super::hybrid::HybridLinear;
use super::rule::Rule;
use super::shared::SharedLinear;
use super::sharing::Sharing;
use crate::bytes::Reader;
use crate::kind::Ground;

/// The settings that a linear policy acts on, whatever its kind calls them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Family {
    /// How arms share.
    pub(crate) sharing: Sharing,
    /// λ.
    pub(crate) lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub(crate) intercept: bool,
    /// How means and widths become a pmf.
    pub(crate) rule: Rule,
}

impl Family {
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input`, with the setting as its field.
    pub(crate) fn validate(&self) -> Result<()> {
        check_ridge(self.lambda)?;
        if self.sharing == (Sharing::Hybrid { context: Some(0) }) && !self.intercept {
            let message = "a hybrid without context columns and without an intercept has no model of an arm; \
                           set intercept to true, or name context columns";
            return Err(Error::invalid("sharing", message));
        }
        self.rule.validate()
    }

    /// The policy that has learned nothing.
    ///
    /// # Errors
    /// `invalid_input` when the context columns do not fit the schema.
    pub(crate) fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        let head = Head::new(ground, self);
        Ok(match self.sharing {
            Sharing::Shared => Arc::new(SharedLinear::new(head, None)),
            Sharing::Disjoint => Arc::new(DisjointLinear::new(head, Arms::new(Vec::new()))),
            Sharing::Hybrid { context } => Arc::new(HybridLinear::new(head, context)?),
        })
    }

    /// The policy whose saved body is next in `body`.
    ///
    /// # Errors
    /// `storage` when the body is impossible.
    pub(crate) fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let head = Head::new(ground, self);
        if let Sharing::Hybrid { context } = self.sharing {
            return Ok(Arc::new(HybridLinear::restored(head, context, body)?));
        }
        let arms = Body::read(body)?.restored(&head.frame)?;
        self.policy(head, arms)
    }

    /// The policy of the lessons of all `bodies` together, at the start of an epoch.
    ///
    /// # Errors
    /// `storage` when a body is impossible, `invalid_input` for too many lessons.
    pub(crate) fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let head = Head::new(ground, self);
        if let Sharing::Hybrid { context } = self.sharing {
            return Ok(Arc::new(HybridLinear::merged(head, context, bodies)?));
        }
        let arms = Body::merged(bodies)?.derived(&head.frame)?;
        self.policy(head, arms)
    }

    /// The policy of `body`, saved over `columns` features, over the ground's; none for hybrid sharing.
    ///
    /// # Errors
    /// `storage` when the body is impossible.
    pub(crate) fn extend(
        &self,
        ground: Ground,
        columns: usize,
        body: &mut Reader<'_>,
    ) -> Result<Option<Arc<dyn Policy>>> {
        if matches!(self.sharing, Sharing::Hybrid { .. }) {
            return Ok(None);
        }
        let head = Head::new(ground, self);
        let arms = Body::read(body)?.extended(columns, &head.frame)?.derived(&head.frame)?;
        self.policy(head, arms).map(Some)
    }

    fn policy(&self, head: Head, mut arms: Vec<(oo_core::candidate::ArmKey, Arm)>) -> Result<Arc<dyn Policy>> {
        if self.sharing == Sharing::Disjoint {
            return Ok(Arc::new(DisjointLinear::new(head, Arms::new(arms))));
        }
        match (arms.pop(), arms.is_empty()) {
            (Some((key, Arm::Dense(statistic))), true) if key.as_str().is_empty() => {
                Ok(Arc::new(SharedLinear::new(head, Some(statistic))))
            }
            _ => Err(misfit()),
        }
    }
}

/// Checks a ridge λ.
pub(crate) fn check_ridge(lambda: f64) -> Result<()> {
    if (1e-12..=1e12).contains(&lambda) {
        return Ok(());
    }
    let message = format!(
        "lambda is {lambda}; A = lambda*I + sums must be positive definite: pass a number in [1e-12, 1e12], such as 1"
    );
    Err(Error::invalid("lambda", message))
}

/// Settings that come down to a [`Family`] are a kind: checks, building, loading and merging are the family's.
macro_rules! linear_kind {
    ($settings:ty, $canonicalise:expr) => {
        impl crate::kind::Kind for $settings {
            fn validate(&self) -> oo_core::Result<()> {
                self.family().validate()
            }

            fn canonicalise(&mut self) {
                let canonicalise: fn(&mut $settings) = $canonicalise;
                canonicalise(self);
            }

            fn needs_arms(&self) -> bool {
                self.sharing != crate::linucb::Sharing::Shared
            }

            fn fresh(
                &self,
                ground: crate::kind::Ground,
            ) -> oo_core::Result<std::sync::Arc<dyn oo_core::policy::Policy>> {
                self.family().fresh(ground)
            }

            fn restore(
                &self,
                ground: crate::kind::Ground,
                body: &mut crate::bytes::Reader<'_>,
            ) -> oo_core::Result<std::sync::Arc<dyn oo_core::policy::Policy>> {
                self.family().restore(ground, body)
            }

            fn extend(
                &self,
                ground: crate::kind::Ground,
                columns: usize,
                body: &mut crate::bytes::Reader<'_>,
            ) -> oo_core::Result<Option<std::sync::Arc<dyn oo_core::policy::Policy>>> {
                self.family().extend(ground, columns, body)
            }

            fn merge(
                &self,
                ground: crate::kind::Ground,
                bodies: Vec<crate::bytes::Reader<'_>>,
            ) -> oo_core::Result<std::sync::Arc<dyn oo_core::policy::Policy>> {
                self.family().merge(ground, bodies)
            }
        }
    };
}
pub(crate) use linear_kind;
