//! A flush that is refused before it sends anything: what the program did stays what it did, and what followed from it is forgotten.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

fn has_a_letter(name: &str) -> Result<(), &'static str> {
    if name.is_empty() { Err("it is empty") } else { Ok(()) }
}

#[derive(Entity, Debug)]
#[entity(table = "houses")]
pub struct House {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, validate = has_a_letter)]
    pub name: String,
    #[relation(back_populates = Room::HOUSE, cascade = "all, delete-orphan")]
    pub rooms: HasMany<Room>,
    #[relation(back_populates = Key::HOUSE)]
    pub keys: HasMany<Key>,
    #[relation(back_populates = Deed::HOUSE, cascade = "all, delete-orphan")]
    pub deed: HasOne<Deed>,
}

#[derive(Entity, Debug)]
#[entity(table = "rooms")]
pub struct Room {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(foreign_key = House::ID)]
    pub house_id: i64,
    #[relation(back_populates = House::ROOMS)]
    pub house: BelongsTo<House>,
}

#[derive(Entity, Debug)]
#[entity(table = "house_keys")]
pub struct Key {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub label: String,
    #[column(foreign_key = House::ID)]
    pub house_id: Option<i64>,
    #[relation(back_populates = House::KEYS)]
    pub house: BelongsTo<House>,
}

#[derive(Entity, Debug)]
#[entity(table = "deeds")]
pub struct Deed {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub number: String,
    #[column(foreign_key = House::ID, unique)]
    pub house_id: i64,
    #[relation(back_populates = House::DEED)]
    pub house: BelongsTo<House>,
}

async fn filled(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((House, Room, Key, Deed))).await?;
    let mut session = db.session();
    for name in ["Hill", "Lake"] {
        session.add(
            House::builder()
                .name(name)
                .rooms(["hall", "loft"].map(|room| Room::builder().name(room)))
                .keys([Key::builder().label("front")])
                .deed(Deed::builder().number(name)),
        );
    }
    session.commit().await
}

async fn house(session: &mut Session, name: &str) -> aludel::Result<Obj<House>> {
    let all = selectinload(House::ROOMS);
    let house = select(House).filter(House::NAME.eq(name)).options(all);
    session.scalars(house.options(selectinload(House::KEYS)).options(selectinload(House::DEED))).one().await
}

/// Spoils an object so that the next flush is refused, and mends it.
async fn refused_once(session: &mut Session, house: Obj<House>) -> aludel::Result<()> {
    let name = std::mem::take(&mut session[house].name);
    refused(session.flush().await, ErrorKind::Validation);
    session[house].name = name;
    Ok(())
}

async fn rooms(db: &Db) -> aludel::Result<Vec<String>> {
    let sql = "SELECT h.name AS house, r.name AS room FROM rooms r JOIN houses h ON h.id = r.house_id ORDER BY 1, 2";
    let both = |row: &Row| Ok(format!("{} {}", row.get::<String>("house")?, row.get::<String>("room")?));
    db.rows(sql).await?.iter().map(both).collect()
}

/// Two houses, and the loft that the program took out of the first before a flush was refused.
async fn without_its_loft(db: &Db) -> aludel::Result<(Session, [Obj<House>; 2], Obj<Room>)> {
    filled(db).await?;
    let mut session = db.session();
    let hill = house(&mut session, "Hill").await?;
    let lake = house(&mut session, "Lake").await?;
    let loft = session[hill].rooms.handles().unwrap()[1];
    session[hill].rooms.remove(loft);
    refused_once(&mut session, hill).await?;
    Ok((session, [hill, lake], loft))
}

