//! What tables are made of beyond columns and keys: indexes of all kinds, named constraints, computed columns, options of one database,
//! enum types, sequences, naming conventions.

use aludel::prelude::*;
use aludel::schema::{
    ColumnDef, Computed, Deferrable, EnumType, Exclude, ForeignKey, Identity, Index, IndexOf, IndexPart,
    NamingConvention, ReferentialAction, Sequence, SequenceOptions, Table, Type, Unique,
};
use aludel::{Dialect, Nulls, SqlType};

use crate::check::{Sql, compare, each, mariadb, postgres, sqlite, told};

/// What a dialect says about a table: its statements, or why it cannot have it.
fn shown(dialect: &dyn Dialect, table: &Table) -> String {
    match dialect.create_table(table, &[]) {
        Ok(statements) => statements.join(";\n"),
        Err(error) => told(&error),
    }
}

#[track_caller]
fn check_table(table: &Table, expected: Sql) {
    compare(&each(|dialect| shown(dialect, table)), &expected.map(str::to_owned));
}

/// The statement that creates an index of `people`.
fn index(index: Index) -> Sql<String> {
    let mut table = Table::new("people");
    table.columns =
        vec![ColumnDef::new("name", SqlType::Varchar(20)), ColumnDef::new("age", SqlType::Integer)];
    each(|dialect| match dialect.create_index(&table, &index) {
        Ok(sql) => sql,
        Err(error) => told(&error),
    })
}

#[track_caller]
fn check_index(it: Index, expected: Sql) {
    compare(&index(it), &expected.map(str::to_owned));
}

fn part(sql: &str) -> IndexPart {
    IndexPart::new(IndexOf::Expression(sql.to_owned()))
}

fn column(name: &str) -> IndexPart {
    IndexPart::new(IndexOf::Column(name.to_owned()))
}

/// Everything that attributes can say about constraints and indexes.
#[derive(Entity, Debug)]
#[entity(
    table = "bookings",
    schema = "hotel",
    renamed_from = "reservations",
    unique(room, guest, name = "uq_room_guest", deferrable = "deferred"),
    index(guest, made_on.desc().nulls_last(), where = "price > 0", include(price), postgres(using = "btree")),
    indexes((room, unique, name = "ix_room"), ("lower(guest)".postgres(ops = "text_pattern_ops"), name = "ix_guest")),
    foreign_key((room, floor) => (Room::NUMBER, Room::FLOOR), name = "fk_room", on_delete = "cascade", match_full),
    checks("price >= 0", name = "price"),
    excludes("USING gist (room WITH =, during WITH &&)", name = "no_overlap"),
    sqlite(strict),
    postgres(unlogged, with = "fillfactor = 70"),
    mysql(engine = "InnoDB", row_format = "COMPRESSED")
)]
pub struct Booking {
    #[column(primary_key, identity(start = 1000, increment = 10))]
    pub id: i64,
    pub room: i64,
    pub floor: i64,
    #[column(length = 50, renamed_from = "visitor")]
    pub guest: String,
    pub made_on: Option<chrono::NaiveDate>,
    pub price: i64,
    #[column(computed = "price * 2")]
    pub twice: i64,
    #[column(computed = "price * 3", persisted = false)]
    pub thrice: Option<i64>,
    #[column(foreign_key = Booking::ID, deferrable = "immediate", mysql(on_update = "x"))]
    pub before_id: Option<i64>,
}

/// Has a key of two columns.
#[derive(Entity, Debug)]
#[entity(table = "rooms", schema = "hotel")]
pub struct Room {
    #[column(primary_key)]
    pub number: i64,
    #[column(primary_key)]
    pub floor: i64,
}

