//! Domains in revisions: found in the models and in a live database, made, changed and taken back; emulated where a database has none.

use aludel::schema::{Check, ColumnDef, Domain, EnumType, Operation, ServerDefault, Type};
use aludel::{Dialect, Metadata, MySqlDialect, PostgresDialect, SqlType, SqliteDialect};
use aludel_migrate::{Comparison, diff, render, reverse, unfilled_columns};
use aludel_suite::{Db, on_each_database};

use crate::matrix::Change;
use crate::models::{column, metadata, nullable, table, users};
use crate::project::Project;

fn check(name: &str, condition: &str) -> Check {
    Check::new(name, condition)
}

fn email() -> Domain {
    Domain { checks: vec![check("has_at", "VALUE LIKE '%@%'")], ..Domain::new("email", SqlType::Varchar(60)) }
}

fn mail(domain: Domain) -> ColumnDef {
    nullable("mail", domain)
}

fn titles(operations: &[Operation]) -> Vec<String> {
    operations.iter().map(ToString::to_string).collect()
}

/// What a change of the domain of `t.mail` is, on a table with a row.
fn change(before: Domain, after: Domain) -> Change {
    let mut change = Change::column(mail(before), mail(after));
    change.rows = vec!["INSERT INTO t (mail) VALUES ('ada@example.org')"];
    change
}

fn sql(dialect: &dyn Dialect, from: &Domain, to: &Domain) -> Vec<String> {
    let before = metadata([table("t", [mail(from.clone())])]);
    let operations = [Operation::AlterDomain { from: from.clone(), to: to.clone() }];
    let steps = render(dialect, &operations, &before).unwrap();
    steps.into_iter().flat_map(|it| it.statements).collect()
}

#[test]
fn a_domain_is_created_before_its_tables_and_dropped_after_them() {
    let models = metadata([table("t", [mail(Domain::new("work_email", email()))])]);
    assert_eq!(
        titles(&diff(&metadata([]), &models).unwrap()),
        ["create domain email", "create domain work_email", "create table t"]
    );
    assert_eq!(
        titles(&diff(&models, &metadata([])).unwrap()),
        ["drop table t", "drop domain work_email", "drop domain email"]
    );
    assert_eq!(diff(&models, &models).unwrap(), []);
}

#[test]
fn a_condition_holds_for_new_values_before_the_old_ones_are_checked() {
    let to = Domain {
        nullable: false,
        server_default: Some(ServerDefault::Text("a@b".into())),
        checks: vec![check("short", "length(VALUE) < 50")],
        comment: Some("where to write".into()),
        ..email()
    };
    assert_eq!(
        sql(&PostgresDialect, &email(), &to),
        [
            "ALTER DOMAIN email DROP CONSTRAINT has_at",
            "ALTER DOMAIN email SET DEFAULT 'a@b'",
            "ALTER DOMAIN email SET NOT NULL",
            "ALTER DOMAIN email ADD CONSTRAINT short CHECK (length(VALUE) < 50) NOT VALID",
            "ALTER DOMAIN email VALIDATE CONSTRAINT short",
            "COMMENT ON DOMAIN email IS 'where to write'",
        ]
    );
    assert_eq!(
        sql(
            &PostgresDialect,
            &to,
            &Domain { checks: vec![check("brief", "length(VALUE) < 50")], ..to.clone() }
        ),
        ["ALTER DOMAIN email RENAME CONSTRAINT short TO brief"]
    );
    assert_eq!(
        sql(&MySqlDialect::default(), &email(), &Domain { checks: vec![], ..email() }),
        ["ALTER TABLE t DROP CONSTRAINT ck_t_mail_has_at"]
    );
}

