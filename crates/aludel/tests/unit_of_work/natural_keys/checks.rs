//! Memory, the transaction and the database are as the maps say.

use std::collections::{BTreeMap, BTreeSet};

use aludel::prelude::*;
use aludel::{Row, Value};

use super::entities::*;
use super::rows::{Id, Rows, To};
use super::world::World;

/// Compares, and tells how it came to that.
macro_rules! same {
    ($world:expr, $found:expr, $expected:expr, $what:expr) => {
        match (&$found, &$expected) {
            (found, expected) => assert!(
                *found == *expected,
                "{}: found {found:?}, expected {expected:?}\n{}",
                $what,
                $world.log.join("\n")
            ),
        }
    };
}
pub(super) use same;

impl World<'_> {
    /// The objects are as they were told; and where nothing waits for a flush, their foreign keys and relations are as well.
    pub fn check_memory(&mut self, session: &Session) {
        macro_rules! check {
            ($handles:ident, |$row:ident, $object:ident| [$(($found:expr, $expected:expr)),+]) => {
                for (id, $row) in &self.told.$handles {
                    let Some(object) = self.$handles.get(id) else { continue };
                    same!(self, session.contains(*object), true, format!("{id} of {} is here", stringify!($handles)));
                    let $object = &session[*object];
                    $(same!(self, $found, $expected, format!("a column of {id} of {}", stringify!($handles)));)+
                }
            };
        }
        check!(bands, |row, it| [(it.name, row.name), (it.style, row.style)]);
        check!(singers, |row, it| [(it.name, row.name), (it.voice, row.voice)]);
        check!(albums, |row, it| [(it.number, row.number), (it.title, row.title)]);
        check!(tags, |row, it| [(it.name, *row)]);
        if self.is_flushed() {
            self.check_relations(session);
        }
    }

    fn check_relations(&mut self, session: &Session) {
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
                            self.$came(parent, object, true);
                        }
                    }
                }
            };
        }
        leads!(singers, band_name, band, bands, bands_came, band_key, |key| key);
        leads!(albums, band_name, band, bands, bands_came, band_key, |key| key.expect("an album has a band"));
        leads!(bands, leader_name, leader, singers, singers_came, singer_key, |key| key);
        /// A collection that is loaded is whole, and each row in it is the object that is known.
        macro_rules! collects {
            ($parents:ident, $relation:ident, $children:ident, $came:ident, $expected:ident) => {
                for (id, parent) in self.here(&self.told.$parents, &self.$parents) {
                    let Some(found) = session[parent].$relation.handles() else { continue };
                    let what = format!("{} of {id} of {}", stringify!($relation), stringify!($parents));
                    let expected = self.told.$expected(id);
                    let mut ids = BTreeSet::new();
                    for object in &found {
                        let known =
                            self.told.$children.keys().copied().find(|id| object.is_row(self, session, *id));
                        same!(
                            self,
                            known.is_some(),
                            true,
                            format!("{:?}, in {what}, is known", session.try_get(*object))
                        );
                        if let Some(known) = known {
                            self.$came(known, *object, true);
                            ids.insert(known);
                        }
                    }
                    same!(self, ids, expected, what);
                    same!(self, found.len(), expected.len(), format!("the number of {what}"));
                }
            };
        }
        collects!(bands, singers, singers, singers_came, singers_of);
        collects!(bands, albums, albums, albums_came, albums_of);
        collects!(singers, leads, bands, bands_came, led_by);
        collects!(bands, tags, tags, tags_came, tags_of);
        collects!(tags, bands, bands, bands_came, bands_with);
    }

    fn here<R, E>(&self, rows: &BTreeMap<Id, R>, handles: &BTreeMap<Id, Obj<E>>) -> Vec<(Id, Obj<E>)> {
        handles.iter().filter(|(id, _)| rows.contains_key(id)).map(|(id, object)| (*id, *object)).collect()
    }

    /// What this transaction reads is what was flushed, and the versions are those of the objects.
    pub async fn check_transaction(&mut self, session: &mut Session) {
        let mut found = BTreeSet::new();
        for (table, sql) in TABLES {
            let rows = session.execute(text_unchecked(*sql)).all().await.expect("the table can be read");
            found.extend(rows.iter().map(|it| line(table, it)));
        }
        same!(self, found, self.lines(&self.flushed), "in the transaction");
        let versions = session.execute(text!("SELECT name, version FROM bands")).all().await;
        let versions: BTreeMap<String, i32> = versions
            .expect("the table can be read")
            .iter()
            .map(|it| (it.at(0).expect("a name"), it.at(1).expect("a version")))
            .collect();
        for (id, band) in self.here(&self.told.bands, &self.bands) {
            let it = &session[band];
            same!(self, Some(&it.version), versions.get(&it.name), format!("the version of band {id}"));
        }
    }

    /// What another program reads is what was committed.
    pub async fn check_committed(&self) {
        let mut found = BTreeSet::new();
        for (table, sql) in TABLES {
            let rows = self.db.rows(sql).await.expect("the table can be read");
            found.extend(rows.iter().map(|it| line(table, it)));
        }
        same!(self, found, self.lines(&self.committed), "in the database");
    }

    fn lines(&self, rows: &Rows) -> BTreeSet<String> {
        let null = |key: Option<String>| key.unwrap_or_else(|| "NULL".to_owned());
        let bands = rows.bands.values();
        let bands =
            bands.map(|it| format!("bands {} {} {}", it.name, it.style, null(rows.singer_key(&it.leader))));
        let singers = rows.singers.values();
        let singers =
            singers.map(|it| format!("singers {} {} {}", it.name, it.voice, null(rows.band_key(&it.band))));
        let albums = rows.albums.values();
        let albums =
            albums.map(|it| format!("albums {} {} {}", null(rows.band_key(&it.band)), it.number, it.title));
        let tags = rows.tags.values().map(|it| format!("tags {it}"));
        let ties = rows.ties.iter();
        let ties = ties.map(|(band, tag)| format!("band_tag {} {}", rows.bands[band].name, rows.tags[tag]));
        bands.chain(singers).chain(albums).chain(tags).chain(ties).collect()
    }
}

