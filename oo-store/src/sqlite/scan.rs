//! Scanning the log: one thread steps through rows and copies their bytes, the caller's decodes them.
//!
//! Rows come in pages, each read in a transaction of its own, so that a long scan keeps no checkpoint waiting. A page that
//! was decoded goes back to be filled again; at most [`AHEAD`] wait.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use oo_core::event::{Event, Stored};
use oo_core::id::Position;
use oo_core::ports::{Detail, Scan};
use oo_core::{Error, Result};
use rusqlite::Connection;

use super::error::{corrupted, sql, unsigned};
use super::log::at_position;
use super::store::SqliteStore;
use crate::codec::{self, Names};

/// Bytes after which a page is full: what a processor's cache holds beside the rest.
const PAGE: usize = 256 << 10;
/// Pages that may wait for the one who decodes.
const AHEAD: usize = 4;

/// Events as they are stored, one behind the other.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    /// Position and end of each.
    ends: Vec<(Position, usize)>,
}

impl Page {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    fn push(&mut self, position: Position, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push((position, self.bytes.len()));
    }

    fn events(&self) -> impl Iterator<Item = (Position, &[u8])> {
        let mut from = 0;
        self.ends.iter().map(move |(position, end)| (*position, &self.bytes[std::mem::replace(&mut from, *end)..*end]))
    }
}

impl SqliteStore {
    /// As [`EventLog::scan`](oo_core::ports::EventLog::scan).
    pub(super) fn scan_log(&self, scan: &Scan, visit: &mut dyn FnMut(Stored) -> Result<()>) -> Result<()> {
        if scan.after >= scan.through {
            return Ok(());
        }
        std::thread::scope(|scope| {
            let (pages, filled) = sync_channel(AHEAD);
            let (emptied, spare) = channel();
            let reader = std::thread::Builder::new()
                .name("oo-scan".to_owned())
                .spawn_scoped(scope, move || self.fill(scan, &pages, &spare))
                .map_err(|error| Error::internal(format!("no thread for reading the log: {error}")))?;
            let visited = decode_all(scan.detail, filled, &emptied, visit);
            let read =
                reader.join().map_err(|_| Error::internal("reading the log panicked; report this as a defect"))?;
            visited.and(read)
        })
    }

    /// Reads page after page until the end, or until nobody wants them any more.
    fn fill(&self, scan: &Scan, pages: &SyncSender<Page>, spare: &Receiver<Page>) -> Result<()> {
        let mut after = scan.after;
        loop {
            let mut page = spare.try_recv().unwrap_or_default();
            self.reading(|conn| {
                page.clear();
                fill_page(conn, after, scan.through, &mut page)
            })?;
            match page.ends.last() {
                Some((last, _)) => after = *last,
                None => return Ok(()),
            }
            if pages.send(page).is_err() {
                return Ok(());
            }
        }
    }
}

fn decode_all(
    detail: Detail,
    filled: Receiver<Page>,
    emptied: &Sender<Page>,
    visit: &mut dyn FnMut(Stored) -> Result<()>,
) -> Result<()> {
    let mut names = Names::default();
    let mut decode = |bytes: &[u8]| -> Result<Event> {
        match detail {
            Detail::Whole => codec::decode(bytes),
            Detail::Drawn => codec::decode_drawn(bytes, &mut names),
        }
    };
    for page in filled {
        for (position, bytes) in page.events() {
            let event = decode(bytes).map_err(|error| at_position(position, &error))?;
            visit(Stored { position, event })?;
        }
        // The reader may have finished.
        let _ = emptied.send(page);
    }
    Ok(())
}

fn fill_page(conn: &Connection, after: Position, through: Position, page: &mut Page) -> Result<()> {
    // A position past what SQLite counts to has nothing after it.
    let Ok(after) = i64::try_from(after.0) else { return Ok(()) };
    let mut statement =
        conn.prepare_cached("SELECT position, bytes FROM events WHERE position > ?1 ORDER BY position").map_err(sql)?;
    let mut rows = statement.query([after]).map_err(sql)?;
    while page.bytes.len() < PAGE
        && let Some(row) = rows.next().map_err(sql)?
    {
        let position = Position(row.get::<_, i64>(0).map_err(sql).and_then(unsigned)?);
        if position > through {
            break;
        }
        let bytes = row.get_ref(1).map_err(sql)?.as_blob().map_err(|_| corrupted("an event has no bytes"))?;
        page.push(position, bytes);
    }
    Ok(())
}
