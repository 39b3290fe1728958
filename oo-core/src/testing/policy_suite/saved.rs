//! What is saved: loading it changes no bit, and what is not whole is refused.

use super::{PolicySuite, World, bits};
use crate::ErrorKind;
use crate::schema::FeatureSchema;

impl PolicySuite<'_> {
    /// Loading changes no bit, also of what is learned later; another schema, a cut and a flipped bit are refused.
    pub fn s24_saved_and_loaded(&self) {
        let mut world = World::new(6);
        let candidates = world.candidates(9);
        let mut policy = (self.build)(&world.schema);
        for count in [0, 1, 62, 1, 37] {
            policy = policy.learned(&world.lessons(count)).unwrap();
            let saved = policy.save();
            let loaded = (self.load)(&saved, &world.schema).unwrap();
            assert_eq!(loaded.identity(), policy.identity(), "{self:?}: loading changes the identity");
            assert_eq!(loaded.save(), saved, "{self:?}: saving what was loaded gives other bytes");
            let more = world.lessons(70);
            for (a, b) in
                [(loaded.clone(), policy.clone()), (loaded.learned(&more).unwrap(), policy.learned(&more).unwrap())]
            {
                assert_eq!(
                    bits(a.as_ref(), &candidates),
                    bits(b.as_ref(), &candidates),
                    "{self:?}: loading changes bits"
                );
            }
        }
        let saved = policy.save();
        let other = FeatureSchema::raw(world.schema.dim(), -1.0, 1.0).unwrap();
        let error = (self.load)(&saved, &other).err().map(|error| error.kind());
        assert_eq!(error, Some(ErrorKind::Incompatible), "{self:?}: another schema must be refused as incompatible");
        for cut in [0, 1, saved.len() / 2, saved.len() - 1] {
            assert!(
                (self.load)(&saved[..cut], &world.schema).is_err(),
                "{self:?}: loads {cut} of {} bytes",
                saved.len()
            );
        }
        for _ in 0..50 {
            let mut flipped = saved.clone();
            let at = world.below(saved.len() as u64) as usize;
            flipped[at] ^= 1 << world.below(8);
            assert!((self.load)(&flipped, &world.schema).is_err(), "{self:?}: loads with a flipped bit at {at}");
        }
    }
}
