//! What create_all made is read back as it was declared.

use aludel::prelude::*;
use aludel::schema::{
    Check, ColumnDef, Computed, Deferrable, EnumType, ForeignKey, Identity, Index, IndexOf, IndexPart,
    ReferentialAction, Sequence, ServerDefault, Table, Type, Unique, canonical_table,
};
use aludel::{Dialect, Metadata, SqlType};
use aludel_suite::{Database, Db, on_each_database, refused};

use crate::schema::{Item, Note, mood, people};

fn column(name: &str, sql_type: impl Into<Type>) -> ColumnDef {
    ColumnDef::new(name, sql_type)
}

fn nullable(name: &str, sql_type: impl Into<Type>) -> ColumnDef {
    ColumnDef { nullable: true, ..ColumnDef::new(name, sql_type) }
}

/// A table with a generated key `id`.
fn table(name: &str, columns: impl IntoIterator<Item = ColumnDef>) -> Table {
    let mut table = Table::new(name);
    let id = ColumnDef { identity: Some(Identity::default()), ..column("id", SqlType::BigInt) };
    table.columns = std::iter::once(id).chain(columns).collect();
    table.primary_key.columns = vec!["id".to_owned()];
    table
}

/// A column of every type that this database has.
fn of_every_type(dialect: &dyn Dialect) -> Table {
    let types = [
        SqlType::Boolean,
        SqlType::SmallInt,
        SqlType::Integer,
        SqlType::BigInt,
        SqlType::Float,
        SqlType::Double,
        SqlType::Decimal,
        SqlType::Numeric(12, 3),
        SqlType::Text,
        SqlType::Varchar(40),
        SqlType::Bytes,
        SqlType::Timestamp,
        SqlType::Date,
        SqlType::Time,
        SqlType::Uuid,
        SqlType::Json,
        SqlType::Array(&SqlType::BigInt),
    ];
    let types = types.into_iter().filter(|it| dialect.type_name(*it).is_ok()).enumerate();
    table(
        "of_every_type",
        types.flat_map(|(at, it)| [column(&format!("c{at}"), it), nullable(&format!("n{at}"), it)]),
    )
}

fn with_default(name: &str, sql_type: SqlType, default: ServerDefault<String>) -> ColumnDef {
    ColumnDef { server_default: Some(default), ..column(name, sql_type) }
}

/// Everything that all databases have. PostgreSQL writes an expression in its own way, which is the one it is compared in.
fn orders(db: &Db) -> Metadata {
    let mut customers = table(
        "customers",
        [
            column("email", SqlType::Varchar(100)),
            with_default("name", SqlType::Varchar(50), ServerDefault::Text("it's \"new\"".into())),
            with_default("visits", SqlType::Integer, ServerDefault::Int(-3)),
            with_default("active", SqlType::Boolean, ServerDefault::Bool(true)),
            with_default("since", SqlType::Timestamp, ServerDefault::Now),
            ColumnDef { comment: Some("what \"they\" said".into()), ..nullable("note", SqlType::Text) },
            ColumnDef {
                computed: Some(Computed { expression: "visits * 2".into(), stored: true }),
                ..nullable("twice", SqlType::BigInt)
            },
        ],
    );
    customers.comment = Some("who 'buys'".into());
    customers.uniques =
        vec![Unique::over("uq_email", ["email"]), Unique::over("uq_both", ["name", "visits"])];
    let condition = "visits > -10 AND (visits < 1000 OR name <> 'it''s')";
    let written = "visits > '-10'::integer AND (visits < 1000 OR (name)::text <> 'it''s'::text)";
    customers.checks = vec![Check::new("ck_visits", db.pick(condition, written, condition))];
    let descending = IndexPart { descending: true, ..IndexPart::new(IndexOf::Column("visits".into())) };
    customers.indexes = vec![
        Index::on("ix_name", ["name", "email"]),
        Index { parts: vec![descending], ..Index::on("ix_visits", [""; 0]) },
    ];
    let mut orders =
        table("orders", [column("customer_id", SqlType::BigInt), nullable("part_of", SqlType::BigInt)]);
    orders.foreign_keys = vec![
        ForeignKey {
            name: "fk_customer".into(),
            columns: vec!["customer_id".into()],
            parent: "customers".into(),
            parent_columns: vec!["id".into()],
            on_delete: ReferentialAction::Cascade,
            ..ForeignKey::default()
        },
        ForeignKey {
            name: "fk_part_of".into(),
            columns: vec!["part_of".into()],
            parent: "orders".into(),
            parent_columns: vec!["id".into()],
            on_delete: ReferentialAction::SetNull,
            ..ForeignKey::default()
        },
    ];
    let mut lines = Table::new("lines");
    lines.columns = vec![column("order_id", SqlType::BigInt), column("number", SqlType::Integer)];
    lines.primary_key.columns = vec!["number".into(), "order_id".into()];
    Metadata::from_tables(vec![customers, orders, lines])
}

