//! `onupdate`: values that come with each UPDATE.

use std::sync::atomic::{AtomicI64, Ordering};

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::log::log;

/// Another number at each call.
fn tick() -> i64 {
    static TICKS: AtomicI64 = AtomicI64::new(1);
    TICKS.fetch_add(1, Ordering::Relaxed)
}

#[derive(Entity, Debug)]
#[entity(table = "notes")]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub text: String,
    #[column(onupdate = tick())]
    pub changed: Option<i64>,
    #[column(length = 20, default = "somebody", onupdate = "a flush")]
    pub changed_by: String,
    #[column(version)]
    pub version: i64,
}

/// Its total is computed by the database.
#[derive(Entity, Debug)]
#[entity(table = "bills")]
pub struct Bill {
    #[column(primary_key)]
    pub id: i64,
    pub net: i32,
    #[column(computed = "net * 2")]
    pub total: i32,
}

#[derive(Changeset)]
#[changeset(Bill)]
struct Net {
    net: Option<i32>,
}

async fn notes(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Note,))).await?;
    let mut session = db.session();
    session.add_all(["one", "two"].map(|text| Note::builder().text(text)));
    session.commit().await
}

on_each_database! {
    async fn a_changed_row_gets_a_new_value_and_others_do_not(db: Db) {
        notes(&db).await?;
        let mut session = db.session();
        let found = session.scalars(select(Note).order_by(Note::ID)).all().await?;
        assert_eq!((session[found[0]].changed, session[found[0]].changed_by.as_str()), (None, "somebody"));
        let sent = log(async {
            session[found[0]].text.push('!');
            session[found[1]].text = "two".into();
            session.commit().await
        });
        assert_eq!(sent.await?, ["UPDATE notes SET text, changed, changed_by, version"]);
        let first = session[found[0]].changed.expect("it was changed");
        assert_eq!((session[found[0]].changed_by.as_str(), session[found[0]].version), ("a flush", 2));
        assert_eq!((session[found[1]].changed, session[found[1]].version), (None, 1));
        assert_eq!(db.value::<i64>("SELECT changed FROM notes WHERE id = 1").await?, first);
        session[found[0]].text.push('!');
        session.commit().await?;
        assert!(session[found[0]].changed > Some(first));
    }

    async fn what_the_program_sets_stays(db: Db) {
        notes(&db).await?;
        let mut session = db.session();
        let note = session.get_one::<Note>(1).await?;
        session[note].changed = Some(-7);
        session.commit().await?;
        assert_eq!((session[note].changed, session[note].changed_by.as_str()), (Some(-7), "a flush"));
        assert_eq!(db.value::<i64>("SELECT changed FROM notes WHERE id = 1").await?, -7);
    }

    async fn a_rollback_takes_it_back(db: Db) {
        notes(&db).await?;
        let mut session = db.session();
        let note = session.get_one::<Note>(1).await?;
        session[note].text.push('!');
        session.flush().await?;
        assert!(session[note].changed.is_some());
        session.rollback().await?;
        assert_eq!((session[note].changed, session[note].changed_by.as_str()), (None, "somebody"));
    }

    async fn an_update_by_condition_sets_it_too(db: Db) {
        notes(&db).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(update(Note).set(Note::TEXT, "same")).await?;
        let rows = conn.execute(select((Note::CHANGED_BY, Note::VERSION)).filter(Note::CHANGED.is_not_null())).all().await?;
        assert_eq!(rows, vec![("a flush".to_owned(), 2); 2]);
        conn.execute(update(Note).set(Note::CHANGED_BY, "a person").set(Note::TEXT, "other")).await?;
        assert_eq!(db.value::<String>("SELECT changed_by FROM notes WHERE id = 2").await?, "a person");
    }

    async fn what_the_database_computes_of_a_changed_row_is_shown_by_the_next_query(db: Db) {
        db.create(&Metadata::of((Bill,))).await?;
        let mut session = db.session();
        let bill = session.insert(Bill::builder().net(1)).await?;
        session.commit().await?;
        session.get::<Bill>(1).await?;
        session[bill].net = 10;
        session.flush().await?;
        session.get::<Bill>(1).await?;
        assert_eq!(session[bill].total, 20);
        session.bulk_update::<Bill, _, _>([(1_i64, Net { net: Some(11) })]).await?;
        session.get::<Bill>(1).await?;
        assert_eq!((session[bill].net, session[bill].total), (11, 22));
        let mut nested = session.begin_nested().await?;
        nested[bill].net = 12;
        nested.flush().await?;
        nested.get::<Bill>(1).await?;
        assert_eq!(nested[bill].total, 24);
        nested.rollback().await?;
        session.get::<Bill>(1).await?;
        assert_eq!((session[bill].net, session[bill].total), (11, 22));
        assert!(session.dirty().is_empty());
    }
}
