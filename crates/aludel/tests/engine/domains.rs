//! Domains and extensions that a schema has: created before the tables that use them, read back, and dropped after them.

use aludel::prelude::*;
use aludel::schema::{Check, ColumnDef, Domain, Extension, ServerDefault, Table};
use aludel::{ErrorKind, SqlType};
use aludel_suite::{Db, on_each_database};

fn email() -> Domain {
    Domain {
        checks: vec![Check::new("has_at", "VALUE LIKE '%@%'")],
        comment: Some("where to write".into()),
        ..Domain::new("email", SqlType::Varchar(100))
    }
}

fn work_email() -> Domain {
    Domain {
        nullable: false,
        server_default: Some(ServerDefault::Text("office@example.org".into())),
        ..Domain::new("work_email", email())
    }
}

fn people() -> Table {
    let mut people = Table::new("people");
    people.columns = vec![
        ColumnDef::new("name", SqlType::Varchar(20)),
        ColumnDef { nullable: true, ..ColumnDef::new("private", email()) },
        ColumnDef::new("work", work_email()),
    ];
    people.primary_key.columns = vec!["name".into()];
    people
}

on_each_database! {
    async fn a_domain_holds_what_it_says(db: Db) {
        db.create(&Metadata::from_tables(vec![people()])).await?;
        db.run("INSERT INTO people (name, private) VALUES ('Ada', 'ada@home')").await?;
        assert_eq!(db.value::<String>("SELECT work FROM people").await?, "office@example.org");
        for wrong in ["('Bob', 'nowhere', 'bob@work')", "('Bob', NULL, 'work')", "('Bob', NULL, NULL)"] {
            assert!(db.run(&format!("INSERT INTO people (name, private, work) VALUES {wrong}")).await.is_err(), "{wrong}");
        }
        db.run("INSERT INTO people (name, private, work) VALUES ('Bob', NULL, 'bob@work')").await?;
    }

    async fn domains_are_created_once_and_dropped(db: Db) {
        let metadata = Metadata::from_tables(vec![people()]);
        let created = db.engine.create_all(&metadata).await?;
        assert_eq!(created.tables(), metadata.tables());
        assert_eq!(db.engine.create_all(&metadata).await?, Metadata::default());
        let names: Vec<String> = db.engine.inspect().await?.domains().iter().map(|it| it.name.clone()).collect();
        assert_eq!(names, db.pick(&[][..], &["email", "work_email"], &[]));
        db.engine.drop_all(&metadata).await?;
        assert!(db.engine.inspect().await?.domains().is_empty());
        assert_eq!(db.engine.create_all(&metadata).await?.tables().len(), 1);
    }

    async fn a_domain_may_be_in_a_schema(db: Db) {
        let has = db.engine.dialect().features().domains;
        let inside = Domain { schema: Some("post".into()), ..email() };
        let mut letters = Table::new("letters");
        letters.columns = vec![ColumnDef::new("recipient", inside.clone())];
        let metadata = Metadata::from_tables(vec![letters]).extension(Extension { schema: Some("pg_catalog".into()), ..Extension::new("plpgsql") });
        db.engine.create_all(&metadata).await?;
        assert!(db.run("INSERT INTO letters VALUES ('nobody')").await.is_err());
        let inspector = db.engine.inspect().await?;
        let domain = inspector.columns("letters")?[0].sql_type.as_domain();
        assert_eq!(domain.and_then(|it| it.schema.as_deref()), has.then_some("post"));
        // Where it is no object, it is in no schema.
        assert_eq!(inspector.schema_names().iter().any(|it| it == "post"), has);
        db.engine.drop_all(&metadata).await?;
        assert_eq!(db.engine.inspect().await?.table_names(), [""; 0]);
    }

    #[only(postgres, "others have no domains of their own")]
    async fn what_is_read_back_is_what_was_declared(db: Db) {
        let plain = Domain { collation: Some("C".into()), ..Domain::new("plain", SqlType::Text) };
        let declared = Metadata::from_tables(vec![people()]).domain(plain.clone());
        db.create(&declared).await?;
        let inspector = db.engine.inspect().await?;
        let read = |name: &str| inspector.domains().into_iter().find(|it| it.name == name).cloned();
        // The server says the types of texts.
        let checks = vec![Check::new("has_at", "(VALUE)::text ~~ '%@%'::text")];
        let as_written = Domain { checks, ..email() };
        assert_eq!(read("email").as_ref(), Some(&as_written));
        assert_eq!(read("work_email"), Some(Domain { sql_type: as_written.into(), ..work_email() }));
        assert_eq!((read("plain"), inspector.domains().len()), (Some(plain), 3));
        let first = inspector.reflect();
        db.engine.drop_all(&first).await?;
        db.create(&first).await?;
        assert_eq!(db.engine.inspect().await?.reflect(), first);
    }

    #[only(postgres, "others count no values of a domain, for they have none")]
    async fn a_column_of_a_domain_is_not_counted(db: Db) {
        let mut table = Table::new("numbers");
        let id = ColumnDef::new("id", Domain::new("number", SqlType::BigInt));
        table.columns = vec![ColumnDef { identity: Some(Default::default()), ..id }];
        table.primary_key.columns = vec!["id".into()];
        let error = db.engine.create_all(&Metadata::from_tables(vec![table])).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.what(), "PostgreSQL counts no values of a domain: `numbers.id` is of `number`");
        assert!(db.engine.inspect().await?.domains().is_empty(), "nothing was sent");
    }

    // `plpgsql` is there on every server; the database of this test takes it out first.
    async fn an_extension_is_created_once_and_stays(db: Db) {
        let has = db.engine.dialect().features().extensions;
        if has {
            db.run("DROP EXTENSION plpgsql").await?;
        }
        let metadata = Metadata::from_tables(vec![people()]).extension(Extension::new("plpgsql"));
        assert_eq!(db.engine.create_all(&metadata).await?.extensions(), &metadata.extensions()[usize::from(!has)..]);
        assert!(db.engine.create_all(&metadata).await?.extensions().is_empty());
        db.engine.drop_all(&metadata).await?;
        let inspector = db.engine.inspect().await?;
        let names: Vec<&str> = inspector.extensions().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, if has { &["plpgsql"][..] } else { &[] });
    }
}
