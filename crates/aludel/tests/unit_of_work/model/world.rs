//! A session and the maps that are told the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

use aludel::prelude::*;
use aludel_suite::Db;

use super::entities::*;
use super::rows::Rows;
use super::steps::{Deed, Step};
use crate::worlds::{Id, Story, World, came, forget_handles, same};

pub struct Library<'a> {
    db: &'a Db,
    story: Story<Rows>,
    /// The objects of the session: those that were deleted are among them until the commit, those that were expunged are not.
    pub authors: BTreeMap<Id, Obj<Author>>,
    pub shelves: BTreeMap<Id, Obj<Shelf>>,
    pub books: BTreeMap<Id, Obj<Book>>,
    pub chapters: BTreeMap<Id, Obj<Chapter>>,
    pub tags: BTreeMap<Id, Obj<Tag>>,
    /// The keys that the database made.
    pub keys: BTreeMap<Id, i64>,
    /// Children whose parent was told since the last flush: each is told once, for two tellings by two ways have no order.
    pub moved: BTreeSet<Id>,
    /// Children that were told of their parent by its key since the last flush.
    pub by_hand: BTreeSet<Id>,
    /// One of them was told of a parent that is deleted.
    pub is_mistaken: bool,
    /// Parents that were told of a child since the last flush.
    pub parents: BTreeSet<Id>,
    /// Ties that were told since the last flush, and whether the book was told.
    pub pairs: BTreeMap<(Id, Id), bool>,
    /// Books whose year the database is to count up.
    pub counted: BTreeSet<Id>,
    /// Books that another program has changed, and the years that they had: until they are read anew, the session shows an older one.
    pub years: BTreeMap<Id, BTreeSet<i32>>,
    /// Objects that came within what was rolled back: until they are read anew they may show that.
    loose: BTreeSet<Id>,
    /// Objects that were read anew since the last rollback: that gives back what they showed before.
    pub read: BTreeSet<Id>,
}

impl<'a> Library<'a> {
    pub fn new(db: &'a Db) -> Self {
        Self {
            db,
            story: Story::new(),
            authors: BTreeMap::new(),
            shelves: BTreeMap::new(),
            books: BTreeMap::new(),
            chapters: BTreeMap::new(),
            tags: BTreeMap::new(),
            keys: BTreeMap::new(),
            moved: BTreeSet::new(),
            by_hand: BTreeSet::new(),
            is_mistaken: false,
            parents: BTreeSet::new(),
            pairs: BTreeMap::new(),
            counted: BTreeSet::new(),
            years: BTreeMap::new(),
            loose: BTreeSet::new(),
            read: BTreeSet::new(),
        }
    }

    /// Whether all that was told is in the tables.
    pub fn is_flushed(&self) -> bool {
        let nothing_told = self.moved.is_empty() && self.pairs.is_empty() && self.counted.is_empty();
        !self.failed && nothing_told && self.told == self.flushed
    }

    pub fn was_moved(&mut self, child: Id, parents: impl IntoIterator<Item = Id>) {
        self.moved.insert(child);
        self.parents.extend(parents);
    }

    /// All these rows were read anew.
    pub fn were_read<R>(&mut self, rows: fn(&Rows) -> &BTreeMap<Id, R>) {
        self.read.extend(rows(&self.story.told).keys());
    }

    /// Whether a book may show a year that it had before another program changed it.
    pub fn may_show(&self, id: Id, year: i32) -> bool {
        !self.read.contains(&id) && self.years.get(&id).is_some_and(|it| it.contains(&year))
    }
}

impl Deref for Library<'_> {
    type Target = Story<Rows>;

    fn deref(&self) -> &Story<Rows> {
        &self.story
    }
}

impl DerefMut for Library<'_> {
    fn deref_mut(&mut self) -> &mut Story<Rows> {
        &mut self.story
    }
}

