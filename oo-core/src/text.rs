//! Texts at the door: what is accepted, how it is cleaned for display, and its hashed features.
//!
//! Control and bidirectional-override characters could hide or reorder what a person reads, so display text loses
//! them ([`display_text`]); sizes are bounded ([`checked_text`]). [`hashed_text`] is the only trace of a text that
//! may enter the log; its version says how it was derived, because replay has no text to derive it again.

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// How many signed buckets the words of a text are hashed into.
pub const TEXT_BUCKETS: usize = 8;
/// The version of [`hashed_text`]; a changed derivation gets a new one and starts masked.
pub const TEXT_VERSION: u32 = 1;

/// Checks a text's size and that something readable is left of it after cleaning.
///
/// # Errors
/// `invalid_input` about `field` when it is longer than `max_chars`, or empty though `may_be_empty` is false.
pub fn checked_text(field: &str, text: &str, max_chars: usize, may_be_empty: bool) -> Result<()> {
    if text.len() > max_chars * 4 || text.chars().count() > max_chars {
        return Err(Error::invalid(field, format!("the text has more than {max_chars} characters; shorten it")));
    }
    if !may_be_empty && display_text(text).is_empty() {
        return Err(Error::invalid(field, "the text is empty; pass what the person should read"));
    }
    Ok(())
}

/// The text as it may be shown: line breaks and tabs become spaces; control, bidirectional and zero-width characters go.
#[must_use]
pub fn display_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = !out.is_empty();
        } else if !c.is_control() && !is_invisible(c) {
            if gap {
                out.push(' ');
                gap = false;
            }
            out.push(c);
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{FEFF}' | '\u{00AD}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Signed feature hashing of the words of `text` (Weinberger et al., ICML 2009): each lower-cased word adds ±1 to one
/// of [`TEXT_BUCKETS`] buckets; sums are held to ±4.
#[must_use]
pub fn hashed_text(text: &str) -> [i8; TEXT_BUCKETS] {
    let mut buckets = [0i8; TEXT_BUCKETS];
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(256) {
        let digest = Sha256::new().chain_update(b"oo.text.v1").chain_update(word.to_lowercase()).finalize();
        let bucket = &mut buckets[usize::from(digest[0]) % TEXT_BUCKETS];
        let sign = if digest[1] & 1 == 0 { 1 } else { -1 };
        *bucket = (*bucket + sign).clamp(-4, 4);
    }
    buckets
}
