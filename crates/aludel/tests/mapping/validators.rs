//! `validate`: values that are refused before a flush sends them.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

fn has_an_at(email: &str) -> Result<(), &'static str> {
    if email.contains('@') { Ok(()) } else { Err("it has no `@`") }
}

fn is_adult(age: &i32) -> Result<(), String> {
    if *age >= 18 { Ok(()) } else { Err(format!("{} years are missing", 18 - age)) }
}

#[derive(Entity, Debug)]
#[entity(table = "members")]
pub struct Member {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, validate = has_an_at)]
    pub email: String,
    #[column(validate = is_adult)]
    pub age: Option<i32>,
    #[column(validate = |text: &str| if text.is_empty() { Err("it is empty") } else { Ok(()) })]
    pub about: Deferred<String>,
}

on_each_database! {
    async fn a_new_object_with_a_wrong_value_is_not_sent(db: Db) {
        db.create(&Metadata::of((Member,))).await?;
        let mut session = db.session();
        session.add(Member::builder().email("ada@example.org").age(36).about("one"));
        let wrong = session.add(Member::builder().email("nobody").about("two"));
        let sent = log(async {
            let error = refused(session.commit().await, ErrorKind::Validation);
            assert_eq!((error.table(), error.column()), (Some("members"), Some("email")));
            assert!(error.to_string().contains("`email` of a new Member: it has no `@`"), "{error}");
            assert!(!error.to_string().contains("nobody"), "{error}");
            Ok(())
        });
        assert_eq!(sent.await?, [""; 0]);
        // The session can go on: mended, both are sent.
        session[wrong].email = "bob@example.org".into();
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM members").await?, 2);
    }

    async fn a_changed_value_is_looked_at_and_others_are_not(db: Db) {
        db.create(&Metadata::of((Member,))).await?;
        db.run("INSERT INTO members (email, age, about) VALUES ('old', 17, 'x')").await?;
        let mut session = db.session();
        let member = session.scalars(select(Member)).one().await?;
        session[member].age = None;
        session.commit().await?;
        session[member].age = Some(15);
        let error = refused(session.flush().await, ErrorKind::Validation);
        assert!(error.to_string().contains("`age` of Member#1: 3 years are missing"), "{error}");
        session[member].age = Some(18);
        session[member].about = Deferred::new(String::new());
        let error = refused(session.flush().await, ErrorKind::Validation);
        assert!(error.to_string().contains("`about` of Member#1: it is empty"), "{error}");
        session.rollback().await?;
        assert_eq!(session[member].age, None);
    }
}
