//! One person's pages are damaged: they get an error, and everybody else is served.

use std::sync::Arc;

use futures_util::future::join_all;
use oo::{ErrorKind, Reaction};
use oo_core::testing::world::SeededWorld;

use crate::damage::{copied, pages};
use crate::{live, open, world};

#[test]
fn what_is_damaged_of_one_person_harms_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let life = world("others");
    let oo = open(&path, &life).unwrap();
    // Ann's events stand before all of Ben's: there are pages that hold hers alone.
    live(&oo, &life, "ann", 40);
    live(&oo, &life, "ben", 40);
    let ben = oo.export("ben").unwrap();
    let state = oo.health().unwrap().state_hash;
    oo.close();
    drop(oo);

    let (mut hers, mut both) = (0, 0);
    for (number, page) in pages(&path).into_iter().enumerate() {
        if page.of != "events" || page.kind != "leaf" {
            continue;
        }
        let copy = folder.path().join(format!("copy{number}.db"));
        let world = Arc::new(SeededWorld::new(crate::MONDAY + 90 * 86_400_000, format!("others {number}")));
        // The keys are those of the first world.
        let keys = Arc::new(SeededWorld::new(crate::MONDAY, "others"));
        let broken = |bytes: &mut Vec<u8>| bytes[page.offset..][..page.size].fill(0x5a);
        drop(copied(&path, &copy, broken, &keys));
        let builder = oo::Engine::builder(&copy).clock(world.clone()).entropy(world.clone()).key(keys);
        let oo = match oo::blocking::Engine::from_builder(builder) {
            Ok(oo) => oo,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
                both += 1;
                continue;
            }
        };
        if oo.export("ben").is_err() {
            both += 1;
            continue;
        }
        hers += 1;
        assert_eq!(oo.export("ben").unwrap(), ben);
        assert_eq!(oo.export("ann").unwrap_err().kind(), ErrorKind::Storage);
        assert_eq!(oo.health().unwrap().state_hash, state);
        // In one commit with hers, and while her timers are due.
        for _ in 0..5 {
            let inner = oo.inner();
            let tips = oo.block_on(join_all(["ann", "ben", "new", "ben"].map(|user| inner.recommend(user))));
            assert_eq!(tips[0].as_ref().unwrap_err().kind(), ErrorKind::Storage);
            let (ben, new) = (tips[1].as_ref().unwrap().clone().unwrap(), tips[2].as_ref().unwrap().clone().unwrap());
            let hers = oo::id::DecisionId::parse(&her_tip(&copy)).unwrap();
            let reacting = [hers, ben.id.0, new.id.0].map(|tip| inner.react(tip, Reaction::Done));
            let reacted = oo.block_on(join_all(reacting));
            assert_eq!(reacted[0].as_ref().unwrap_err().kind(), ErrorKind::Storage);
            assert_eq!(reacted[1].as_ref().unwrap().reward, Some(1.0));
            assert_eq!(reacted[2].as_ref().unwrap().reward, Some(1.0));
            world.advance(30 * 3_600_000);
        }
        // A tip that nobody answers expires, though hers stand before it.
        let open = oo.recommend("ben").unwrap().unwrap();
        world.advance(26 * 3_600_000);
        assert_ne!(oo.recommend("ben").unwrap().unwrap().id, open.id);
        assert_eq!(oo.explain(open.id).unwrap().state, "expired");
    }
    println!("{hers} pages of hers alone, {both} of others too");
    assert!(hers > 2, "{hers} {both}");
}

/// A decision of Ann's that a page which is whole holds.
fn her_tip(path: &std::path::Path) -> String {
    let conn = rusqlite::Connection::open(path).unwrap();
    let first = "SELECT decision FROM tips ORDER BY position LIMIT 1";
    let id: Vec<u8> = conn.query_row(first, [], |row| row.get(0)).unwrap();
    oo::id::DecisionId(id.try_into().unwrap()).to_string()
}
