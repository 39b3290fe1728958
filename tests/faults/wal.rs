//! What a cut of the power leaves of SQLite's files: all that was acknowledged, and of the rest anything.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::random::Random;

const HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;

/// How far the write-ahead log was known to be on disk: by its salt, and where its last commit ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    salt: [u8; 8],
    end: u64,
}

/// Where the last commit of the write-ahead log at `path` ends.
pub(crate) fn mark(path: &Path) -> Mark {
    let Ok(file) = File::open(path) else { return Mark::default() };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut header = [0_u8; HEADER as usize];
    if file.read_exact_at(&mut header, 0).is_err() {
        return Mark::default();
    }
    let page = u64::from(u32::from_be_bytes(header[8..12].try_into().unwrap()));
    let mut found = Mark { salt: header[16..24].try_into().unwrap(), end: 0 };
    let mut at = HEADER;
    let mut frame = [0_u8; FRAME_HEADER as usize];
    while at + FRAME_HEADER + page <= length && file.read_exact_at(&mut frame, at).is_ok() && frame[8..16] == found.salt
    {
        at += FRAME_HEADER + page;
        if frame[4..8] != [0; 4] {
            found.end = at;
        }
    }
    found
}

/// Copies the database at `from` to `to` as a cut of the power may leave it: what was committed by `durable` stays, the
/// write-ahead log behind it is cut or overwritten, and a page that a checkpoint was copying may be torn. Gives how far
/// the copy is known to be on disk.
pub(crate) fn torn_copy(from: &Path, to: &Path, durable: Mark, random: &mut Random) -> Mark {
    let mut database = std::fs::read(from).unwrap();
    let mut wal = std::fs::read(beside(from, "-wal")).unwrap_or_default();
    let now = mark(&beside(from, "-wal"));
    let keep = if now.salt == durable.salt { durable.end } else { 0 };
    if random.percent(25) && keep > 0 {
        tear_pages(&mut database, &wal, keep, random);
    }
    let end = wal.len().max(usize::try_from(keep).unwrap());
    let at = usize::try_from(keep).unwrap() + random.below(end - usize::try_from(keep).unwrap() + 1);
    match random.below(4) {
        0 => wal.truncate(at),
        1 => wal.iter_mut().skip(at).for_each(|byte| *byte = random.next().to_le_bytes()[0]),
        2 => wal.iter_mut().skip(at).for_each(|byte| *byte = 0),
        _ => wal.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 0x10),
    }
    std::fs::write(to, database).unwrap();
    std::fs::write(beside(to, "-wal"), wal).unwrap();
    for suffix in [".forgotten", ".key"] {
        // There may be none.
        let _ = std::fs::copy(beside(from, suffix), beside(to, suffix));
    }
    Mark { end: keep, ..now }
}

/// Overwrites half of some pages of the database that the write-ahead log holds durably: a checkpoint was copying them.
/// The first page keeps its header, as a sector is written whole.
fn tear_pages(database: &mut [u8], wal: &[u8], keep: u64, random: &mut Random) {
    let page = u32::from_be_bytes(wal[8..12].try_into().unwrap()) as usize;
    let step = FRAME_HEADER as usize + page;
    let mut at = HEADER as usize;
    while at + step <= usize::try_from(keep).unwrap() {
        let number = u32::from_be_bytes(wal[at..at + 4].try_into().unwrap()) as usize;
        if random.percent(30) && number > 1 && number * page <= database.len() {
            let half = random.below(2) * page / 2;
            database[(number - 1) * page + half..][..page / 2].fill(0xa5);
        }
        at += step;
    }
}

pub(crate) fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
