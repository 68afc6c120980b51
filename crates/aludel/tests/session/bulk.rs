//! Bulk: rows that are inserted and updated without becoming objects.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

fn shelves(labels: std::ops::Range<u32>) -> impl Iterator<Item = impl Insertable<Shelf>> + Send {
    labels.map(|it| Shelf::builder().label(format!("shelf {it}")))
}

#[derive(Changeset, Default)]
#[changeset(Book)]
struct BookUpdate {
    title: Option<String>,
    year: Option<i32>,
    author_id: Option<i64>,
}

#[derive(Changeset)]
#[changeset(Line)]
struct LineUpdate {
    article: Option<String>,
}

/// Has a key beside its primary key.
#[derive(Entity, Debug)]
#[entity(table = "depots")]
struct Depot {
    #[column(primary_key)]
    id: i64,
    #[column(length = 20, unique)]
    code: String,
}

/// Follows the key of its depot.
#[derive(Entity, Debug)]
#[entity(table = "crates")]
struct Crate {
    #[column(primary_key)]
    id: i64,
    #[column(length = 20, foreign_key = Depot::CODE, on_update = "cascade")]
    depot_code: String,
}

#[derive(Changeset)]
#[changeset(Depot)]
struct DepotUpdate {
    code: Option<String>,
}

fn year(year: i32) -> BookUpdate {
    BookUpdate { year: Some(year), ..BookUpdate::default() }
}

fn title(title: &str) -> BookUpdate {
    BookUpdate { title: Some(title.to_owned()), ..BookUpdate::default() }
}

/// Four books of one author.
async fn books(session: &mut Session) -> aludel::Result<Vec<Obj<Book>>> {
    let jane = session.add(Author::builder().name("Jane"));
    let drafts = (1..5).map(|it| Book::builder().title(format!("Book {it}")).year(1810 + it).author(jane));
    let books = session.add_all(drafts);
    session.commit().await?;
    Ok(books)
}