impl World for Library<'_> {
    type Rows = Rows;
    type Deed = Deed;

    const EMPTY: &'static [&'static str] = &[
        "DELETE FROM book_tag",
        "DELETE FROM chapters",
        "DELETE FROM books",
        "DELETE FROM tags",
        "DELETE FROM shelves",
        "DELETE FROM authors",
    ];
    const TABLES: &'static [(&'static str, &'static str)] = &[
        ("authors", "SELECT id, name FROM authors"),
        ("shelves", "SELECT id, label FROM shelves"),
        ("books", "SELECT id, title, year, author_id, shelf_id FROM books"),
        ("chapters", "SELECT id, title, book_id FROM chapters"),
        ("tags", "SELECT code, label FROM tags"),
        ("book_tag", "SELECT book_id, tag_code FROM book_tag"),
    ];
    const REFUSALS: &'static [&'static str] = &[];

    fn db(&self) -> &Db {
        self.db
    }

    async fn deed(&mut self, session: &mut Session, step: &Step, deed: Deed) {
        let was_idle = std::mem::replace(&mut self.idle, false);
        match deed {
            Deed::AddAuthor => self.add_author(session),
            Deed::AddShelf => self.add_shelf(session, step),
            Deed::AddBook => _ = self.add_book(session, step),
            Deed::AddChapter => _ = self.add_chapter(session, step),
            Deed::AddTag => self.add_tag(session),
            Deed::Rename => _ = self.rename(session, step),
            Deed::Count => _ = self.count(session, step),
            Deed::Recode => _ = self.recode(session, step),
            Deed::MoveBook => _ = self.move_book(session, step),
            Deed::Shelve => _ = self.shelve(session, step),
            Deed::MoveChapter => _ = self.move_chapter(session, step),
            Deed::TakeOut => _ = self.take_out(session, step),
            Deed::Tie => _ = self.tie(session, step),
            Deed::Untie => _ = self.untie(session, step),
            Deed::Delete => _ = self.delete(session, step).await,
            Deed::Merge => _ = self.merge(session, step).await,
            Deed::MergeGraph => _ = self.merge_graph(session, step).await,
            Deed::Expunge => _ = self.expunge(session, step).await,
            Deed::Refresh => _ = self.refresh(session, step).await,
            Deed::Expire => self.expire(session, step),
            Deed::Get => _ = self.get(session, step).await,
            Deed::Query => _ = self.query(session, step).await,
            Deed::Load => _ = self.load(session, step).await,
            Deed::UpdateWhere => _ = self.update_where(session, step).await,
            Deed::DeleteWhere => _ = self.delete_where(session, step).await,
            Deed::ByAnother if was_idle => _ = self.by_another(step).await,
            Deed::ByAnother => {}
        }
    }

    fn violations(&self) -> Vec<ErrorKind> {
        let mistaken = self.is_mistaken.then_some(ErrorKind::ForeignKeyViolation);
        self.told.violations().into_iter().chain(mistaken).collect()
    }

    fn lines(&self, rows: &Rows) -> BTreeSet<String> {
        rows.lines(&self.keys)
    }

    fn has(rows: &Rows, id: Id) -> bool {
        rows.has(id)
    }

    /// The keys of what was new are known.
    fn flush_told(&mut self, session: &Session) {
        self.flushed = self.told.clone();
        self.forget_tellings();
        macro_rules! learn {
            ($($handles:ident)*) => {$(
                let known = self.$handles.iter().filter(|(id, _)| self.story.told.$handles.contains_key(id));
                self.keys.extend(known.map(|(id, object)| (*id, session[*object].id)));
            )*};
        }
        learn!(authors shelves books chapters);
        // New chapters of a book that was deleted meanwhile have never been rows.
        let (told, keys) = (&self.story.told, &self.keys);
        let was_row = |id: &Id| told.chapters.contains_key(id) || keys.contains_key(id);
        for (id, object) in self.chapters.iter().filter(|it| !was_row(it.0)) {
            same!(self, session.try_get(*object).is_none(), true, format!("the handle of {id} is void"));
        }
        self.chapters.retain(|id, _| was_row(id));
    }

    fn forget_tellings(&mut self) {
        self.moved.clear();
        self.by_hand.clear();
        self.is_mistaken = false;
        self.parents.clear();
        self.pairs.clear();
        self.counted.clear();
    }

    /// They may show that until they are read anew.
    fn rolled_back(&mut self, _: &mut Session, came: Vec<Id>) {
        self.loose.extend(came);
        self.read.clear();
    }

    fn was_committed(&mut self) {
        for id in std::mem::take(&mut self.read) {
            self.loose.remove(&id);
            self.years.remove(&id);
        }
    }

    /// Whether an object may show what was rolled back.
    fn is_loose(&self, id: Id) -> bool {
        self.loose.contains(&id) && !self.read.contains(&id)
    }

    /// That the row of an object has never been, the session cannot know where it read it.
    fn forget_handles(&mut self, session: &Session, is_void: &dyn Fn(Id) -> bool) {
        forget_handles!(self, session, is_void, authors shelves books chapters tags);
        // As is the object of a row that is known by another key now.
        let (told, loose) = (&self.story.told, &self.loose);
        self.tags.retain(|id, object| {
            !loose.contains(id) || told.tags.get(id).is_none_or(|it| it.code == session[*object].code)
        });
    }

    fn check_memory(&mut self, session: &Session) {
        self.check_columns(session);
        if self.is_flushed() {
            self.check_relations(session);
        }
    }
}

came! {
    Library:
    authors_came authors Author;
    shelves_came shelves Shelf;
    books_came books Book;
    chapters_came chapters Chapter;
    tags_came tags Tag;
}
