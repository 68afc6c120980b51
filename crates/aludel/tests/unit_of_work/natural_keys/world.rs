//! A session and the maps that are told the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

use aludel::prelude::*;
use aludel_suite::Db;

use super::entities::*;
use super::rows::Rows;
use super::steps::{Deed, Step};
use crate::worlds::{Id, Story, World, came, forget_handles, same};

pub struct Music<'a> {
    db: &'a Db,
    story: Story<Rows>,
    /// The objects of the session: those that were deleted are among them until the commit, those that were expunged are not.
    pub bands: BTreeMap<Id, Obj<Band>>,
    pub singers: BTreeMap<Id, Obj<Singer>>,
    pub albums: BTreeMap<Id, Obj<Album>>,
    pub tags: BTreeMap<Id, Obj<Tag>>,
    /// Children whose parent was told since the last flush: each is told once, for two tellings by two ways have no order.
    pub moved: BTreeSet<Id>,
    /// Ties that were told since the last flush, and whether the band was told.
    pub pairs: BTreeMap<(Id, Id), bool>,
    /// What has ever been a row.
    were: BTreeSet<Id>,
}

impl<'a> Music<'a> {
    pub fn new(db: &'a Db) -> Self {
        Self {
            db,
            story: Story::new(),
            bands: BTreeMap::new(),
            singers: BTreeMap::new(),
            albums: BTreeMap::new(),
            tags: BTreeMap::new(),
            moved: BTreeSet::new(),
            pairs: BTreeMap::new(),
            were: BTreeSet::new(),
        }
    }

    /// Whether all that was told is in the tables.
    pub fn is_flushed(&self) -> bool {
        !self.failed && self.moved.is_empty() && self.pairs.is_empty() && self.told == self.flushed
    }
}

impl Deref for Music<'_> {
    type Target = Story<Rows>;

    fn deref(&self) -> &Story<Rows> {
        &self.story
    }
}

impl DerefMut for Music<'_> {
    fn deref_mut(&mut self) -> &mut Story<Rows> {
        &mut self.story
    }
}

impl World for Music<'_> {
    type Rows = Rows;
    type Deed = Deed;

    const EMPTY: &'static [&'static str] = &[
        "UPDATE bands SET leader_name = NULL",
        "DELETE FROM band_tag",
        "DELETE FROM albums",
        "DELETE FROM singers",
        "DELETE FROM bands",
        "DELETE FROM tags",
    ];
    const TABLES: &'static [(&'static str, &'static str)] = &[
        ("bands", "SELECT name, style, leader_name FROM bands"),
        ("singers", "SELECT name, voice, band_name FROM singers"),
        ("albums", "SELECT band_name, number, title FROM albums"),
        ("tags", "SELECT name FROM tags"),
        ("band_tag", "SELECT band_name, tag_name FROM band_tag"),
    ];
    /// That a row will give its key up because that of its parent changes, nobody looks for before anything is sent.
    const REFUSALS: &'static [&'static str] = &[
        "cannot stay with",
        "wait for each other in a circle",
        "a new object has the key of one that is here: Album",
    ];

    fn db(&self) -> &Db {
        self.db
    }

    async fn deed(&mut self, session: &mut Session, step: &Step, deed: Deed) {
        match deed {
            Deed::AddBand => _ = self.add_band(session, step),
            Deed::AddSinger => _ = self.add_singer(session, step),
            Deed::AddAlbum => _ = self.add_album(session, step),
            Deed::AddTag => _ = self.add_tag(session, step),
            Deed::Change => _ = self.change(session, step),
            Deed::Recode => _ = self.recode(session, step),
            Deed::Swap => _ = self.swap(session, step),
            Deed::MoveSinger => _ = self.move_singer(session, step),
            Deed::MoveAlbum => _ = self.move_album(session, step),
            Deed::Lead => _ = self.lead(session, step),
            Deed::Tie => _ = self.tie(session, step),
            Deed::Untie => _ = self.untie(session, step),
            Deed::Delete => _ = self.delete(session, step).await,
            Deed::Replace => _ = self.replace(session, step).await,
            Deed::Merge => _ = self.merge(session, step).await,
            Deed::MergeAlbums => _ = self.merge_albums(session, step).await,
            Deed::MergeSingers => _ = self.merge_singers(session, step).await,
            Deed::Upsert => _ = self.upsert(session, step).await,
            Deed::RefreshStyle => _ = self.refresh_style(session, step).await,
            Deed::RenameWhere => _ = self.rename_where(session, step).await,
            Deed::Expunge => _ = self.expunge(session, step).await,
            Deed::Refresh => _ = self.refresh(session, step).await,
            Deed::Get => _ = self.get(session, step).await,
            Deed::Query => _ = self.query(session, step).await,
            Deed::Load => _ = self.load(session, step).await,
            Deed::UpdateWhere => _ = self.update_where(session, step).await,
            Deed::MoveWhere => _ = self.move_where(session, step).await,
            Deed::DeleteWhere => _ = self.delete_where(session, step).await,
        }
    }

    fn violations(&self) -> Vec<ErrorKind> {
        self.told.violations(&self.flushed)
    }

    fn lines(&self, rows: &Rows) -> BTreeSet<String> {
        rows.lines()
    }

    fn has(rows: &Rows, id: Id) -> bool {
        rows.has(id)
    }

    /// Keys have come to refer to somebody.
    fn flush_told(&mut self, session: &Session) {
        let story = &mut self.story;
        story.told.resolve(&story.flushed);
        story.flushed = story.told.clone();
        self.forget_tellings();
        let Rows { bands, singers, albums, tags, .. } = &self.story.flushed;
        let all = bands.keys().chain(singers.keys()).chain(albums.keys()).chain(tags.keys());
        self.were.extend(all);
        // New albums of a band that was deleted meanwhile have never been rows.
        for (id, object) in self.albums.iter().filter(|it| !self.were.contains(it.0)) {
            same!(self, session.try_get(*object).is_none(), true, format!("the handle of {id} is void"));
        }
        let were = &self.were;
        self.albums.retain(|id, _| were.contains(id));
    }

    fn forget_tellings(&mut self) {
        self.moved.clear();
        self.pairs.clear();
    }

    /// They may show that: they leave.
    fn rolled_back(&mut self, session: &mut Session, came: Vec<Id>) {
        for id in came {
            macro_rules! forget {
                ($($handles:ident)*) => {$(
                    if let Some(object) = self.$handles.remove(&id)
                        && session.try_get(object).is_some()
                    {
                        session.expunge(object);
                    }
                )*};
            }
            forget!(bands singers albums tags);
        }
        // Albums leave with their bands.
        let told = &self.story.told;
        self.albums.retain(|id, it| session.try_get(*it).is_some() || !told.albums.contains_key(id));
    }

    fn forget_handles(&mut self, session: &Session, is_void: &dyn Fn(Id) -> bool) {
        forget_handles!(self, session, is_void, bands singers albums tags);
    }

    fn check_memory(&mut self, session: &Session) {
        self.check_columns(session);
        if self.is_flushed() {
            self.check_relations(session);
        }
    }

    /// The versions are those of the objects.
    async fn check_flushed(&mut self, session: &mut Session) {
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
}

came! {
    Music:
    bands_came bands Band;
    singers_came singers Singer;
    albums_came albums Album;
    tags_came tags Tag;
}