#[test]
fn attributes_reach_the_table() {
    let table = Booking::table();
    assert_eq!(
        (table.schema.as_deref(), table.renamed_from.as_deref()),
        (Some("hotel"), Some("reservations"))
    );
    assert_eq!(
        table.uniques,
        [Unique { deferrable: Deferrable::Deferred, ..Unique::over("uq_room_guest", ["room", "guest"]) }]
    );
    let by_guest = Index {
        name: "ix_bookings_guest_made_on".into(),
        parts: vec![
            column("guest"),
            IndexPart { descending: true, nulls: Some(Nulls::Last), ..column("made_on") },
        ],
        condition: Some("price > 0".into()),
        include: vec!["price".into()],
        options: aludel::schema::DialectOptions::default().with("postgres", "using", "btree"),
        ..Index::default()
    };
    let mut lower = part("lower(guest)");
    lower.options.set("postgres", "ops", "text_pattern_ops");
    let lower = Index { name: "ix_guest".into(), parts: vec![lower], ..Index::default() };
    assert_eq!(table.indexes, [by_guest, Index { unique: true, ..Index::on("ix_room", ["room"]) }, lower]);
    let to_room = ForeignKey {
        name: "fk_room".into(),
        columns: vec!["room".into(), "floor".into()],
        parent: "rooms".into(),
        parent_schema: Some("hotel".into()),
        parent_columns: vec!["number".into(), "floor".into()],
        on_delete: ReferentialAction::Cascade,
        match_full: true,
        ..ForeignKey::default()
    };
    assert_eq!(table.foreign_keys[1], to_room);
    assert_eq!(table.foreign_keys[0].deferrable, Deferrable::Immediate);
    assert_eq!(table.checks[0].name, "ck_bookings_price");
    let no_overlap =
        Exclude { name: "no_overlap".into(), definition: "USING gist (room WITH =, during WITH &&)".into() };
    assert_eq!(table.excludes, [no_overlap]);
    assert!(table.options.flag("sqlite", "strict") && table.options.flag("postgres", "unlogged"));
    assert_eq!(table.options.get("mysql", "row_format"), Some("COMPRESSED"));
    let identity = table.column("id").unwrap().identity.clone().unwrap();
    assert_eq!((identity.options.start, identity.options.increment), (Some(1000), Some(10)));
    assert_eq!(table.column("guest").unwrap().renamed_from.as_deref(), Some("visitor"));
    let computed = |sql: &str, stored| Some(Computed { expression: sql.into(), stored });
    assert_eq!(table.column("twice").unwrap().computed, computed("price * 2", true));
    assert_eq!(table.column("thrice").unwrap().computed, computed("price * 3", false));
    assert_eq!(table.column("before_id").unwrap().options.get("mysql", "on_update"), Some("x"));
}

#[test]
fn options_of_another_dialect_are_none_of_its_business() {
    let mut table = Table::new("t");
    table.columns = vec![ColumnDef::new("a", SqlType::Varchar(5))];
    for (dialect, name, value) in [
        ("sqlite", "strict", "true"),
        ("sqlite", "without_rowid", "true"),
        ("postgres", "unlogged", "true"),
        ("postgres", "with", "fillfactor = 70"),
        ("mysql", "engine", "Aria"),
        ("mysql", "charset", "latin1"),
        ("mysql", "row_format", "PAGE"),
    ] {
        table.options.set(dialect, name, value);
    }
    check_table(
        &table,
        Sql {
            sqlite: "CREATE TABLE t (
  a TEXT NOT NULL,
  CONSTRAINT ck_t_a_type CHECK (typeof(a) = 'text' AND length(a) <= 5)
) STRICT, WITHOUT ROWID",
            postgres: "CREATE UNLOGGED TABLE t (\n  a varchar(5) NOT NULL\n) WITH (fillfactor = 70)",
            mariadb: "CREATE TABLE t (\n  a VARCHAR(5) NOT NULL\n) ENGINE=Aria DEFAULT CHARSET=latin1 ROW_FORMAT=PAGE",
        },
    );
}