on_each_database! {
    async fn an_orphan_that_is_pushed_again_stays(db: Db) {
        let (mut session, [hill, _], loft) = without_its_loft(&db).await?;
        session[hill].rooms.push(loft);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Hill hall", "Hill loft", "Lake hall", "Lake loft"]);
    }

    async fn an_orphan_that_moves_to_another_parent_stays(db: Db) {
        let (mut session, [_, lake], loft) = without_its_loft(&db).await?;
        session[lake].rooms.push(loft);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Hill hall", "Lake hall", "Lake loft", "Lake loft"]);
    }

    async fn an_orphan_that_is_given_a_parent_from_its_side_stays(db: Db) {
        let (mut session, [_, lake], loft) = without_its_loft(&db).await?;
        session[loft].house.set(lake);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Hill hall", "Lake hall", "Lake loft", "Lake loft"]);
    }

    async fn what_an_orphan_was_told_comes_back_with_it(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let loft = session[hill].rooms.handles().unwrap()[1];
        session[loft].name = "studio".into();
        session[hill].rooms.remove(loft);
        refused_once(&mut session, hill).await?;
        assert_eq!((session[loft].name.as_str(), session.deleted().len()), ("studio", 0));
        session[hill].rooms.push(loft);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Hill hall", "Hill studio", "Lake hall", "Lake loft"]);
    }

    async fn what_was_told_of_children_that_would_have_gone_along_comes_back(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let lake = house(&mut session, "Lake").await?;
        let (room, key) = (session[hill].rooms.handles().unwrap()[0], session[hill].keys.handles().unwrap()[0]);
        session[room].name = "studio".into();
        session[key].label = "back".into();
        session.delete(hill);
        refused_once(&mut session, lake).await?;
        assert_eq!((session[room].name.as_str(), session[key].label.as_str()), ("studio", "back"));
        session[room].house.set(lake);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Lake hall", "Lake loft", "Lake studio"]);
        assert_eq!((session[key].label.as_str(), session[key].house_id), ("back", None));
    }

    async fn a_new_child_that_was_taken_out_again_can_be_put_elsewhere(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let lake = house(&mut session, "Lake").await?;
        let attic = session.add(Room::builder().name("attic"));
        session[hill].rooms.push(attic);
        session[hill].rooms.remove(attic);
        refused_once(&mut session, hill).await?;
        assert_eq!(session[attic].name, "attic");
        session[lake].rooms.push(attic);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Hill hall", "Hill loft", "Lake attic", "Lake hall", "Lake loft"]);
    }

    async fn a_new_child_that_was_taken_out_again_is_forgotten_by_the_next_flush(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let attic = session.add(Room::builder().name("attic"));
        session[hill].rooms.push(attic);
        session[hill].rooms.remove(attic);
        refused_once(&mut session, hill).await?;
        session.commit().await?;
        assert!(session.try_get(attic).is_none());
        assert_eq!(rooms(&db).await?, ["Hill hall", "Hill loft", "Lake hall", "Lake loft"]);
    }

    async fn an_orphan_is_deleted_by_the_next_flush(db: Db) {
        let (mut session, ..) = without_its_loft(&db).await?;
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Hill hall", "Lake hall", "Lake loft"]);
    }

    async fn one_that_was_replaced_and_set_again_stays(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let old = session[hill].deed.handle().unwrap();
        let new = session.add(Deed::builder().number("new"));
        session[hill].deed.set(new);
        refused_once(&mut session, hill).await?;
        session[hill].deed.set(old);
        session.expunge(new);
        session.commit().await?;
        let numbers: Vec<String> = db.session().scalars(select(Deed::NUMBER).order_by(Deed::NUMBER)).all().await?;
        assert_eq!(numbers, ["Hill", "Lake"]);
    }

    async fn what_would_have_lost_its_parent_keeps_what_it_has(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let lake = house(&mut session, "Lake").await?;
        let key = session[hill].keys.handles().unwrap()[0];
        let (id, before) = (session[hill].id, session[key].house_id);
        session.delete(hill);
        refused_once(&mut session, lake).await?;
        assert_eq!(session[key].house_id, before);
        assert_eq!(before, Some(id));
        session[key].house.set(lake);
        session.commit().await?;
        assert_eq!(session[key].house_id, Some(session[lake].id));
        assert_eq!(rooms(&db).await?, ["Lake hall", "Lake loft"]);
    }

    async fn children_that_would_have_gone_along_can_be_moved_away(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let lake = house(&mut session, "Lake").await?;
        let [hall, loft] = *session[hill].rooms.handles().unwrap() else { unreachable!() };
        session.delete(hill);
        refused_once(&mut session, lake).await?;
        assert!(session.try_get(hall).is_some() && session.try_get(loft).is_some());
        session[loft].house.set(lake);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Lake hall", "Lake loft", "Lake loft"]);
    }

    async fn a_new_child_of_what_is_deleted_can_be_moved_away(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let hill = house(&mut session, "Hill").await?;
        let lake = house(&mut session, "Lake").await?;
        let attic = session.add(Room::builder().name("attic").house(hill));
        session.delete(hill);
        refused_once(&mut session, lake).await?;
        assert!(session.try_get(attic).is_some());
        session[attic].house.set(lake);
        session.commit().await?;
        assert_eq!(rooms(&db).await?, ["Lake attic", "Lake hall", "Lake loft"]);
    }
}
