//! Tables in other schemas than they are declared in. Each construct that can name a table is here.

use aludel::prelude::*;
use aludel::schema::{
    ColumnDef, Ddl, DeferredForeignKey, Domain, EnumType, Extension, Sequence, Table, TableName, Type,
};
use aludel::{Dialect, SchemaMap, SqlType};
use aludel_sql::{ColumnSet, Compiled, DeleteRows, InsertRows, Mapped, RowsSql, Structure, UpdateRows};

use crate::check::{Expected, Sql, compare, each, mariadb, postgres, shown, sqlite, told};
use crate::hidden_rows::{Paper, Person, Word};
use crate::models::{Document, Employee, Order, Tag, User};

/// The tenant whose tables are looked at.
fn seven() -> SchemaMap {
    SchemaMap::new().default_to("t7").schema_to("my shop", "shop_7")
}

/// Checks the text of a statement under a map.
#[track_caller]
fn check_under(map: &SchemaMap, statement: impl ToSql, expected: impl Expected) {
    let found = each(|dialect| {
        let structure = Structure::of(statement.statement(), dialect.features().array_parameters);
        let compiled = Compiled::with_schemas(statement.statement(), &structure, dialect, map);
        shown(&compiled.map(|it| it.text))
    });
    compare(&found, &expected.texts());
}

#[track_caller]
fn check_seven(statement: impl ToSql, expected: impl Expected) {
    check_under(&seven(), statement, expected);
}

#[test]
fn from_and_joins() {
    check_seven(select(User::EMAIL), "SELECT users.email FROM t7.users");
    check_seven(
        select((User::EMAIL, Document::TITLE)).join(User::DOCUMENTS),
        "SELECT users.email, documents.title FROM t7.users JOIN t7.documents ON users.id = documents.owner_id",
    );
    check_seven(
        select((User::EMAIL, Document::TITLE.nullable())).outer_join(User::DOCUMENTS),
        "SELECT users.email, documents.title FROM t7.users LEFT JOIN t7.documents ON users.id = documents.owner_id",
    );
    check_seven(
        select(Tag::LABEL).join_on(Document, Document::ID.eq(Tag::DOCUMENT_ID)),
        "SELECT tags.label FROM t7.tags JOIN t7.documents ON documents.id = tags.document_id",
    );
    check_seven(
        select(Word::TEXT).join(Word::PAPERS),
        "SELECT words.text FROM t7.words JOIN t7.paper_word ON words.id = paper_word.word_id \
         JOIN t7.papers ON paper_word.paper_id = papers.id AND papers.gone IS NULL",
    );
    let boss = alias(Employee, "boss");
    check_seven(
        select((Employee::NAME, boss.col(Employee::NAME))).join(Employee::MANAGER.to(boss)),
        "SELECT employees.name, boss.name FROM t7.employees JOIN t7.employees AS boss ON employees.manager_id = boss.id",
    );
}

#[test]
fn what_relations_lead_to() {
    check_seven(
        select(User::ID).filter(User::DOCUMENTS.any(Document::TITLE.eq("a"))),
        "SELECT users.id FROM t7.users WHERE EXISTS (SELECT 1 FROM t7.documents WHERE users.id = documents.owner_id AND documents.title = ?)",
    );
    check_seven(
        select(Document::ID).filter(!Document::OWNER.has(User::EMAIL.eq("a"))),
        "SELECT documents.id FROM t7.documents WHERE NOT EXISTS (SELECT 1 FROM t7.users WHERE documents.owner_id = users.id AND users.email = ?)",
    );
    check_seven(
        select(Word::ID).filter(Word::PAPERS.exists()),
        "SELECT words.id FROM t7.words WHERE EXISTS (SELECT 1 FROM t7.paper_word \
         JOIN t7.papers ON paper_word.paper_id = papers.id AND papers.gone IS NULL WHERE words.id = paper_word.word_id)",
    );
}

