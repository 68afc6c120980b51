//! FULL JOIN: the rows of both sides, whether they have a partner or not.

use std::collections::BTreeSet;

use aludel::association_table;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, Utc};

/// Somebody who may have borrowed a book.
#[derive(Entity, Clone, Debug)]
#[entity(table = "readers", soft_delete = gone)]
struct Reader {
    #[column(primary_key)]
    id: i64,
    city: i64,
    gone: Option<DateTime<Utc>>,
    #[relation(secondary = LOAN, back_populates = Volume::READERS)]
    volumes: HasMany<Volume>,
}

/// A book that somebody may have borrowed.
#[derive(Entity, Clone, Debug)]
#[entity(table = "volumes", soft_delete = gone)]
struct Volume {
    #[column(primary_key)]
    id: i64,
    city: i64,
    #[column(length = 20)]
    title: String,
    gone: Option<DateTime<Utc>>,
    #[relation(secondary = LOAN, back_populates = Reader::VOLUMES)]
    readers: HasMany<Reader>,
}

association_table! {
    LOAN = "loan" { reader_id => Reader::ID, volume_id => Volume::ID }
}

/// Cities of readers by their number, and of volumes; the last of each are gone.
const READERS: [i64; 6] = [1, 1, 2, 5, 7, 3];
const VOLUMES: [i64; 6] = [1, 1, 3, 4, 5, 2];
const LOANS: [(i64, i64); 4] = [(1, 1), (1, 2), (3, 2), (2, 6)];

type Pair = (Option<i64>, Option<i64>);

async fn library(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of((Reader, Volume, LOAN))).await?;
    let mut conn = db.engine.connect().await?;
    let gone = |at: usize| (at == 5).then(DateTime::<Utc>::default);
    let readers = READERS
        .iter()
        .enumerate()
        .map(|(at, city)| Reader::builder().id(at as i64 + 1).city(*city).gone(gone(at)));
    conn.execute(insert(Reader).values(readers)).await?;
    let volumes = VOLUMES.iter().enumerate().map(|(at, city)| {
        Volume::builder().id(at as i64 + 1).city(*city).title(format!("volume {}", at + 1)).gone(gone(at))
    });
    conn.execute(insert(Volume).values(volumes)).await?;
    for (reader, volume) in LOANS {
        db.run(&format!("INSERT INTO loan (reader_id, volume_id) VALUES ({reader}, {volume})")).await?;
    }
    Ok(conn)
}

/// What a FULL JOIN of those who are not gone has to give, by its definition.
fn joined(matches: impl Fn(usize, usize) -> bool) -> BTreeSet<Pair> {
    let (readers, volumes) = (0..READERS.len() - 1, 0..VOLUMES.len() - 1);
    let number = |at: usize| Some(at as i64 + 1);
    let mut rows = BTreeSet::new();
    for reader in readers.clone() {
        rows.extend(volumes.clone().filter(|it| matches(reader, *it)).map(|it| (number(reader), number(it))));
        if !volumes.clone().any(|it| matches(reader, it)) {
            rows.insert((number(reader), None));
        }
    }
    let alone = volumes.filter(|it| !readers.clone().any(|reader| matches(reader, *it)));
    rows.extend(alone.map(|it| (None, number(it))));
    rows
}

/// Rows as a set, in which none is twice.
fn set(rows: Vec<Pair>) -> BTreeSet<Pair> {
    let found: BTreeSet<_> = rows.iter().copied().collect();
    assert_eq!(found.len(), rows.len(), "{rows:?}");
    found
}

fn ids() -> (aludel::Expr<Option<i64>>, aludel::Expr<Option<i64>>) {
    (Reader::ID.nullable(), Volume::ID.nullable())
}

