//! Numbers of JSON, read in one pass: eight digits at a time, then one exact multiplication or division.
//!
//! A decimal of at most 19 digits whose mantissa is below 2⁵³ and whose power of ten is at most 10²² has both as exact
//! `f64`s, so one operation rounds it correctly (Clinger, PLDI 1990). Every other goes to the standard library, which
//! rounds correctly too: the bits are those of `str::parse`. Most numbers that are sent are [`short`], and are read
//! without a branch that depends on them.

/// The powers of ten that are exact.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// 10⁰ to 10⁸.
const TENS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
/// The most digits that a `u64` always holds.
const DIGITS: usize = 19;
/// The bytes that are looked at for one short number.
const WINDOW: usize = 24;
/// The length of the shortest short number.
const LEAST: usize = 5;
/// A one in every byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The high bit of every byte.
const HIGHS: u64 = 0x80 * ONES;
/// Integers up to here are exact.
const MANTISSA: u64 = 1 << 53;

/// Reads numbers as long as they are short, each `STEP` bytes behind `at` or the comma before it, and ended by a comma.
/// The place of the last comma; `at` where not even the first number is short.
///
/// Short is a sign or none, a digit, a point and two to six more digits. Where the next number begins must not wait for
/// what this one is: the comma is looked for by itself, and everything else hangs beside that chain.
pub(super) fn short<const STEP: usize>(bytes: &[u8], mut at: usize, values: &mut Vec<f64>) -> usize {
    while let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) {
        let commas = word(window, STEP + LEAST) ^ (ONES * u64::from(b','));
        // The lowest high bit is the first comma's; a borrow can only reach bytes behind it.
        let found = commas.wrapping_sub(ONES) & !commas & HIGHS;
        if found == 0 || (STEP == 2 && window[1] != b' ') {
            break;
        }
        let len = LEAST + found.trailing_zeros() as usize / 8;
        let negative = window[STEP] == b'-';
        let digits = len - usize::from(negative) - 1;
        let word = word(window, STEP + usize::from(negative));
        if digits >= 8 || word & 0xff00 != u64::from(b'.') << 8 {
            break;
        }
        // Without the point, and moved up so that noughts stand before the digits and nothing behind them.
        let values_of = (((word >> 8) & !0xff | word & 0xff) ^ (ONES * u64::from(b'0'))) << (64 - 8 * digits);
        if beyond(values_of) != 0 {
            break;
        }
        #[allow(clippy::cast_precision_loss, reason = "seven digits")]
        let value = eight(values_of).cast_signed() as f64 / EXACT[digits - 1];
        values.push(f64::from_bits(value.to_bits() | u64::from(negative) << 63));
        at += STEP + len;
    }
    at
}

/// Eight bytes from `at`, the first the lowest.
fn word(window: &[u8; WINDOW], at: usize) -> u64 {
    window[at..].first_chunk::<8>().map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// The number that begins at `at`, and where it ends. None where JSON has no number there, or one that no `f64` holds.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<(f64, usize)> {
    let negative = bytes.get(at) == Some(&b'-');
    let whole = at + usize::from(negative);
    let first = bytes.get(whole)?.wrapping_sub(b'0');
    if first > 9 {
        return None;
    }
    let (mut mantissa, mut end) = (u64::from(first), whole + 1);
    if bytes.get(end).is_some_and(u8::is_ascii_digit) {
        if first == 0 {
            return None;
        }
        (mantissa, end) = digits(bytes, end, mantissa);
    }
    let mut read = end - whole;
    let mut exponent = 0_i64;
    if bytes.get(end) == Some(&b'.') {
        let fraction = end + 1;
        (mantissa, end) = digits(bytes, fraction, mantissa);
        let decimals = end - fraction;
        if decimals == 0 {
            return None;
        }
        read += decimals;
        exponent = -i64::try_from(decimals).ok()?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let power;
        (power, end) = power_of_ten(bytes, end + 1)?;
        exponent = exponent.saturating_add(power);
    }
    if read <= DIGITS && mantissa < MANTISSA {
        #[allow(clippy::cast_precision_loss, reason = "below 2⁵³")]
        let exact = mantissa as f64;
        let size = usize::try_from(exponent.unsigned_abs()).ok().and_then(|power| EXACT.get(power));
        if let Some(power) = size {
            let value = if exponent < 0 { exact / power } else { exact * power };
            return Some((if negative { -value } else { value }, end));
        }
    }
    let text = std::str::from_utf8(bytes.get(at..end)?).ok()?;
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| (value, end))
}

