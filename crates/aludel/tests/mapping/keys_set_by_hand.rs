//! Foreign keys that are set by hand, beside parents that are deleted or renamed in the same flush: nothing is lost in silence.

use aludel::ObjectState;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, Utc};

/// Everything refers to it, and each of them has a fate of its own.
#[derive(Entity, Debug)]
#[entity(table = "houses")]
pub struct House {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[relation(back_populates = Room::HOUSE, cascade = "all, delete-orphan")]
    pub rooms: HasMany<Room>,
    #[relation(back_populates = Guest::HOUSE)]
    pub guests: HasMany<Guest>,
    #[relation(foreign_key = Bill::HOUSE_NAME)]
    pub bills: HasMany<Bill>,
    #[relation(foreign_key = Key::HOUSE_NAME, cascade = "all")]
    pub keys: HasMany<Key>,
    #[relation(back_populates = Owner::HOUSE)]
    pub owner: HasOne<Owner>,
}

/// Goes with its house, and has children of its own.
#[derive(Entity, Debug)]
#[entity(table = "rooms")]
pub struct Room {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[column(foreign_key = House::NAME, on_update = "cascade", length = 20)]
    pub house_name: String,
    #[relation(back_populates = House::ROOMS)]
    pub house: BelongsTo<House>,
    #[relation(back_populates = Bed::ROOM, cascade = "all")]
    pub beds: HasMany<Bed>,
}

#[derive(Entity, Debug)]
#[entity(table = "beds")]
pub struct Bed {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Room::NAME, on_update = "cascade", length = 20)]
    pub room_name: String,
    #[relation(back_populates = Room::BEDS)]
    pub room: BelongsTo<Room>,
}

/// Loses its house.
#[derive(Entity, Debug)]
#[entity(table = "guests")]
pub struct Guest {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[column(foreign_key = House::NAME, on_update = "cascade", length = 20)]
    pub house_name: Option<String>,
    #[relation(back_populates = House::GUESTS)]
    pub house: BelongsTo<House>,
}

/// Is deleted by the database.
#[derive(Entity, Debug)]
#[entity(table = "bills")]
pub struct Bill {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = House::NAME, on_update = "cascade", on_delete = "cascade", length = 20)]
    pub house_name: String,
}

/// Goes with its house, to which no relation leads.
#[derive(Entity, Debug)]
#[entity(table = "house_keys")]
pub struct Key {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = House::NAME, on_update = "cascade", length = 20)]
    pub house_name: String,
}

/// One for each house.
#[derive(Entity, Debug)]
#[entity(table = "owners")]
pub struct Owner {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[column(foreign_key = House::NAME, on_update = "cascade", length = 20)]
    pub house_name: Option<String>,
    #[relation(back_populates = House::OWNER)]
    pub house: BelongsTo<House>,
}

/// Its row stays when it is deleted, as do those of its pages.
#[derive(Entity, Debug)]
#[entity(table = "books", soft_delete = deleted_at)]
pub struct Book {
    #[column(primary_key)]
    pub id: i64,
    pub deleted_at: Option<DateTime<Utc>>,
    #[relation(back_populates = Page::BOOK, cascade = "all")]
    pub pages: HasMany<Page>,
}

#[derive(Entity, Debug)]
#[entity(table = "pages", soft_delete = deleted_at)]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Book::ID)]
    pub book_id: i64,
    pub deleted_at: Option<DateTime<Utc>>,
    #[relation(back_populates = Book::PAGES)]
    pub book: BelongsTo<Book>,
}

fn tables() -> Metadata {
    Metadata::of((House, Room, Bed, Guest, Bill, Key, Owner))
}

/// Two houses; the first has a room with a bed, a guest, a bill and a key.
async fn houses(db: &Db) -> aludel::Result<(Session, [Obj<House>; 2], Obj<Room>)> {
    db.create(&tables()).await?;
    let mut session = db.session();
    let room = session.add(Room::builder().name("hall").beds([Bed::builder()]));
    let first = House::builder().name("a").guests([Guest::builder().name("kim")]);
    let houses = [
        session.add(first.bills([Bill::builder()]).keys([Key::builder()])),
        session.add(House::builder().name("b")),
    ];
    session[houses[0]].rooms.push(room);
    session.commit().await?;
    Ok((session, houses, room))
}

