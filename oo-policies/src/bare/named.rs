//! Arms that many decisions name, checked once.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use oo_core::candidate::ArmKey;

use super::rows::named_twice;

/// Arms, and whether each is named once: found when it is first asked for. Copies share both.
///
/// ```
/// use oo_core::candidate::ArmKey;
/// use oo_policies::{NamedArms, Rows};
///
/// let arms: NamedArms = ["rest", "walk"].into_iter().map(ArmKey::new).collect();
/// let rows = Rows::of_named(&[0.5, 0.1], &arms);
/// assert_eq!((rows.count, arms.are_distinct()), (2, true));
/// ```
#[derive(Clone, Debug)]
pub struct NamedArms {
    keys: Arc<[ArmKey]>,
    distinct: Arc<OnceLock<bool>>,
}

impl NamedArms {
    /// Whether no arm is named twice.
    #[must_use]
    pub fn are_distinct(&self) -> bool {
        *self.distinct.get_or_init(|| named_twice(&self.keys).is_none())
    }
}

impl FromIterator<ArmKey> for NamedArms {
    fn from_iter<I: IntoIterator<Item = ArmKey>>(keys: I) -> Self {
        NamedArms { keys: keys.into_iter().collect(), distinct: Arc::default() }
    }
}

impl Deref for NamedArms {
    type Target = [ArmKey];

    fn deref(&self) -> &[ArmKey] {
        &self.keys
    }
}