#[test]
fn statements_within_statements() {
    let owners = || select(Document::OWNER_ID);
    check_seven(
        select(User::ID).filter(User::ID.in_(owners())),
        "SELECT users.id FROM t7.users WHERE users.id IN (SELECT documents.owner_id FROM t7.documents)",
    );
    check_seven(
        select((User::ID, select(func::max(Document::ID)).scalar_subquery())),
        "SELECT users.id, (SELECT max(documents.id) FROM t7.documents) FROM t7.users",
    );
    let from = owners().subquery("d");
    check_seven(
        select(from.col(Document::OWNER_ID)),
        "SELECT d.owner_id FROM (SELECT documents.owner_id FROM t7.documents) AS d",
    );
    let cte = owners().cte("d");
    check_seven(
        select((User::ID, cte.col(Document::OWNER_ID)))
            .join_on(&cte, cte.col(Document::OWNER_ID).eq(User::ID)),
        "WITH d AS (SELECT documents.owner_id FROM t7.documents) SELECT users.id, d.owner_id FROM t7.users JOIN d ON d.owner_id = users.id",
    );
    check_seven(
        owners().union(select(User::ID)),
        "SELECT documents.owner_id FROM t7.documents UNION SELECT users.id FROM t7.users",
    );
}

#[test]
fn a_cte_with_the_name_of_a_table_hides_it_only_where_that_is_in_no_schema() {
    let cte = select(User::ID).cte("documents");
    let query = || select(cte.col(User::ID)).filter(cte.col(User::ID).in_(select(Document::OWNER_ID)));
    let hidden = "the statement cannot be compiled: the CTE `documents` hides the table of the same name, which the statement uses too\n  help: give the CTE another name";
    check_under(&SchemaMap::new(), query(), hidden);
    check_seven(
        query(),
        "WITH documents AS (SELECT users.id FROM t7.users) SELECT documents.id FROM documents \
         WHERE documents.id IN (SELECT documents.owner_id FROM t7.documents)",
    );
}

#[test]
fn changes() {
    check_seven(
        update(User).filter(User::ID.eq(1)).set(User::NAME, "a"),
        "UPDATE t7.users SET name = ? WHERE id = ?",
    );
    check_seven(delete(User).filter(User::ID.eq(1)), "DELETE FROM t7.users WHERE id = ?");
    check_seven(
        delete(User).filter(User::DOCUMENTS.exists()),
        "DELETE FROM t7.users WHERE EXISTS (SELECT 1 FROM t7.documents WHERE users.id = documents.owner_id)",
    );
    check_seven(
        delete(Paper).filter(Paper::ID.eq(1)),
        "UPDATE t7.papers SET gone = ? WHERE id = ? AND gone IS NULL",
    );
    check_seven(
        update(Person).join(Person::PAPERS).set(Person::NAME, Paper::TITLE),
        Sql {
            sqlite: "UPDATE t7.people SET name = papers.title FROM t7.papers WHERE people.id = papers.person_id AND papers.gone IS NULL",
            postgres: "UPDATE t7.people SET name = papers.title FROM t7.papers WHERE people.id = papers.person_id AND papers.gone IS NULL",
            mariadb: "UPDATE t7.people JOIN t7.papers ON people.id = papers.person_id AND papers.gone IS NULL SET people.name = papers.title",
        },
    );
    check_seven(
        delete(Document).join(Document::OWNER).filter(User::EMAIL.eq("a")),
        Sql {
            sqlite: "DELETE FROM t7.documents WHERE EXISTS (SELECT 1 FROM t7.users WHERE documents.owner_id = users.id AND users.email = ?1)",
            postgres: "DELETE FROM t7.documents USING t7.users WHERE documents.owner_id = users.id AND users.email = $1",
            mariadb: "DELETE t7.documents FROM t7.documents JOIN t7.users ON documents.owner_id = users.id WHERE users.email = ?",
        },
    );
}

