//! Memory is as the maps say.

use std::collections::BTreeSet;

use aludel::prelude::*;

use super::entities::*;
use super::rows::To;
use super::world::Music;
use crate::worlds::{Id, World, check_collections, check_columns, same};

impl Music<'_> {
    /// The objects are as they were told.
    pub fn check_columns(&self, session: &Session) {
        check_columns!(self, session, bands, |row, it| [(it.name, row.name), (it.style, row.style)]);
        check_columns!(self, session, singers, |row, it| [(it.name, row.name), (it.voice, row.voice)]);
        check_columns!(self, session, albums, |row, it| [(it.number, row.number), (it.title, row.title)]);
        check_columns!(self, session, tags, |row, it| [(it.name, *row)]);
    }

    /// Nothing waits for a flush: foreign keys and relations are as they were told as well.
    pub fn check_relations(&mut self, session: &Session) {
        same!(self, session.new(), vec![], "new objects");
        same!(self, session.dirty(), vec![], "changed objects");
        same!(self, session.deleted(), vec![], "objects to be deleted");
        /// A child, its foreign key and the relation that leads to its parent.
        macro_rules! leads {
            ($children:ident, $key:ident, $relation:ident, $parents:ident, $came:ident, $key_of:ident, |$k:ident| $as_key:expr) => {
                for (id, child) in self.here(&self.told.$children, &self.$children) {
                    let to = self.told.$children[&id].$relation.clone();
                    let it = &session[child];
                    let $k = self.told.$key_of(&to);
                    same!(
                        self,
                        it.$key,
                        $as_key,
                        format!("the foreign key of {id} of {}", stringify!($children))
                    );
                    if it.$relation.is_loaded() {
                        let found = it.$relation.handle();
                        same!(
                            self,
                            found.is_some(),
                            to != To::Nothing,
                            format!("{id} of {} leads somewhere", stringify!($children))
                        );
                        if let (Some(object), To::Row(parent)) = (found, to) {
                            let is_it = object.is_row(self, session, parent);
                            same!(
                                self,
                                is_it,
                                true,
                                format!("{id} of {} leads to {parent}", stringify!($children))
                            );
                            self.$came(parent, object);
                        }
                    }
                }
            };
        }
        leads!(singers, band_name, band, bands, bands_came, band_key, |key| key);
        leads!(albums, band_name, band, bands, bands_came, band_key, |key| key.expect("an album has a band"));
        leads!(bands, leader_name, leader, singers, singers_came, singer_key, |key| key);
        check_collections! {
            self, session,
            bands, singers, singers, singers_came, singers_of;
            bands, albums, albums, albums_came, albums_of;
            singers, leads, bands, bands_came, led_by;
            bands, tags, tags, tags_came, tags_of;
            tags, bands, bands, bands_came, bands_with;
        }
    }
}

/// Tells by its key whether an object is a row of the maps.
pub trait Identified {
    fn is_row(&self, world: &Music<'_>, session: &Session, id: Id) -> bool;
}

impl Identified for Obj<Band> {
    fn is_row(&self, world: &Music<'_>, session: &Session, id: Id) -> bool {
        session.try_get(*self).is_some_and(|it| it.name == world.told.bands[&id].name)
    }
}

impl Identified for Obj<Singer> {
    fn is_row(&self, world: &Music<'_>, session: &Session, id: Id) -> bool {
        session.try_get(*self).is_some_and(|it| it.name == world.told.singers[&id].name)
    }
}

impl Identified for Obj<Album> {
    fn is_row(&self, world: &Music<'_>, session: &Session, id: Id) -> bool {
        let row = &world.told.albums[&id];
        let is_of = |it: &Album| Some(it.band_name.clone()) == world.told.band_key(&row.band);
        session.try_get(*self).is_some_and(|it| it.number == row.number && is_of(it))
    }
}

impl Identified for Obj<Tag> {
    fn is_row(&self, world: &Music<'_>, session: &Session, id: Id) -> bool {
        session.try_get(*self).is_some_and(|it| it.name == world.told.tags[&id])
    }
}
