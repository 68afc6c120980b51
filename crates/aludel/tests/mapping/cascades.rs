//! What goes with a deleted parent, and what becomes of a child without one.

use aludel::ObjectState;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

/// Its chunks are its own.
#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[relation(back_populates = Chunk::DOCUMENT, cascade = "all, delete-orphan")]
    pub chunks: HasMany<Chunk>,
}

#[derive(Entity, Debug)]
#[entity(table = "chunks")]
pub struct Chunk {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub text: String,
    #[column(foreign_key = Document::ID)]
    pub document_id: i64,
    #[relation(back_populates = Document::CHUNKS)]
    pub document: BelongsTo<Document>,
    #[relation(back_populates = Word::CHUNK, cascade = "all")]
    pub words: HasMany<Word>,
}

#[derive(Entity, Debug)]
#[entity(table = "words")]
pub struct Word {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Chunk::ID)]
    pub chunk_id: i64,
    #[relation(back_populates = Chunk::WORDS)]
    pub chunk: BelongsTo<Chunk>,
}

/// The recipe of three: the cascade, `passive_deletes`, and ON DELETE CASCADE.
#[derive(Entity, Debug)]
#[entity(table = "papers")]
pub struct Paper {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Section::PAPER, cascade = "all, delete-orphan", passive_deletes)]
    pub sections: HasMany<Section>,
}

#[derive(Entity, Debug)]
#[entity(table = "sections")]
pub struct Section {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Paper::ID, on_delete = "cascade")]
    pub paper_id: i64,
    #[relation(back_populates = Paper::SECTIONS)]
    pub paper: BelongsTo<Paper>,
    #[relation(back_populates = Line::SECTION, cascade = "all", passive_deletes)]
    pub lines: HasMany<Line>,
}

#[derive(Entity, Debug)]
#[entity(table = "section_lines")]
pub struct Line {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Section::ID, on_delete = "cascade")]
    pub section_id: i64,
    #[relation(back_populates = Section::LINES)]
    pub section: BelongsTo<Section>,
}

/// Goes with each of its members.
#[derive(Entity, Debug)]
#[entity(table = "teams")]
pub struct Team {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = TEAM_MEMBER, back_populates = Member::TEAMS)]
    pub members: HasMany<Member>,
}

#[derive(Entity, Debug)]
#[entity(table = "members")]
pub struct Member {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = TEAM_MEMBER, back_populates = Team::MEMBERS, cascade = "all")]
    pub teams: HasMany<Team>,
}

aludel::association_table! {
    pub TEAM_MEMBER = "team_member" { team_id => Team::ID, member_id => Member::ID }
}

/// Its books can do without it, its cover goes with it.
#[derive(Entity, Debug)]
#[entity(table = "shelves")]
pub struct Shelf {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Book::SHELF)]
    pub books: HasMany<Book>,
    #[relation(back_populates = Sign::SHELF, cascade = "all, delete-orphan")]
    pub sign: HasOne<Sign>,
    #[relation(back_populates = Lamp::SHELF)]
    pub lamp: HasOne<Lamp>,
    #[relation(back_populates = Guard::SHELF)]
    pub guards: HasMany<Guard>,
}

#[derive(Entity, Debug)]
#[entity(table = "books")]
pub struct Book {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    #[column(foreign_key = Shelf::ID)]
    pub shelf_id: Option<i64>,
    #[relation(back_populates = Shelf::BOOKS)]
    pub shelf: BelongsTo<Shelf>,
}

/// One for each shelf.
#[derive(Entity, Debug)]
#[entity(table = "signs")]
pub struct Sign {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique, foreign_key = Shelf::ID)]
    pub shelf_id: i64,
    #[relation(back_populates = Shelf::SIGN)]
    pub shelf: BelongsTo<Shelf>,
}

/// One for each shelf, or put away.
#[derive(Entity, Debug)]
#[entity(table = "lamps")]
pub struct Lamp {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Shelf::ID)]
    pub shelf_id: Option<i64>,
    #[relation(back_populates = Shelf::LAMP)]
    pub shelf: BelongsTo<Shelf>,
}

