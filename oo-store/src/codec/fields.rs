//! The fields of a protobuf message, read where they stand.
//!
//! Only the form that our encoder writes is read: fields in rising order, lists of numbers packed, nothing deprecated.
//! Whatever is written otherwise ends the reading with [`Unusual`], and the caller lets the whole decoder judge it.

/// The message is not written as our encoder writes it, or is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unusual;

pub(super) type Read<T> = std::result::Result<T, Unusual>;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// A varint.
    Number(u64),
    /// Eight bytes.
    Double(f64),
    /// Bytes, a text, a message or packed numbers.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(super) fn u64(self) -> Read<u64> {
        if let Value::Number(number) = self { Ok(number) } else { Err(Unusual) }
    }

    pub(super) fn i64(self) -> Read<i64> {
        self.u64().map(u64::cast_signed)
    }

    pub(super) fn u32(self) -> Read<u32> {
        u32::try_from(self.u64()?).map_err(|_| Unusual)
    }

    /// A number whose sign is its lowest bit.
    pub(super) fn sint32(self) -> Read<i32> {
        let number = self.u32()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(super) fn bool(self) -> Read<bool> {
        self.u64().map(|number| number != 0)
    }

    pub(super) fn f64(self) -> Read<f64> {
        if let Value::Double(number) = self { Ok(number) } else { Err(Unusual) }
    }

    pub(super) fn bytes(self) -> Read<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Ok(bytes) } else { Err(Unusual) }
    }

    pub(super) fn array<const N: usize>(self) -> Read<[u8; N]> {
        self.bytes()?.try_into().map_err(|_| Unusual)
    }

    pub(super) fn text(self) -> Read<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Unusual)
    }
}

/// The fields of one message, from the first to the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    last: u32,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Fields { rest: bytes, last: 0 }
    }

    /// The next field's number and value; none at the end. A number that comes again is refused unless it is in
    /// `lists`, a bit a number.
    #[inline]
    pub(super) fn next(&mut self, lists: u64) -> Read<Option<(u32, Value<'a>)>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = u32::try_from(self.varint()?).map_err(|_| Unusual)?;
        let number = key >> 3;
        let again = number == self.last && number < 64 && lists & (1 << number) != 0;
        if number <= self.last && !again {
            return Err(Unusual);
        }
        self.last = number;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or(Unusual)?;
                self.rest = rest;
                Value::Double(f64::from_le_bytes(*bytes))
            }
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Unusual)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Unusual)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            _ => return Err(Unusual),
        };
        Ok(Some((number, value)))
    }

    fn varint(&mut self) -> Read<u64> {
        varint(&mut self.rest)
    }
}

#[inline]
fn varint(rest: &mut &[u8]) -> Read<u64> {
    // By far the most have one byte or two.
    match **rest {
        [low @ 0..0x80, ref tail @ ..] => {
            *rest = tail;
            Ok(u64::from(low))
        }
        [low, high @ 0..0x80, ref tail @ ..] => {
            *rest = tail;
            Ok(u64::from(low & 0x7f) | u64::from(high) << 7)
        }
        _ => long_varint(rest),
    }
}

fn long_varint(rest: &mut &[u8]) -> Read<u64> {
    let mut number = 0;
    for (place, byte) in rest.iter().take(10).enumerate() {
        // The tenth byte has room for one bit.
        if place == 9 && *byte > 1 {
            return Err(Unusual);
        }
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *rest = &rest[place + 1..];
            return Ok(number);
        }
    }
    Err(Unusual)
}

/// Packed varints.
pub(super) struct Packed<'a>(pub(super) &'a [u8]);

impl Iterator for Packed<'_> {
    type Item = Read<u64>;

    fn next(&mut self) -> Option<Read<u64>> {
        if self.0.is_empty() {
            return None;
        }
        let number = varint(&mut self.0);
        if number.is_err() {
            self.0 = &[];
        }
        Some(number)
    }
}

/// How many numbers `packed` holds, all of which `holds` must be true of.
pub(super) fn count(packed: &[u8], holds: impl Fn(u64) -> bool) -> Read<usize> {
    let mut count = 0;
    for number in Packed(packed) {
        if !holds(number?) {
            return Err(Unusual);
        }
        count += 1;
    }
    Ok(count)
}

/// The number at `place` of `packed`.
pub(super) fn nth(packed: &[u8], place: usize) -> Read<u64> {
    Packed(packed).nth(place).unwrap_or(Err(Unusual))
}