#[test]
fn an_option_that_a_dialect_does_not_know_is_refused_by_name() {
    let mut table = Table::new("t");
    table.columns = vec![ColumnDef::new("a", SqlType::Integer)];
    for dialect in ["sqlite", "postgres", "mysql"] {
        table.options.set(dialect, "engin", "x");
    }
    check_table(
        &table,
        Sql {
            sqlite: "unsupported: SQLite knows no option `engin` of table `t`
  help: it knows `autoincrement`, `strict`, `without_rowid`",
            postgres: "unsupported: PostgreSQL knows no option `engin` of table `t`
  help: it knows `partition_by`, `tablespace`, `unlogged`, `using`, `with`",
            mariadb: "unsupported: MariaDB knows no option `engin` of table `t`
  help: it knows `charset`, `collate`, `engine`, `key_block_size`, `partition_by`, `row_format`",
        },
    );
}

#[test]
fn a_partial_index() {
    check_index(
        Index { condition: Some("age > 17".into()), unique: true, ..Index::on("ix", ["name"]) },
        Sql {
            sqlite: "CREATE UNIQUE INDEX ix ON people (name) WHERE age > 17",
            postgres: "CREATE UNIQUE INDEX ix ON people (name) WHERE age > 17",
            mariadb: "unsupported: MariaDB has no partial index (`where`): `ix`",
        },
    );
}

#[test]
fn an_index_on_an_expression_in_another_order() {
    let parts = vec![part("lower(name)"), IndexPart { descending: true, ..column("age") }];
    check_index(
        Index { parts, name: "ix".into(), ..Index::default() },
        Sql {
            sqlite: "CREATE INDEX ix ON people ((lower(name)), age DESC)",
            postgres: "CREATE INDEX ix ON people ((lower(name)), age DESC)",
            mariadb: "unsupported: MariaDB has no index on an expression: `ix`",
        },
    );
}

#[test]
fn where_null_comes_in_an_index() {
    let with = |nulls| Index {
        parts: vec![IndexPart { nulls: Some(nulls), ..column("age") }],
        name: "ix".into(),
        ..Index::default()
    };
    check_index(
        with(Nulls::First),
        Sql {
            sqlite: "CREATE INDEX ix ON people (age)",
            postgres: "CREATE INDEX ix ON people (age NULLS FIRST)",
            mariadb: "CREATE INDEX ix ON people (age)",
        },
    );
    check_index(
        with(Nulls::Last),
        Sql {
            sqlite: "unsupported: SQLite has no index with NULLS FIRST or LAST: `ix`",
            postgres: "CREATE INDEX ix ON people (age)",
            mariadb: "unsupported: MariaDB has no index with NULLS FIRST or LAST: `ix`",
        },
    );
}

#[test]
fn what_an_index_has_on_one_database_only() {
    let mut it = Index { include: vec!["age".into()], ..Index::on("ix", ["name"]) };
    it.options.set("postgres", "using", "hash");
    it.options.set("postgres", "with", "fillfactor = 70");
    it.options.set("mysql", "using", "btree");
    it.parts[0].options.set("postgres", "ops", "text_pattern_ops");
    it.parts[0].options.set("mysql", "length", "10");
    check_index(
        it,
        Sql {
            sqlite: "CREATE INDEX ix ON people (name)",
            postgres: "CREATE INDEX ix ON people USING hash (name text_pattern_ops) INCLUDE (age) WITH (fillfactor = 70)",
            mariadb: "CREATE INDEX ix ON people (name(10)) USING BTREE",
        },
    );
    let mut words = Index::on("ix", ["name"]);
    words.options.set("mysql", "prefix", "fulltext");
    check_index(
        words,
        Sql {
            sqlite: "CREATE INDEX ix ON people (name)",
            postgres: "CREATE INDEX ix ON people (name)",
            mariadb: "CREATE FULLTEXT INDEX ix ON people (name)",
        },
    );
}

