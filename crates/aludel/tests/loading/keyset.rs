//! Keyset pagination: pages that begin behind a row.

use aludel::prelude::*;
use aludel::{CursorKey, KeysetPage, OrderBy, PageAt, SelectEntity};
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::log::texts;
use crate::models::*;

/// Has a column of each type that lists are sorted by, with few values, so that many are equal.
#[derive(Entity, Debug)]
#[entity(table = "samples")]
pub struct Sample {
    #[column(primary_key)]
    pub part: i64,
    #[column(primary_key, length = 10)]
    pub name: String,
    pub number: Option<i32>,
    #[column(length = 40)]
    pub text: Option<String>,
    pub real: Option<f64>,
    #[column(precision = 10, scale = 2)]
    pub amount: Option<Decimal>,
    pub flag: Option<bool>,
    pub at: Option<DateTime<Utc>>,
    pub day: Option<NaiveDate>,
    pub code: Option<Uuid>,
    pub bytes: Option<Vec<u8>>,
    pub rank: i32,
}

const ROWS: u64 = 60;

fn key() -> CursorKey {
    CursorKey::new([7; 32]).expect("it is long enough")
}

/// Numbers that look random, and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn some<T>(&mut self, values: &[T]) -> Option<T>
    where
        T: Clone,
    {
        let at = self.roll(values.len() as u64 + 1) as usize;
        values.get(at).cloned()
    }
}

async fn samples(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of(Sample)).await?;
    let mut dice = Dice(1);
    let at = |micros| DateTime::from_timestamp_micros(micros).expect("it is in range");
    let day = |days| NaiveDate::from_num_days_from_ce_opt(days).expect("it is in range");
    let rows: Vec<_> = (0..ROWS)
        .map(|n| {
            Sample::builder()
                .part((n % 7) as i64 - 3)
                .name(format!("{}{n}", if n % 2 == 0 { "a" } else { "A" }))
                .number(dice.some(&[-5, 0, 7]))
                .text(dice.some(&["", "a", "A", "a ", "\u{e4}", "%_'"]).map(str::to_owned))
                .real(dice.some(&[-0.5, 0.1 + 0.2, 1e300]))
                .amount(dice.some(&[Decimal::new(-1250, 2), Decimal::new(5, 2), Decimal::new(500, 2)]))
                .flag(dice.some(&[true, false]))
                .at(dice.some(&[at(-1), at(1_700_000_000_123_456), at(1_700_000_000_123_457)]))
                .day(dice.some(&[day(700_000), day(738_000)]))
                .code(dice.some(&[Uuid::from_u128(1), Uuid::from_u128(u128::MAX)]))
                .bytes(dice.some(&[vec![], vec![0, 1], vec![255]]))
                .rank(dice.roll(4) as i32)
        })
        .collect();
    let mut session = db.session();
    session.add_all(rows);
    session.commit().await
}

/// One of the columns, upwards or downwards, with NULL where it is usual, first or last.
fn any_key(dice: &mut Dice) -> OrderBy {
    let expression = dice.roll(12);
    macro_rules! pick {
        ($($number:literal => $column:expr),* $(,)?) => {
            match expression {
                $($number => if dice.roll(2) == 0 { $column.asc() } else { $column.desc() },)*
                _ => func::length(Sample::NAME).desc(),
            }
        };
    }
    let key = pick! {
        0 => Sample::NUMBER, 1 => Sample::TEXT, 2 => Sample::REAL, 3 => Sample::AMOUNT, 4 => Sample::FLAG, 5 => Sample::AT,
        6 => Sample::DAY, 7 => Sample::CODE, 8 => Sample::BYTES, 9 => Sample::RANK, 10 => Sample::NAME,
    };
    match dice.roll(3) {
        0 => key.nulls_first(),
        1 => key.nulls_last(),
        _ => key,
    }
}

