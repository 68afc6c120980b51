//! `revision.toml`: what is written is what is read.

use aludel::SqlType;
use aludel::schema::{
    Backfill, Check, Constraint, Domain, Extension, Operation, PerDialect, ServerDefault, SqlBlock, TableName,
};
use aludel_migrate::{Revision, RevisionId, read_metadata, read_revision, write_metadata, write_revision};
use proptest::prelude::*;

use crate::models::{self, documents, metadata, nullable, users};

fn id(text: &str) -> RevisionId {
    RevisionId::new(text).unwrap()
}

fn revision(operations: Vec<Operation>) -> Revision {
    Revision { operations, ..Revision::new(id("3f2a9c1b7d04"), vec![], "create users and documents") }
}

#[test]
fn a_revision_reads_as_it_is_meant() {
    let text = write_revision(&revision(vec![Operation::CreateTable(users())]));
    assert_eq!(
        text,
        r#"id = "3f2a9c1b7d04"
parents = []
message = "create users and documents"

[[op]]
create_table = "users"
columns = [
  { name = "id", type = "bigint", generated = true, primary_key = true },
  { name = "email", type = "varchar(255)" },
  { name = "name", type = "varchar(100)", null = true },
]
unique = [
  { name = "uq_users_email", columns = ["email"] },
]
"#
    );
}

#[test]
fn every_operation_is_read_as_it_was_written() {
    let table = || "documents".into();
    let key = || Constraint::ForeignKey(documents().foreign_keys[0].clone());
    let bio = nullable("bio", SqlType::Text);
    let inner = Domain {
        nullable: false,
        collation: Some("C".into()),
        comment: Some("it's \"so\"".into()),
        server_default: Some(ServerDefault::Sql("'a' || 'b'".into())),
        renamed_from: Some("old".into()),
        ..Domain::new("inner", SqlType::Varchar(20))
    };
    let domain = Domain {
        schema: Some("app".into()),
        checks: vec![
            Check::new("has at", "VALUE LIKE '%@%' OR VALUE = '\"\\'"),
            Check { not_valid: true, ..Check::new("later", "VALUE > ''") },
        ],
        ..Domain::new("email", inner.clone())
    };
    let extension =
        Extension { schema: Some("ext".into()), version: Some("1.0".into()), ..Extension::new("x") };
    let statements = |it: &str| vec![it.to_owned(), "SELECT '''', \"\\\"\n".to_owned()];
    let by_dialect = [("sqlite".to_owned(), statements("a")), ("postgres".to_owned(), vec!["b\nc".into()])];
    let operations = vec![
        Operation::CreateTable(documents()),
        Operation::DropTable(users()),
        Operation::RenameTable { table: table(), to: "papers".into() },
        Operation::AlterTableComment { table: table(), from: None, to: Some("it's \"so\"".into()) },
        Operation::AddColumn { table: table(), column: bio.clone(), backfill: Some("''".into()) },
        Operation::DropColumn { table: table(), column: bio.clone() },
        Operation::CreateDomain(inner.clone()),
        Operation::DropDomain(domain.clone()),
        Operation::RenameDomain {
            name: TableName { schema: Some("app".into()), name: "a b".into() },
            to: "b\"c".into(),
        },
        Operation::AlterDomain { from: domain.clone(), to: Domain { checks: vec![], ..domain.clone() } },
        Operation::AddColumn { table: table(), column: nullable("mail", domain), backfill: None },
        Operation::CreateExtension(Extension::new("citext")),
        Operation::DropExtension(extension.clone()),
        Operation::AlterExtension { from: extension.clone(), to: Extension { version: None, ..extension } },
        Operation::AlterColumn {
            table: table(),
            from: bio.clone(),
            to: nullable("bio", SqlType::Varchar(9)),
            using: Some("left(bio, 9)".into()),
        },
        Operation::RenameColumn { table: table(), from: "bio".into(), to: "about".into() },
        Operation::CreateIndex { table: table(), index: documents().indexes[0].clone() },
        Operation::DropIndex { table: table(), index: documents().indexes[0].clone() },
        Operation::RenameIndex { table: table(), from: "a".into(), to: "b".into() },
        Operation::CreateConstraint { table: table(), constraint: key() },
        Operation::DropConstraint { table: table(), constraint: key() },
        Operation::RenameConstraint { table: table(), constraint: key(), to: "fk".into() },
        Operation::Sql(SqlBlock {
            title: "fill in".into(),
            up: PerDialect::Each(by_dialect.into()),
            down: Some(PerDialect::All(vec!["DELETE".into()])),
        }),
        Operation::Backfill(Backfill {
            table: table(),
            key: "id".into(),
            set: PerDialect::All(vec!["bio = ''".into()]),
            condition: "bio IS NULL".into(),
            batch: 500,
            pause: 20,
        }),
        Operation::Check { title: "all is well".into(), query: PerDialect::All(vec!["SELECT 0".into()]) },
        Operation::Hook { name: "fill".into(), down: Some(String::new()) },
        Operation::Hook { name: "burn".into(), down: None },
    ];
    let mut revision = revision(operations);
    revision.parents = vec![id("ae10")];
    revision.depends_on = vec![id("b001")];
    revision.labels = vec!["billing".into()];
    revision.irreversible = Some("the old rows are gone".into());
    assert_eq!(read_revision(&write_revision(&revision)).unwrap(), revision);
}

#[test]
fn a_mistake_names_its_line_and_the_keys_that_there_are() {
    let text =
        "id = \"ab12\"\nmessage = \"m\"\n[[op]]\nadd_column = \"bio\"\ntable = \"users\"\ntyp = \"text\"\n";
    let error = read_revision(text).unwrap_err();
    assert_eq!(error.what(), "line 3: `type` is missing here");
    let error = read_revision(&text.replace("typ =", "nul = true\ntype =")).unwrap_err();
    assert_eq!(error.what(), "line 6: there is no key `nul` here");
    assert!(error.advice().unwrap().contains("`null`"), "{error}");
}

proptest! {
    #[test]
    fn random_tables_are_read_as_they_were_written(schema in models::schemas()) {
        prop_assert_eq!(read_metadata(&write_metadata(&schema)).unwrap(), schema);
    }
}

#[test]
fn tables_of_a_program_are_a_list() {
    let schema = metadata([users(), documents()]);
    assert_eq!(read_metadata(&write_metadata(&schema)).unwrap(), schema);
}
