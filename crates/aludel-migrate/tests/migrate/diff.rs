//! What has to be done to make one schema another.

use aludel::schema::{Check, Index, Operation, TableName, Unique};
use aludel::{Metadata, SqlType};
use aludel_migrate::{Rename, diff, normalized, possible_renames, unfilled_columns};
use proptest::prelude::*;

use crate::models::{column, documents, foreign_key, metadata, nullable, schemas, table, users};

/// The operations, each on one line, after it was seen that they do what they should.
fn steps(from: &Metadata, to: &Metadata) -> Vec<String> {
    let operations = diff(from, to).unwrap();
    check(from, to, &operations);
    operations.iter().map(Operation::to_string).collect()
}

/// Applied to `from` they make `to`, their inverses make `from` again, and nothing is left to do.
fn check(from: &Metadata, to: &Metadata, operations: &[Operation]) {
    let mut state = from.clone();
    for operation in operations {
        operation.apply(&mut state).unwrap();
    }
    let mut wanted = normalized(to);
    for table in wanted.tables_mut() {
        table.renamed_from = None;
        table.columns.iter_mut().for_each(|it| it.renamed_from = None);
    }
    assert_eq!(normalized(&state), wanted);
    assert_eq!(diff(&state, to).unwrap(), []);
    for operation in operations.iter().rev() {
        operation.inverse().unwrap().apply(&mut state).unwrap();
    }
    assert_eq!(normalized(&state), normalized(from));
}

#[test]
fn nothing_is_done_where_nothing_differs() {
    let schema = metadata([users(), documents()]);
    assert!(diff(&schema, &schema).unwrap().is_empty());
}

#[test]
fn tables_come_parents_first_and_go_children_first() {
    let both = metadata([documents(), users()]);
    assert_eq!(steps(&metadata([]), &both), ["create table users", "create table documents"]);
    assert_eq!(steps(&both, &metadata([])), ["drop table documents", "drop table users"]);
}

#[test]
fn tables_that_refer_to_each_other_get_one_foreign_key_later() {
    let mut users = users();
    users.columns.push(nullable("favourite_id", SqlType::BigInt));
    users.foreign_keys.push(foreign_key("users", "favourite_id", "documents"));
    let circle = metadata([users, documents()]);
    assert_eq!(
        steps(&metadata([]), &circle),
        [
            "create table users",
            "create table documents",
            "create foreign key fk_users_favourite_id_documents on users"
        ]
    );
    assert_eq!(steps(&circle, &metadata([])).len(), 3);
}

#[test]
fn columns_are_added_altered_and_dropped() {
    let mut after = users();
    after.columns[1].sql_type = SqlType::Varchar(320).into();
    after.columns.remove(2);
    after.columns.push(nullable("bio", SqlType::Text));
    assert_eq!(
        steps(&metadata([users()]), &metadata([after])),
        ["add column users.bio", "alter column users.email", "drop column users.name"]
    );
}

#[test]
fn the_order_of_columns_means_nothing() {
    let mut after = users();
    after.columns.swap(1, 2);
    assert_eq!(steps(&metadata([users()]), &metadata([after])), [""; 0]);
}

#[test]
fn a_hint_on_the_model_renames() {
    let mut after = documents();
    after.name = "papers".into();
    after.renamed_from = Some("documents".into());
    after.columns[1].name = "heading".into();
    after.columns[1].renamed_from = Some("title".into());
    after.primary_key.name = "pk_papers".into();
    after.foreign_keys[0].name = "fk_papers_owner_id_users".into();
    after.indexes = vec![Index::on("ix_papers_heading", ["heading"])];
    assert_eq!(
        steps(&metadata([users(), documents()]), &metadata([users(), after])),
        [
            "rename table documents to papers",
            "rename column papers.title to heading",
            "rename primary key pk_documents on papers to pk_papers",
            "rename foreign key fk_documents_owner_id_users on papers to fk_papers_owner_id_users",
            "rename index ix_documents_title on papers to ix_papers_heading",
        ]
    );
}

#[test]
fn a_hint_that_was_followed_is_not_followed_again() {
    let mut after = users();
    after.columns[2].renamed_from = Some("nick".into());
    assert_eq!(steps(&metadata([users()]), &metadata([after])), [""; 0]);
}

#[test]
fn a_renamed_column_is_renamed_in_what_names_it() {
    let mut before = users();
    before.checks.push(Check::new("ck_users_name", "name <> ''"));
    let mut after = before.clone();
    after.columns[2].name = "full_name".into();
    after.columns[2].renamed_from = Some("name".into());
    after.checks[0].condition = "full_name <> ''".into();
    assert_eq!(steps(&metadata([before]), &metadata([after])), ["rename column users.name to full_name"]);
}

fn suspected(from: &Metadata, to: &Metadata) -> Vec<String> {
    possible_renames(&diff(from, to).unwrap()).iter().map(Rename::to_string).collect()
}

