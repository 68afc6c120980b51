//! Cases of the unit of work that have no place elsewhere, by their numbers in `PARITY.md`.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

/// Has values that only the database knows.
#[derive(Entity, Debug)]
#[entity(table = "parcels")]
pub struct Parcel {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20)]
    pub name: String,
    #[column(validate = is_weight)]
    pub weight: i64,
    #[column(server_default = 7)]
    pub grade: i64,
    #[column(computed = "weight * 2")]
    pub price: i64,
    #[column(foreign_key = Parcel::ID)]
    pub next_to_id: Option<i64>,
    #[relation(foreign_key = next_to_id)]
    pub next_to: BelongsTo<Parcel>,
}

fn is_weight(weight: &i64) -> Result<(), String> {
    if *weight < 0 { Err("nothing weighs less than nothing".to_owned()) } else { Ok(()) }
}

fn parcel(at: i64) -> impl aludel::Related<Parcel> {
    Parcel::builder().name(format!("parcel {at}")).weight(at)
}

on_each_database! {
    /// 48
    async fn a_handle_of_one_session_is_nothing_in_another(db: Db) {
        db.create(&Metadata::of((Parcel,))).await?;
        let (mut one, mut other) = (db.session(), db.session());
        let here = one.insert(parcel(1)).await?;
        one.commit().await?;
        assert!(!other.contains(here) && other.try_get(here).is_none());
        let there = other.get_one::<Parcel>(one[here].id).await?;
        let new = other.add(Parcel::builder().name("new").weight(2).next_to(here));
        refused(other.flush().await, ErrorKind::State);
        other.rollback().await?;
        assert!(other.try_get(new).is_none());
        // Each has an object of its own for the row.
        other[there].name = "theirs".into();
        assert_eq!(one[here].name, "parcel 1");
    }

    /// 50
    async fn a_validator_that_refuses_one_of_many_leaves_memory_and_database_as_they_were(db: Db) {
        db.create(&Metadata::of((Parcel,))).await?;
        let mut session = db.session();
        let old = session.add_all((0..20).map(parcel));
        session.commit().await?;
        for object in &old {
            session[*object].weight += 100;
        }
        session[old[12]].weight = -1;
        let new = session.add(Parcel::builder().name("new").weight(1).next_to(old[0]));
        session.delete(old[19]);
        let before = session.query_count();
        let error = refused(session.flush().await, ErrorKind::Validation);
        assert!(error.to_string().contains("Parcel"), "{error}");
        assert_eq!(session.query_count(), before, "nothing was sent");
        assert_eq!(session.key(new), None);
        assert_eq!((session[old[0]].weight, session[old[12]].weight, session[old[13]].weight), (100, -1, 113));
        assert!(session.is_modified(old[0]) && session.is_modified(old[13]));
        // The cure is enough.
        session[old[12]].weight = 112;
        session.commit().await?;
        assert_eq!(session[new].next_to_id, Some(session[old[0]].id));
        assert_eq!(db.value::<i64>("SELECT sum(weight) FROM parcels WHERE name <> 'new'").await?, 19 * 100 + (0..19).sum::<i64>());
    }

    /// 51
    async fn values_of_the_database_come_to_the_right_object_whatever_the_order(db: Db) {
        db.create(&Metadata::of((Parcel,))).await?;
        let mut session = db.session();
        // Rows of several shapes, in an order that is not the one of any key, and keys that were free again.
        let gone = session.add_all((1000..1040).map(parcel));
        session.flush().await?;
        for object in gone.into_iter().step_by(2) {
            session.delete(object);
        }
        let mut objects = Vec::new();
        for at in 0..400_i64 {
            let weight = at * 7919 % 400;
            let new = Parcel::builder().name(format!("parcel {weight}")).weight(weight);
            objects.push(match at % 3 {
                0 => session.add(new),
                1 => session.add(new.grade(weight)),
                _ => session.add(new.next_to(objects[objects.len() / 2])),
            });
        }
        session.commit().await?;
        for object in &objects {
            session.expire(*object);
        }
        let rows = db.rows("SELECT id, name, weight, grade, price FROM parcels WHERE weight < 1000").await?;
        let mut found = std::collections::HashMap::new();
        for row in &rows {
            let values: (String, i64, i64, i64) = (row.at(1)?, row.at(2)?, row.at(3)?, row.at(4)?);
            found.insert(row.at::<i64>(0)?, values);
        }
        assert_eq!(found.len(), objects.len());
        for object in objects {
            let it = &session[object];
            assert_eq!(found[&it.id], (it.name.clone(), it.weight, it.grade, it.price));
            assert_eq!(it.price, it.weight * 2);
        }
    }
}