#[test]
fn inserts() {
    let tag = || Tag::builder().label("a").document_id(1);
    check_seven(insert(Tag).values([tag()]), "INSERT INTO t7.tags (label, document_id) VALUES (?, ?)");
    check_seven(
        insert(Tag)
            .values([tag()])
            .on_conflict(Tag::LABEL)
            .do_update(|row| row.set(Tag::DOCUMENT_ID, Tag::DOCUMENT_ID + 1)),
        Sql {
            sqlite: "INSERT INTO t7.tags (label, document_id) VALUES (?1, ?2) ON CONFLICT (label) DO UPDATE SET document_id = tags.document_id + ?3",
            postgres: "INSERT INTO t7.tags (label, document_id) VALUES ($1, $2) ON CONFLICT (label) DO UPDATE SET document_id = tags.document_id + $3",
            mariadb: "INSERT INTO t7.tags (label, document_id) VALUES (?, ?) ON DUPLICATE KEY UPDATE document_id = tags.document_id + ?",
        },
    );
    check_seven(
        insert(Tag).from_select((Tag::LABEL, Tag::DOCUMENT_ID), select((Document::TITLE, Document::ID))),
        "INSERT INTO t7.tags (label, document_id) SELECT documents.title, documents.id FROM t7.documents",
    );
}

#[test]
fn each_declared_schema_is_looked_up_once() {
    let both = || select((Order::PLAIN, User::ID)).join_on(User, User::ID.eq(Order::CUSTOMER));
    let under = |map: &SchemaMap, order: &str, users: &str| {
        let text = format!(
            "SELECT \"Order\".plain_1, users.id FROM {order}\"Order\" JOIN {users}users ON users.id = \"Order\".\"Customer\""
        );
        let ticked = text.replace('"', "`");
        check_under(map, both(), Sql { sqlite: &text, postgres: &text, mariadb: &ticked });
    };
    let map = SchemaMap::new;
    under(&map(), "\"my shop\".", "");
    under(&map().default_to("t7"), "\"my shop\".", "t7.");
    under(&map().schema_to("my shop", "shop_7"), "shop_7.", "");
    under(&map().schema_to_default("my shop"), "", "");
    under(&map().schema_to("elsewhere", "nowhere"), "\"my shop\".", "");
    // One to the place of the other: neither goes on to where that leads.
    under(&map().default_to("my shop").schema_to_default("my shop"), "", "\"my shop\".");
    under(&map().default_to("my shop").schema_to("my shop", "t7"), "t7.", "\"my shop\".");
}

/// Names that are reserved, not plain, or try to end what stands around them.
const HOSTILE: [(&str, [&str; 2]); 8] = [
    ("select", ["\"select\"", "`select`"]),
    ("Tenant", ["\"Tenant\"", "`Tenant`"]),
    ("1st", ["\"1st\"", "`1st`"]),
    ("naïve", ["\"naïve\"", "`naïve`"]),
    ("a.b", ["\"a.b\"", "`a.b`"]),
    ("t7\"; DROP TABLE users; --", ["\"t7\"\"; DROP TABLE users; --\"", "`t7\"; DROP TABLE users; --`"]),
    ("t7`.`users", ["\"t7`.`users\"", "`t7``.``users`"]),
    ("analyse", ["\"analyse\"", "`analyse`"]),
];