#[test]
fn what_may_be_a_renaming_is_suspected() {
    let mut after = users();
    after.columns[2] = nullable("full_name", SqlType::Varchar(200));
    assert_eq!(suspected(&metadata([users()]), &metadata([after])), ["users.name:users.full_name"]);
    let mut after = users();
    after.columns[2] = nullable("age", SqlType::Integer);
    assert_eq!(suspected(&metadata([users()]), &metadata([after])), [""; 0]);
    let mut people = users();
    people.name = "people".into();
    people.columns.push(nullable("bio", SqlType::Text));
    assert_eq!(suspected(&metadata([users()]), &metadata([people])), ["users:people"]);
    let notes = table("notes", [nullable("body", SqlType::Text)]);
    assert_eq!(suspected(&metadata([users()]), &metadata([notes])), [""; 0]);
}

#[test]
fn the_likeliest_renaming_comes_first() {
    let mut after = users();
    after.columns[2] = nullable("nick", SqlType::Varchar(100));
    after.columns.push(nullable("full_name", SqlType::Varchar(100)));
    assert_eq!(
        suspected(&metadata([users()]), &metadata([after])),
        ["users.name:users.full_name", "users.name:users.nick"]
    );
}

#[test]
fn a_renaming_that_is_said_renames_table_and_column() {
    let mut people = users();
    people.name = "people".into();
    people.columns[2].name = "full_name".into();
    let (before, models) = (metadata([users()]), metadata([people]));
    let mut hinted = models.clone();
    for text in ["users:people", "users.name:people.full_name"] {
        hinted = Rename::parse(text, &before, &models).unwrap().hint(&hinted);
    }
    assert_eq!(
        diff(&before, &hinted).unwrap()[..2].iter().map(Operation::to_string).collect::<Vec<_>>(),
        ["rename table users to people", "rename column people.name to full_name"]
    );
    for (text, error) in [
        ("users.nam:people.full_name", "the revisions so far have no table and no column `users.nam`"),
        ("users.name:people.nick", "the models have no table and no column `people.nick`"),
        ("users:people.full_name", "`users` cannot become `people.full_name`"),
        ("users", "`users` is no renaming"),
    ] {
        assert_eq!(Rename::parse(text, &before, &models).unwrap_err().what(), error);
    }
}

#[test]
fn a_new_column_that_nothing_fills_is_named() {
    let mut after = users();
    after.columns.push(column("age", SqlType::Integer));
    after.columns.push(nullable("bio", SqlType::Text));
    let from = metadata([users()]);
    assert_eq!(unfilled_columns(&diff(&from, &metadata([after])).unwrap()), ["users.age"]);
    assert_eq!(unfilled_columns(&diff(&metadata([]), &from).unwrap()), [""; 0]);
}

#[test]
fn what_uses_a_column_goes_before_it() {
    let mut before = users();
    before.indexes.push(Index::on("ix_users_name", ["name"]));
    before.checks.push(Check::new("ck_users_name", "name <> ''"));
    let mut after = users();
    after.columns.remove(2);
    assert_eq!(
        steps(&metadata([before]), &metadata([after])),
        [
            "drop index ix_users_name on users",
            "drop check constraint ck_users_name on users",
            "drop column users.name"
        ]
    );
}

#[test]
fn a_key_that_changes_takes_its_foreign_keys_along() {
    let mut before = users();
    before.columns.push(column("code", SqlType::BigInt));
    before.uniques.push(Unique::over("uq_users_code", ["code"]));
    let mut documents = documents();
    documents.foreign_keys[0].parent_columns = vec!["code".into()];
    let mut after = before.clone();
    after.uniques[1].name = "uq_code".into();
    after.uniques[1].columns.push("email".into());
    after.uniques.push(Unique::over("uq_users_code_only", ["code"]));
    let steps = steps(&metadata([before, documents.clone()]), &metadata([after, documents]));
    assert_eq!(steps.first().unwrap(), "drop foreign key fk_documents_owner_id_users on documents");
    assert_eq!(steps.last().unwrap(), "create foreign key fk_documents_owner_id_users on documents");
}

#[test]
fn an_operation_that_does_not_fit_the_state_is_refused() {
    let mut state = metadata([users()]);
    let drop =
        Operation::DropColumn { table: TableName::from("users"), column: nullable("nick", SqlType::Text) };
    let error = drop.apply(&mut state).unwrap_err();
    assert_eq!(error.what(), "there is no column `users.nick`");
    let email = Operation::DropColumn { table: "users".into(), column: users().columns[1].clone() };
    assert_eq!(
        email.apply(&mut state).unwrap_err().what(),
        "`uq_users_email` still uses column `users.email`"
    );
    assert_eq!(state, metadata([users()]));
    let twice = Operation::CreateTable(table("users", []));
    assert_eq!(twice.apply(&mut state).unwrap_err().what(), "table `users` is there already");
}

proptest! {
    #[test]
    fn applying_a_difference_makes_one_schema_the_other(from in schemas(), to in schemas()) {
        check(&from, &to, &diff(&from, &to).unwrap());
    }
}
