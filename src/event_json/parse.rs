//! Reading the texts of a line: hexadecimal, instants, policies.

use oo_core::decision::PolicyRef;
use oo_core::id::ItemKey;
use oo_core::moment::parse_rfc3339;
use oo_core::{Error, Result};

/// `N` bytes of lower-case hexadecimal.
pub(crate) fn bytes<const N: usize>(field: &str, text: &str) -> Result<[u8; N]> {
    let refused =
        || Error::invalid(field, format!("needs {} hexadecimal digits; pass it exactly as oO wrote it", 2 * N));
    if text.len() != 2 * N || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(refused());
    }
    let mut out = [0_u8; N];
    for (to, from) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(from).map_err(|_| refused())?;
        *to = u8::from_str_radix(digits, 16).map_err(|_| refused())?;
    }
    Ok(out)
}

/// An item's key.
pub(super) fn item(field: &str, text: &str) -> Result<ItemKey> {
    bytes(field, text).map(ItemKey)
}

/// An instant. One outside the years that RFC 3339 can write stands as its number.
pub(super) fn instant(field: &str, text: &str) -> Result<i64> {
    match text.parse::<i64>() {
        Ok(at_ms) => Ok(at_ms),
        Err(_) => parse_rfc3339(field, text),
    }
}

/// An instant, if there is one.
pub(super) fn maybe_instant(field: &str, text: Option<&str>) -> Result<Option<i64>> {
    text.map(|text| instant(field, text)).transpose()
}

/// A policy, `id@version`.
pub(super) fn policy(text: &str) -> Result<PolicyRef> {
    let parts = text.rsplit_once('@').and_then(|(id, version)| Some((id, version.parse().ok()?)));
    let (id, version) =
        parts.ok_or_else(|| Error::invalid("policy", "needs the form id@version; pass it exactly as oO wrote it"))?;
    Ok(PolicyRef { id: id.into(), version })
}