#[test]
fn the_name_of_a_schema_is_quoted_where_it_needs_it() {
    for (name, [quoted, ticked]) in HOSTILE {
        let map = SchemaMap::new().default_to(name);
        let all = |text: &str| {
            let of = |schema| text.replace("t7", schema);
            Sql { sqlite: of(quoted), postgres: of(quoted), mariadb: of(ticked) }
        };
        check_under(&map, select(User::ID), all("SELECT users.id FROM t7.users"));
        check_under(&map, delete(User), all("DELETE FROM t7.users"));
        let shape = DeleteRows::by_primary_key(User::TABLE).translate_schema(&map);
        let mut texts = each(|dialect| dialect.delete_rows(&shape, 1, false).unwrap().text);
        texts.postgres = texts.postgres.replace("$1", "?1");
        texts.mariadb = texts.mariadb.replace('?', "?1");
        compare(&texts, &all("DELETE FROM t7.users WHERE id = ?1"));
        let metadata = Metadata::of(User).translate_schemas(&map);
        let created = each(|dialect| dialect.create_table(&metadata.tables()[0], &[]).unwrap().remove(0));
        let begin = all("CREATE TABLE t7.users (").map(|it| it.to_string());
        for (created, begin) in <[String; 3]>::from(created).iter().zip(<[String; 3]>::from(begin)) {
            assert!(created.starts_with(&begin), "{created}");
        }
    }
    for name in ["", "a\0b"] {
        let map = SchemaMap::new().default_to(name);
        let refused = format!(
            "wrong schema: {name:?} cannot be the name of anything in a database\n  help: a name has at least one character, and none of them is NUL"
        );
        check_under(
            &map,
            select(User::ID),
            Sql { sqlite: &*refused, postgres: &*refused, mariadb: &*refused },
        );
        let shape = DeleteRows::by_primary_key(User::TABLE).translate_schema(&map);
        assert!(sqlite().delete_rows(&shape, 1, false).is_err());
    }
}

#[test]
fn statements_over_rows() {
    let columns = |index: &[usize]| index.iter().copied().collect::<ColumnSet>();
    let (id, label) = (Tag::ID.index(), columns(&[Tag::LABEL.index()]));
    let texts = |write: &dyn Fn(&dyn Dialect) -> aludel::Result<RowsSql>| each(|it| write(it).unwrap().text);

    let shape = InsertRows::new(Tag::TABLE, label, columns(&[id])).translate_schema(&seven());
    for (rows, expected) in [
        (
            1,
            Sql {
                sqlite: "INSERT INTO t7.tags (label) VALUES (?1)",
                postgres: "INSERT INTO t7.tags (label) VALUES ($1) RETURNING id",
                mariadb: "INSERT INTO t7.tags (label) VALUES (?) RETURNING id",
            },
        ),
        (
            2,
            Sql {
                sqlite: "INSERT INTO t7.tags (label) VALUES (?1), (?2)",
                postgres: "INSERT INTO t7.tags (label) SELECT c0 FROM unnest($1::text[]) WITH ORDINALITY AS v(c0, o) ORDER BY o RETURNING id",
                mariadb: "INSERT INTO t7.tags (label) VALUES (?), (?) RETURNING id",
            },
        ),
    ] {
        compare(&texts(&|it| it.insert_rows(&shape, rows)), &expected.texts());
    }
    assert_eq!(postgres().copy_rows(&shape).unwrap(), "COPY t7.tags (label) FROM STDIN (FORMAT binary)");

    let shape = UpdateRows::by_primary_key(Tag::TABLE, label).translate_schema(&seven());
    for (rows, expected) in [
        (
            1,
            Sql {
                sqlite: "UPDATE t7.tags SET label = ?1 WHERE id = ?2",
                postgres: "UPDATE t7.tags SET label = $1 WHERE id = $2",
                mariadb: "UPDATE t7.tags SET label = ? WHERE id = ?",
            },
        ),
        (
            2,
            Sql {
                sqlite: "UPDATE t7.tags SET label = ?1 WHERE id = ?2",
                postgres: "UPDATE t7.tags AS t SET label = v.c0 FROM unnest($1::text[], $2::bigint[]) AS v(c0, c1) WHERE t.id = v.c1",
                mariadb: "UPDATE t7.tags AS t JOIN JSON_TABLE(?, '$[*]' COLUMNS (c0 LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin \
                          PATH '$[0]' ERROR ON ERROR, c1 BIGINT PATH '$[1]' ERROR ON ERROR)) AS v ON t.id = v.c1 SET t.label = v.c0",
            },
        ),
    ] {
        compare(&texts(&|it| it.update_rows(&shape, rows, false)), &expected.texts());
    }

    let shape = DeleteRows::by_primary_key(Tag::TABLE).translate_schema(&seven());
    let expected = Sql {
        sqlite: "DELETE FROM t7.tags WHERE id = ?1",
        postgres: "DELETE FROM t7.tags AS t USING unnest($1::bigint[]) AS v(c0) WHERE t.id = v.c0",
        mariadb: "DELETE t FROM t7.tags AS t JOIN JSON_TABLE(?, '$[*]' COLUMNS (c0 BIGINT PATH '$[0]' ERROR ON ERROR)) AS v ON t.id = v.c0",
    };
    compare(&texts(&|it| it.delete_rows(&shape, 2, false)), &expected.texts());
}

