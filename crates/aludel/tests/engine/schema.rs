//! create_all and drop_all of everything that a schema has.

use aludel::prelude::*;
use aludel::schema::{ColumnDef, EnumType, Index, Sequence, Table, Type};
use aludel::{Metadata, SqlType};
use aludel_suite::{Db, on_each_database, refused};

/// Has what every database has.
#[derive(Entity, Debug)]
#[entity(
    table = "items",
    comment = "what is ordered",
    unique(order_no, place, name = "uq_place"),
    index(price.desc(), order_no),
    checks("price >= 0", name = "price"),
    sqlite(strict),
    postgres(with = "fillfactor = 70"),
    mysql(row_format = "DYNAMIC")
)]
pub struct Item {
    #[column(primary_key)]
    pub id: i64,
    pub order_no: i64,
    pub place: i32,
    pub price: i64,
    pub amount: i64,
    #[column(computed = "price * amount")]
    pub total: i64,
}

/// Refers to two columns of an item.
#[derive(Entity, Debug)]
#[entity(
    table = "notes",
    foreign_key((order_no, place) => (Item::ORDER_NO, Item::PLACE), on_delete = "cascade")
)]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub order_no: i64,
    pub place: i32,
}

pub fn mood() -> EnumType {
    EnumType::new("mood", ["sad", "it's ok", "happy"])
}

/// A table with a column of an enum type, in a schema or not.
pub fn people(schema: Option<&str>) -> Table {
    let mut people = Table::new("people");
    people.schema = schema.map(str::to_owned);
    let mood = EnumType { schema: people.schema.clone(), ..mood() };
    people.columns =
        vec![ColumnDef::new("name", SqlType::Varchar(20)), ColumnDef::new("mood", Type::Enum(mood))];
    people.primary_key.columns = vec!["name".into()];
    people.indexes = vec![Index::on("ix_people_mood", ["mood"])];
    people
}

on_each_database! {
    async fn a_column_that_the_database_computes_is_read_back(db: Db) {
        db.create(&Metadata::of(Item)).await?;
        let mut session = db.session();
        let item = session.add(Item::builder().order_no(1).place(1).price(5).amount(3));
        session.flush().await?;
        assert_eq!(session[item].total, 15);
        session[item].total = 7;
        session[item].amount = 4;
        session.commit().await?;
        session.refresh(item).await?;
        assert_eq!((session[item].amount, session[item].total), (4, 20));
    }

    async fn constraints_of_the_table_hold(db: Db) {
        db.create(&Metadata::of((Note, Item))).await?;
        let mut session = db.session();
        session.add(Item::builder().order_no(1).place(1).price(5).amount(3));
        session.add(Note::builder().order_no(1).place(1));
        session.commit().await?;
        session.add(Item::builder().order_no(1).place(1).price(6).amount(1));
        refused(session.commit().await, ErrorKind::UniqueViolation);
        session.rollback().await?;
        session.add(Item::builder().order_no(1).place(2).price(-6).amount(1));
        refused(session.commit().await, ErrorKind::CheckViolation);
        session.rollback().await?;
        session.add(Note::builder().order_no(1).place(9));
        refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        db.run("DELETE FROM items").await?;
        assert_eq!(db.count("notes").await?, 0);
    }

    async fn an_enum_holds_its_values_only(db: Db) {
        db.create(&Metadata::from_tables(vec![people(None)])).await?;
        db.run("INSERT INTO people VALUES ('Ada', 'it''s ok')").await?;
        assert!(db.run("INSERT INTO people VALUES ('Bob', 'glad')").await.is_err());
        assert_eq!(db.value::<String>("SELECT CAST(mood AS CHAR(10)) FROM people").await?.trim_end(), "it's ok");
    }

    async fn enum_types_and_tables_are_created_once_and_dropped(db: Db) {
        let metadata = Metadata::from_tables(vec![people(None)]);
        let created = db.engine.create_all(&metadata).await?;
        assert_eq!(created.tables(), metadata.tables());
        assert_eq!(db.engine.create_all(&metadata).await?, Metadata::default());
        db.engine.drop_all(&metadata).await?;
        db.engine.drop_all(&metadata).await?;
        assert_eq!(db.engine.create_all(&metadata).await?.tables().len(), 1);
    }

    #[except(sqlite, "it has no sequences")]
    async fn sequences_are_created_once_and_dropped(db: Db) {
        let metadata = Metadata::default().sequence(Sequence::new("numbers").start(100).increment(5));
        assert_eq!(db.engine.create_all(&metadata).await?.sequences().len(), 1);
        assert_eq!(db.engine.create_all(&metadata).await?.sequences().len(), 0);
        assert_eq!(db.value::<i64>(db.pick("", "SELECT nextval('numbers')", "SELECT nextval(numbers)")).await?, 100);
        assert_eq!(db.value::<i64>(db.pick("", "SELECT nextval('numbers')", "SELECT nextval(numbers)")).await?, 105);
        db.engine.drop_all(&metadata).await?;
        assert_eq!(db.engine.create_all(&metadata).await?.sequences().len(), 1);
    }

    #[except(sqlite, "a schema is a file there, which a connection attaches")]
    async fn schemas_are_created_and_tables_known_by_their_schema(db: Db) {
        let schema = format!("aludel_schema_{}", std::process::id());
        db.create(&Metadata::from_tables(vec![people(None)])).await?;
        let elsewhere = Metadata::from_tables(vec![people(Some(&schema))]);
        assert_eq!(db.engine.create_all(&elsewhere).await?.tables().len(), 1);
        assert_eq!(db.engine.create_all(&elsewhere).await?.tables().len(), 0);
        db.engine.drop_all(&elsewhere).await?;
        assert_eq!(db.count("people").await?, 0);
        db.run(&format!("DROP SCHEMA {schema}")).await?;
    }

    #[only(sqlite, "others create a schema")]
    async fn a_schema_that_is_not_attached_is_named(db: Db) {
        let elsewhere = Metadata::from_tables(vec![people(Some("attic"))]);
        let error = refused(db.engine.create_all(&elsewhere).await, ErrorKind::Unsupported);
        assert_eq!(error.what(), "SQLite cannot create the schema `attic`");
    }
}