/// Compares what is there with what was declared, table by table.
async fn assert_reflected(db: &Db, declared: &Metadata) {
    let reflected = db.engine.inspect().await.unwrap().reflect();
    let dialect = db.engine.dialect();
    let sorted = |table: &Table| {
        let mut table = canonical_table(dialect, table);
        table.uniques.sort_by(|a, b| a.name.cmp(&b.name));
        table.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
        table.checks.sort_by(|a, b| a.name.cmp(&b.name));
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        table
    };
    for table in declared.tables() {
        let there = reflected.table(table.schema.as_deref(), &table.name).expect("it was created");
        pretty(&sorted(there), &sorted(table));
    }
    assert_eq!(reflected.tables().len(), declared.tables().len());
}

#[track_caller]
fn pretty(found: &Table, declared: &Table) {
    let lines = |table: &Table| format!("{table:#?}").lines().map(str::to_owned).collect::<Vec<_>>();
    let (found, declared) = (lines(found), lines(declared));
    let differs = |(a, b): (&String, &String)| a != b;
    let at = found.iter().zip(&declared).position(differs);
    assert!(
        found == declared,
        "{} is first different: {:?}, not {:?}",
        declared[1].trim(),
        at.map(|it| &found[it]),
        at.map(|it| &declared[it])
    );
}

