//! A master key as text: `oo-master-key-v1 ` and 64 hexadecimal digits on one line.

use oo_core::id::hex;
use oo_core::ports::MasterKey;
use zeroize::Zeroizing;

const TAG: &str = "oo-master-key-v1 ";
const BLANK: [char; 4] = ['\r', '\n', ' ', '\t'];

/// The line of a key file.
pub(super) fn write(key: &MasterKey) -> Zeroizing<String> {
    let digits = Zeroizing::new(hex(key.expose()));
    Zeroizing::new(format!("{TAG}{}\n", *digits))
}

/// Reads the line of a key file.
pub(super) fn read(text: &str) -> Option<MasterKey> {
    digits(text.trim_end_matches(BLANK).strip_prefix(TAG)?)
}

/// As [`read`]; the digits alone are a key, too.
pub(super) fn read_loosely(text: &str) -> Option<MasterKey> {
    let text = text.trim_matches(BLANK);
    digits(text.strip_prefix(TAG).unwrap_or(text))
}

fn digits(text: &str) -> Option<MasterKey> {
    let mut key = Zeroizing::new([0u8; 32]);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != key.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in key.iter_mut().zip(pairs) {
        let digit = |c: &u8| char::from(*c).to_digit(16);
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(MasterKey::new(*key))
}
