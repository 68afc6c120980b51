//! Keys that people give and change, and hand from one object to another: what refers to them by value is that of the right one.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

/// Children lose a parent that is deleted.
#[derive(Entity, Debug)]
#[entity(table = "bands")]
pub struct Band {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[column(length = 20)]
    pub style: Option<String>,
    #[relation(back_populates = Singer::BAND)]
    pub singers: HasMany<Singer>,
}

#[derive(Entity, Debug)]
#[entity(table = "singers")]
pub struct Singer {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[column(foreign_key = Band::NAME, on_update = "cascade", length = 20)]
    pub band_name: Option<String>,
    #[relation(back_populates = Band::SINGERS)]
    pub band: BelongsTo<Band>,
}

/// Children go with a parent that is deleted.
#[derive(Entity, Debug)]
#[entity(table = "orders")]
pub struct Order {
    #[column(primary_key, length = 20)]
    pub code: String,
    #[relation(back_populates = Line::ORDER, cascade = "all, delete-orphan")]
    pub lines: HasMany<Line>,
}

#[derive(Entity, Debug)]
#[entity(table = "order_lines")]
pub struct Line {
    #[column(primary_key, foreign_key = Order::CODE, on_update = "cascade", length = 20)]
    pub code: String,
    #[column(primary_key)]
    pub number: i32,
    #[column(length = 20)]
    pub what: String,
    #[relation(back_populates = Order::LINES)]
    pub order: BelongsTo<Order>,
}

/// Is referred to by a unique column that is not its key.
#[derive(Entity, Debug)]
#[entity(table = "halls")]
pub struct Hall {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20, unique)]
    pub code: String,
    #[relation(back_populates = Concert::HALL)]
    pub concerts: HasMany<Concert>,
}

#[derive(Entity, Debug)]
#[entity(table = "concerts")]
pub struct Concert {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Hall::CODE, length = 20)]
    pub hall_code: String,
    #[relation(back_populates = Hall::CONCERTS)]
    pub hall: BelongsTo<Hall>,
}

/// A seat of a hall that is full has no code.
#[derive(Entity, Debug)]
#[entity(table = "seats")]
pub struct Seat {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20, unique)]
    pub code: Option<String>,
}

/// Follows the code of its seat.
#[derive(Entity, Debug)]
#[entity(table = "tickets")]
pub struct Ticket {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Seat::CODE, on_update = "cascade", length = 20)]
    pub seat_code: Option<String>,
}

fn tables() -> Metadata {
    Metadata::of((Band, Singer, Order, Line))
}

fn line(number: i32, what: &str) -> impl Related<Line> {
    Line::builder().number(number).what(what)
}

/// The band `a` with the singers `a1` and `a2`, and `b` with `b1`: all are loaded.
async fn bands(db: &Db) -> aludel::Result<(Session, [Obj<Band>; 2], [Obj<Singer>; 3])> {
    db.create(&tables()).await?;
    let mut session = db.session();
    let singers = ["a1", "a2", "b1"].map(|name| session.add(Singer::builder().name(name)));
    let [a1, a2, b1] = singers;
    let a = session.add(Band::builder().name("a").singers([a1, a2]));
    let b = session.add(Band::builder().name("b").singers([b1]));
    session.commit().await?;
    Ok((session, [a, b], singers))
}

/// What memory says of bands, which is what the database says: `a: a1 a2`.
async fn check(db: &Db, session: &Session, bands: &[Obj<Band>]) -> aludel::Result<Vec<String>> {
    let told = |session: &Session, band: Obj<Band>| -> aludel::Result<String> {
        let singers = session.view(band).singers()?;
        let mut names: Vec<&str> = singers.map(|it| it.entity().name.as_str()).collect();
        names.sort_unstable();
        Ok(format!("{}: {}", session[band].name, names.join(" ")))
    };
    let mut here = bands.iter().map(|it| told(session, *it)).collect::<aludel::Result<Vec<_>>>()?;
    here.sort_unstable();
    let mut other = db.session();
    let all = select(Band).options(selectinload(Band::SINGERS)).order_by(Band::NAME);
    let all = other.scalars(all).all().await?;
    let there = all.into_iter().map(|it| told(&other, it)).collect::<aludel::Result<Vec<_>>>()?;
    assert_eq!(here, there);
    for band in bands {
        for singer in session.view(*band).singers()? {
            assert_eq!(singer.band_name.as_ref(), Some(&session[*band].name));
            let leads_to = singer.band.handle();
            assert!(leads_to.is_none_or(|it| it == *band), "{} leads to {leads_to:?}", singer.name);
        }
    }
    Ok(here)
}