#[test]
fn a_domain_over_another_type_is_made_again() {
    let to = Domain { sql_type: SqlType::Text.into(), ..email() };
    assert_eq!(
        sql(&PostgresDialect, &email(), &to),
        [
            "CREATE DOMAIN aludel_new_email AS text CONSTRAINT has_at CHECK (VALUE LIKE '%@%')",
            "ALTER TABLE t ALTER COLUMN mail TYPE aludel_new_email",
            "DROP DOMAIN email",
            "ALTER DOMAIN aludel_new_email RENAME TO email",
        ]
    );
    // With all that are over it.
    let work = Domain { comment: Some("at work".into()), ..Domain::new("work_email", email()) };
    let before = metadata([table("t", [nullable("a", work)])]);
    let alter = [Operation::AlterDomain { from: email(), to: to.clone() }];
    let steps = render(&PostgresDialect, &alter, &before).unwrap();
    assert_eq!(
        steps.into_iter().flat_map(|it| it.statements).collect::<Vec<_>>(),
        [
            "CREATE DOMAIN aludel_new_email AS text CONSTRAINT has_at CHECK (VALUE LIKE '%@%')",
            "CREATE DOMAIN aludel_new_work_email AS aludel_new_email",
            "COMMENT ON DOMAIN aludel_new_work_email IS 'at work'",
            "ALTER TABLE t ALTER COLUMN a TYPE aludel_new_work_email",
            "DROP DOMAIN work_email",
            "DROP DOMAIN email",
            "ALTER DOMAIN aludel_new_email RENAME TO email",
            "ALTER DOMAIN aludel_new_work_email RENAME TO work_email",
        ]
    );
}

#[test]
fn an_enum_type_under_a_domain_cannot_be_made_again() {
    let mood = |values: &[&str]| EnumType::new("mood", values.iter().copied());
    let before = metadata([]).domain(Domain::new("good_mood", Type::Enum(mood(&["sad", "ok"]))));
    let alter = |values| [Operation::AlterEnum { from: mood(&["sad", "ok"]), to: mood(values) }];
    assert_eq!(render(&PostgresDialect, &alter(&["sad", "ok", "happy"]), &before).unwrap().len(), 1);
    let error = render(&PostgresDialect, &alter(&["ok"]), &before).unwrap_err();
    assert_eq!(
        error.what(),
        "PostgreSQL cannot take values of the enum type `mood` away or put them in another order while the domain `good_mood` is over it"
    );
}

#[test]
fn a_required_column_of_a_domain_with_a_default_needs_no_backfill() {
    let before = metadata([table("t", [])]);
    let unfilled = |domain: Domain| {
        unfilled_columns(&diff(&before, &metadata([table("t", [column("mail", domain)])])).unwrap())
    };
    assert_eq!(unfilled(email()), ["t.mail"]);
    assert!(
        unfilled(Domain { server_default: Some(ServerDefault::Text("a@b".into())), ..email() }).is_empty()
    );
}

#[test]
fn an_operation_on_a_domain_that_is_not_so_is_refused() {
    let state = || metadata([table("t", [mail(email())])]);
    let refused = |operation: Operation| operation.apply(&mut state()).unwrap_err().what().to_owned();
    let other = Domain { nullable: false, ..email() };
    assert_eq!(refused(Operation::CreateDomain(other.clone())), "domain `email` is there already");
    assert_eq!(refused(Operation::DropDomain(email())), "`t` still has a column of domain `email`");
    assert_eq!(
        refused(Operation::AlterDomain { from: other.clone(), to: email() }),
        "domain `email` is not what the operation says was there before"
    );
    assert_eq!(
        refused(Operation::RenameDomain { name: "mail".into(), to: "email".into() }),
        "there is no domain `mail`"
    );
}