on_each_database! {
    #[except(mariadb, "it has no FULL JOIN")]
    async fn rows_of_both_sides_are_kept(db: Db) {
        let mut conn = library(&db).await?;
        let on_city = |reader: usize, volume: usize| READERS[reader] == VOLUMES[volume];
        let same_city = select(ids()).full_join_on(Volume, Volume::CITY.eq(Reader::CITY));
        assert_eq!(set(conn.execute(same_city.clone()).all().await?), joined(on_city));
        // A further condition is one of the join, and not of the rows.
        let first = Volume::CITY.eq(Reader::CITY).and(Volume::ID.lt(Reader::ID));
        assert_eq!(
            set(conn.execute(select(ids()).full_join_on(Volume, first)).all().await?),
            joined(|reader, volume| on_city(reader, volume) && volume < reader)
        );
        // A filter is one of the rows, and an entity is there or not.
        let alone = same_city.filter(Reader::ID.is_null()).order_by(Volume::ID);
        assert_eq!(conn.execute(alone).all().await?, [(None, Some(3)), (None, Some(4))]);
        let whole = select((optional(Reader), optional(Volume)))
            .full_join_on(Volume, Volume::CITY.eq(Reader::CITY));
        let rows = conn.execute(whole).all().await?;
        let rows = rows.into_iter().map(|(reader, volume)| (reader.map(|it| it.id), volume.map(|it| it.id)));
        assert_eq!(set(rows.collect()), joined(on_city));
    }

    #[except(mariadb, "it has no FULL JOIN")]
    async fn rows_to_which_nothing_leads_are_kept_through_an_association_table(db: Db) {
        let mut conn = library(&db).await?;
        let lent = |reader: usize, volume: usize| {
            LOANS.contains(&(reader as i64 + 1, volume as i64 + 1))
        };
        let rows = conn.execute(select(ids()).full_join(Reader::VOLUMES)).all().await?;
        assert_eq!(set(rows), joined(lent));
    }

    #[except(mariadb, "it has no FULL JOIN")]
    async fn groups_and_further_joins_take_its_rows(db: Db) {
        let mut conn = library(&db).await?;
        let per_city = select((func::coalesce(Reader::CITY, Volume::CITY).nullable(), func::count_star()))
            .full_join_on(Volume, Volume::CITY.eq(Reader::CITY))
            .group_by(func::coalesce(Reader::CITY, Volume::CITY))
            .order_by(func::coalesce(Reader::CITY, Volume::CITY).asc());
        assert_eq!(
            conn.execute(per_city).all().await?,
            [(1, 4), (2, 1), (3, 1), (4, 1), (5, 1), (7, 1)].map(|(city, rows)| (Some(city), rows))
        );
        // What depends on a grouped key is selected with it.
        let counted = select((Volume::TITLE.nullable(), func::count(Reader::ID)))
            .select_from(Reader)
            .full_join_on(Volume, Volume::CITY.eq(Reader::CITY))
            .group_by(Volume::ID)
            .order_by(Volume::ID);
        let rows: Vec<(Option<String>, i64)> = conn.execute(counted).all().await?;
        assert_eq!((rows.len(), &rows[0], rows[1].1), (6, &(None, 2), 2));

        let other = alias(Reader, "other");
        let three = select((Volume::ID.nullable(), other.col(Reader::ID)))
            .select_from(Reader)
            .full_join_on(Volume, Volume::CITY.eq(Reader::CITY))
            .join_on(other, other.col(Reader::ID).eq(Volume::ID))
            .filter(Reader::ID.is_null())
            .order_by(Volume::ID);
        assert_eq!(conn.execute(three).all().await?, [(Some(3), 3), (Some(4), 4)]);
    }

    #[except(mariadb, "it has no FULL JOIN")]
    async fn queries_stand_on_either_side(db: Db) {
        let mut conn = library(&db).await?;
        let readers = select((Reader::CITY, func::count_star().label("n"))).group_by(Reader::CITY).subquery("r");
        let volumes = select((Volume::CITY, func::count_star().label("n"))).group_by(Volume::CITY).cte("v");
        let both = select((readers.named::<i64>("n").nullable(), volumes.named::<i64>("n").nullable()))
            .full_join_on(&volumes, volumes.col(Volume::CITY).eq(readers.col(Reader::CITY)))
            .order_by(func::coalesce(readers.col(Reader::CITY), volumes.col(Volume::CITY)).asc());
        assert_eq!(
            conn.execute(both).all().await?,
            [
                (Some(2), Some(2)),
                (Some(1), None),
                (None, Some(1)),
                (None, Some(1)),
                (Some(1), Some(1)),
                (Some(1), None)
            ]
        );
    }

    #[only(mariadb, "the others have it")]
    async fn a_database_without_it_says_so_before_anything_is_sent(db: Db) {
        let mut conn = library(&db).await?;
        let error = refused(conn.execute(select(ids()).full_join(Reader::VOLUMES)).all().await, ErrorKind::Unsupported);
        assert_eq!(error.what(), "MariaDB has no FULL JOIN");
        // It would have read FULL as a name for the first table, and joined the others.
        let way_round = {
            let lent = select(Volume::ID).join(Volume::READERS);
            let some = select(ids()).outer_join(Reader::VOLUMES);
            let alone = select((Reader::ID.nullable(), Volume::ID.nullable()))
                .select_from(Volume)
                .outer_join_on(Reader, Reader::ID.is_null())
                .filter(Volume::ID.not_in(lent));
            some.union_all(alone)
        };
        let rows = conn.execute(way_round).all().await?;
        let lent = |reader: usize, volume: usize| LOANS.contains(&(reader as i64 + 1, volume as i64 + 1));
        assert_eq!(set(rows), joined(lent));
    }
}
