//! Tagged, versioned, checked bytes. Nothing that reads trusts a length or allocates more than there are bytes.

use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

/// Writes a length.
pub(crate) fn put_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

/// Writes a length and the text.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// A cursor over the bytes between the version and the checksum.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// Checks magic, version and checksum; `what` names the thing in messages.
    ///
    /// # Errors
    /// `invalid_input` for another magic, `incompatible` for a newer version, `storage` for a wrong checksum.
    pub(crate) fn open(bytes: &'a [u8], magic: &[u8; 8], version: u16, what: &'static str) -> Result<Self> {
        let mut reader = Reader { rest: bytes, what };
        let Some(rest) = bytes.strip_prefix(magic) else {
            let message = format!("these bytes are no saved {what}; pass what save() returned");
            return Err(Error::invalid("bytes", message));
        };
        reader.rest = rest;
        let found = u16::from_le_bytes(reader.array()?);
        if found > version {
            let message = format!("the saved {what} has format {found}, this oO reads up to {version}; upgrade oO");
            return Err(Error::incompatible(message));
        }
        let body = bytes.len().checked_sub(32).ok_or_else(|| reader.corrupt())?;
        if Sha256::digest(&bytes[..body])[..] != bytes[body..] || found == 0 {
            return Err(reader.corrupt());
        }
        reader.rest = reader.rest.get(..reader.rest.len().saturating_sub(32)).unwrap_or_default();
        Ok(reader)
    }

    /// The error for bytes that cannot be right.
    pub(crate) fn corrupt(&self) -> Error {
        Error::storage(format!(
            "the saved {} is truncated or corrupt; restore it from a backup or by replay",
            self.what
        ))
    }

    /// The next `count` bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.corrupt())?;
        self.rest = rest;
        Ok(bytes)
    }

    /// The next N bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.corrupt())?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// A length.
    pub(crate) fn len(&mut self) -> Result<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| self.corrupt())
    }

    /// An unsigned integer.
    pub(crate) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A signed integer.
    pub(crate) fn i64(&mut self) -> Result<i64> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// A number's exact bits.
    pub(crate) fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// A length and that much text.
    pub(crate) fn text(&mut self) -> Result<&'a str> {
        let len = self.len()?;
        let bytes = self.bytes(len)?;
        std::str::from_utf8(bytes).map_err(|_| self.corrupt())
    }

    /// `count` signed integers.
    pub(crate) fn i64s(&mut self, count: usize) -> Result<Vec<i64>> {
        let bytes = self.bytes(count.saturating_mul(8))?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
    }

    /// `count` small signed integers.
    pub(crate) fn i16s(&mut self, count: usize) -> Result<Vec<i16>> {
        let bytes = self.bytes(count.saturating_mul(2))?;
        Ok(bytes.as_chunks::<2>().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect())
    }

    /// `count` numbers.
    pub(crate) fn f64s(&mut self, count: usize) -> Result<Vec<f64>> {
        let bytes = self.bytes(count.saturating_mul(8))?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
    }

    /// Whether nothing is left.
    pub(crate) fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.corrupt()) }
    }
}
