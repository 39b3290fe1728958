//! A saved bare bandit: `oObandit`, u16 version, u32 length and settings as JSON, u64 length and the saved policy (empty
//! while an `"auto"` range is not fixed), and the SHA-256 of all before it.

use oo_core::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use super::{Bandit, BanditSpec};
use crate::bytes::Reader;

const MAGIC: &[u8; 8] = b"oObandit";
const VERSION: u16 = 1;

impl Bandit {
    /// The bandit as tagged, versioned, checked bytes; loading them changes no bit.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let json = serde_json::to_string(&self.spec()).unwrap_or_default();
        let policy = self.fixed.get().map(|fixed| fixed.policy.save()).unwrap_or_default();
        let mut out = Vec::with_capacity(64 + json.len() + policy.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(json.as_bytes());
        out.extend_from_slice(&(policy.len() as u64).to_le_bytes());
        out.extend_from_slice(&policy);
        let checksum = Sha256::digest(&out);
        out.extend_from_slice(&checksum);
        out
    }

    /// The bandit that `bytes` were saved from.
    ///
    /// # Errors
    /// `invalid_input` when `bytes` are no saved bandit, `storage` when they are truncated or corrupt, `incompatible` when a
    /// newer oO wrote them.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::open(bytes, MAGIC, VERSION, "bandit")?;
        let spec: BanditSpec = serde_json::from_str(reader.text()?).map_err(|error| {
            Error::new(
                ErrorKind::Incompatible,
                format!("the saved bandit's settings are unknown here ({error}); upgrade oO"),
            )
        })?;
        let len = usize::try_from(reader.u64()?).map_err(|_| reader.corrupt())?;
        let policy = reader.bytes(len)?;
        reader.end()?;
        let mut bandit = Bandit::new(spec)?;
        if policy.is_empty() {
            return Ok(bandit);
        }
        let fixed = bandit.fixed.get().ok_or_else(|| reader.corrupt())?;
        let policy = crate::saved::load(policy, &fixed.schema)?;
        let own = fixed.policy.identity();
        if policy.identity().spec != own.spec {
            return Err(reader.corrupt());
        }
        bandit.replace(policy);
        Ok(bandit)
    }
}