/// Tells by its key whether an object is a row of the maps.
pub trait Identified {
    fn is_row(&self, world: &World<'_>, session: &Session, id: Id) -> bool;
}

impl Identified for Obj<Band> {
    fn is_row(&self, world: &World<'_>, session: &Session, id: Id) -> bool {
        session.try_get(*self).is_some_and(|it| it.name == world.told.bands[&id].name)
    }
}

impl Identified for Obj<Singer> {
    fn is_row(&self, world: &World<'_>, session: &Session, id: Id) -> bool {
        session.try_get(*self).is_some_and(|it| it.name == world.told.singers[&id].name)
    }
}

impl Identified for Obj<Album> {
    fn is_row(&self, world: &World<'_>, session: &Session, id: Id) -> bool {
        let row = &world.told.albums[&id];
        let is_of = |it: &Album| Some(it.band_name.clone()) == world.told.band_key(&row.band);
        session.try_get(*self).is_some_and(|it| it.number == row.number && is_of(it))
    }
}

impl Identified for Obj<Tag> {
    fn is_row(&self, world: &World<'_>, session: &Session, id: Id) -> bool {
        session.try_get(*self).is_some_and(|it| it.name == world.told.tags[&id])
    }
}

fn line(table: &str, row: &Row) -> String {
    let cells = row.values().iter().map(|it| match it {
        Value::Null => "NULL".to_owned(),
        Value::Int(it) => it.to_string(),
        Value::Text(it) => it.to_string(),
        other => format!("{other:?}"),
    });
    std::iter::once(table.to_owned()).chain(cells).collect::<Vec<_>>().join(" ")
}

/// The tables, as text in the order in which a line tells the columns.
const TABLES: &[(&str, &str)] = &[
    ("bands", "SELECT name, style, leader_name FROM bands"),
    ("singers", "SELECT name, voice, band_name FROM singers"),
    ("albums", "SELECT band_name, number, title FROM albums"),
    ("tags", "SELECT name FROM tags"),
    ("band_tag", "SELECT band_name, tag_name FROM band_tag"),
];
