//! Entities that were written from a database: they compile, and the database is what they say.
//!
//! `tests/reverse/entities.rs` and `tests/reverse/domains.rs` are what `reverse` writes for the tables below; `ALUDEL_BLESS=1` writes them anew.

#![allow(missing_docs)]

#[path = "reverse/domains.rs"]
#[allow(dead_code)]
#[rustfmt::skip]
mod domains;
#[path = "reverse/entities.rs"]
#[allow(dead_code)]
#[rustfmt::skip]
mod entities;

use aludel::schema::{
    Check, ColumnDef, Domain, ForeignKey, Identity, Index, ReferentialAction, ServerDefault, Table, Type,
    Unique,
};
use aludel::{Metadata, SqlType};
use aludel_migrate::{Comparison, Reversed, reverse};
use aludel_suite::{Db, on_each_database};

fn column(name: &str, sql_type: impl Into<Type>) -> ColumnDef {
    ColumnDef::new(name, sql_type)
}

fn nullable(name: &str, sql_type: impl Into<Type>) -> ColumnDef {
    ColumnDef { nullable: true, ..ColumnDef::new(name, sql_type) }
}

fn default(column: ColumnDef, value: ServerDefault<String>) -> ColumnDef {
    ColumnDef { server_default: Some(value), ..column }
}

fn table(name: &str, columns: impl IntoIterator<Item = ColumnDef>) -> Table {
    let mut table = Table::new(name);
    let id = ColumnDef { identity: Some(Identity::default()), ..column("id", SqlType::BigInt) };
    table.columns = std::iter::once(id).chain(columns).collect();
    table.primary_key.columns = vec!["id".to_owned()];
    table
}

fn key(table: &str, column: &str, parent: &str, action: ReferentialAction) -> ForeignKey {
    ForeignKey {
        name: format!("fk_{table}_{column}_{parent}"),
        columns: vec![column.to_owned()],
        parent: parent.to_owned(),
        parent_columns: vec!["id".to_owned()],
        on_delete: action,
        ..ForeignKey::default()
    }
}

fn tie(name: &str, columns: [(&str, &str); 2]) -> Table {
    let mut tie = Table::new(name);
    for (of, parent) in columns {
        tie.columns.push(column(of, SqlType::BigInt));
        tie.primary_key.columns.push(of.to_owned());
        let cascade = ReferentialAction::Cascade;
        tie.foreign_keys.push(ForeignKey { on_update: cascade, ..key(name, of, parent, cascade) });
    }
    tie
}

/// People and what they write, with every kind of relation; and names that nobody would choose.
fn tables() -> Metadata {
    let mut users = table(
        "users",
        [
            column("email", SqlType::Varchar(255)),
            nullable("name", SqlType::Varchar(100)),
            nullable("manager_id", SqlType::BigInt),
        ],
    );
    users.uniques = vec![Unique::over("uq_users_email", ["email"])];
    users.foreign_keys = vec![key("users", "manager_id", "users", ReferentialAction::SetNull)];
    let mut documents = table(
        "documents",
        [
            column("title", SqlType::Varchar(200)),
            nullable("body", SqlType::Text),
            column("owner_id", SqlType::BigInt),
            nullable("reviewer_id", SqlType::BigInt),
            default(column("created_at", SqlType::Timestamp), ServerDefault::Now),
            default(column("kind", SqlType::Varchar(20)), ServerDefault::Text("it's a \"draft\"".into())),
            default(column("pages", SqlType::Integer), ServerDefault::Int(-1)),
            default(column("open", SqlType::Boolean), ServerDefault::Bool(true)),
            nullable("price", SqlType::Numeric(10, 2)),
            nullable("day", SqlType::Date),
            nullable("hour", SqlType::Time),
            nullable("token", SqlType::Uuid),
            nullable("data", SqlType::Json),
            nullable("size", SqlType::Double),
            nullable("bytes", SqlType::Bytes),
        ],
    );
    documents.foreign_keys = vec![
        key("documents", "owner_id", "users", ReferentialAction::Cascade),
        key("documents", "reviewer_id", "users", ReferentialAction::SetNull),
    ];
    documents.indexes = vec![
        Index::on("ix_documents_owner_id", ["owner_id"]),
        Index::on("by_title", ["title", "created_at"]),
    ];
    documents.indexes[1].parts[1].descending = true;
    let mut profiles = Table::new("profiles");
    profiles.columns = vec![column("user_id", SqlType::BigInt), nullable("motto", SqlType::Text)];
    profiles.primary_key.columns = vec!["user_id".into()];
    profiles.foreign_keys = vec![key("profiles", "user_id", "users", ReferentialAction::NoAction)];
    let tags = table("tags", [column("name", SqlType::Varchar(30))]);
    let document_tag = tie("document_tag", [("document_id", "documents"), ("tag_id", "tags")]);
    let follows = tie("follows", [("follower_id", "users"), ("followed_id", "users")]);

    let mut lines = Table::new("order lines");
    lines.columns = vec![column("order no", SqlType::BigInt), column("number", SqlType::Integer)];
    lines.primary_key.columns = vec!["order no".into(), "number".into()];
    let hostile = "x\"; DROP TABLE users; --";
    let mut worst = table(
        hostile,
        [
            column("type", SqlType::Integer),
            column("*/ fn main() {", SqlType::Integer),
            column("2nd \"name\"", SqlType::Varchar(9)),
            nullable("two\nlines", SqlType::BigInt),
            nullable("Self", SqlType::Integer),
            nullable("名前", SqlType::Integer),
            nullable("姓", SqlType::Integer),
        ],
    );
    worst.uniques = vec![Unique::over("uq \"worst\"", ["2nd \"name\""])];
    worst.foreign_keys = vec![ForeignKey {
        name: "fk \"both\"".into(),
        columns: vec!["two\nlines".into(), "type".into()],
        parent: "order lines".into(),
        parent_columns: vec!["order no".into(), "number".into()],
        ..ForeignKey::default()
    }];
    let all = vec![users, documents, profiles, tags, document_tag, follows, lines, worst];
    Metadata::from_tables(all)
}