on_each_database! {
    async fn row_42_a_domain_comes_and_goes_with_its_columns(db: Db) {
        let with = table("t", [column("name", SqlType::Varchar(20)), mail(email())]);
        let without = table("t", [column("name", SqlType::Varchar(20))]);
        let both: &[&str] = &["create domain email", "add column t.mail"];
        let live = db.pick(&both[1..], both, &both[1..]);
        let mut change = Change::of([without], [with]);
        change.rows = vec!["INSERT INTO t (name) VALUES ('Ada')"];
        change.shows_live(&db, both, live).await?;
    }

    async fn row_42_a_text_becomes_one_of_a_domain(db: Db) {
        let mut change = Change::column(nullable("mail", SqlType::Varchar(60)), mail(email()));
        change.rows = vec!["INSERT INTO t (mail) VALUES ('ada@example.org')", "INSERT INTO t (mail) VALUES (NULL)"];
        let both: &[&str] = &["create domain email", "alter column t.mail"];
        change.shows_live(&db, both, db.pick(&both[1..], both, &both[1..])).await?;
    }

    async fn row_42_the_conditions_of_a_domain_change(db: Db) {
        let after = Domain { checks: vec![check("has_at", "VALUE LIKE '%@%.%'"), check("other", "VALUE <> '@'")], ..email() };
        let emulated: &[&str] = &["alter column t.mail", "drop check constraint ck_t_mail_has_at on t"];
        change(email(), after).shows_live(&db, &["alter domain email"], db.pick(emulated, &["alter domain email"], emulated)).await?;
    }

    async fn row_42_what_a_domain_fills_in_and_takes_changes(db: Db) {
        let after = Domain { nullable: false, server_default: Some(ServerDefault::Text("nobody@example.org".into())), ..email() };
        let emulated: &[&str] = &["alter column t.mail", "drop check constraint ck_t_mail_has_at on t"];
        change(email(), after).shows_live(&db, &["alter domain email"], db.pick(emulated, &["alter domain email"], emulated)).await?;
    }

    async fn row_42_the_type_under_a_domain_changes(db: Db) {
        let after = Domain { sql_type: SqlType::Varchar(90).into(), ..email() };
        let emulated: &[&str] = &["alter column t.mail", "drop check constraint ck_t_mail_has_at on t"];
        change(email(), after).shows_live(&db, &["alter domain email"], db.pick(emulated, &["alter domain email"], emulated)).await?;
    }

    async fn row_42_a_domain_is_renamed(db: Db) {
        let address = Domain { name: "address".into(), renamed_from: Some("email".into()), ..email() };
        let renamed: &[&str] = &["rename domain email to address"];
        change(email(), address).shows_live(&db, renamed, db.pick(&[], renamed, &[])).await?;
    }

    async fn row_42_columns_and_tables_of_a_domain_are_renamed(db: Db) {
        let mut after = table("u", [ColumnDef { renamed_from: Some("mail".into()), name: "e_mail".into(), ..mail(email()) }]);
        after.renamed_from = Some("t".into());
        let before = table("t", [mail(email())]);
        let renamed: &[&str] = &["rename table t to u", "rename column u.mail to e_mail", "rename primary key pk_t on u to pk_u"];
        let mut project = Project::default();
        after.primary_key.name = "pk_u".into();
        let operations = diff(&metadata([before.clone()]), &metadata([after.clone()]))?;
        assert_eq!(titles(&operations), renamed);
        project.revision(&db, &metadata([before.clone()])).operations(&db, operations);
        let scripts = project.scripts();
        let migrator = aludel_migrate::Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        migrator.upgrade("head").await?;
        db.run("INSERT INTO u (e_mail) VALUES ('a@b')").await?;
        assert!(db.run("INSERT INTO u (e_mail) VALUES ('nobody')").await.is_err());
        assert_eq!(Comparison::read(&db.engine, &project.state).await?.drift()?, []);
        migrator.downgrade("r1").await?;
        assert!(db.run("INSERT INTO t (mail) VALUES ('nobody')").await.is_err());
        assert_eq!(Comparison::read(&db.engine, &metadata([before])).await?.drift()?, []);
    }

    async fn row_45_a_domain_that_is_in_no_model_is_left_alone(db: Db) {
        let models = metadata([users()]);
        let mut project = Project::default();
        project.revision(&db, &models);
        aludel_migrate::Migrator::new(&db.engine, &project.scripts()).upgrade("head").await?;
        if db.engine.dialect().features().domains {
            db.run("CREATE DOMAIN nobodys AS integer CHECK (VALUE > 0)").await?;
        }
        let comparison = Comparison::read(&db.engine, &models).await?;
        assert_eq!(comparison.missing()?, []);
        assert_eq!(comparison.unmanaged(), db.pick(&[][..], &["domain nobodys"], &[]));
    }

    async fn what_somebody_did_to_a_domain_is_seen(db: Db) {
        let models = metadata([table("t", [mail(email())])]);
        let mut project = Project::default();
        project.revision(&db, &models);
        aludel_migrate::Migrator::new(&db.engine, &project.scripts()).upgrade("head").await?;
        assert_eq!(Comparison::read(&db.engine, &models).await?.drift()?, []);
        db.run(db.pick("DROP TABLE t", "ALTER DOMAIN email DROP CONSTRAINT has_at", "ALTER TABLE t DROP CONSTRAINT ck_t_mail_has_at")).await?;
        let drift = titles(&Comparison::read(&db.engine, &models).await?.drift()?);
        assert_eq!(drift, db.pick(["drop table t"], ["alter domain email"], ["alter column t.mail"]));
    }

    #[only(postgres, "others have no domains of their own")]
    async fn conditions_are_compared_as_the_server_writes_them(db: Db) {
        let percent = Domain {
            server_default: Some(ServerDefault::Sql("5 + 5".into())),
            checks: vec![check("sound", "value between 0 and 100 and VALUE NOT IN (13, 14)")],
            comment: Some("of a hundred".into()),
            ..Domain::new("percent", SqlType::Integer)
        };
        let mood = Domain::new("good_mood", Type::Enum(EnumType::new("mood", ["sad", "ok"])));
        let word = Domain { collation: Some("C".into()), ..Domain::new("word", SqlType::Text) };
        let models = metadata([table("t", [nullable("p", Domain::new("tax", percent)), nullable("m", mood), nullable("w", word)])])
            .domain(Domain { checks: vec![Check { not_valid: true, ..check("later", "VALUE > '1'") }], ..Domain::new("unused", SqlType::Varchar(9)) });
        db.create(&models).await?;
        let comparison = Comparison::read_where(&db.engine, &models, |_| true).await?;
        assert_eq!((comparison.drift()?, comparison.missing()?), (vec![], vec![]));
    }

    #[only(postgres, "others have no domains of their own")]
    async fn what_is_read_back_makes_the_same_again(db: Db) {
        let work = Domain { nullable: false, server_default: Some(ServerDefault::Text("a@b".into())), ..Domain::new("work_email", email()) };
        db.create(&metadata([table("t", [mail(email()), nullable("work", work)])])).await?;
        let first = db.engine.inspect().await?.reflect();
        db.engine.drop_all(&first).await?;
        assert!(db.engine.inspect().await?.domains().is_empty());
        db.create(&first).await?;
        assert_eq!(db.engine.inspect().await?.reflect(), first);
        let source = reverse(&first).source;
        assert!(source.contains("#[domain(name = \"email\", length = 60, checks("), "{source}");
    }
}

/// What a domain asks for stands in `revision.toml` with all that it says.
#[test]
fn a_revision_says_all_of_a_domain() {
    let mut state = Metadata::default();
    let models = metadata([table("t", [mail(email())])]);
    let operations = diff(&state, &models).unwrap();
    operations.iter().for_each(|it| it.apply(&mut state).unwrap());
    let id = aludel_migrate::RevisionId::new("r1").unwrap();
    let revision = aludel_migrate::Revision { operations, ..aludel_migrate::Revision::new(id, vec![], "m") };
    let text = aludel_migrate::write_revision(&revision);
    assert!(
        text.contains(
            "create_domain = \"email\"\ntype = \"varchar(60)\"\nchecks = [{ name = \"has_at\", sql = \"VALUE LIKE '%@%'\" }]\n"
        ),
        "{text}"
    );
    assert_eq!(aludel_migrate::read_revision(&text).unwrap(), revision);
    let sqlite = render(&SqliteDialect, &revision.operations, &Metadata::default()).unwrap();
    assert!(sqlite[0].statements[0].contains("CONSTRAINT ck_t_mail_has_at CHECK (mail LIKE '%@%')"));
}