#[test]
fn nulls_that_are_not_distinct_and_a_collation_of_an_index() {
    check_index(
        Index { unique: true, nulls_not_distinct: true, ..Index::on("ix", ["name"]) },
        Sql {
            sqlite: "unsupported: SQLite has no unique index with NULLS NOT DISTINCT: `ix`",
            postgres: "CREATE UNIQUE INDEX ix ON people (name) NULLS NOT DISTINCT",
            mariadb: "unsupported: MariaDB has no unique index with NULLS NOT DISTINCT: `ix`",
        },
    );
    let parts = vec![IndexPart { collation: Some("C".into()), ..column("name") }];
    check_index(
        Index { parts, name: "ix".into(), ..Index::default() },
        Sql {
            sqlite: "CREATE INDEX ix ON people (name COLLATE \"C\")",
            postgres: "CREATE INDEX ix ON people (name COLLATE \"C\")",
            mariadb: "unsupported: MariaDB has no index with a collation of its own: `ix`",
        },
    );
}

/// A table of two columns with something more.
fn table(change: impl FnOnce(&mut Table)) -> Table {
    let mut table = Table::new("t");
    table.columns = vec![ColumnDef::new("a", SqlType::Integer), ColumnDef::new("b", SqlType::Integer)];
    change(&mut table);
    table
}

/// The line of the table's last constraint, or why there can be none.
fn last_constraint(table: &Table) -> Sql<String> {
    each(|dialect| {
        let shown = shown(dialect, table);
        let mut constraints = shown.lines().filter(|it| it.contains("CONSTRAINT") && !it.contains("_type"));
        constraints.next_back().map_or(shown.clone(), |it| it.trim().trim_end_matches(',').to_owned())
    })
}

#[test]
fn constraints_that_only_some_databases_have() {
    let unique = |unique: Unique| last_constraint(&table(|it| it.uniques.push(unique)));
    let line = |sql: &str| sql.to_owned();
    let found = unique(Unique { deferrable: Deferrable::Deferred, ..Unique::over("u", ["a", "b"]) });
    let expected = Sql {
        sqlite: line("unsupported: SQLite has no unique constraint that is deferrable: `u`"),
        postgres: line("CONSTRAINT u UNIQUE (a, b) DEFERRABLE INITIALLY DEFERRED"),
        mariadb: line("unsupported: MariaDB has no unique constraint that is deferrable: `u`"),
    };
    compare(&found, &expected);
    let found = unique(Unique { nulls_not_distinct: true, ..Unique::over("u", ["a"]) });
    assert_eq!(found.postgres, "CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a)");
    assert_eq!(found.sqlite, "unsupported: SQLite has no UNIQUE NULLS NOT DISTINCT: `u`");

    let key = ForeignKey {
        name: "f".into(),
        columns: vec!["a".into(), "b".into()],
        parent: "t".into(),
        parent_columns: vec!["b".into(), "a".into()],
        ..ForeignKey::default()
    };
    let foreign_key = |key: ForeignKey| last_constraint(&table(|it| it.foreign_keys.push(key)));
    let deferred = foreign_key(ForeignKey { deferrable: Deferrable::Deferred, ..key.clone() });
    let sql = "CONSTRAINT f FOREIGN KEY (a, b) REFERENCES t (b, a) DEFERRABLE INITIALLY DEFERRED";
    let expected = Sql {
        sqlite: line(sql),
        postgres: line(sql),
        mariadb: line("unsupported: MariaDB has no foreign key that is deferrable: `f`"),
    };
    compare(&deferred, &expected);
    let full = foreign_key(ForeignKey { match_full: true, ..key.clone() });
    assert_eq!(full.postgres, "CONSTRAINT f FOREIGN KEY (a, b) REFERENCES t (b, a) MATCH FULL");
    assert_eq!(full.sqlite, "unsupported: SQLite has no foreign key with MATCH FULL: `f`");
    let some = foreign_key(ForeignKey {
        on_delete: ReferentialAction::SetNull,
        on_delete_columns: vec!["b".into()],
        ..key
    });
    assert_eq!(some.postgres, "CONSTRAINT f FOREIGN KEY (a, b) REFERENCES t (b, a) ON DELETE SET NULL (b)");
    assert_eq!(some.mariadb, "unsupported: MariaDB has no ON DELETE for some columns of a key: `f`");

    let exclude = Exclude { name: "x".into(), definition: "USING gist (a WITH =)".into() };
    let found = last_constraint(&table(|it| it.excludes.push(exclude)));
    assert_eq!(found.postgres, "CONSTRAINT x EXCLUDE USING gist (a WITH =)");
    assert_eq!(found.sqlite, "unsupported: SQLite has no exclusion constraint: `x`");
}