on_each_database! {
    async fn a_column_of_every_type_is_read_back(db: Db) {
        let declared = Metadata::from_tables(vec![of_every_type(db.engine.dialect())]);
        db.create(&declared).await?;
        // As it is, not only in canonical form.
        assert_eq!(db.engine.inspect().await?.table("of_every_type")?, &declared.tables()[0]);
    }

    async fn keys_constraints_indexes_defaults_and_comments_are_read_back(db: Db) {
        let declared = orders(&db);
        db.create(&declared).await?;
        assert_reflected(&db, &declared).await;
        let inspector = db.engine.inspect().await?;
        assert_eq!(inspector.table_names(), ["customers", "lines", "orders"]);
        assert_eq!(inspector.primary_key("lines")?.columns, ["number", "order_id"]);
        assert_eq!(inspector.unique_constraints("customers")?.len(), 2);
        assert_eq!(inspector.indexes("customers")?.len(), 2);
        assert_eq!(inspector.check_constraints("customers")?.len(), 1);
        assert_eq!(inspector.foreign_keys("orders")?[0].on_delete, ReferentialAction::Cascade);
        let comment = inspector.table_comment("customers")?;
        assert_eq!(comment, db.pick(None, Some("who 'buys'"), Some("who 'buys'")));
    }

    async fn what_entities_declare_is_read_back(db: Db) {
        let declared = Metadata::of((Note, Item));
        db.create(&declared).await?;
        assert_reflected(&db, &declared).await;
    }

    async fn what_is_read_back_is_created_again(db: Db) {
        let declared = orders(&db);
        db.create(&declared).await?;
        let first = db.engine.inspect().await?.reflect();
        db.engine.drop_all(&first).await?;
        assert!(db.engine.inspect().await?.table_names().is_empty());
        db.create(&first).await?;
        assert_eq!(db.engine.inspect().await?.reflect(), first);
    }

    async fn an_enum_is_read_with_its_values(db: Db) {
        let declared = Metadata::from_tables(vec![people(None)]).enum_type(EnumType::new("unused", ["a"]));
        db.create(&declared).await?;
        assert_reflected(&db, &declared).await;
        let inspector = db.engine.inspect().await?;
        let names: Vec<&str> = inspector.enums().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, db.pick(vec![], vec!["unused", "mood"], vec![]));
        assert_eq!(inspector.columns("people")?[1].sql_type.as_enum().unwrap().values, mood().values);
    }

    #[except(sqlite, "it has no sequences")]
    async fn sequences_are_read_without_those_of_columns(db: Db) {
        let declared = orders(&db)
            .sequence(Sequence::new("numbers"))
            .sequence(Sequence { comment: Some("why".into()), ..Sequence::new("tens").start(10).increment(10) });
        db.create(&declared).await?;
        assert_eq!(db.engine.inspect().await?.sequences(), declared.sequences());
    }

    async fn views_are_listed_and_are_no_tables(db: Db) {
        db.create(&orders(&db)).await?;
        db.run("CREATE VIEW busy AS SELECT id FROM customers WHERE visits > 5").await?;
        let inspector = db.engine.inspect().await?;
        assert_eq!(inspector.view_names(), ["busy"]);
        assert!(inspector.view("busy")?.definition.to_lowercase().contains("visits"));
        assert!(!inspector.has_table("busy"));
    }

    async fn hostile_names_come_back_as_they_are(db: Db) {
        let names = ["x\"; DROP TABLE y; --", "a`b", "select", "naïve 名前", "two\nlines", "*/ fn main() {", "UpperCase", "[b]", "it's", "a,b", "(c)"];
        let mut hostile = table("t'able \"\n`select`(", names.iter().map(|it| column(it, SqlType::Integer)));
        hostile.uniques = vec![Unique::over("u\"q`'", [names[0], names[4]])];
        hostile.indexes = vec![Index::on("i'x\"`(", [names[1], names[9]])];
        hostile.foreign_keys = vec![ForeignKey {
            name: "f\"k'`".into(),
            columns: vec![names[5].into()],
            parent: hostile.name.clone(),
            parent_columns: vec!["id".into()],
            ..ForeignKey::default()
        }];
        hostile.foreign_keys[0].columns = vec!["parent\"".into()];
        hostile.columns.push(nullable("parent\"", SqlType::BigInt));
        let declared = Metadata::from_tables(vec![hostile]);
        db.create(&declared).await?;
        assert_reflected(&db, &declared).await;
    }

    async fn a_table_that_is_not_there_is_named(db: Db) {
        db.create(&orders(&db)).await?;
        let inspector = db.engine.inspect().await?;
        let error = refused(inspector.columns("Orders").map(<[_]>::len), ErrorKind::NotFound);
        assert_eq!((error.what(), error.advice()), ("there is no table `Orders`", Some("there is one called `orders`")));
    }

    #[except(sqlite, "a schema is a file there, which a connection attaches")]
    async fn another_schema_is_read_by_its_name(db: Db) {
        let schema = format!("aludel_inspect_{}_{}", std::process::id(), db.database.name());
        let elsewhere = Metadata::from_tables(vec![people(Some(&schema))]);
        db.engine.create_all(&elsewhere).await?;
        let inspector = db.engine.inspect_schema(&schema).await?;
        let found = inspector.reflect();
        let dialect = db.engine.dialect();
        assert!(inspector.schema_names().contains(&schema));
        let (found, declared) = (&found.tables()[0], &elsewhere.tables()[0]);
        pretty(&canonical_table(dialect, found), &canonical_table(dialect, declared));
        assert!(db.engine.inspect().await?.table_names().is_empty());
        db.engine.drop_all(&elsewhere).await?;
        db.run(&format!("DROP SCHEMA {schema}")).await?;
    }

    #[only(postgres, "what only it has")]
    async fn what_only_postgresql_has_is_read_back(db: Db) {
        let mut rooms = table("rooms", [
            column("code", SqlType::Varchar(10)),
            nullable("floor", SqlType::Integer),
            nullable("data", SqlType::Json),
            nullable("address", Type::Native("inet".into())),
            nullable("stamp", Type::Native("timestamp".into())),
            nullable("short", SqlType::Numeric(10, 0)),
            ColumnDef { collation: Some("C".into()), ..nullable("sorted", SqlType::Text) },
            nullable("seen", Type::Native("tstzrange".into())),
        ]);
        rooms.columns[0].identity = Some(Identity { always: true, options: aludel::schema::SequenceOptions { start: Some(100), increment: Some(5), ..Default::default() } });
        rooms.uniques = vec![
            Unique { deferrable: Deferrable::Deferred, ..Unique::over("uq_code", ["code"]) },
            Unique { nulls_not_distinct: true, ..Unique::over("uq_floor", ["floor"]) },
        ];
        rooms.foreign_keys = vec![ForeignKey {
            name: "fk_self".into(),
            columns: vec!["floor".into(), "code".into()],
            parent: "rooms".into(),
            parent_columns: vec!["floor".into(), "code".into()],
            on_delete: ReferentialAction::SetNull,
            on_delete_columns: vec!["floor".into()],
            match_full: true,
            not_valid: true,
            deferrable: Deferrable::Immediate,
            ..ForeignKey::default()
        }];
        rooms.foreign_keys[0].columns = vec!["floor".into()];
        rooms.foreign_keys[0].parent_columns = vec!["floor".into()];
        rooms.foreign_keys[0].on_delete_columns.clear();
        rooms.excludes = vec![aludel::schema::Exclude { name: "no_overlap".into(), definition: "USING gist (seen WITH &&)".into() }];
        let part = |column: &str| IndexPart::new(IndexOf::Column(column.into()));
        let mut gin = Index { parts: vec![part("data")], ..Index::on("ix_data", [""; 0]) };
        gin.options.set("postgres", "using", "gin");
        gin.parts[0].options.set("postgres", "ops", "jsonb_path_ops");
        let mut covering = Index::on("ix_floor", ["floor"]);
        covering.include = vec!["code".into()];
        covering.unique = true;
        covering.nulls_not_distinct = true;
        covering.condition = Some("floor > 3".into());
        covering.options.set("postgres", "with", "fillfactor=70");
        let lower = Index { parts: vec![IndexPart { descending: true, nulls: Some(aludel::Nulls::Last), ..IndexPart::new(IndexOf::Expression("lower(sorted)".into())) }], ..Index::on("ix_lower", [""; 0]) };
        rooms.indexes = vec![gin, covering, lower];
        rooms.options.set("postgres", "unlogged", "true");
        rooms.options.set("postgres", "with", "fillfactor=60");
        let declared = Metadata::from_tables(vec![rooms]);
        let mut created = declared.clone();
        created.tables_mut()[0].foreign_keys.clear();
        db.create(&created).await?;
        db.run("ALTER TABLE rooms ADD CONSTRAINT fk_self FOREIGN KEY (floor) REFERENCES rooms (floor) MATCH FULL ON DELETE SET NULL DEFERRABLE NOT VALID").await?;
        assert_reflected(&db, &declared).await;
    }

    #[only(sqlite, "what only it has")]
    async fn what_only_sqlite_has_is_read_back(db: Db) {
        let mut log = table("log", [
            ColumnDef { collation: Some("NOCASE".into()), ..column("word", SqlType::Text) },
            nullable("mood", Type::Enum(mood())),
            ColumnDef { computed: Some(Computed { expression: "length(word)".into(), stored: false }), ..nullable("size", SqlType::Integer) },
            nullable("parent_id", SqlType::BigInt),
        ]);
        log.options.set("sqlite", "autoincrement", "true");
        log.foreign_keys = vec![ForeignKey {
            name: "fk_parent".into(),
            columns: vec!["parent_id".into()],
            parent: "log".into(),
            parent_columns: vec!["id".into()],
            deferrable: Deferrable::Deferred,
            ..ForeignKey::default()
        }];
        let lower = IndexPart { descending: true, ..IndexPart::new(IndexOf::Expression("lower(word)".into())) };
        log.indexes = vec![
            Index { parts: vec![lower], condition: Some("word <> 'a)b'".into()), unique: true, ..Index::on("ix_lower", [""; 0]) },
            Index { parts: vec![IndexPart { collation: Some("BINARY".into()), ..IndexPart::new(IndexOf::Column("word".into())) }], ..Index::on("ix_word", [""; 0]) },
        ];
        let mut plain = Table::new("pairs");
        plain.columns = vec![column("a", SqlType::Varchar(5)), column("b", SqlType::BigInt), column("c", SqlType::Boolean)];
        plain.primary_key.columns = vec!["a".into(), "b".into()];
        plain.options.set("sqlite", "strict", "true");
        plain.options.set("sqlite", "without_rowid", "true");
        let declared = Metadata::from_tables(vec![log, plain]);
        db.create(&declared).await?;
        assert_reflected(&db, &declared).await;
    }

    #[only(mariadb, "what only it has")]
    async fn what_only_mariadb_has_is_read_back(db: Db) {
        let mut pages = table("pages", [
            column("title", SqlType::Varchar(50)),
            nullable("body", SqlType::Text),
            nullable("mood", Type::Enum(mood())),
            nullable("count", Type::Native("int unsigned".into())),
            ColumnDef { collation: Some("utf8mb4_general_ci".into()), ..nullable("loose", SqlType::Varchar(9)) },
            nullable("changed", SqlType::Timestamp),
        ]);
        pages.columns.last_mut().unwrap().options.set("mysql", "on_update", "current_timestamp(6)");
        let mut text = Index::on("ix_body", ["body"]);
        text.options.set("mysql", "prefix", "fulltext");
        let mut prefix = Index::on("ix_title", ["title"]);
        prefix.parts[0].options.set("mysql", "length", "10");
        pages.indexes = vec![text, prefix, Index { unique: true, ..Index::on("ix_loose", ["loose"]) }];
        pages.options.set("mysql", "row_format", "DYNAMIC");
        let declared = Metadata::from_tables(vec![pages]);
        db.create(&declared).await?;
        assert_reflected(&db, &declared).await;
    }
}

#[test]
fn each_database_has_its_inspection() {
    for dialect in aludel::migrate::dialects() {
        assert!(dialect.inspection().is_some(), "{}", dialect.name());
    }
    assert_eq!(Database::Sqlite.name(), "sqlite");
}