on_each_database! {
    async fn a_connection_inserts_batch_by_batch_all_or_none(db: Db) {
        db.create(&library()).await?;
        let mut conn = db.engine.connect().await?;
        let mut progress = Vec::new();
        let done = conn.insert_all(shelves(0..2_500)).batch_size(1_000).on_progress(|it| progress.push(it)).await?;
        assert_eq!(done.rows_affected, 2_500);
        assert_eq!(progress, [1_000, 2_000, 2_500]);
        assert_eq!(db.count("shelves").await?, 2_500);

        let again = conn.insert_all(shelves(2_500..5_000).chain(shelves(0..1))).batch_size(1_000).await;
        let error = refused(again, ErrorKind::UniqueViolation);
        assert_eq!(error.context(), Some("inserting many rows of Shelf, of which 2000 were there"), "{error}");
        assert_eq!(db.count("shelves").await?, 2_500);
        assert_eq!(conn.insert_all(shelves(0..0)).await?.rows_affected, 0);

        let mut tx = conn.begin().await?;
        tx.insert_all(shelves(5_000..5_010)).await?;
        tx.rollback().await?;
        assert_eq!(db.count("shelves").await?, 2_500);
    }

    async fn an_iterator_is_asked_for_no_more_than_a_batch(db: Db) {
        db.create(&library()).await?;
        let mut conn = db.engine.connect().await?;
        let asked = std::sync::atomic::AtomicU64::new(0);
        let rows = shelves(0..1_000).inspect(|_| _ = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let sent = |rows: u64| assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), rows);
        conn.insert_all(rows).batch_size(100).on_progress(sent).await?;
    }

    async fn a_session_inserts_within_its_transaction(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Shelf::builder().label("mine"));
        assert_eq!(session.insert_all(shelves(0..300)).await?.rows_affected, 300);
        assert_eq!(session.scalar(select(func::count(Shelf::ID))).await?, 301);
        assert_eq!(db.count("shelves").await?, 0);
        session.rollback().await?;
        session.insert_all(shelves(0..3)).await?;
        session.commit().await?;
        assert_eq!(db.count("shelves").await?, 3);
    }

    async fn rows_are_updated_by_key_and_loaded_objects_follow(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let loaded = books(&mut session).await?;
        let rows = [(1_i64, year(1900)), (2, title("Emma")), (3, year(1901)), (4, BookUpdate::default())];
        let done = session.bulk_update::<Book, _, _>(rows).await?;
        assert_eq!(done.rows_affected, 3);
        let seen: Vec<(&str, i32)> = loaded.iter().map(|it| (session[*it].title.as_str(), session[*it].year)).collect();
        assert_eq!(seen, [("Book 1", 1900), ("Emma", 1812), ("Book 3", 1901), ("Book 4", 1814)]);
        assert!(session.dirty().is_empty());
        session.rollback().await?;
        assert_eq!(session[loaded[0]].year, 1811);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE year >= 1900").await?, 0);
    }

    async fn a_row_that_gets_another_parent_by_key_leaves_the_collection_of_the_old_one(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let loaded = books(&mut session).await?;
        let ann = session.insert(Author::builder().name("Ann")).await?;
        session.commit().await?;
        let both = select(Author).options(selectinload(Author::BOOKS)).order_by(Author::ID);
        let authors = session.scalars(both).all().await?;
        let moved = BookUpdate { author_id: Some(session[ann].id), ..BookUpdate::default() };
        session.bulk_update::<Book, _, _>([(session[loaded[0]].id, moved)]).await?;
        for (author, expected) in authors.into_iter().zip([3, 1]) {
            session.load(author, Author::BOOKS).await?;
            assert_eq!(session.view(author).books()?.count(), expected);
        }
        session.load(loaded[0], Book::AUTHOR).await?;
        assert_eq!(session.view(loaded[0]).author()?.name, "Ann");
    }

    async fn thousands_of_rows_are_updated_by_key(db: Db) {
        db.create(&Metadata::of((Line,))).await?;
        let mut session = db.session();
        let lines = (0..5_000).map(|it| Line::builder().order_no(i64::from(it % 7)).line_no(it).article("screw"));
        session.insert_all(lines).await?;
        let changes = (0..5_000).map(|it| {
            ((i64::from(it % 7), it), LineUpdate { article: Some(format!("nail {it}")) })
        });
        assert_eq!(session.bulk_update::<Line, _, _>(changes).await?.rows_affected, 5_000);
        session.commit().await?;
        let sql = "SELECT count(*) FROM order_lines WHERE article = 'nail 4999' AND line_no = 4999";
        assert_eq!(db.value::<i64>(sql).await?, 1);
        assert_eq!(db.value::<i64>("SELECT count(DISTINCT article) FROM order_lines").await?, 5_000);
    }

    async fn a_row_that_is_not_there_is_stale(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        books(&mut session).await?;
        let rows = [(1_i64, year(1900)), (99, year(1900))];
        let error = refused(session.bulk_update::<Book, _, _>(rows).await, ErrorKind::StaleData);
        assert_eq!(error.context(), Some("updating 2 rows of Book by key"), "{error}");
        session.rollback().await?;
        let error = refused(session.bulk_update::<Line, _, _>([(1_i64, LineUpdate { article: None })]).await, ErrorKind::State);
        assert!(error.to_string().contains("2 columns of its primary key"), "{error}");
    }

    async fn a_collection_that_gets_a_row_by_key_is_loaded_anew_though_the_row_is_not_here(db: Db) {
        db.create(&library()).await?;
        let mut other = db.session();
        books(&mut other).await?;
        let mut session = db.session();
        let ann = session.insert(Author::builder().name("Ann")).await?;
        session.commit().await?;
        session.load(ann, Author::BOOKS).await?;
        assert_eq!(session.view(ann).books()?.count(), 0);
        let moved = BookUpdate { author_id: Some(session[ann].id), ..BookUpdate::default() };
        session.bulk_update::<Book, _, _>([(1_i64, moved)]).await?;
        session.load(ann, Author::BOOKS).await?;
        assert_eq!(session.view(ann).books()?.count(), 1);
    }

    async fn what_follows_a_key_that_is_updated_by_key_is_shown_by_the_next_query(db: Db) {
        db.create(&Metadata::of((Depot, Crate))).await?;
        let mut session = db.session();
        session.insert(Depot::builder().code("north")).await?;
        let follows = session.insert(Crate::builder().depot_code("north")).await?;
        session.bulk_update::<Depot, _, _>([(1_i64, DepotUpdate { code: Some("south".into()) })]).await?;
        session.get::<Crate>(1).await?;
        assert_eq!(session[follows].depot_code, "south");
    }
}