#[test]
fn a_column_that_the_database_computes() {
    let with = |stored| {
        table(|it| {
            it.columns[1].computed = Some(Computed { expression: "a * 2".into(), stored });
        })
    };
    let line = |table: &Table| {
        each(|dialect| shown(dialect, table).lines().nth(2).unwrap_or_default().trim().to_owned())
    };
    assert_eq!(
        line(&with(true)).map(|it| it.trim_end_matches(',').to_owned()),
        Sql {
            sqlite: "b INTEGER NOT NULL GENERATED ALWAYS AS (a * 2) STORED".to_owned(),
            postgres: "b integer NOT NULL GENERATED ALWAYS AS (a * 2) STORED".to_owned(),
            mariadb: "b INT GENERATED ALWAYS AS (a * 2) STORED".to_owned(),
        }
    );
    assert!(line(&with(false)).sqlite.contains("VIRTUAL"));
    assert_eq!(
        shown(&postgres(), &with(false)),
        "unsupported: PostgreSQL computes a column when it is stored: `t.b` is `persisted = false`
  help: leave `persisted = false` out, or select the expression"
    );
}

#[test]
fn how_a_key_is_counted() {
    let with = |identity: Identity| {
        let mut table = table(|it| it.columns[0].identity = Some(identity));
        table.primary_key.columns = vec!["a".into()];
        each(|dialect| shown(dialect, &table))
    };
    let from = |start| Identity {
        options: SequenceOptions { start: Some(start), ..SequenceOptions::default() },
        always: false,
    };
    let counted = with(from(1000));
    assert!(
        counted.postgres.contains("a integer NOT NULL GENERATED BY DEFAULT AS IDENTITY (START WITH 1000)")
    );
    assert!(counted.mariadb.ends_with("AUTO_INCREMENT=1000"));
    let never = "unsupported: SQLite counts from 1 in steps of 1, unless a number is given: `t.a`";
    assert_eq!(counted.sqlite, never);
    let always = with(Identity { always: true, ..Identity::default() });
    assert!(always.postgres.contains("GENERATED ALWAYS AS IDENTITY"));
    assert_eq!(always.sqlite, never);
    assert_eq!(
        always.mariadb,
        "unsupported: MariaDB has no identity that is always generated, or counts in a way of its own: `t.a`"
    );
}

#[test]
fn sqlite_keeps_the_numbers_of_rows_that_are_gone_where_it_is_asked_to() {
    let mut table = table(|it| it.columns[0].identity = Some(Identity::default()));
    table.primary_key.columns = vec!["a".into()];
    table.options.set("sqlite", "autoincrement", "true");
    assert!(
        shown(&sqlite(), &table).contains("a INTEGER NOT NULL CONSTRAINT pk_t PRIMARY KEY AUTOINCREMENT")
    );
    table.options.set("sqlite", "without_rowid", "true");
    assert_eq!(
        shown(&sqlite(), &table),
        "wrong schema: SQLite generates only the key of a table with a rowid, where it is the whole primary key: `t.a`"
    );
}

