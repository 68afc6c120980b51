//! The plain maps: what is in the tables, by numbers of the model's own.

use std::collections::{BTreeMap, BTreeSet};

use aludel::prelude::*;

use crate::worlds::Id;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub bands: BTreeMap<Id, BandRow>,
    pub singers: BTreeMap<Id, SingerRow>,
    pub albums: BTreeMap<Id, AlbumRow>,
    pub tags: BTreeMap<Id, String>,
    /// Bands and their tags.
    pub ties: BTreeSet<(Id, Id)>,
}

/// What a foreign key refers to.
#[derive(Clone, Debug, PartialEq)]
pub enum To {
    Nothing,
    Row(Id),
    /// Whoever has this key after the next flush.
    Key(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct BandRow {
    pub name: String,
    pub style: String,
    pub leader: To,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SingerRow {
    pub name: String,
    pub voice: i32,
    pub band: To,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlbumRow {
    pub band: To,
    pub number: i32,
    pub title: String,
}

impl Rows {
    /// Finds what keys have come to refer to: who gets the key, else who has given it up. The key of one that is deleted refers to nobody.
    pub fn resolve(&mut self, flushed: &Self) {
        let bands = |of: &Self| -> BTreeMap<String, Id> {
            let stay = of.bands.iter().filter(|(id, _)| self.bands.contains_key(id));
            stay.map(|(id, it)| (it.name.clone(), *id)).collect()
        };
        let singers = |of: &Self| -> BTreeMap<String, Id> {
            let stay = of.singers.iter().filter(|(id, _)| self.singers.contains_key(id));
            stay.map(|(id, it)| (it.name.clone(), *id)).collect()
        };
        let (mut band_of, mut singer_of) = (bands(flushed), singers(flushed));
        band_of.append(&mut bands(self));
        singer_of.append(&mut singers(self));
        let resolve = |to: &mut To, by_key: &BTreeMap<String, Id>| {
            if let To::Key(key) = to
                && let Some(id) = by_key.get(key)
            {
                *to = To::Row(*id);
            }
        };
        self.bands.values_mut().for_each(|it| resolve(&mut it.leader, &singer_of));
        self.singers.values_mut().for_each(|it| resolve(&mut it.band, &band_of));
        self.albums.values_mut().for_each(|it| resolve(&mut it.band, &band_of));
    }

    /// Why the database refuses these rows.
    pub fn violations(&self, flushed: &Self) -> Vec<ErrorKind> {
        let mut rows = self.clone();
        rows.resolve(flushed);
        let mut violations = Vec::new();
        let to_nowhere = |it: &To| matches!(it, To::Key(_));
        if rows.bands.values().any(|it| to_nowhere(&it.leader))
            || rows.singers.values().any(|it| to_nowhere(&it.band))
            || rows.albums.values().any(|it| to_nowhere(&it.band))
        {
            violations.push(ErrorKind::ForeignKeyViolation);
        }
        fn repeats<T: Ord>(keys: impl Iterator<Item = T>) -> bool {
            let mut seen = BTreeSet::new();
            !keys.into_iter().all(|it| seen.insert(it))
        }
        if repeats(rows.bands.values().map(|it| &it.name))
            || repeats(rows.singers.values().map(|it| &it.name))
            || repeats(rows.tags.values())
            || repeats(rows.albums.values().map(|it| (format!("{:?}", it.band), it.number)))
        {
            violations.push(ErrorKind::UniqueViolation);
        }
        violations
    }

    /// The singers of a band stay; its albums do not.
    pub fn delete_band(&mut self, id: Id) {
        self.bands.remove(&id);
        self.singers.values_mut().filter(|it| it.band == To::Row(id)).for_each(|it| it.band = To::Nothing);
        self.albums.retain(|_, it| it.band != To::Row(id));
        self.ties.retain(|(band, _)| *band != id);
    }

    pub fn delete_singer(&mut self, id: Id) {
        self.singers.remove(&id);
        self.bands.values_mut().filter(|it| it.leader == To::Row(id)).for_each(|it| it.leader = To::Nothing);
    }

    pub fn delete_tag(&mut self, id: Id) {
        self.tags.remove(&id);
        self.ties.retain(|(_, tag)| *tag != id);
    }

    pub fn singers_of(&self, band: Id) -> BTreeSet<Id> {
        self.singers.iter().filter(|(_, it)| it.band == To::Row(band)).map(|it| *it.0).collect()
    }

    pub fn albums_of(&self, band: Id) -> BTreeSet<Id> {
        self.albums.iter().filter(|(_, it)| it.band == To::Row(band)).map(|it| *it.0).collect()
    }

    pub fn led_by(&self, singer: Id) -> BTreeSet<Id> {
        self.bands.iter().filter(|(_, it)| it.leader == To::Row(singer)).map(|it| *it.0).collect()
    }

    pub fn tags_of(&self, band: Id) -> BTreeSet<Id> {
        self.ties.iter().filter(|it| it.0 == band).map(|it| it.1).collect()
    }

    pub fn bands_with(&self, tag: Id) -> BTreeSet<Id> {
        self.ties.iter().filter(|it| it.1 == tag).map(|it| it.0).collect()
    }

    /// What a foreign key to a band holds.
    pub fn band_key(&self, to: &To) -> Option<String> {
        match to {
            To::Nothing => None,
            To::Row(id) => Some(self.bands[id].name.clone()),
            To::Key(key) => Some(key.clone()),
        }
    }

    /// What a foreign key to a singer holds.
    pub fn singer_key(&self, to: &To) -> Option<String> {
        match to {
            To::Nothing => None,
            To::Row(id) => Some(self.singers[id].name.clone()),
            To::Key(key) => Some(key.clone()),
        }
    }

    /// Whether one of the rows has this number.
    pub fn has(&self, id: Id) -> bool {
        self.bands.contains_key(&id)
            || self.singers.contains_key(&id)
            || self.albums.contains_key(&id)
            || self.tags.contains_key(&id)
    }

    /// The rows, each as a line that begins with its table.
    pub fn lines(&self) -> BTreeSet<String> {
        let null = |key: Option<String>| key.unwrap_or_else(|| "NULL".to_owned());
        let bands = self.bands.values();
        let bands =
            bands.map(|it| format!("bands {} {} {}", it.name, it.style, null(self.singer_key(&it.leader))));
        let singers = self.singers.values();
        let singers =
            singers.map(|it| format!("singers {} {} {}", it.name, it.voice, null(self.band_key(&it.band))));
        let albums = self.albums.values();
        let albums =
            albums.map(|it| format!("albums {} {} {}", null(self.band_key(&it.band)), it.number, it.title));
        let tags = self.tags.values().map(|it| format!("tags {it}"));
        let ties = self.ties.iter();
        let ties = ties.map(|(band, tag)| format!("band_tag {} {}", self.bands[band].name, self.tags[tag]));
        bands.chain(singers).chain(albums).chain(tags).chain(ties).collect()
    }
}