/// A table whose columns are of domains, one of them over another, and one with a name that nobody would choose.
fn letters() -> Metadata {
    let email = Domain {
        checks: vec![Check::new("has_at", "VALUE LIKE '%@%'")],
        comment: Some("where to write".into()),
        ..Domain::new("email", SqlType::Varchar(100))
    };
    let work = Domain {
        nullable: false,
        server_default: Some(ServerDefault::Text("office@example.org".into())),
        ..Domain::new("work_email", email.clone())
    };
    let worst = Domain {
        checks: vec![Check::new("above", "VALUE > 0")],
        ..Domain::new("self\"; --", SqlType::Integer)
    };
    Metadata::from_tables(vec![table(
        "letters",
        [
            column("recipient", work),
            nullable("copy", email),
            nullable("weight", Domain::new("price", SqlType::Numeric(9, 2))),
            column("number", worst),
        ],
    )])
}

/// Tells whether the file is what was written, or writes it.
fn check(file: &str, reversed: &Reversed) -> std::io::Result<()> {
    let file = format!("{}/tests/reverse/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("ALUDEL_BLESS").is_some() {
        std::fs::write(&file, &reversed.source)?;
    }
    assert_eq!(reversed.source, std::fs::read_to_string(&file)?);
    assert_eq!(reversed.notes, [""; 0]);
    Ok(())
}

on_each_database! {
    #[only(postgres, "others have no domains of their own")]
    async fn the_newtypes_of_domains_compile_and_are_what_it_has(db: Db) {
        db.create(&letters()).await?;
        let inspector = db.engine.inspect().await?;
        check("domains.rs", &reverse(&inspector.reflect()))?;
        let models = Metadata::of(domains::Letter);
        let comparison = Comparison::read_where(&db.engine, &models, |_| true).await?;
        assert_eq!((comparison.missing()?, comparison.drift()?), (vec![], vec![]));
    }

    async fn the_entities_of_a_database_compile_and_are_what_it_has(db: Db) {
        db.create(&tables()).await?;
        let inspector = db.engine.inspect().await?;
        let reversed = reverse(&inspector.reflect());
        check("entities.rs", &reversed)?;
        let mut models = Metadata::linked();
        models.tables_mut().retain(|it| inspector.has_table(&it.name));
        assert_eq!(models.tables().len(), 8);
        let comparison = Comparison::read_where(&db.engine, &models, |_| true).await?;
        assert_eq!(comparison.missing()?, []);
    }
}

#[test]
fn what_no_entity_can_say_is_noted() {
    let mut odd =
        table("odd", [nullable("address", Type::Native("inet".into())), column("a", SqlType::Integer)]);
    odd.primary_key.name = "odd_pkey".into();
    odd.indexes = vec![Index::on("ix_address", ["address"])];
    let mut keyless = Table::new("keyless");
    keyless.columns = vec![column("a", SqlType::Integer)];
    let reversed = reverse(&Metadata::from_tables(vec![odd, keyless]));
    assert_eq!(
        reversed.notes,
        [
            "table \"keyless\" is left out: it has no primary key",
            "table \"odd\": the primary key \"odd_pkey\" will be renamed as the convention has it",
            "table \"odd\": the index \"ix_address\" is left out with the column \"address\"",
            "table \"odd\": column \"address\" is left out: no field has the type \"native inet\"",
        ]
    );
    assert!(
        reversed
            .source
            .contains("pub struct Odd {\n    #[column(primary_key)]\n    pub id: i64,\n    pub a: i32,\n}")
    );
}
