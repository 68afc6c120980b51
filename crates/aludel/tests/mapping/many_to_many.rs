//! Many-to-many through a bare table.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
}

#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub name: String,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Document::TAGS)]
    pub documents: HasMany<Document>,
}

aludel::association_table! {
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

/// Follows others; the key is text, and the table ties the entity to itself.
#[derive(Entity, Debug)]
#[entity(table = "people")]
pub struct Person {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[relation(secondary = FOLLOWS, foreign_key = follower, back_populates = Person::FOLLOWERS)]
    pub following: HasMany<Person>,
    #[relation(secondary = FOLLOWS, foreign_key = followed, back_populates = Person::FOLLOWING)]
    pub followers: HasMany<Person>,
}

aludel::association_table! {
    /// Who follows whom.
    pub FOLLOWS = "follows" { follower => Person::NAME, followed => Person::NAME }
}

fn tables() -> Metadata {
    Metadata::of((Document, Tag, DOCUMENT_TAG))
}

/// Two documents, three tags; the first document has the first two.
async fn filled(db: &Db) -> aludel::Result<()> {
    db.create(&tables()).await?;
    let mut session = db.session();
    let names = ["finance", "draft", "law"];
    let tags = session.add_all(names.map(|name| Tag::builder().name(name)));
    let title = |title| Document::builder().title(title);
    let first = session.add(title("Q2 Report"));
    session.add(title("Plan"));
    session[first].tags.push(tags[0]);
    session[first].tags.push(tags[1]);
    session.commit().await
}

/// The rows of the association table as another program sees them: title and name.
async fn ties(db: &Db) -> aludel::Result<Vec<String>> {
    let sql = "SELECT d.title AS title, t.name AS name FROM document_tag x \
               JOIN documents d ON d.id = x.document_id JOIN tags t ON t.id = x.tag_id ORDER BY 1, 2";
    let both = |row: &Row| Ok(format!("{} {}", row.get::<String>("title")?, row.get::<String>("name")?));
    db.rows(sql).await?.iter().map(both).collect()
}

async fn find(session: &mut Session, title: &str) -> aludel::Result<Obj<Document>> {
    session.scalars(select(Document).filter(Document::TITLE.eq(title))).one().await
}

async fn tag(session: &mut Session, name: &str) -> aludel::Result<Obj<Tag>> {
    session.scalars(select(Tag).filter(Tag::NAME.eq(name))).one().await
}

fn names(session: &Session, document: Obj<Document>) -> aludel::Result<Vec<String>> {
    Ok(session.view(document).tags()?.map(|tag| tag.name.clone()).collect())
}

on_each_database! {
    async fn a_flush_that_is_refused_before_it_sends_anything_forgets_no_tie(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let (plan, law) = (find(&mut session, "Plan").await?, tag(&mut session, "law").await?);
        session[plan].tags.push(law);
        let hooks = aludel::Hooks::new().before_update(|document: &mut Document| match document.title.as_str() {
            "bad" => Err(Error::new(ErrorKind::State, "not that title")),
            _ => Ok(()),
        });
        session.add_hooks(hooks);
        session[plan].title = "bad".into();
        refused(session.commit().await, ErrorKind::State);
        session[plan].title = "Plan".into();
        session.commit().await?;
        assert_eq!(ties(&db).await?, ["Plan law", "Q2 Report draft", "Q2 Report finance"]);
    }

    async fn pushing_what_is_tied_already_into_a_collection_that_was_not_loaded_changes_nothing(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Q2 Report").await?;
        let (finance, law) = (tag(&mut session, "finance").await?, tag(&mut session, "law").await?);
        session[report].tags.push(finance);
        session[report].tags.push(law);
        session.commit().await?;
        assert_eq!(ties(&db).await?, ["Q2 Report draft", "Q2 Report finance", "Q2 Report law"]);
        session[law].documents.push(report); // from the other side
        session.commit().await?;
        session.load(report, Document::TAGS).await?;
        assert_eq!(names(&session, report)?.len(), 3);
        assert_eq!(ties(&db).await?.len(), 3);
    }

    async fn a_collection_that_was_loaded_in_an_earlier_transaction_does_not_know_what_is_tied(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let plan = find(&mut session, "Plan").await?;
        session.load(plan, Document::TAGS).await?;
        session.commit().await?;
        let mut other = db.session();
        let (same, law) = (find(&mut other, "Plan").await?, tag(&mut other, "law").await?);
        other[same].tags.push(law);
        other.commit().await?;
        let law = tag(&mut session, "law").await?;
        session[plan].tags.push(law);
        session.commit().await?;
        assert_eq!(ties(&db).await?, ["Plan law", "Q2 Report draft", "Q2 Report finance"]);
    }

    async fn many_ties_of_which_nobody_knows_whether_they_are_there(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let tags = session.add_all((0..250).map(|it| Tag::builder().name(format!("tag {it}"))));
        session.commit().await?;
        let plan = find(&mut session, "Plan").await?;
        let mut other = db.session();
        let same = find(&mut other, "Plan").await?;
        let known = other.scalars(select(Tag).filter(Tag::NAME.like("tag %1"))).all().await?;
        known.iter().for_each(|it| other[same].tags.push(*it));
        other.commit().await?;
        tags.iter().for_each(|it| session[plan].tags.push(*it));
        session.commit().await?;
        assert_eq!(ties(&db).await?.iter().filter(|it| it.starts_with("Plan tag")).count(), 250);
    }

    async fn pushing_a_new_tag_writes_the_join_row(db: Db) {
        filled(&db).await?;
        assert_eq!(ties(&db).await?, ["Q2 Report draft", "Q2 Report finance"]);
        let mut session = db.session();
        let plan = find(&mut session, "Plan").await?;
        let new = session.add(Tag::builder().name("new"));
        session[plan].tags.push(new);
        let sent = log(session.commit()).await?;
        assert_eq!(sent, ["INSERT INTO tags", "INSERT INTO document_tag"]);
        assert_eq!(ties(&db).await?, ["Plan new", "Q2 Report draft", "Q2 Report finance"]);
    }

    async fn a_builder_takes_tags_old_and_new(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let law = tag(&mut session, "law").await?;
        session.add(Document::builder().title("Contract").tags([Tag::builder().name("signed")]).tags([law]));
        session.commit().await?;
        assert_eq!(ties(&db).await?[..2], ["Contract law", "Contract signed"]);
    }

    async fn removing_deletes_the_join_row_and_nothing_else(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Q2 Report").await?;
        let draft = tag(&mut session, "draft").await?;
        session[report].tags.remove(draft); // the collection is not loaded
        assert_eq!(log(session.commit()).await?, ["DELETE FROM document_tag"]);
        assert_eq!(ties(&db).await?, ["Q2 Report finance"]);
        assert_eq!(db.count("tags").await?, 3);
    }

    async fn removing_what_was_not_there_is_stale(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Q2 Report").await?;
        let law = tag(&mut session, "law").await?;
        session[report].tags.remove(law);
        let error = refused(session.commit().await, ErrorKind::StaleData);
        assert!(error.what().contains("DOCUMENT_TAG#"), "{error}");
    }

    async fn join_rows_travel_in_batches(db: Db) {
        db.create(&tables()).await?;
        let mut session = db.session();
        let tags = session.add_all((0..20).map(|n| Tag::builder().name(format!("tag {n}"))));
        for n in 0..10 {
            let document = session.add(Document::builder().title(format!("document {n}")));
            tags.iter().for_each(|tag| session[document].tags.push(*tag));
        }
        session.flush().await?;
        assert_eq!(session.query_count(), 3, "documents, tags, and what ties them");
        session.commit().await?;
        assert_eq!(db.count("document_tag").await?, 200);
        for document in session.scalars(select(Document)).all().await? {
            tags[..15].iter().for_each(|tag| session[document].tags.remove(*tag));
        }
        session.commit().await?;
        assert_eq!(db.count("document_tag").await?, 50);
    }

    async fn both_sides_agree_after_the_flush(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let documents = select(Document).order_by(Document::TITLE).options(selectinload(Document::TAGS));
        let documents = session.scalars(documents).all().await?;
        let tags = select(Tag).order_by(Tag::NAME).options(selectinload(Tag::DOCUMENTS));
        let tags = session.scalars(tags).all().await?;
        let (plan, report) = (documents[0], documents[1]);
        let (draft, finance) = (tags[0], tags[1]);
        session[plan].tags.push(finance);
        session[draft].documents.remove(report);
        session.flush().await?;
        assert_eq!(session[finance].documents.handles().unwrap(), [report, plan]);
        assert_eq!(names(&session, report)?, ["finance"]);
        assert_eq!(names(&session, plan)?, ["finance"]);
        session.commit().await?;
        assert_eq!(ties(&db).await?, ["Plan finance", "Q2 Report finance"]);
    }

    async fn told_by_both_sides_it_is_one_row(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let plan = find(&mut session, "Plan").await?;
        let law = tag(&mut session, "law").await?;
        session[plan].tags.push(law);
        session[law].documents.push(plan);
        session.commit().await?;
        assert_eq!(ties(&db).await?[0], "Plan law");
        // What one side adds and the other takes away is as it was.
        session[plan].tags.remove(law);
        session[law].documents.push(plan);
        assert!(log(session.commit()).await?.is_empty());
    }

    async fn selectinload_is_one_statement_for_all(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Document).order_by(Document::TITLE).options(selectinload(Document::TAGS));
        let documents = session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 2);
        assert_eq!(names(&session, documents[0])?, Vec::<String>::new());
        assert_eq!(names(&session, documents[1])?, ["finance", "draft"]);
        assert!(session.view(documents[1]).tags()?.all(|tag| tag.documents().is_err()), "only this side is loaded");
        let stmt = select(Tag).options(selectinload(Tag::DOCUMENTS).then(selectinload(Document::TAGS)));
        session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 5);
    }

    async fn joins_go_through_the_table(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let of_finance = select(Document::TITLE).join(Document::TAGS).filter(Tag::NAME.eq("finance"));
        assert_eq!(session.scalars(of_finance).all().await?, ["Q2 Report"]);
        let per_tag = select((Tag::NAME, func::count(Document::ID)))
            .outer_join(Tag::DOCUMENTS)
            .group_by(Tag::NAME)
            .order_by(Tag::NAME);
        let per_tag = session.execute(per_tag).all().await?;
        assert_eq!(per_tag, [("draft".to_owned(), 1), ("finance".to_owned(), 1), ("law".to_owned(), 0)]);
    }

    async fn deleting_either_side_takes_its_join_rows_along(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let report = find(&mut session, "Q2 Report").await?;
        let plan = find(&mut session, "Plan").await?;
        let stmt = select(Tag).order_by(Tag::NAME).options(selectinload(Tag::DOCUMENTS));
        let tags = session.scalars(stmt).all().await?;
        session[plan].tags.push(tags[2]);
        session.delete(report);
        let sent = log(session.flush()).await?;
        assert_eq!(sent, ["DELETE FROM document_tag", "INSERT INTO document_tag", "DELETE FROM documents"]);
        assert!(session[tags[0]].documents.handles().unwrap().is_empty(), "nobody shows what is gone");
        session.delete(tags[2]);
        session.commit().await?;
        assert_eq!(db.count("document_tag").await?, 0);
        assert_eq!((db.count("documents").await?, db.count("tags").await?), (1, 2));
    }

    async fn a_raw_delete_takes_the_join_rows_along(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        session.execute(delete(Document).filter(Document::TITLE.eq("Q2 Report"))).await?;
        session.commit().await?;
        assert_eq!(db.count("document_tag").await?, 0);
    }

    async fn a_rollback_takes_the_ties_back(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Document).filter(Document::TITLE.eq("Q2 Report")).options(selectinload(Document::TAGS));
        let report = session.scalars(stmt.clone()).one().await?;
        let law = tag(&mut session, "law").await?;
        session[report].tags.push(law);
        session.flush().await?;
        session.rollback().await?;
        session.scalars(stmt).one().await?;
        assert_eq!(names(&session, report)?, ["finance", "draft"]);
        assert!(log(session.commit()).await?.is_empty());
    }

    async fn a_rollback_to_a_savepoint_brings_back_what_was_deleted_into_the_collections_that_had_it(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Document).filter(Document::TITLE.eq("Q2 Report")).options(selectinload(Document::TAGS));
        let report = session.scalars(stmt).one().await?;
        let finance = tag(&mut session, "finance").await?;
        let mut nested = session.begin_nested().await?;
        nested.delete(finance);
        nested.flush().await?;
        assert_eq!(names(&nested, report)?, ["draft"]);
        nested.rollback().await?;
        assert_eq!(names(&session, report)?, ["finance", "draft"]);
        session.commit().await?;
        assert_eq!(ties(&db).await?, ["Q2 Report draft", "Q2 Report finance"]);
    }

    async fn a_rollback_to_a_savepoint_does_not_bring_back_what_was_expunged(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Document).filter(Document::TITLE.eq("Q2 Report")).options(selectinload(Document::TAGS));
        let report = session.scalars(stmt).one().await?;
        let (finance, law) = (tag(&mut session, "finance").await?, tag(&mut session, "law").await?);
        let mut nested = session.begin_nested().await?;
        nested[report].tags.push(law);
        nested.flush().await?;
        nested.expunge(finance);
        nested.rollback().await?;
        // What is left of the collection is not the collection.
        refused(names(&session, report), ErrorKind::NotLoaded);
        session.load(report, Document::TAGS).await?;
        assert_eq!(names(&session, report)?, ["finance", "draft"]);
    }

    async fn a_tie_that_link_made_and_that_is_taken_back_is_on_neither_side(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let law = tag(&mut session, "law").await?;
        // New, loaded and not loaded.
        let new = session.add(Document::builder().title("New"));
        let report = find(&mut session, "Q2 Report").await?;
        let plan = find(&mut session, "Plan").await?;
        session.load_all([new, report], Document::TAGS).await?;
        for document in [new, report, plan] {
            session.link(law, Tag::DOCUMENTS, document);
            session[law].documents.remove(document);
        }
        session.commit().await?;
        assert_eq!(ties(&db).await?, ["Q2 Report draft", "Q2 Report finance"]);
        // Whether it was tied before, a collection that was not loaded does not know: the other side is asked again.
        session.load(law, Tag::DOCUMENTS).await?;
        session.load_all([new, report, plan], Document::TAGS).await?;
        assert_eq!(session.view(law).documents()?.count(), 0);
        let counts = [new, report, plan].map(|it| names(&session, it).map(|names| names.len()));
        assert_eq!(counts.into_iter().collect::<aludel::Result<Vec<_>>>()?, [0, 2, 0]);
        // What is in the database stays, also where nobody here knows of it.
        let finance = tag(&mut session, "finance").await?;
        session.load(report, Document::TAGS).await?;
        session.link(finance, Tag::DOCUMENTS, report);
        session[finance].documents.remove(report);
        session.commit().await?;
        session.load(report, Document::TAGS).await?;
        assert_eq!(names(&session, report)?, ["finance", "draft"]);
    }

    async fn a_tie_is_taken_back_and_its_key_changed_in_one_flush(db: Db) {
        db.create(&Metadata::of((Person, FOLLOWS))).await?;
        let mut session = db.session();
        let [ada, ben, cy] = ["ada", "ben", "cy"].map(|name| session.add(Person::builder().name(name)));
        session[ada].following.push(ben);
        session[cy].following.push(ben);
        session.commit().await?;
        session[ada].following.remove(ben);
        session[ben].name = "benjamin".into();
        session.commit().await?;
        let row = &db.rows("SELECT follower, followed FROM follows").await?[0];
        assert_eq!((row.at::<String>(0)?, row.at::<String>(1)?), ("cy".into(), "benjamin".into()));
        assert_eq!(db.count("follows").await?, 1);
    }

    async fn an_entity_is_tied_to_itself(db: Db) {
        db.create(&Metadata::of((Person, FOLLOWS))).await?;
        let mut session = db.session();
        let [ada, ben, cy] = ["ada", "ben", "cy"].map(|name| session.add(Person::builder().name(name)));
        session[ada].following.push(ben);
        session[ada].following.push(cy);
        session[ada].followers.push(cy);
        session[ben].following.push(ben);
        session.flush().await?;
        assert_eq!(session[ben].followers.handles().unwrap(), [ada, ben]);
        assert_eq!(session[cy].following.handles().unwrap(), [ada]);
        session.commit().await?;
        let rows = db.rows("SELECT follower, followed FROM follows ORDER BY 1, 2").await?;
        let rows: Vec<(String, String)> =
            rows.iter().map(|row| Ok((row.get("follower")?, row.get("followed")?))).collect::<aludel::Result<_>>()?;
        let rows: Vec<_> = rows.iter().map(|(a, b)| format!("{a}>{b}")).collect();
        assert_eq!(rows, ["ada>ben", "ada>cy", "ben>ben", "cy>ada"]);

        let mut other = db.session();
        let both = (selectinload(Person::FOLLOWING), selectinload(Person::FOLLOWERS));
        let ada = other.scalars(select(Person).filter(Person::NAME.eq("ada")).options(both.0).options(both.1)).one().await?;
        let view = other.view(ada);
        assert_eq!(view.following()?.map(|it| it.name.clone()).collect::<Vec<_>>(), ["ben", "cy"]);
        assert_eq!(view.followers()?.map(|it| it.name.clone()).collect::<Vec<_>>(), ["cy"]);
        let cy = other.get_one::<Person>("cy").await?;
        other.delete(cy);
        other.commit().await?;
        assert_eq!(db.count("follows").await?, 2);
    }
}