#[test]
fn sql_by_hand_stays_as_it_is() {
    check_seven(text!("SELECT id FROM users WHERE id = :id", id = 1), "SELECT id FROM users WHERE id = ?");
    check_seven(
        select(User::ID).filter(text!("EXISTS (SELECT 1 FROM documents)").expr::<bool>()),
        "SELECT users.id FROM t7.users WHERE EXISTS (SELECT 1 FROM documents)",
    );
}

/// A metadata with everything that can be in a schema.
fn everything() -> Metadata {
    let mood = EnumType::new("mood", ["sad", "happy"]);
    let feeling = Domain::new("feeling", Type::Enum(mood.clone()));
    let mut days = Table::new("days");
    days.columns = vec![
        ColumnDef::new("id", SqlType::BigInt),
        ColumnDef::new("morning", Type::Enum(mood)),
        ColumnDef::new("evening", feeling),
    ];
    days.primary_key.columns = vec!["id".into()];
    Metadata::of((Document, User, Order))
        .with_table(days)
        .enum_type(EnumType { schema: Some("my shop".into()), ..EnumType::new("size", ["s", "l"]) })
        .domain(Domain::new(
            "work_mail",
            Domain { schema: Some("my shop".into()), ..Domain::new("mail", SqlType::Text) },
        ))
        .sequence(Sequence::new("numbers"))
        .extension(Extension::new("citext"))
        .ddl(Ddl::function("shout").sql("postgres", "() RETURNS text LANGUAGE sql RETURN 'ah'"))
        .ddl(Ddl::procedure("tidy").schema("my shop").sql("postgres", "() LANGUAGE sql AS 'SELECT 1'"))
        .ddl(Ddl::trigger("log", "users").sql("postgres", "AFTER INSERT ON t7.users EXECUTE FUNCTION t7.f()"))
        .ddl(Ddl::after_create("fill").everywhere("INSERT INTO users (email) VALUES ('a')"))
}