/// Goes on with `mantissa` by the digits from `at`; where they end. More than [`DIGITS`] in all wrap around.
fn digits(bytes: &[u8], mut at: usize, mut mantissa: u64) -> (u64, usize) {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let values = u64::from_le_bytes(*chunk) ^ (ONES * u64::from(b'0'));
        let count = beyond(values).trailing_zeros() as usize / 8;
        if count == 0 {
            return (mantissa, at);
        }
        // Moved up, so that noughts stand before the digits and not the next characters behind them.
        let value = eight(values << (64 - 8 * count));
        mantissa = mantissa.wrapping_mul(TENS[count]).wrapping_add(value);
        at += count;
        if count < 8 {
            return (mantissa, at);
        }
    }
    while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        at += 1;
    }
    (mantissa, at)
}

/// A high bit for each of the bytes that is no digit's value; right up to the first, where a carry may leave.
fn beyond(values: u64) -> u64 {
    (values.wrapping_add(0x76 * ONES) | values) & HIGHS
}

/// The number of eight digits, the first in the lowest byte: pairs, then fours, then all.
fn eight(values: u64) -> u64 {
    let pairs = (values.wrapping_mul(10).wrapping_add(values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xffff_ffff
}

/// The power after an `e`, clamped to what no finite number has; where it ends.
fn power_of_ten(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    let (negative, mut end) = match bytes.get(at)? {
        b'-' => (true, at + 1),
        b'+' => (false, at + 1),
        _ => (false, at),
    };
    let start = end;
    let mut power = 0_i64;
    while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
        power = (power * 10 + i64::from(digit - b'0')).min(1 << 32);
        end += 1;
    }
    (end > start).then_some((if negative { -power } else { power }, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the general parser says, which must be the same to the last bit.
    fn same(text: &str) {
        let own = number(text.as_bytes(), 0).filter(|(_, end)| *end == text.len()).map(|(value, _)| value.to_bits());
        let general = serde_json::from_str::<f64>(text).ok().map(f64::to_bits);
        assert_eq!(own, general, "{text}");
        if let Some(bits) = own {
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(bits), "{text}");
        }
    }

    #[test]
    fn edges_have_the_bits_of_the_general_parser() {
        for text in [
            "0",
            "-0",
            "-0.0",
            "0.0",
            "1",
            "-1",
            "0.1",
            "0.123456",
            "-0.16452312345",
            "12345678",
            "123456789.5",
            "1e22",
            "1e23",
            "1e-22",
            "9007199254740991",
            "9007199254740992",
            "9007199254740993",
            "0.9007199254740993",
            "5e-324",
            "2.4703282292062328e-324",
            "1.7976931348623157e308",
            "1e308",
            "1e309",
            "-1e400",
            "1e-400",
            "0e999",
            "1E+2",
            "123456789012345678901234567890",
            "0.000000000000000000000000000001234567890123456789",
            "1e99999999999999999",
            "01",
            "-",
            "",
            "+1",
            ".5",
            "1.",
            "1.e2",
            "1e",
            "1e+",
            "--1",
            "0x1",
            "NaN",
            "Infinity",
            "1.2.3",
            "1 2",
            "00",
            "-01",
            "18446744073709551615",
            "18446744073709551616",
            "9999999999999999999",
            "0.30000000000000004",
        ] {
            same(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

        #[test]
        fn any_number_has_the_bits_of_the_general_parser(bits in any::<u64>(), places in 0_usize..20) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                same(&format!("{value:?}"));
                same(&format!("{value:e}"));
            }
            let small = value % 1e3;
            if small.is_finite() {
                same(&format!("{small:.places$}"));
            }
        }

        #[test]
        fn any_text_is_read_as_the_general_parser_reads_it(
            text in "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][-+]?[0-9]{1,4})?|[-+0-9.eE]{0,12}",
        ) {
            same(&text);
        }
    }
}