/// Keeps its shelf from being deleted.
#[derive(Entity, Debug)]
#[entity(table = "guards")]
pub struct Guard {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Shelf::ID, on_delete = "restrict")]
    pub shelf_id: Option<i64>,
    #[relation(back_populates = Shelf::GUARDS)]
    pub shelf: BelongsTo<Shelf>,
}

/// A tree whose branches go with the trunk.
#[derive(Entity, Debug)]
#[entity(table = "nodes")]
pub struct Node {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Node::ID)]
    pub parent_id: Option<i64>,
    #[relation(back_populates = Node::CHILDREN)]
    pub parent: BelongsTo<Node>,
    #[relation(back_populates = Node::PARENT, cascade = "all, delete-orphan")]
    pub children: HasMany<Node>,
}

/// Takes its folder along, and its labels.
#[derive(Entity, Debug)]
#[entity(table = "letters")]
pub struct Letter {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Folder::ID)]
    pub folder_id: Option<i64>,
    #[relation(back_populates = Folder::LETTER, cascade = "all")]
    pub folder: BelongsTo<Folder>,
    #[relation(secondary = LETTER_LABEL, cascade = "all")]
    pub labels: HasMany<Label>,
}

#[derive(Entity, Debug)]
#[entity(table = "folders")]
pub struct Folder {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Letter::FOLDER)]
    pub letter: HasOne<Letter>,
}

#[derive(Entity, Debug)]
#[entity(table = "labels")]
pub struct Label {
    #[column(primary_key)]
    pub id: i64,
}

aludel::association_table! {
    pub LETTER_LABEL = "letter_label" { letter_id => Letter::ID, label_id => Label::ID }
}

fn documents() -> Metadata {
    Metadata::of((Document, Chunk, Word))
}

fn shelves() -> Metadata {
    Metadata::of((Shelf, Book, Sign, Lamp, Guard))
}

/// Two documents of two chunks of one word.
async fn filled(db: &Db) -> aludel::Result<()> {
    db.create(&documents()).await?;
    let mut session = db.session();
    for title in ["Report", "Plan"] {
        let chunk = |n| Chunk::builder().text(format!("{title} {n}")).words([Word::builder()]);
        session.add(Document::builder().title(title).chunks([chunk(1), chunk(2)]));
    }
    session.commit().await
}

async fn find(session: &mut Session, title: &str) -> aludel::Result<Obj<Document>> {
    session.scalars(select(Document).filter(Document::TITLE.eq(title))).one().await
}

/// How many documents, chunks and words there are.
async fn counts(db: &Db) -> aludel::Result<[i64; 3]> {
    Ok([db.count("documents").await?, db.count("chunks").await?, db.count("words").await?])
}