/// What is in the tables that refer to houses.
async fn rows(db: &Db) -> aludel::Result<Vec<String>> {
    let rows = db.rows(
        "SELECT name, house_name FROM rooms UNION ALL SELECT name, house_name FROM guests UNION ALL SELECT 'bill', house_name FROM bills \
         UNION ALL SELECT 'key', house_name FROM house_keys UNION ALL SELECT name, house_name FROM owners \
         UNION ALL SELECT 'bed', room_name FROM beds ORDER BY 1, 2",
    );
    let line = |row: &aludel::Row| -> aludel::Result<String> {
        Ok(format!(
            "{} {}",
            row.at::<String>(0)?,
            row.at::<Option<String>>(1)?.unwrap_or_else(|| "-".to_owned())
        ))
    };
    rows.await?.iter().map(line).collect()
}

on_each_database! {
    async fn a_new_child_that_was_given_the_key_of_a_deleted_object_is_refused(db: Db) {
        for way in 0..4 {
            for is_first in [true, false] {
                let (mut session, [a, b], hall) = houses(&db).await?;
                if !is_first {
                    session.delete(a);
                }
                let child: aludel::AnyObj = match way {
                    0 => session.add(Room::builder().name("attic").house_name("a")).into(),
                    1 => session.add(Guest::builder().name("lee").house_name("a")).into(),
                    2 => session.add(Bill::builder().house_name("a")).into(),
                    _ => session.add(Key::builder().house_name("a")).into(),
                };
                let name = ["Room#\"attic\"", "Guest#\"lee\"", "a new Bill", "a new Key"][way];
                if is_first {
                    session.delete(a);
                }
                for _ in 0..2 {
                    let error = refused(session.commit().await, ErrorKind::ForeignKeyViolation);
                    let what = format!("`house_name` of {name} was set to the key of House#\"a\"");
                    assert!(error.what().contains(&what), "{error}");
                    assert_eq!(error.column(), Some("house_name"));
                    assert_eq!(session.deleted(), [a.into()]);
                    assert_eq!(session.new(), [child]);
                }
                // Nothing was sent, and nothing is lost: they find other parents.
                session[hall].house.set(b);
                match way {
                    0 => session[child.downcast::<Room>().expect("a room")].house_name = "b".into(),
                    1 => session[child.downcast::<Guest>().expect("a guest")].house_name = None,
                    2 => session[child.downcast::<Bill>().expect("a bill")].house_name = "b".into(),
                    _ => session[child.downcast::<Key>().expect("a key")].house_name = "b".into(),
                }
                session.commit().await?;
                let mut expected = vec!["bed hall", "hall b", "kim -", ["attic b", "lee -", "bill b", "key b"][way]];
                expected.sort_unstable();
                assert_eq!(rows(&db).await?, expected, "way {way}");
                db.engine.drop_all(&tables()).await?;
            }
        }
    }

    async fn a_child_that_moves_by_hand_to_a_deleted_object_is_refused(db: Db) {
        let (mut session, [_, b], hall) = houses(&db).await?;
        session[hall].house_name = "b".into();
        session.delete(b);
        let error = refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        assert!(error.what().contains("`house_name` of Room#\"hall\" was set to the key of House#\"b\""), "{error}");
        assert_eq!(session[hall].house_name, "b");
        session[hall].house_name = "a".into();
        session.commit().await?;
        assert_eq!(rows(&db).await?, ["bed hall", "bill a", "hall a", "key a", "kim a"]);
    }

    async fn a_child_that_was_flushed_goes_with_its_parent_however_it_was_given(db: Db) {
        let (mut session, [a, _], _) = houses(&db).await?;
        session.add(Room::builder().name("attic").house_name("a"));
        session.add(Guest::builder().name("lee").house_name("a"));
        session.add(Key::builder().house_name("a"));
        session.flush().await?;
        session.delete(a);
        session.commit().await?;
        assert_eq!(rows(&db).await?, ["kim -", "lee -"]);
    }

    async fn a_child_that_was_given_by_way_of_a_relation_goes_with_its_parent(db: Db) {
        for way in 0..5 {
            let (mut session, [a, _], _) = houses(&db).await?;
            let room = Room::builder().name("attic");
            let (object, guest, key) = match way {
                0 => (session.add(room.house(a)), Guest::builder().name("lee").house(a), None),
                _ => (session.add(room), Guest::builder().name("lee"), Some(session.add(Key::builder()))),
            };
            let guest = session.add(guest);
            match way {
                0 => {}
                1 => {
                    session[a].rooms.push(object);
                    session[a].guests.push(guest);
                }
                2 => {
                    session.link(a, House::ROOMS, object);
                    session.link(a, House::GUESTS, guest);
                }
                3 => {
                    session.link(object, Room::HOUSE, a);
                    session.link(guest, Guest::HOUSE, a);
                }
                _ => {
                    session[object].house.set(a);
                    session[guest].house.set(a);
                }
            }
            if let Some(key) = key {
                if way % 2 == 0 { session.link(a, House::KEYS, key) } else { session[a].keys.push(key) }
            }
            session.delete(a);
            // What relations were told is known though a flush that took note of it was refused.
            let stray = session.add(Guest::builder().name("pat").house_name("a"));
            refused(session.flush().await, ErrorKind::ForeignKeyViolation);
            session.delete(stray);
            session.commit().await?;
            assert_eq!(session.state(object), ObjectState::Detached);
            assert_eq!(rows(&db).await?, ["kim -", "lee -"], "way {way}");
            db.engine.drop_all(&tables()).await?;
        }
    }

    async fn a_child_follows_a_parent_that_is_renamed_after_a_flush_was_refused(db: Db) {
        let (mut session, [_, b], _) = houses(&db).await?;
        let new = session.add(House::builder().name("c"));
        let keys = [session.add(Key::builder()), session.add(Key::builder())];
        session[new].keys.push(keys[0]);
        session[b].keys.push(keys[1]);
        let twin = session.add(House::builder().name("c"));
        refused(session.flush().await, ErrorKind::UniqueViolation);
        session.delete(twin);
        session[new].name = "d".into();
        session[b].name = "e".into();
        session.commit().await?;
        assert_eq!(rows(&db).await?, ["bed hall", "bill a", "hall a", "key a", "key d", "key e", "kim a"]);
    }

    async fn what_goes_along_takes_its_own_along_by_its_old_key_and_its_new_one(db: Db) {
        let (mut session, [a, b], hall) = houses(&db).await?;
        let other = session.add(Room::builder().name("other").house(b).beds([Bed::builder()]));
        session.commit().await?;
        // The bed that is there refers to the old key, the new one is given to a room that has another.
        session[hall].name = "other".into();
        session[other].name = "hall".into();
        let bed = session.add(Bed::builder());
        session[hall].beds.push(bed);
        session.delete(a);
        session.commit().await?;
        assert_eq!(rows(&db).await?, ["bed hall", "hall b", "kim -"]);
    }

    async fn new_children_of_new_children_are_forgotten_with_them(db: Db) {
        let (mut session, [a, _], _) = houses(&db).await?;
        let attic = session.add(Room::builder().name("attic").house(a).beds([Bed::builder()]));
        let bed = session.add(Bed::builder().room(attic));
        session.delete(a);
        session.commit().await?;
        assert_eq!((session.state(attic), session.state(bed)), (ObjectState::Detached, ObjectState::Detached));
        assert_eq!(rows(&db).await?, ["kim -"]);
    }

    async fn one_that_is_replaced_is_found_though_its_parent_is_renamed(db: Db) {
        let (mut session, [a, b], _) = houses(&db).await?;
        session.add(Owner::builder().name("old").house(a));
        session.add(Owner::builder().name("other").house(b));
        session.commit().await?;
        let new = session.add(Owner::builder().name("new"));
        for (house, name) in [(a, "b"), (b, "a")] {
            session[house].name = name.into();
        }
        session[a].owner.set(new);
        session.commit().await?;
        assert_eq!(rows(&db).await?, ["bed hall", "bill b", "hall b", "key b", "kim b", "new b", "old -", "other a"]);
    }

    async fn a_new_child_of_a_softly_deleted_object_is_refused_as_well(db: Db) {
        db.create(&Metadata::of((Book, Page))).await?;
        let mut session = db.session();
        let book = session.add(Book::builder());
        session.commit().await?;
        let key = session[book].id;
        session.delete(book);
        let page = session.add(Page::builder().book_id(key));
        let error = refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        assert!(error.what().contains("`book_id` of a new Page was set to the key of Book#1"), "{error}");
        session.delete(page);
        let page = session.add(Page::builder().book(book));
        session.commit().await?;
        assert_eq!((db.count("pages").await?, session.state(page)), (0, ObjectState::Detached));
    }
}