#[test]
fn an_enum_type() {
    let mood = EnumType::new("mood", ["sad", "it's ok"]);
    let table = table(|it| {
        it.columns = vec![ColumnDef { nullable: true, ..ColumnDef::new("m", Type::Enum(mood.clone())) }];
    });
    check_table(
        &table,
        Sql {
            sqlite: "CREATE TABLE t (\n  m TEXT,\n  CONSTRAINT ck_t_m_type CHECK (m IN ('sad', 'it''s ok'))\n)",
            postgres: "CREATE TABLE t (\n  m mood\n)",
            mariadb: "CREATE TABLE t (\n  m ENUM('sad','it''s ok') NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin",
        },
    );
    let created = each(|dialect| dialect.create_enum(&mood).unwrap().join(";"));
    assert_eq!(created.postgres, "CREATE TYPE mood AS ENUM ('sad', 'it''s ok')");
    assert_eq!((created.sqlite.as_str(), created.mariadb.as_str()), ("", ""));
}

#[test]
fn an_enum_of_a_column_is_part_of_the_metadata_once() {
    let column =
        |name: &str, values: [&str; 2]| ColumnDef::new(name, Type::Enum(EnumType::new("mood", values)));
    let with = |columns: Vec<ColumnDef>| Metadata::from_tables(vec![table(|it| it.columns = columns)]);
    let same = with(vec![column("a", ["x", "y"]), column("b", ["x", "y"])]);
    assert_eq!(same.enums().len(), 1);
    let other = with(vec![column("a", ["x", "y"]), column("b", ["y", "x"])]);
    assert_eq!(
        told(&other.creation_order().unwrap_err()),
        "wrong schema: two enum types are called `mood` and have other values\n  help: give one of them another name"
    );
}

#[test]
fn a_sequence() {
    let mut sequence = Sequence::new("numbers").schema("shop").start(10).increment(5);
    sequence.sql_type = SqlType::Integer;
    sequence.options.cycle = true;
    sequence.comment = Some("of bills".into());
    let created = each(|dialect| match dialect.create_sequence(&sequence) {
        Ok(statements) => statements.join(";\n"),
        Err(error) => told(&error),
    });
    let expected = Sql {
        sqlite: "unsupported: SQLite has no sequences: `numbers`".to_owned(),
        postgres: "CREATE SEQUENCE shop.numbers AS integer START WITH 10 INCREMENT BY 5 CYCLE;
COMMENT ON SEQUENCE shop.numbers IS 'of bills'"
            .to_owned(),
        mariadb: "CREATE SEQUENCE shop.numbers START WITH 10 INCREMENT BY 5 CYCLE COMMENT='of bills'"
            .to_owned(),
    };
    compare(&created, &expected);
}

#[test]
fn a_naming_convention_names_what_was_given_no_name() {
    let convention = NamingConvention::new([
        ("pk", "%(table_name)s_pkey"),
        ("uq", "%(table_name)s_%(column_0_N_name)s_key"),
        ("ix", "%(column_0_label)s_idx"),
        ("fk", "%(table_name)s_%(column_0_name)s_fkey"),
        ("ck", "%(table_name)s_%(constraint_name)s_check"),
    ])
    .unwrap();
    let metadata = Metadata::of((Booking, Room)).naming_convention(&convention);
    let table = metadata.table(Some("hotel"), "bookings").unwrap();
    assert_eq!(table.primary_key.name, "bookings_pkey");
    assert_eq!(table.uniques[0].name, "uq_room_guest");
    let names: Vec<_> = table.indexes.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["bookings_guest_idx", "ix_room", "ix_guest"]);
    let names: Vec<_> = table.foreign_keys.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["bookings_before_id_fkey", "fk_room"]);
    assert_eq!(table.checks[0].name, "bookings_price_check");
    assert_eq!(metadata.naming_convention(&NamingConvention::default()), Metadata::of((Booking, Room)));
}

#[test]
fn mariadb_takes_a_text_without_length_where_the_index_has_one() {
    let mut with = table(|it| {
        it.columns[0] = ColumnDef::new("a", SqlType::Text);
        it.indexes.push(Index::on("ix", ["a"]));
    });
    assert!(mariadb().create_table(&with, &[]).is_err());
    with.indexes[0].parts[0].options.set("mysql", "length", "20");
    assert_eq!(mariadb().create_table(&with, &[]).unwrap()[1], "CREATE INDEX ix ON t (a(20))");
}