#[test]
fn all_of_a_metadata_is_in_other_schemas() {
    let metadata = everything().translate_schemas(&seven());
    assert_eq!(metadata.schemas(), ["shop_7", "t7"]);
    let documents = metadata.table(Some("t7"), "documents").unwrap();
    let key = &documents.foreign_keys[0];
    assert_eq!((key.parent_schema.as_deref(), &*key.name), (Some("t7"), "fk_documents_owner_id_users"));
    assert!(metadata.table(Some("shop_7"), "Order").is_some());
    let of_enums: Vec<_> =
        metadata.enums().iter().map(|it| (it.schema.as_deref(), it.name.as_str())).collect();
    assert_eq!(of_enums, [(Some("shop_7"), "size"), (Some("t7"), "mood")]);
    let of_domains: Vec<_> =
        metadata.domains().iter().map(|it| (it.schema.as_deref(), it.name.as_str())).collect();
    assert_eq!(of_domains, [(Some("shop_7"), "mail"), (Some("t7"), "work_mail"), (Some("t7"), "feeling")]);
    assert_eq!(metadata.sequences()[0].schema.as_deref(), Some("t7"));
    let [shout, tidy, log, fill] = metadata.ddls() else { panic!("there are four") };
    assert_eq!([shout, tidy, log, fill].map(Ddl::in_schema), [Some("t7"), Some("shop_7"), Some("t7"), None]);
    assert_eq!(fill.create, everything().ddls()[3].create);
    // A database has an extension once.
    assert_eq!(metadata.extensions()[0].schema, None);
    metadata.creation_order().unwrap();
    assert_eq!(metadata.translate_schemas(&SchemaMap::new()), metadata);
    let back = SchemaMap::new().schema_to_default("t7").schema_to("shop_7", "my shop");
    assert_eq!(metadata.translate_schemas(&back), everything());
}

#[test]
fn the_ddl_of_tables_in_other_schemas() {
    let metadata = everything().translate_schemas(&seven());
    let (order, _) = metadata.creation_order().unwrap();
    let texts: String =
        order.iter().map(|it| postgres().create_table(it, &[]).unwrap().join(";\n")).collect();
    for part in [
        "CREATE TABLE t7.documents (",
        "REFERENCES t7.users (id)",
        "CREATE TABLE shop_7.\"Order\" (",
        "morning t7.mood NOT NULL",
        "evening t7.feeling NOT NULL",
    ] {
        assert!(texts.contains(part), "{part}\n{texts}");
    }
    assert_eq!(
        postgres().create_enum(metadata.enums()[1]).unwrap(),
        ["CREATE TYPE t7.mood AS ENUM ('sad', 'happy')"]
    );
    assert_eq!(
        postgres().create_domain(metadata.domains()[2]).unwrap(),
        ["CREATE DOMAIN t7.feeling AS t7.mood"]
    );
    assert_eq!(postgres().create_sequence(&metadata.sequences()[0]).unwrap(), ["CREATE SEQUENCE t7.numbers"]);
    assert_eq!(
        postgres().create_ddl(&metadata.ddls()[0]).unwrap(),
        ["CREATE FUNCTION t7.shout() RETURNS text LANGUAGE sql RETURN 'ah'"]
    );
    assert_eq!(postgres().drop_ddl(&metadata.ddls()[2]).unwrap(), ["DROP TRIGGER log ON t7.users"]);
    let documents = metadata.table(Some("t7"), "documents").unwrap();
    let deferred = DeferredForeignKey {
        table: documents.name.clone(),
        schema: documents.schema.clone(),
        foreign_key: documents.foreign_keys[0].clone(),
    };
    let added = "ALTER TABLE t7.documents ADD CONSTRAINT fk_documents_owner_id_users FOREIGN KEY (owner_id) REFERENCES t7.users (id)";
    assert_eq!(
        [postgres().add_foreign_key(&deferred).unwrap(), mariadb().add_foreign_key(&deferred).unwrap()],
        [added; 2]
    );
    // A schema is a file there: a key stays in its file.
    let created = sqlite().create_table(documents, &[]).unwrap().remove(0);
    assert!(
        created.starts_with("CREATE TABLE t7.documents (") && created.contains("REFERENCES users (id)"),
        "{created}"
    );
}

#[test]
fn two_tables_in_one_place_are_refused() {
    let there = Table { schema: Some("t7".into()), ..Table::new("users") };
    let metadata = Metadata::of(User).with_table(there);
    metadata.creation_order().unwrap();
    let error = metadata.translate_schemas(&seven()).creation_order().unwrap_err();
    assert!(told(&error).starts_with("wrong schema: two tables are called `users`"));
    assert_eq!(TableName::of(&metadata.translate_schemas(&seven()).tables()[0]).to_string(), "t7.users");
}