/// Reads all pages, from one end to the other.
async fn walk(
    session: &mut Session,
    list: &SelectEntity<Sample>,
    limit: u32,
    backwards: bool,
) -> aludel::Result<Vec<Obj<Sample>>> {
    let key = key();
    let mut found = Vec::new();
    let mut at = if backwards { PageAt::Last } else { PageAt::First };
    loop {
        let page = session.scalars(list.clone()).page(&key, limit).at(at).await?;
        assert!(page.items.len() <= limit as usize);
        if backwards {
            found.splice(0..0, page.items);
        } else {
            found.extend(page.items);
        }
        at = match if backwards { page.previous } else { page.next } {
            Some(cursor) if backwards => PageAt::Before(cursor),
            Some(cursor) => PageAt::After(cursor),
            None => return Ok(found),
        };
    }
}

fn titles(session: &Session, page: &KeysetPage<Obj<Post>>) -> Vec<String> {
    page.items.iter().map(|it| session[*it].title.clone()).collect()
}

on_each_database! {
    async fn pages_one_behind_the_other_are_the_whole_list_whatever_its_order(db: Db) {
        samples(&db).await?;
        let mut session = db.session();
        let mut dice = Dice(2);
        for _ in 0..if aludel_suite::long() { 400 } else { 24 } {
            let keys: Vec<OrderBy> = (0..dice.roll(4)).map(|_| any_key(&mut dice)).collect();
            let list = select(Sample).order_by(keys.clone());
            let whole = list.clone().order_by((Sample::PART, Sample::NAME));
            let whole = session.scalars(whole).all().await?;
            assert_eq!(whole.len() as u64, ROWS);
            let limit = 1 + dice.roll(25) as u32;
            assert_eq!(walk(&mut session, &list, limit, false).await?, whole, "{keys:?}");
            assert_eq!(walk(&mut session, &list, limit, true).await?, whole, "{keys:?}");
        }
    }

    async fn a_page_knows_those_around_it(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let key = key();
        let list = || select(Post).order_by(Post::TITLE.desc());
        let first = session.scalars(list()).page(&key, 1).await?;
        assert_eq!((titles(&session, &first), first.previous.is_none()), (vec!["two".to_owned()], true));
        let second = session.scalars(list()).page(&key, 1).after(first.next.expect("there are more")).await?;
        assert_eq!(titles(&session, &second), ["three"]);
        let third = session.scalars(list()).page(&key, 1).after(second.next.expect("there are more")).await?;
        assert_eq!((titles(&session, &third), &third.next), (vec!["one".to_owned()], &None));
        let back = session.scalars(list()).page(&key, 5).before(third.previous.expect("there are some")).await?;
        assert_eq!(titles(&session, &back), ["two", "three"]);
        assert_eq!((back.next.is_some(), back.previous), (true, None));
        let last = session.scalars(list()).page(&key, 2).last().await?;
        assert_eq!((titles(&session, &last), last.next), (vec!["three".to_owned(), "one".to_owned()], None));
        let none = session.scalars(list().filter(Post::ID.lt(0))).page(&key, 2).await?;
        assert_eq!((none.items.len(), none.next, none.previous), (0, None, None));
    }

    async fn rows_that_come_and_go_before_a_page_move_nothing(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let key = key();
        let list = || select(Comment).order_by(Comment::LIKES);
        let first = session.scalars(list()).page(&key, 3).await?;
        db.run("INSERT INTO comments (body, likes, post_id) VALUES ('new', -1, 1)").await?;
        db.run("DELETE FROM comments WHERE body = 'one 0'").await?;
        let second = session.scalars(list()).page(&key, 9).after(first.next.expect("there are more")).await?;
        let seen: Vec<i32> = second.items.iter().map(|it| session[*it].likes).collect();
        assert_eq!(seen, [2, 3, 4]);
    }

    async fn the_statement_begins_behind_the_row(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let key = key();
        let list = || select(Comment).order_by(Comment::WRITER_ID.desc());
        let first = session.scalars(list()).page(&key, 2).await?;
        let second = session.scalars(list()).page(&key, 2).after(first.next.expect("there are more"));
        let sent = texts(second.into_future()).await?;
        let text = sent[0].split_once(" WHERE ").expect("it has conditions").1;
        assert_eq!(text, db.pick(
            "(comments.writer_id <= ?1 OR comments.writer_id IS NULL) AND (comments.writer_id < ?2 OR comments.writer_id IS NULL \
             OR comments.writer_id = ?3 AND comments.id > ?4) ORDER BY comments.writer_id DESC, comments.id LIMIT ?5 + 0",
            "(comments.writer_id <= $1 OR comments.writer_id IS NULL) AND (comments.writer_id < $2 OR comments.writer_id IS NULL \
             OR comments.writer_id = $3 AND comments.id > $4) ORDER BY comments.writer_id DESC NULLS LAST, comments.id LIMIT $5",
            "(comments.writer_id <= ? OR comments.writer_id IS NULL) AND (comments.writer_id < ? OR comments.writer_id IS NULL \
             OR comments.writer_id = ? AND comments.id > ?) ORDER BY comments.writer_id DESC, comments.id LIMIT ?",
        ));
    }

    async fn joined_rows_groups_and_labels_have_pages(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let key = key();
        let pairs = || select((Post, Comment::BODY.nullable())).outer_join(Post::COMMENTS).order_by(Post::TITLE);
        let whole = session.execute(pairs().order_by((Post::ID, Comment::ID))).all().await?;
        let mut found = Vec::new();
        let mut at = PageAt::First;
        while let Some(cursor) = {
            let page = session.execute(pairs()).page(&key, 2).at(at).await?;
            found.extend(page.items);
            page.next
        } {
            at = PageAt::After(cursor);
        }
        assert_eq!(found, whole);

        let likes = || {
            select((Comment::POST_ID, func::count(Comment::ID).label("comments"), func::max(Comment::WRITER_ID)))
                .group_by(Comment::POST_ID)
                .order_by((desc("comments"), func::max(Comment::WRITER_ID)))
        };
        let whole = session.execute(likes()).all().await?;
        let first = session.execute(likes()).page(&key, 1).await?;
        let second = session.execute(likes()).page(&key, 1).after(first.next.expect("there are two")).await?;
        assert_eq!([first.items, second.items].concat(), whole);
        let names = || select(Comment::WRITER_ID).distinct().order_by(Comment::WRITER_ID.desc());
        let first = session.scalars(names()).page(&key, 1).await?;
        let second = session.scalars(names()).page(&key, 1).after(first.next.expect("there are two")).await?;
        assert!(first.items[0].is_some() && second.items == [None] && second.next.is_none());
    }

    async fn the_objects_of_a_page_are_loaded_with_what_options_ask_for(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let key = key();
        let list = select(Post).order_by(Post::ID).options(selectinload(Post::COMMENTS)).options(joinedload(Post::EDITOR));
        let page = session.scalars(list).page(&key, 2).await?;
        assert_eq!(session.query_count(), 2);
        assert_eq!(bodies(&session, page.items[0])?.len(), 5);
        assert_eq!(session.view(page.items[1]).editor()?.map(|it| it.name.clone()).as_deref(), Some("Bob"));
    }

    async fn a_cursor_that_was_not_made_for_the_list_is_refused(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let key = key();
        let cursor = session.scalars(select(Post).order_by(Post::TITLE)).page(&key, 1).await?.next.expect("there are more");
        let before = session.query_count();
        let other_order = select(Post).order_by(Post::TITLE.desc());
        refused(session.scalars(other_order).page(&key, 1).after(&cursor).await, ErrorKind::Validation);
        let other_key = CursorKey::new([8; 32])?;
        refused(session.scalars(select(Post).order_by(Post::TITLE)).page(&other_key, 1).after(&cursor).await, ErrorKind::Validation);
        let error = refused(session.scalars(select(Post)).page(&key, 1).before("1 OR 1=1").await, ErrorKind::Validation);
        assert!(error.to_string().contains("begin with the first page again"), "{error}");
        assert_eq!(session.query_count(), before);
    }

    async fn what_has_no_pages_says_why(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let key = key();
        let kind = ErrorKind::Unsupported;
        refused(session.scalars(select(Post).limit(5)).page(&key, 1).await, kind);
        let contained = select(Post).outer_join(Post::COMMENTS).options(contains_eager(Post::COMMENTS));
        refused(session.scalars(contained).page(&key, 1).await, kind);
        let both = select(Post::TITLE).union(select(Tag::NAME));
        refused(session.scalars(both).page(&key, 1).await, kind);
        let query = select(Post::TITLE).subquery("titles");
        refused(session.scalars(select(query.col(Post::TITLE))).page(&key, 1).await, kind);
    }
}
