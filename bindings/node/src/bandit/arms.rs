//! The arms of decisions, read once.

use napi_derive::napi;
use oo::{ArmKey, NamedArms};

/// Arms, shared by every decision that names them.
#[napi]
pub struct NativeArms {
    pub(super) keys: NamedArms,
}

#[napi]
impl NativeArms {
    /// Arms of these names.
    #[napi(factory)]
    pub fn of(names: Vec<String>) -> Self {
        NativeArms { keys: names.into_iter().map(ArmKey::new).collect() }
    }
}

/// The keys of arms that may not be named.
pub(super) fn keys(arms: Option<&NativeArms>) -> Option<&[ArmKey]> {
    arms.map(|arms| &*arms.keys)
}
