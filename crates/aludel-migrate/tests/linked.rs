//! Entities are found by the linker, in a crate that forbids unsafe code; and revisions can be part of a program.

#![forbid(unsafe_code)]

use aludel::prelude::*;
use aludel_migrate::{read_metadata, write_metadata};
use aludel_suite::{Db, on_each_database};

mod models {
    use aludel::prelude::*;

    #[derive(Entity, Debug)]
    #[entity(table = "users")]
    pub struct User {
        #[column(primary_key)]
        pub id: i64,
        #[column(length = 255, unique)]
        pub email: String,
        #[relation(secondary = USER_TAG, back_populates = Tag::USERS)]
        pub tags: HasMany<Tag>,
    }

    #[derive(Entity, Debug)]
    #[entity(table = "tags")]
    pub struct Tag {
        #[column(primary_key)]
        pub id: i64,
        #[relation(secondary = USER_TAG, back_populates = User::TAGS)]
        pub users: HasMany<User>,
    }

    aludel::association_table! {
        pub USER_TAG = "user_tag" { user_id => User::ID, tag_id => Tag::ID }
    }
}

#[test]
fn every_entity_of_the_program_is_in_its_metadata() {
    let linked = Metadata::linked();
    let names: Vec<&str> = linked.tables().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["tags", "user_tag", "users"]);
    assert_eq!(linked.table(None, "users"), Some(&models::User::table()));
    assert_eq!(read_metadata(&write_metadata(&linked)).unwrap(), linked);
}

on_each_database! {
    async fn a_program_brings_its_database_up_to_date(db: Db) {
        let migrations = aludel::embed_migrations!("tests/golden/first");
        assert_eq!(migrations.upgrade(&db.engine, "head").await?.len(), 2);
        assert!(migrations.upgrade(&db.engine, "head").await?.is_empty());
        db.run("INSERT INTO users (email, bio) VALUES ('sam@uae.dev', 'a')").await?;
        assert_eq!(migrations.downgrade(&db.engine, "-1").await.unwrap_err().kind(), ErrorKind::DataLoss);
        migrations.allow_data_loss(true).downgrade(&db.engine, "-1").await?;
        assert_eq!(db.count("users").await?, 1);
    }
}