on_each_database! {
    async fn objects_that_swap_keys_keep_their_children(db: Db) {
        let (mut session, [a, b], [a1, _, b1]) = bands(&db).await?;
        for _ in 0..2 {
            session[a].name = "b".into();
            session[b].name = "a".into();
            session.flush().await?;
            assert_eq!(session[a1].band_name.as_deref(), Some("b"));
            assert_eq!(session[b1].band_name.as_deref(), Some("a"));
            session.rollback().await?;
            assert_eq!(session[a1].band_name.as_deref(), Some("a"));
            assert_eq!(session[b1].band_name.as_deref(), Some("b"));
        }
        session[a].name = "b".into();
        session[b].name = "a".into();
        session.commit().await?;
        session.load_all([a, b], Band::SINGERS).await?;
        assert_eq!(check(&db, &session, &[a, b]).await?, ["a: b1", "b: a1 a2"]);
    }

    async fn a_child_finds_the_object_that_gets_the_key_it_was_given(db: Db) {
        let (mut session, [a, b], [_, _, b1]) = bands(&db).await?;
        session[a].name = "z".into();
        session[b1].band_name = Some("z".into());
        session.add(Singer::builder().name("n").band_name("z"));
        session.commit().await?;
        assert_eq!(session[b1].band.handle(), Some(a));
        assert_eq!(check(&db, &session, &[a, b]).await?, ["b: ", "z: a1 a2 b1 n"]);
    }

    async fn a_child_does_not_find_the_object_that_gives_its_key_up(db: Db) {
        let (mut session, [a, b], [_, _, b1]) = bands(&db).await?;
        session[a].name = "z".into();
        let next = session.add(Band::builder().name("a"));
        session[b1].band_name = Some("a".into());
        session.add(Singer::builder().name("n").band_name("a"));
        session.commit().await?;
        assert_eq!(session[b1].band.handle(), Some(next));
        assert_eq!(check(&db, &session, &[a, b, next]).await?, ["a: b1 n", "b: ", "z: a1 a2"]);
    }

    async fn new_children_of_a_new_object_are_not_those_of_the_deleted_one_whose_key_it_has(db: Db) {
        let (mut session, [a, b], [a1, ..]) = bands(&db).await?;
        session.delete(a);
        let new = session.add(Band::builder().name("a").style("rock").singers([Singer::builder().name("n")]));
        session.add(Singer::builder().name("m").band_name("a"));
        session.commit().await?;
        assert_eq!(session[a1].band_name, None);
        assert_eq!(check(&db, &session, &[b, new]).await?, ["a: m n", "b: b1"]);

        db.create(&tables()).await?;
        let old = session.add(Order::builder().code("o").lines([line(1, "old"), line(2, "old")]));
        session.commit().await?;
        session.delete(old);
        session.add(Order::builder().code("o").lines([line(1, "new"), line(3, "new")]));
        session.commit().await?;
        let lines = db.rows("SELECT number, what FROM order_lines ORDER BY number").await?;
        let lines: Vec<(i32, String)> =
            lines.iter().map(|it| Ok((it.at(0)?, it.at(1)?))).collect::<aludel::Result<_>>()?;
        assert_eq!(lines, [(1, "new".to_owned()), (3, "new".to_owned())]);
    }

    async fn children_given_to_a_new_object_are_not_those_of_the_deleted_one_whose_key_it_has(db: Db) {
        for way in 0..3 {
            let (mut session, [a, b], [_, _, b1]) = bands(&db).await?;
            session.delete(a);
            let new = session.add(Band::builder().name("a"));
            match way {
                0 => session[b1].band.set(new),
                1 => session[new].singers.push(b1),
                _ => session[b1].band_name = Some("a".into()),
            }
            session.commit().await?;
            assert_eq!(check(&db, &session, &[b, new]).await?, ["a: b1", "b: "], "way {way}");
            db.engine.drop_all(&tables()).await?;
        }
    }

    async fn a_child_that_would_have_no_parent_for_a_while_is_refused(db: Db) {
        let (mut session, [a, _], [a1, ..]) = bands(&db).await?;
        session.delete(a);
        let new = session.add(Band::builder().name("a"));
        session[a1].band.set(new);
        for _ in 0..2 {
            let error = refused(session.commit().await, ErrorKind::State);
            assert!(error.what().contains("Singer#\"a1\" cannot stay with Band#\"a\""), "{error}");
        }
        session.rollback().await?;
        session.delete(a);
        session.flush().await?;
        let new = session.add(Band::builder().name("a"));
        session[a1].band.set(new);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT COUNT(*) FROM singers WHERE band_name = 'a'").await?, 1);
    }

    async fn a_foreign_key_to_a_unique_column_moves_the_child_between_loaded_collections(db: Db) {
        db.create(&Metadata::of((Hall, Concert))).await?;
        let mut session = db.session();
        let concert = session.add(Concert::builder());
        let one = session.add(Hall::builder().code("one").concerts([concert]));
        let two = session.add(Hall::builder().code("two").concerts([Concert::builder()]));
        session.commit().await?;
        session[concert].hall_code = "two".into();
        session.flush().await?;
        assert_eq!((session.view(one).concerts()?.len(), session.view(two).concerts()?.len()), (0, 2));
        assert_eq!(session[concert].hall.handle(), Some(two));
        session[concert].hall.set(one);
        session.flush().await?;
        assert_eq!((session.view(one).concerts()?.len(), session.view(two).concerts()?.len()), (1, 1));
        session.delete(concert);
        session.commit().await?;
        assert_eq!((session.view(one).concerts()?.len(), session.view(two).concerts()?.len()), (0, 1));
    }

    async fn what_refers_to_a_unique_value_follows_it_when_two_rows_swap_theirs(db: Db) {
        db.create(&Metadata::of((Seat, Ticket))).await?;
        let mut session = db.session();
        let seats = ["one", "two"].map(|code| session.add(Seat::builder().code(code)));
        session.flush().await?;
        let tickets = ["one", "two"].map(|code| session.add(Ticket::builder().seat_code(code)));
        session.commit().await?;
        for (seat, code) in seats.into_iter().zip(["two", "one"]) {
            session[seat].code = Some(code.to_owned());
        }
        session.commit().await?;
        for (ticket, code) in tickets.into_iter().zip(["two", "one"]) {
            session.refresh(ticket).await?;
            assert_eq!(session[ticket].seat_code.as_deref(), Some(code));
        }
    }
}
