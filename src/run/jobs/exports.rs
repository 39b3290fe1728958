//! Files that exports of a person were written to, as far as the store knows them.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use oo_core::Result;
use oo_core::event::EventBody;
use oo_core::id::{ItemKey, Position, hex};
use oo_core::ports::{TextField, UserRecord};

use crate::run::Run;

/// Removes the files; how many were, and the paths of those that could not be.
pub(super) fn remove(run: &Run, record: &UserRecord, through: Position) -> Result<(u64, Vec<String>)> {
    let files: BTreeSet<_> = run
        .log
        .of_user(record.user, Position(0), through)?
        .into_iter()
        .filter_map(|stored| match stored.event.body {
            EventBody::Exported { file } => Some((file, TextField::Path)),
            _ => None,
        })
        .collect();
    let files: Vec<_> = files.into_iter().collect();
    let (mut removed, mut left) = (0, Vec::new());
    for (path, (file, _)) in run.store.texts(record, &files)?.into_iter().zip(&files) {
        let Some(path) = path else { continue };
        match is_export(Path::new(&path), *file) {
            Ok(false) => continue,
            Ok(true) if std::fs::remove_file(&path).is_ok() => removed += 1,
            Ok(true) | Err(_) => left.push(path),
        }
    }
    Ok((removed, left))
}

/// Whether the export `own` is what stands there: a file that was moved away, or replaced by another person's, is not
/// this person's to remove.
fn is_export(path: &Path, own: ItemKey) -> std::io::Result<bool> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut first = String::new();
    match std::io::Read::take(BufReader::new(file), 4_096).read_line(&mut first) {
        Ok(_) => {
            let header: serde_json::Value = serde_json::from_str(&first).unwrap_or_default();
            Ok(header["type"] == "export" && header["file"] == hex(&own.0))
        }
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(false),
        Err(error) => Err(error),
    }
}
