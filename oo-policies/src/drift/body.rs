//! The saved body of a daily policy: u32 entries of a vector, u32 models; each, sorted by key: u32 length and key, and
//! its [`Days`]. Only exact sums are in it: whatever is derived follows from them. A shared model's key is empty.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::schema::MAX_FEATURES;

use super::days::{Days, sizes};
use crate::bytes::{Reader, put_len, put_text};
use crate::frame::Frame;
use crate::linucb::body::misfit;

/// Models by arm.
pub(crate) type Models = BTreeMap<ArmKey, Arc<Days>>;

/// Writes `models` over vectors of `size` entries.
pub(crate) fn write(models: &Models, size: usize, out: &mut Vec<u8>) {
    put_len(out, size);
    put_len(out, models.len());
    for (key, days) in models {
        put_text(out, key.as_str());
        days.write(size, out);
    }
}

/// Reads what [`write`] wrote: the entries of a vector, and the models.
///
/// # Errors
/// `storage` for bytes that cannot be right.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<(usize, Models)> {
    let size = reader.len()?;
    let count = reader.len()?;
    if size > MAX_FEATURES + 1 {
        return Err(reader.corrupt());
    }
    let mut models = Models::new();
    for _ in 0..count {
        let key = ArmKey::new(reader.text()?);
        if models.last_key_value().is_some_and(|(last, _)| *last >= key) {
            return Err(reader.corrupt());
        }
        models.insert(key, Arc::new(Days::read(reader, size)?));
    }
    Ok((size, models))
}

/// Reads what [`write`] wrote over a schema of `columns` features, laid out on `frame`, which appends more to them.
///
/// # Errors
/// As [`read`], and for another number of entries.
pub(crate) fn extended(reader: &mut Reader<'_>, columns: usize, frame: &Frame) -> Result<(usize, Models)> {
    let (from, models) = read(reader)?;
    if from != columns + usize::from(frame.has_intercept()) || frame.dim < columns {
        return Err(misfit());
    }
    let place = |entry: usize| if entry < columns { entry } else { frame.dim };
    let spread = |(key, days): (ArmKey, Arc<Days>)| (key, Arc::new(days.spread(from, frame.size, place)));
    Ok((frame.size, models.into_iter().map(spread).collect()))
}

/// The models of all `bodies` together.
///
/// # Errors
/// `storage` for bytes that cannot be right, `incompatible` for different sizes.
pub(crate) fn merged(bodies: Vec<Reader<'_>>) -> Result<(usize, Models)> {
    let mut all: Option<(usize, Models)> = None;
    for mut reader in bodies {
        let (size, models) = read(&mut reader)?;
        reader.end()?;
        let Some((own, merged)) = &mut all else {
            all = Some((size, models));
            continue;
        };
        if *own != size {
            return Err(sizes(*own, size));
        }
        for (key, days) in models {
            match merged.get_mut(&key) {
                Some(own) => Arc::make_mut(own).merge(&days, size)?,
                None => {
                    merged.insert(key, days);
                }
            }
        }
    }
    Ok(all.unwrap_or_default())
}