on_each_database! {
    async fn a_new_child_that_is_put_into_a_collection_and_taken_out_again_is_forgotten(db: Db) {
        db.create(&Metadata::of((Document, Chunk, Word))).await?;
        let mut session = db.session();
        let draft = session.add(Document::builder().title("Draft"));
        session.commit().await?;
        let key = session[draft].id;
        let mut other = db.session();
        let unloaded = other.get_one::<Document>(key).await?;
        for (session, document) in [(&mut session, draft), (&mut other, unloaded)] {
            let chunk = session.add(Chunk::builder().text("one").words([Word::builder()]));
            session[document].chunks.push(chunk);
            session[document].chunks.remove(chunk);
            let linked = session.add(Chunk::builder().text("two"));
            session.link(document, Document::CHUNKS, linked);
            session[document].chunks.remove(linked);
            let (kept, new) = (session.add(Chunk::builder().text("kept")), session.add(Document::builder().title("New")));
            session[document].chunks.push(kept);
            session[document].chunks.remove(kept);
            session[new].chunks.push(kept);
            let again = session.add(Chunk::builder().text("again"));
            session[new].chunks.push(again);
            session[new].chunks.remove(again);
            session[again].document.set(document);
            session.commit().await?;
            for (object, is_here) in [(chunk, false), (linked, false), (kept, true), (again, true)] {
                assert_eq!(session.contains(object), is_here);
            }
            assert_eq!((session[kept].document_id, session[again].document_id), (session[new].id, key));
        }
        assert_eq!((db.count("chunks").await?, db.count("words").await?), (4, 0));
    }

    async fn a_new_child_that_nobody_ever_had_is_an_error(db: Db) {
        db.create(&Metadata::of((Document, Chunk, Word))).await?;
        let mut session = db.session();
        session.add(Chunk::builder().text("one"));
        refused(session.commit().await, ErrorKind::NotNullViolation);
    }

    async fn deleting_a_parent_deletes_its_children_and_theirs(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.delete(report);
        let sent = log(session.commit()).await?;
        let expected = ["SELECT FROM chunks", "SELECT FROM words", "DELETE FROM words", "DELETE FROM chunks", "DELETE FROM documents"];
        assert_eq!(sent, expected);
        assert_eq!(counts(&db).await?, [1, 2, 2]);
    }

    async fn children_of_many_parents_are_read_with_one_statement_a_level(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        for document in session.scalars(select(Document)).all().await? {
            session.delete(document);
        }
        assert_eq!(log(session.commit()).await?.len(), 5);
        assert_eq!(counts(&db).await?, [0, 0, 0]);
    }

    async fn children_that_are_loaded_are_not_read_again(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let load = selectinload(Document::CHUNKS).then(selectinload(Chunk::WORDS));
        let report = session.scalars(select(Document).filter(Document::TITLE.eq("Report")).options(load)).one().await?;
        session.delete(report);
        let sent = log(session.flush()).await?;
        assert_eq!(sent, ["DELETE FROM words", "DELETE FROM chunks", "DELETE FROM documents"]);
        // In the next transaction another program may have added some.
        session.rollback().await?;
        session.delete(report);
        assert_eq!(log(session.commit()).await?.len(), 5);
        assert_eq!(counts(&db).await?, [1, 2, 2]);
    }

    async fn new_children_of_a_deleted_parent_are_forgotten(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        let chunk = session.add(Chunk::builder().text("new").document(report));
        session.delete(report);
        session.commit().await?;
        assert!(session.try_get(chunk).is_none());
        assert_eq!(counts(&db).await?, [1, 2, 2]);
    }

    async fn new_objects_do_not_age(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        let chunk = session.add(Chunk::builder().text("new").document(report));
        session.delete(report);
        session.expire_all();
        session.commit().await?;
        assert!(session.try_get(chunk).is_none());
        assert_eq!(counts(&db).await?, [1, 2, 2]);
    }

    async fn what_goes_with_a_new_object_that_is_deleted_is_forgotten_as_far_as_it_is_new(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let old = session[report].chunks.handles().unwrap()[0];
        let word = session.add(Word::builder());
        let new = session.add(Document::builder().title("New").chunks([Chunk::builder().text("new").words([word])]).chunks([old]));
        session.delete(new);
        assert!(log(session.commit()).await?.is_empty());
        assert!(session.try_get(word).is_none() && session.try_get(old).is_some());
        assert_eq!(counts(&db).await?, [2, 4, 4]);
    }

    async fn a_child_taken_out_of_the_collection_is_deleted(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let chunk = session[report].chunks.handles().unwrap()[0];
        session[report].chunks.remove(chunk);
        let sent = log(session.commit()).await?;
        assert_eq!(sent, ["SELECT FROM words", "DELETE FROM words", "DELETE FROM chunks"]);
        assert_eq!(session[report].chunks.handles().unwrap().len(), 1);
        assert_eq!(counts(&db).await?, [2, 3, 3]);
    }

    async fn a_child_whose_parent_is_cleared_is_deleted(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let chunk = session[report].chunks.handles().unwrap()[0];
        session[chunk].document.clear();
        session.commit().await?;
        assert_eq!(session.state(chunk), ObjectState::Detached);
        assert_eq!(session[report].chunks.handles().unwrap().len(), 1);
        assert_eq!(counts(&db).await?, [2, 3, 3]);
    }

    async fn a_child_moved_to_another_parent_is_not_deleted(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let (report, plan) = (find(&mut session, "Report").await?, find(&mut session, "Plan").await?);
        session.load(report, Document::CHUNKS).await?;
        let [first, second] = session[report].chunks.handles().unwrap()[..] else { panic!() };
        session[report].chunks.remove(first);
        session[plan].chunks.push(first);
        session[report].chunks.remove(second);
        session[second].document_id = session[plan].id;
        assert_eq!(log(session.commit()).await?, ["UPDATE chunks SET document_id"]);
        assert_eq!(counts(&db).await?, [2, 4, 4]);
        // Not even with its old parent gone.
        let chunk = session[plan].chunks.handles();
        assert!(chunk.is_none(), "nobody has loaded it");
        session.delete(report);
        session.commit().await?;
        assert_eq!(counts(&db).await?, [1, 4, 4]);
    }

    async fn a_child_moved_away_in_the_same_flush_survives_its_old_parent(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let (report, plan) = (find(&mut session, "Report").await?, find(&mut session, "Plan").await?);
        session.load(report, Document::CHUNKS).await?;
        let [first, second] = session[report].chunks.handles().unwrap()[..] else { panic!() };
        session[first].document.set(plan);
        session.delete(report);
        session.commit().await?;
        assert_eq!(session[first].document_id, session[plan].id);
        assert!(session.try_get(second).is_none());
        assert_eq!(counts(&db).await?, [1, 3, 3]);
    }

    async fn a_child_that_another_program_moved_away_is_not_deleted(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let (report, plan) = (find(&mut session, "Report").await?, find(&mut session, "Plan").await?);
        session.load(report, Document::CHUNKS).await?;
        let chunk = session[report].chunks.handles().unwrap()[0];
        session.commit().await?;
        db.run(&format!("UPDATE chunks SET document_id = {} WHERE id = {}", session[plan].id, session[chunk].id)).await?;
        session.delete(report);
        session.commit().await?;
        assert_eq!(counts(&db).await?, [1, 3, 3]);
    }

    async fn a_rollback_brings_all_of_them_back(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let chunk = session[report].chunks.handles().unwrap()[0];
        session[chunk].text = "changed, and then deleted".into();
        session.delete(report);
        session.flush().await?;
        assert_eq!(session.state(chunk), ObjectState::Deleted);
        session.rollback().await?;
        assert_eq!(session.state(chunk), ObjectState::Persistent);
        assert_eq!(session[chunk].text, "Report 1");
        session.commit().await?;
        assert_eq!(counts(&db).await?, [2, 4, 4]);
    }

    async fn a_nested_rollback_brings_all_of_them_back(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let chunks = session[report].chunks.handles().unwrap();
        let mut nested = session.begin_nested().await?;
        nested.delete(report);
        nested.flush().await?;
        nested.rollback().await?;
        assert_eq!(session[report].chunks.handles().unwrap(), chunks);
        session.commit().await?;
        assert_eq!(counts(&db).await?, [2, 4, 4]);
    }

    async fn children_with_changes_from_before_share_the_fate_of_the_others(db: Db) {
        filled(&db).await?;
        db.create(&shelves()).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().books(["Emma", "Sanditon"].map(|it| Book::builder().title(it))));
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let chunk = session[report].chunks.handles().unwrap()[0];
        session.commit().await?;
        let book = session[shelf].books.handles().unwrap()[0];
        // Nothing of the new transaction has met them, and they wait to be flushed.
        session[chunk].text = "changed".into();
        session[book].title = "changed".into();
        session.delete(report);
        session.delete(shelf);
        session.commit().await?;
        assert_eq!(counts(&db).await?, [1, 2, 2]);
        assert_eq!(session[book].shelf_id, None);
        assert_eq!(db.value::<String>("SELECT title FROM books WHERE shelf_id IS NULL AND title = 'changed'").await?, "changed");
    }

    async fn passive_deletes_reads_no_child(db: Db) {
        db.create(&Metadata::of((Paper, Section))).await?;
        let mut session = db.session();
        let paper = |n: usize| Paper::builder().sections((0..n).map(|_| Section::builder()));
        let papers = session.add_all([paper(3), paper(3)]);
        session.commit().await?;

        let mut session = db.session();
        let first = session.get_one::<Paper>(1).await?;
        session.delete(first);
        assert_eq!(log(session.commit()).await?, ["DELETE FROM papers"]);
        assert_eq!(db.count("sections").await?, 3);
        // What is in memory is deleted by the session; the database takes the rest along.
        let second = session.get_one::<Paper>(2).await?;
        let section = session.scalars(select(Section)).all().await?[0];
        session.delete(second);
        assert_eq!(log(session.commit()).await?, ["DELETE FROM sections", "DELETE FROM papers"]);
        assert!(session.try_get(section).is_none());
        assert_eq!((db.count("sections").await?, papers.len()), (0, 2));
    }

    async fn passive_deletes_deletes_orphans_all_the_same(db: Db) {
        db.create(&Metadata::of((Paper, Section))).await?;
        let mut session = db.session();
        let paper = session.add(Paper::builder().sections([Section::builder(), Section::builder()]));
        session.commit().await?;
        let section = session[paper].sections.handles().unwrap()[0];
        session[paper].sections.remove(section);
        assert_eq!(log(session.commit()).await?, ["DELETE FROM sections"]);
        assert_eq!(db.count("sections").await?, 1);
    }

    async fn without_a_cascade_children_that_can_do_without_lose_their_foreign_key(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let book = |title| Book::builder().title(title);
        let shelf = session.add(Shelf::builder().books([book("Emma"), book("Persuasion")]));
        session.commit().await?;
        let (id, emma) = (session[shelf].id, session[shelf].books.handles().unwrap()[0]);

        let mut other = db.session();
        let shelf_there = other.get_one::<Shelf>(id).await?;
        other.delete(shelf_there);
        let sent = log(other.commit()).await?;
        let reads = ["SELECT FROM books", "SELECT FROM signs", "SELECT FROM lamps"];
        assert_eq!(sent[..3], reads);
        assert_eq!(sent[3..], ["UPDATE books SET shelf_id", "DELETE FROM shelves"]);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE shelf_id IS NULL").await?, 2);
        session.refresh(emma).await?;
        assert_eq!(session[emma].shelf_id, None);
    }

    async fn what_is_in_memory_loses_its_foreign_key_too(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder());
        let emma = session.add(Book::builder().title("Emma").shelf(shelf));
        session.commit().await?;
        session.delete(shelf);
        let new = session.add(Book::builder().title("New").shelf(shelf));
        session.flush().await?;
        assert_eq!((session[emma].shelf_id, session[new].shelf_id), (None, None));
        assert!(session.view(emma).shelf()?.is_none());
        session.rollback().await?;
        assert_eq!(session[emma].shelf_id, Some(session[shelf].id));
    }

    async fn a_foreign_key_that_restricts_is_left_to_the_database(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().guards([Guard::builder()]));
        session.commit().await?;
        session.delete(shelf);
        refused(session.commit().await, ErrorKind::ForeignKeyViolation);
    }

    async fn a_relation_to_one_goes_with_its_parent(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let [sign, lamp] = [session.add(Shelf::builder().sign(Sign::builder())), session.add(Shelf::builder().lamp(Lamp::builder()))];
        session.commit().await?;
        session.delete(sign);
        session.delete(lamp);
        session.commit().await?;
        assert_eq!((db.count("signs").await?, db.count("lamps").await?), (0, 1));
        assert_eq!(db.value::<Option<i64>>("SELECT shelf_id FROM lamps").await?, None);
    }

    async fn one_that_is_replaced_loses_its_foreign_key(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let old = session.add(Lamp::builder());
        let shelf = session.add(Shelf::builder().lamp(old));
        session.commit().await?;
        let new = session.add(Lamp::builder());
        session[shelf].lamp.set(new);
        session.commit().await?;
        assert_eq!(session[old].shelf_id, None);
        assert_eq!(session[new].shelf_id, Some(session[shelf].id));

        // Nobody has loaded it: the flush finds it.
        let mut session = db.session();
        let shelf = session.scalars(select(Shelf)).one().await?;
        session[shelf].lamp.clear();
        assert_eq!(log(session.commit()).await?, ["SELECT FROM lamps", "UPDATE lamps SET shelf_id"]);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM lamps WHERE shelf_id IS NULL").await?, 2);
    }

    async fn one_that_is_replaced_is_deleted_with_delete_orphan(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().sign(Sign::builder()));
        session.commit().await?;
        let old = session[shelf].sign.handle().unwrap();
        session[shelf].sign.clear();
        session.flush().await?;
        assert_eq!(session.state(old), ObjectState::Deleted);
        session.rollback().await?;
        session.load(shelf, Shelf::SIGN).await?;
        assert_eq!(session[shelf].sign.handle(), Some(old));
    }

    async fn a_child_that_is_told_of_its_parent_replaces_the_one_that_this_had(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let (lamp, sign) = (session.add(Lamp::builder()), session.add(Sign::builder()));
        let shelf = session.add(Shelf::builder().lamp(lamp).sign(sign));
        session.commit().await?;
        let (new, other) = (session.add(Lamp::builder().shelf(shelf)), session.add(Sign::builder()));
        session[other].shelf.set(shelf);
        session.commit().await?;
        assert_eq!((session[lamp].shelf_id, session[new].shelf_id), (None, Some(session[shelf].id)));
        assert_eq!((session[shelf].lamp.handle(), session[shelf].sign.handle()), (Some(new), Some(other)));
        assert_eq!((session.state(sign), db.count("signs").await?), (ObjectState::Detached, 1));

        // Both go to another shelf at once, which gives its own away.
        let third = session.add(Lamp::builder());
        let second = session.add(Shelf::builder().lamp(third).sign(Sign::builder()));
        session.flush().await?;
        session.link(new, Lamp::SHELF, second);
        session.link(other, Sign::SHELF, second);
        assert_eq!((session[third].shelf_id, session[shelf].lamp.handle()), (None, None));
        session[lamp].shelf.set(shelf);
        session.commit().await?;
        assert_eq!((session[shelf].lamp.handle(), session[second].lamp.handle()), (Some(lamp), Some(new)));
        assert_eq!(db.value::<i64>("SELECT shelf_id FROM signs").await?, session[second].id);

        // Nobody has loaded it: the flush finds it.
        let mut session = db.session();
        let shelf = session.get_one::<Shelf>(1).await?;
        session.add(Lamp::builder().shelf(shelf));
        assert_eq!(log(session.commit()).await?, ["SELECT FROM lamps", "INSERT INTO lamps", "UPDATE lamps SET shelf_id"]);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM lamps WHERE shelf_id = 1").await?, 1);
    }

    async fn one_that_was_given_in_this_transaction_is_replaced_too(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let (lamp, shelf) = (session.add(Lamp::builder()), session.add(Shelf::builder()));
        session.commit().await?;
        for is_linked in [false, true] {
            session.load(shelf, Shelf::LAMP).await?;
            session[shelf].lamp.set(lamp);
            session.flush().await?;
            let new = session.add(Lamp::builder());
            if is_linked {
                session.link(shelf, Shelf::LAMP, new);
            } else {
                session[shelf].lamp.set(new);
            }
            session.commit().await?;
            assert_eq!((session[lamp].shelf_id, session[new].shelf_id), (None, Some(session[shelf].id)));
            session[shelf].lamp.clear();
            session.commit().await?;
        }
    }

    async fn link_clears_the_key_of_the_one_it_replaces_at_once(db: Db) {
        db.create(&shelves()).await?;
        let mut session = db.session();
        let [old, new] = [session.add(Lamp::builder()), session.add(Lamp::builder())];
        let shelf = session.add(Shelf::builder().lamp(old));
        session.flush().await?;
        session.link(shelf, Shelf::LAMP, new);
        assert_eq!(session[old].shelf_id, None);
        assert!(session.view(old).shelf()?.is_none());
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM lamps WHERE shelf_id IS NULL").await?, 1);

        // One that is not here is found by the flush.
        let mut session = db.session();
        let shelf = session.scalars(select(Shelf)).one().await?;
        let third = session.add(Lamp::builder());
        session.link(shelf, Shelf::LAMP, third);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM lamps WHERE shelf_id IS NULL").await?, 2);
    }

    async fn refresh_and_expire_go_on_to_what_is_loaded(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let chunk = session[report].chunks.handles().unwrap()[0];
        db.run("UPDATE chunks SET text = 'changed by another program'").await?;
        session.commit().await?;
        session.get::<Chunk>(session[chunk].id).await?;
        assert_eq!(session[chunk].text, "changed by another program");
        session.commit().await?;

        session.refresh(report).await?;
        session.load(report, Document::CHUNKS).await?;
        session.execute(text!("UPDATE chunks SET text = 'by hand'")).await?;
        session.get::<Chunk>(session[chunk].id).await?;
        assert_eq!(session[chunk].text, "changed by another program", "what was written by hand, the session cannot know");
        session.expire(report);
        session.get::<Chunk>(session[chunk].id).await?;
        assert_eq!(session[chunk].text, "by hand");
    }

    async fn expunge_takes_along_what_is_loaded(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Report").await?;
        session.load(report, Document::CHUNKS).await?;
        let chunks = session[report].chunks.handles().unwrap();
        let plan = find(&mut session, "Plan").await?;
        session[chunks[0]].text = "never sent".into();
        let new = session.add(Chunk::builder().text("never inserted").document(report));
        session.link(report, Document::CHUNKS, new);
        session.expunge(report);
        assert!(chunks.iter().chain([&new]).all(|it| session.state(*it) == ObjectState::Detached));
        assert!(session.try_get(plan).is_some());
        assert!(log(session.commit()).await?.is_empty());
        assert_eq!(counts(&db).await?, [2, 4, 4]);
    }

    async fn a_tree_goes_with_its_trunk_each_row_once(db: Db) {
        db.create(&Metadata::of(Node)).await?;
        let mut session = db.session();
        let root = session.add(Node::builder());
        let [left, right] = [session.add(Node::builder().parent(root)), session.add(Node::builder().parent(root))];
        let leaf = session.add(Node::builder().parent(left));
        let alone = session.add(Node::builder());
        session.commit().await?;
        session.delete(left);
        session.delete(root);
        session.commit().await?;
        assert!([root, left, right, leaf].iter().all(|it| session.try_get(*it).is_none()));
        assert!(session.try_get(alone).is_some());
        assert_eq!(db.count("nodes").await?, 1);
    }

    async fn a_cascade_can_go_to_one_and_through_an_association_table(db: Db) {
        db.create(&Metadata::of((Folder, Letter, Label, LETTER_LABEL))).await?;
        let mut session = db.session();
        session.add(Letter::builder().folder(Folder::builder()).labels([Label::builder(), Label::builder()]));
        session.add(Label::builder());
        session.commit().await?;
        let mut session = db.session();
        let letter = session.scalars(select(Letter)).one().await?;
        session.delete(letter);
        session.commit().await?;
        assert_eq!((db.count("letters").await?, db.count("folders").await?), (0, 0));
        assert_eq!((db.count("labels").await?, db.count("letter_label").await?), (1, 0));
    }

    async fn a_cascade_does_not_go_through_a_tie_that_is_cut_in_the_same_flush(db: Db) {
        db.create(&Metadata::of((Team, Member, TEAM_MEMBER))).await?;
        let mut session = db.session();
        let (ada, ben) = (session.add(Member::builder()), session.add(Member::builder()));
        let [kept, goes] = [session.add(Team::builder().members([ada, ben])), session.add(Team::builder().members([ada]))];
        session.commit().await?;
        session[kept].members.remove(ada);
        session.delete(ada);
        session.commit().await?;
        assert_eq!((session.state(kept), session.state(goes)), (ObjectState::Persistent, ObjectState::Detached));
        assert_eq!((db.count("teams").await?, db.count("members").await?, db.count("team_member").await?), (1, 1, 1));
    }

    async fn what_the_database_deletes_along_is_asked_for_again(db: Db) {
        db.create(&Metadata::of((Paper, Section, Line))).await?;
        let mut session = db.session();
        let line = session.add(Line::builder());
        session.add(Paper::builder().sections([Section::builder().lines([line])]));
        session.commit().await?;
        let mut session = db.session();
        let (paper, line) = (session.scalars(select(Paper)).one().await?, session.scalars(select(Line)).one().await?);
        let key = session[line].id;
        session.delete(paper);
        session.flush().await?; // no section was read, and none of their lines
        assert_eq!(session.get::<Line>(key).await?, None);
        session.rollback().await?;
        assert_eq!(session.get::<Line>(key).await?, Some(line));
    }
}
