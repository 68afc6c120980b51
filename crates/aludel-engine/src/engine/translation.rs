//! What engines with other schemas have of their own: texts, and what layers above make of these.

use std::sync::{Arc, Mutex, PoisonError};

use aludel_sql::SchemaMap;

use super::kept::Kept;
use crate::lru::Lru;
use crate::texts::Texts;

/// What an engine has of its own under one map of schemas.
pub(super) struct Translation {
    pub(super) texts: Texts,
    pub(super) kept: Kept,
}

/// The translations that were asked for last: whoever asks for one again, as the requests of a tenant do, finds its texts.
#[derive(Default)]
pub(super) struct Translations(Mutex<Lru<SchemaMap, Translation, CAPACITY>>);

/// How many maps are kept at least. Engines that are in use keep theirs anyway.
const CAPACITY: usize = 100;

impl Translations {
    /// Returns what belongs to a map; nothing of its own belongs to one that leaves everything where it is.
    pub(super) fn of(&self, map: SchemaMap) -> Option<Arc<Translation>> {
        if map.is_empty() {
            return None;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&map) {
            return Some(found);
        }
        let texts = Texts::of(Some(map.clone()));
        let made = Arc::new(Translation { texts, kept: Kept::default() });
        known.insert(map, Arc::clone(&made));
        Some(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(n: usize) -> SchemaMap {
        SchemaMap::new().default_to(&format!("tenant_{n}"))
    }

    #[test]
    fn a_map_finds_its_texts_again() {
        let known = Translations::default();
        let of = |map| known.of(map).unwrap().texts.id();
        let (seven, eight) = (of(tenant(7)), of(tenant(8)));
        assert_ne!(seven, eight);
        assert_eq!([of(tenant(7)), of(tenant(8))], [seven, eight]);
        assert_ne!(of(tenant(7).schema_to("shop", "shop_7")), seven);
        assert!(known.of(SchemaMap::new()).is_none());
    }

    #[test]
    fn however_many_maps_there_are_few_are_kept() {
        let known = Translations::default();
        let busy = known.of(tenant(0)).unwrap();
        let idle = known.of(tenant(1)).unwrap();
        for n in 2..CAPACITY * 10 {
            known.of(tenant(n));
            assert!(known.0.lock().unwrap().len() <= CAPACITY + CAPACITY / 2);
            assert!(
                Arc::ptr_eq(&known.of(tenant(0)).unwrap(), &busy),
                "the map that is used all the time stays"
            );
        }
        // Whoever has an engine of a map that was forgotten keeps its texts; who asks again begins with none.
        assert_eq!(idle.texts.schemas(), Some(&tenant(1)));
        assert_ne!(known.of(tenant(1)).unwrap().texts.id(), idle.texts.id());
    }
}
