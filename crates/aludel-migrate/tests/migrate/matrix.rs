//! Every change that a comparison must see, by its number in the list of changes: it is found in the revisions and in a live database, runs, leaves
//! nothing to find, and is undone.

use aludel::prelude::*;
use aludel::schema::{
    Check, ColumnDef, Computed, Ddl, Deferrable, EnumType, Exclude, ForeignKey, Identity, Index, IndexOf,
    IndexPart, Operation, ReferentialAction, Sequence, SequenceOptions, ServerDefault, Table, Type, Unique,
};
use aludel::{Metadata, Nulls, SqlType};
use aludel_migrate::{Comparison, Migrator, diff, set_backfill};
use aludel_suite::{Db, Outcome, on_each_database};

use crate::models::{column, documents, foreign_key, metadata, nullable, table, users};
use crate::project::Project;

fn titles(operations: &[Operation]) -> Vec<String> {
    let mut titles: Vec<String> = operations.iter().map(ToString::to_string).collect();
    titles.sort();
    titles
}

/// The change between two schemas, with rows that are there before.
pub struct Change {
    pub before: Metadata,
    pub after: Metadata,
    pub rows: Vec<&'static str>,
    backfill: Option<(&'static str, &'static str)>,
}

impl Change {
    pub fn of(before: impl IntoIterator<Item = Table>, after: impl IntoIterator<Item = Table>) -> Self {
        Self { before: metadata(before), after: metadata(after), rows: Vec::new(), backfill: None }
    }

    /// A change of one column of a table, with a row whose value is given in SQL.
    pub fn column(before: ColumnDef, after: ColumnDef) -> Self {
        Self::of([table("t", [before])], [table("t", [after])])
    }

    /// A change of a table that is made of the columns `a`, `b` and `c`.
    fn table(before: impl Fn(&mut Table), after: impl Fn(&mut Table)) -> Self {
        let make = |change: &dyn Fn(&mut Table)| {
            let columns = [
                column("a", SqlType::Integer),
                column("b", SqlType::Varchar(30)),
                nullable("c", SqlType::Integer),
            ];
            let mut table = table("t", columns);
            change(&mut table);
            table
        };
        Self::of([make(&before)], [make(&after)])
    }

    fn with_row(mut self, sql: &'static str) -> Self {
        self.rows.push(sql);
        self
    }

    /// The revisions find it, and so does a comparison with a database that is at the first of them.
    pub async fn shows(self, db: &Db, expected: &[&str]) -> Outcome {
        self.shows_live(db, expected, expected).await
    }

    /// As [`shows`](Self::shows), where the database keeps less than the revisions know.
    pub async fn shows_live(self, db: &Db, expected: &[&str], live: &[&str]) -> Outcome {
        let sorted = |list: &[&str]| {
            let mut list: Vec<String> = list.iter().map(|it| (*it).to_owned()).collect();
            list.sort();
            list
        };
        let mut operations = diff(&self.before, &self.after)?;
        assert_eq!(titles(&operations), sorted(expected), "in the revisions");
        if let Some((column, value)) = self.backfill {
            set_backfill(&mut operations, column, value)?;
        }
        let mut project = Project::default();
        project.revision(db, &self.before).operations(db, operations);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        migrator.upgrade("r1").await?;
        for sql in &self.rows {
            db.run(sql).await?;
        }
        let there = Comparison::read(&db.engine, &self.before).await?;
        assert_eq!(titles(&there.drift()?), [""; 0], "before");
        // What goes is known by the revisions only.
        let both = Comparison::read_where(&db.engine, &self.after, |_| true).await?;
        assert_eq!(titles(&both.missing()?), sorted(live), "in the database");
        for turn in ["the first time", "the second time"] {
            migrator.upgrade("head").await?;
            let there = Comparison::read(&db.engine, &self.after).await?;
            assert_eq!(titles(&there.drift()?), [""; 0], "after, {turn}");
            assert_eq!(titles(&diff(&project.state, &self.after)?), [""; 0], "generated again");
            migrator.downgrade("r1").await?;
            let there = Comparison::read_where(&db.engine, &self.before, |_| true).await?;
            assert_eq!(titles(&there.drift()?), [""; 0], "taken back, {turn}");
        }
        Ok(())
    }
}

fn part(column: &str) -> IndexPart {
    IndexPart::new(IndexOf::Column(column.to_owned()))
}

fn index(name: &str, parts: Vec<IndexPart>) -> Index {
    Index { parts, ..Index::on(name, [""; 0]) }
}

fn default(column: ColumnDef, value: ServerDefault<String>) -> ColumnDef {
    ColumnDef { server_default: Some(value), ..column }
}

fn generated(expression: &str) -> ColumnDef {
    let computed = Computed { expression: expression.to_owned(), stored: true };
    ColumnDef { computed: Some(computed), ..nullable("twice", SqlType::Integer) }
}

on_each_database! {
    async fn row_01_a_table_is_added_and_dropped(db: Db) {
        Change::of([users()], [users(), documents()]).shows(&db, &["create table documents"]).await?;
    }

    async fn row_01_a_table_that_goes_is_dropped(db: Db) {
        Change::of([users(), documents()], [users()]).shows(&db, &["drop table documents"]).await?;
    }

    async fn row_02_a_table_is_renamed(db: Db) {
        let mut people = users();
        people.name = "people".into();
        people.renamed_from = Some("users".into());
        Change::of([users()], [people])
            .with_row("INSERT INTO users (email) VALUES ('a')")
            .shows(&db, &["rename table users to people"])
            .await?;
        assert_eq!(db.count("users").await?, 1);
    }

    async fn row_03_a_column_without_null_and_default_is_filled(db: Db) {
        let mut after = users();
        after.columns.push(column("age", SqlType::Integer));
        let mut change = Change::of([users()], [after]).with_row("INSERT INTO users (email) VALUES ('a')");
        change.backfill = Some(("users.age", "41"));
        change.shows(&db, &["add column users.age"]).await?;
    }

    async fn row_04_a_column_is_dropped(db: Db) {
        let mut after = users();
        after.columns.pop();
        Change::of([users()], [after]).shows(&db, &["drop column users.name"]).await?;
    }

    async fn row_05_a_column_is_renamed_and_altered(db: Db) {
        let mut after = users();
        after.columns[2] = ColumnDef { renamed_from: Some("name".into()), ..nullable("full_name", SqlType::Varchar(200)) };
        Change::of([users()], [after])
            .with_row("INSERT INTO users (email, name) VALUES ('a', 'Ada')")
            .shows(&db, &["rename column users.name to full_name", "alter column users.full_name"])
            .await?;
        assert_eq!(db.value::<String>("SELECT name FROM users").await?, "Ada");
    }

    async fn row_06_the_order_of_columns_is_no_change(db: Db) {
        let mut after = users();
        after.columns.swap(1, 2);
        Change::of([users()], [after]).shows(&db, &[]).await?;
    }

    async fn row_07_an_integer_becomes_larger(db: Db) {
        Change::column(column("x", SqlType::Integer), column("x", SqlType::BigInt))
            .with_row("INSERT INTO t (x) VALUES (7)").shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_07_a_varchar_becomes_a_text(db: Db) {
        Change::column(column("x", SqlType::Varchar(10)), column("x", SqlType::Text))
            .with_row("INSERT INTO t (x) VALUES ('7')").shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_07_a_varchar_becomes_longer(db: Db) {
        Change::column(column("x", SqlType::Varchar(10)), column("x", SqlType::Varchar(20)))
            .with_row("INSERT INTO t (x) VALUES ('7')").shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_07_a_numeric_has_more_digits(db: Db) {
        Change::column(column("x", SqlType::Numeric(6, 2)), column("x", SqlType::Numeric(12, 2)))
            .with_row("INSERT INTO t (x) VALUES (7)").shows(&db, &["alter column t.x"]).await?;
    }

    #[only(postgres, "others have no type of this name without a number")]
    async fn row_08_a_type_loses_its_number(db: Db) {
        Change::column(column("x", SqlType::Varchar(10)), column("x", Type::Native("varchar".into())))
            .shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_08_a_numeric_loses_its_scale(db: Db) {
        Change::column(column("x", SqlType::Numeric(10, 2)), column("x", SqlType::Numeric(10, 0)))
            .shows(&db, &["alter column t.x"]).await?;
    }

    #[only(postgres, "others have no arrays")]
    async fn row_09_a_value_becomes_an_array(db: Db) {
        Change::column(nullable("x", SqlType::Integer), nullable("x", SqlType::Array(&SqlType::Integer)))
            .shows(&db, &["alter column t.x"]).await?;
    }

    #[only(postgres, "others have one type for instants")]
    async fn row_10_an_instant_gets_its_time_zone(db: Db) {
        Change::column(column("x", Type::Native("timestamp".into())), column("x", SqlType::Timestamp))
            .with_row("INSERT INTO t (x) VALUES ('2026-01-02 03:04:05')").shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_11_a_collation_is_added_and_changed(db: Db) {
        let (one, other) = db.pick(("NOCASE", "RTRIM"), ("C", "POSIX"), ("utf8mb4_general_ci", "utf8mb4_unicode_ci"));
        let collated = |name: &str| ColumnDef { collation: Some(name.to_owned()), ..column("x", SqlType::Varchar(9)) };
        let mut plain = table("plain", [column("x", SqlType::Varchar(9))]);
        let mut change = Change::column(collated(one), collated(other));
        change.before = change.before.with_table(plain.clone());
        plain.columns[1] = collated(one);
        change.after = change.after.with_table(plain);
        change.shows(&db, &["alter column plain.x", "alter column t.x"]).await?;
    }

    #[only(postgres, "others have one type for JSON")]
    async fn row_12_json_becomes_jsonb(db: Db) {
        Change::column(column("x", Type::Native("json".into())), column("x", SqlType::Json))
            .with_row("INSERT INTO t (x) VALUES ('{\"a\": 1}')").shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_12_a_uuid_becomes_a_varchar(db: Db) {
        Change::column(column("x", SqlType::Uuid), column("x", SqlType::Varchar(36)))
            .with_row("INSERT INTO t (x) VALUES ('6f1c1e9e-2b57-4b6e-9a53-0d6a3a1f9b11')").shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_12_a_boolean_becomes_an_integer(db: Db) {
        Change::column(column("x", SqlType::Boolean), column("x", SqlType::Integer))
            .with_row("INSERT INTO t (x) VALUES (TRUE)").shows(&db, &["alter column t.x"]).await?;
    }

    async fn row_13_null_is_allowed_and_refused(db: Db) {
        Change::of(
            [table("t", [nullable("x", SqlType::Integer), column("y", SqlType::Integer)])],
            [table("t", [column("x", SqlType::Integer), nullable("y", SqlType::Integer)])],
        )
        .with_row("INSERT INTO t (x, y) VALUES (1, 2)").shows(&db, &["alter column t.x", "alter column t.y"]).await?;
    }

    async fn row_14_a_server_default_is_added_changed_and_dropped(db: Db) {
        let x = |value| default(column("x", SqlType::Integer), ServerDefault::Int(value));
        let y = column("y", SqlType::Varchar(9));
        let text = default(y.clone(), ServerDefault::Text("it's".into()));
        let z = default(nullable("z", SqlType::Timestamp), ServerDefault::Now);
        Change::of(
            [table("t", [x(1), y, z])],
            [table("t", [x(-2), text, nullable("z", SqlType::Timestamp)])],
        )
        .shows(&db, &["alter column t.x", "alter column t.y", "alter column t.z"])
        .await?;
    }

    async fn row_15_another_spelling_of_a_default_is_no_change(db: Db) {
        let now = db.pick("Datetime( 'now' )", "NOW()", "CURRENT_TIMESTAMP(6)");
        let other = db.pick("datetime('now')", "now( )", "current_timestamp(6)");
        let spelled = |sql: &str| default(column("x", SqlType::Timestamp), ServerDefault::Sql(sql.to_owned()));
        db.create(&metadata([table("t", [spelled(now)])])).await?;
        let models = metadata([table("t", [spelled(other)])]);
        assert_eq!(Comparison::read(&db.engine, &models).await?.missing()?, []);
    }

    #[only(postgres, "others count in one way")]
    async fn row_17_identities_are_compared_with_all_they_say(db: Db) {
        let identity = |always, increment| {
            let mut t = table("t", [column("x", SqlType::Integer)]);
            let options = SequenceOptions { increment, ..SequenceOptions::default() };
            t.columns[0].identity = Some(Identity { always, options });
            t
        };
        Change::of([identity(false, None)], [identity(true, Some(10))]).shows(&db, &["alter column t.id"]).await?;
    }

    #[only(postgres, "others have no serial")]
    async fn row_17_a_serial_becomes_an_identity(db: Db) {
        db.run("CREATE TABLE t (id bigserial CONSTRAINT pk_t PRIMARY KEY, x integer NOT NULL)").await?;
        let models = metadata([table("t", [column("x", SqlType::Integer)])]);
        assert_eq!(titles(&Comparison::read(&db.engine, &models).await?.missing()?), ["alter column t.id"]);
    }

    async fn row_18_a_generated_column_comes_changes_and_goes(db: Db) {
        Change::table(|_| {}, |t| t.columns.push(generated("a * 2"))).shows(&db, &["add column t.twice"]).await?;
    }

    async fn row_18_the_expression_of_a_generated_column_changes(db: Db) {
        Change::table(|t| t.columns.push(generated("a * 2")), |t| t.columns.push(generated("a + a")))
            .shows(&db, &["drop column t.twice", "add column t.twice"]).await?;
    }

    async fn row_18_a_column_changes_of_which_another_is_computed(db: Db) {
        let twice = || ColumnDef { sql_type: SqlType::BigInt.into(), ..generated("a * 2") };
        let of = |sql_type: SqlType, more: Option<ColumnDef>| {
            let mut t = table("t", [column("a", sql_type)].into_iter().chain(more));
            if t.columns.len() > 2 {
                t.indexes.push(Index::on("ix_twice", ["twice"]));
            }
            t
        };
        let row = "INSERT INTO t (a) VALUES (2)";
        Change::of([of(SqlType::Integer, None)], [of(SqlType::BigInt, Some(twice()))])
            .with_row(row)
            .shows(&db, &["alter column t.a", "add column t.twice", "create index ix_twice on t"])
            .await?;
        db.run("DROP TABLE t").await?;
        db.run("DELETE FROM aludel_revisions").await?;
        // What stays as it was goes for that time, with its index.
        Change::of([of(SqlType::Integer, Some(twice()))], [of(SqlType::BigInt, Some(twice()))])
            .with_row(row)
            .shows(&db, &[
                "drop index ix_twice on t", "drop column t.twice", "alter column t.a", "add column t.twice",
                "create index ix_twice on t",
            ])
            .await?;
    }

    async fn row_19_a_key_is_counted_or_given(db: Db) {
        Change::table(|t| t.columns[0].identity = None, |_| {}).shows(&db, &["alter column t.id"]).await?;
    }

    #[except(sqlite, "it keeps no comments")]
    async fn row_20_comments_are_compared(db: Db) {
        Change::table(|t| t.comment = Some("old".into()), |t| {
            t.comment = Some("it's new".into());
            t.columns[1].comment = Some("what \"a\" is".into());
        })
        .shows(&db, &["alter column t.a", "comment on table t"])
        .await?;
    }

    async fn row_21_the_columns_of_a_primary_key_change(db: Db) {
        let key = |columns: &[&str]| {
            let mut t = Table::new("t");
            t.columns = vec![column("a", SqlType::BigInt), column("b", SqlType::BigInt)];
            t.primary_key.columns = columns.iter().map(|it| (*it).to_owned()).collect();
            t
        };
        Change::of([key(&["a"])], [key(&["b", "a"])])
            .with_row("INSERT INTO t (a, b) VALUES (1, 2)")
            .shows(&db, &["drop primary key pk_t on t", "create primary key pk_t on t"])
            .await?;
    }

    async fn row_21_a_primary_key_is_renamed(db: Db) {
        let live: &[&str] = if db.database.name() == "mariadb" { &[] } else { &["rename primary key pk_t on t to pk_other"] };
        Change::table(|_| {}, |t| t.primary_key.name = "pk_other".into())
            .shows_live(&db, &["rename primary key pk_t on t to pk_other"], live)
            .await?;
    }

    async fn row_22_a_unique_constraint_comes_and_is_renamed(db: Db) {
        Change::table(
            |t| t.uniques = vec![Unique::over("uq_one", ["a"])],
            |t| t.uniques = vec![Unique::over("uq_two", ["a"]), Unique::over("uq_b", ["b"])],
        )
        .shows(&db, &["create unique constraint uq_b on t", "rename unique constraint uq_one on t to uq_two"])
        .await?;
    }

    async fn row_23_the_order_of_the_columns_of_a_unique_constraint_counts(db: Db) {
        Change::table(
            |t| t.uniques = vec![Unique::over("uq", ["a", "b"])],
            |t| t.uniques = vec![Unique::over("uq", ["b", "a"])],
        )
        .shows(&db, &["drop unique constraint uq on t", "create unique constraint uq on t"])
        .await?;
    }

    #[only(postgres, "others check it at once")]
    async fn row_23_a_unique_constraint_becomes_deferrable(db: Db) {
        let unique = |deferrable| move |t: &mut Table| t.uniques = vec![Unique { deferrable, ..Unique::over("uq", ["a"]) }];
        Change::table(unique(Deferrable::No), unique(Deferrable::Deferred))
            .shows(&db, &["drop unique constraint uq on t", "create unique constraint uq on t"]).await?;
    }

    #[only(postgres, "others have no such constraint")]
    async fn row_24_two_nulls_become_equal(db: Db) {
        let unique = |nulls_not_distinct| {
            move |t: &mut Table| t.uniques = vec![Unique { nulls_not_distinct, ..Unique::over("uq", ["c"]) }]
        };
        Change::table(unique(false), unique(true))
            .shows(&db, &["drop unique constraint uq on t", "create unique constraint uq on t"]).await?;
    }

    async fn row_25_a_check_comes_and_goes(db: Db) {
        let check = |name: &'static str| move |t: &mut Table| t.checks = vec![Check::new(name, "a > 0")];
        Change::table(check("ck_one"), |t| t.checks = vec![Check::new("ck_b", "b <> ''")])
            .shows(&db, &["drop check constraint ck_one on t", "create check constraint ck_b on t"]).await?;
    }

    async fn row_26_the_condition_of_a_check_changes(db: Db) {
        let check = |sql: &'static str| move |t: &mut Table| t.checks = vec![Check::new("ck", sql)];
        Change::table(check("a > 0"), check("a > 0 OR b = 'x'"))
            .shows(&db, &["drop check constraint ck on t", "create check constraint ck on t"]).await?;
    }

    #[only(postgres, "others have no such constraint")]
    async fn row_28_an_exclusion_constraint_changes(db: Db) {
        let exclude = |sql: &'static str| {
            move |t: &mut Table| {
                t.columns.push(nullable("during", Type::Native("tstzrange".into())));
                t.excludes = vec![Exclude { name: "ex".into(), definition: sql.into() }];
            }
        };
        Change::table(exclude("USING gist (during WITH &&)"), exclude("USING gist (during WITH &&) WHERE (a > 0)"))
            .shows(&db, &["drop exclusion constraint ex on t", "create exclusion constraint ex on t"]).await?;
    }

    async fn row_29_a_foreign_key_comes_and_its_actions_change(db: Db) {
        let with = |on_delete, also| {
            let mut children = table("children", [nullable("t_id", SqlType::BigInt), nullable("u_id", SqlType::BigInt)]);
            children.foreign_keys = vec![ForeignKey { on_delete, ..foreign_key("children", "t_id", "t") }];
            if also {
                children.foreign_keys.push(foreign_key("children", "u_id", "t"));
            }
            [table("t", []), children]
        };
        Change::of(with(ReferentialAction::NoAction, false), with(ReferentialAction::Cascade, true))
            .with_row("INSERT INTO t (id) VALUES (1)")
            .with_row("INSERT INTO children (t_id) VALUES (1)")
            .shows(&db, &[
                "drop foreign key fk_children_t_id_t on children",
                "create foreign key fk_children_t_id_t on children",
                "create foreign key fk_children_u_id_t on children",
            ])
            .await?;
        assert_eq!(db.count("children").await?, 1);
    }

    #[except(mariadb, "it has no deferrable keys")]
    async fn row_29_a_foreign_key_becomes_deferrable(db: Db) {
        let key = |deferrable| {
            move |t: &mut Table| {
                t.columns.push(nullable("t_id", SqlType::BigInt));
                t.foreign_keys = vec![ForeignKey { deferrable, ..foreign_key("t", "t_id", "t") }];
            }
        };
        Change::table(key(Deferrable::No), key(Deferrable::Deferred))
            .shows(&db, &["drop foreign key fk_t_t_id_t on t", "create foreign key fk_t_t_id_t on t"]).await?;
    }

    #[only(postgres, "others do not keep it")]
    async fn row_30_a_foreign_key_gets_another_match(db: Db) {
        let key = |match_full| {
            move |t: &mut Table| {
                t.columns.push(nullable("t_id", SqlType::BigInt));
                t.foreign_keys = vec![ForeignKey { match_full, ..foreign_key("t", "t_id", "t") }];
            }
        };
        Change::table(key(false), key(true))
            .shows(&db, &["drop foreign key fk_t_t_id_t on t", "create foreign key fk_t_t_id_t on t"]).await?;
    }

    async fn row_30_a_foreign_key_is_renamed(db: Db) {
        let key = |name: &'static str| {
            move |t: &mut Table| {
                t.columns.push(nullable("t_id", SqlType::BigInt));
                t.foreign_keys = vec![ForeignKey { name: name.into(), ..foreign_key("t", "t_id", "t") }];
            }
        };
        Change::table(key("fk_one"), key("fk_two")).shows(&db, &["rename foreign key fk_one on t to fk_two"]).await?;
    }

    async fn row_31_indexes_come_go_and_change(db: Db) {
        let unique = |name: &str, columns: &[&str]| Index { unique: true, ..Index::on(name, columns.iter().copied()) };
        Change::table(
            |t| t.indexes = vec![Index::on("ix_a", ["a"]), Index::on("ix_b", ["b"]), Index::on("ix_c", ["c"])],
            move |t| t.indexes = vec![Index::on("ix_a", ["a", "b"]), unique("ix_b", &["b"]), Index::on("ix_ca", ["c", "a"])],
        )
        .shows(&db, &[
            "drop index ix_a on t", "create index ix_a on t", "drop index ix_b on t", "create index ix_b on t",
            "drop index ix_c on t", "create index ix_ca on t",
        ])
        .await?;
    }

    async fn row_32_an_index_is_renamed(db: Db) {
        let on = |name: &'static str| move |t: &mut Table| t.indexes = vec![Index::on(name, ["a"])];
        Change::table(on("ix_one"), on("ix_two")).shows(&db, &["rename index ix_one on t to ix_two"]).await?;
    }

    async fn row_33_the_order_of_an_index_changes(db: Db) {
        let ordered = |descending| {
            move |t: &mut Table| t.indexes = vec![index("ix", vec![IndexPart { descending, ..part("a") }])]
        };
        Change::table(ordered(false), ordered(true)).shows(&db, &["drop index ix on t", "create index ix on t"]).await?;
    }

    #[only(postgres, "others put NULL where they put it")]
    async fn row_33_null_comes_elsewhere_in_an_index(db: Db) {
        let ordered = |nulls| move |t: &mut Table| t.indexes = vec![index("ix", vec![IndexPart { nulls, ..part("c") }])];
        Change::table(ordered(None), ordered(Some(Nulls::First)))
            .shows(&db, &["drop index ix on t", "create index ix on t"]).await?;
    }

    #[except(mariadb, "it has no partial indexes")]
    async fn row_34_the_condition_of_an_index_changes(db: Db) {
        let partial = |name: &str, condition: Option<&str>| Index { condition: condition.map(str::to_owned), ..Index::on(name, ["a"]) };
        Change::table(
            move |t| t.indexes = vec![partial("ix_one", None), partial("ix_two", Some("a > 1"))],
            move |t| t.indexes = vec![partial("ix_one", Some("b <> ''")), partial("ix_two", Some("a > 2"))],
        )
        .shows(&db, &["drop index ix_one on t", "create index ix_one on t", "drop index ix_two on t", "create index ix_two on t"])
        .await?;
    }

    #[only(postgres, "others have none of it")]
    async fn row_35_what_an_index_is_made_of_changes(db: Db) {
        let of = |name: &'static str, change: fn(&mut Index)| {
            let mut plain = Index::on(name, ["b"]);
            change(&mut plain);
            plain
        };
        let changes: [(&'static str, fn(&mut Index)); 4] = [
            ("ix_include", |it| it.include = vec!["a".into()]),
            ("ix_using", |it| it.options.set("postgres", "using", "hash")),
            ("ix_ops", |it| it.parts[0].options.set("postgres", "ops", "varchar_pattern_ops")),
            ("ix_with", |it| it.options.set("postgres", "with", "fillfactor=70")),
        ];
        Change::table(
            move |t| t.indexes = changes.iter().map(|(name, _)| of(name, |_| {})).collect(),
            move |t| t.indexes = changes.iter().map(|(name, change)| of(name, *change)).collect(),
        )
        .shows(&db, &[
            "drop index ix_include on t", "create index ix_include on t", "drop index ix_using on t", "create index ix_using on t",
            "drop index ix_ops on t", "create index ix_ops on t", "drop index ix_with on t", "create index ix_with on t",
        ])
        .await?;
    }

    #[except(mariadb, "it has no indexes on expressions")]
    async fn row_36_the_expression_of_an_index_changes(db: Db) {
        let on = |sql: &'static str| {
            move |t: &mut Table| t.indexes = vec![index("ix", vec![IndexPart::new(IndexOf::Expression(sql.into()))])]
        };
        Change::table(on("lower(b)"), on("upper(b)")).shows(&db, &["drop index ix on t", "create index ix on t"]).await?;
    }

    async fn row_37_values_of_an_enum_come_go_and_change_places(db: Db) {
        let mood = |values: &[&str]| ColumnDef { ..nullable("mood", Type::Enum(EnumType::new("mood", values.iter().copied()))) };
        let live: &[&str] = if db.database.name() == "postgres" { &["alter enum mood"] } else { &["alter column t.mood"] };
        let mut change = Change::column(mood(&["sad", "ok"]), mood(&["ok", "sad", "happy"]));
        change.rows = vec!["INSERT INTO t (mood) VALUES ('ok')"];
        let live = if db.database.name() == "postgres" { live.to_vec() } else { vec!["create enum mood", live[0]] };
        change.shows_live(&db, &["alter enum mood"], &live).await?;
    }

    #[only(postgres, "others have no types of their own")]
    async fn row_38_an_enum_type_is_renamed(db: Db) {
        let of = |name: &str| EnumType::new(name, ["sad", "ok"]);
        let feeling = EnumType { renamed_from: Some("mood".into()), ..of("feeling") };
        let mut change = Change::column(nullable("m", Type::Enum(of("mood"))), nullable("m", Type::Enum(feeling)));
        change.rows = vec!["INSERT INTO t (m) VALUES ('ok')"];
        // A live database does not say what its types were called before, but a hint does.
        change.shows_live(&db, &["rename enum mood to feeling"], &["rename enum mood to feeling"]).await?;
    }

    async fn row_38_a_text_becomes_an_enum(db: Db) {
        let mood = Type::Enum(EnumType::new("mood", ["sad", "ok"]));
        let mut change = Change::column(nullable("m", SqlType::Varchar(20)), nullable("m", mood));
        change.rows = vec!["INSERT INTO t (m) VALUES ('ok')"];
        change.shows(&db, &["create enum mood", "alter column t.m"]).await?;
    }

    async fn row_39_an_enum_type_goes_with_the_last_column_that_has_it(db: Db) {
        let mood = Type::Enum(EnumType::new("mood", ["sad", "ok"]));
        let live: &[&str] = db.pick(
            &["drop table t"], &["drop table t", "drop enum mood"], &["drop table t"],
        );
        Change::of([users(), table("t", [nullable("m", mood)])], [users()])
            .shows_live(&db, &["drop table t", "drop enum mood"], live)
            .await?;
        assert!(db.engine.inspect().await?.enums().iter().all(|it| it.name == "mood"), "taken back");
    }

    #[only(mariadb, "others have no ENUM in the column")]
    async fn row_40_the_values_of_an_enum_in_a_column_count_with_their_order(db: Db) {
        let of = |values: &[&str]| {
            nullable("m", Type::Enum(EnumType::new("mood", values.iter().copied())))
        };
        for after in [&["ok", "sad"][..], &["sad", "ok", "happy"]] {
            let mut change = Change::column(of(&["sad", "ok"]), of(after));
            change.rows = vec!["INSERT INTO t (m) VALUES ('ok')"];
            change.shows_live(&db, &["alter enum mood"], &["create enum mood", "alter column t.m"]).await?;
            db.run("DROP TABLE t").await?;
            db.run("DELETE FROM aludel_revisions").await?;
        }
    }

    #[only(sqlite, "others have types for it")]
    async fn row_41_the_check_of_an_enum_or_a_boolean_is_that_of_its_column(db: Db) {
        let mood = |values: &[&str]| nullable("mood", Type::Enum(EnumType::new("mood", values.iter().copied())));
        let before = table("t", [mood(&["sad", "ok"]), nullable("on", SqlType::Boolean)]);
        let after = table("t", [mood(&["ok", "happy"]), nullable("on", SqlType::SmallInt)]);
        Change::of([before.clone()], [after.clone()])
            .with_row("INSERT INTO t (mood, \"on\") VALUES ('ok', 1)")
            .shows_live(
                &db,
                &["alter enum mood", "alter column t.on"],
                &["create enum mood", "alter column t.mood", "alter column t.on"],
            )
            .await?;
        let refuses = async |sql: &str| db.run(sql).await.is_err();
        assert!(refuses("INSERT INTO t (mood) VALUES ('happy')").await);
        assert!(refuses("INSERT INTO t (\"on\") VALUES (7)").await);
        let mut project = Project::default();
        project.revision(&db, &metadata([before])).revision(&db, &metadata([after]));
        let scripts = project.scripts();
        Migrator::new(&db.engine, &scripts).upgrade("head").await?;
        assert!(refuses("INSERT INTO t (mood) VALUES ('sad')").await);
        db.run("INSERT INTO t (mood, \"on\") VALUES ('happy', 7)").await?;
    }

    #[except(sqlite, "it has no sequences")]
    async fn row_42_a_sequence_changes(db: Db) {
        let mut change = Change::of([users()], [users()]);
        change.before = change.before.sequence(Sequence::new("numbers"));
        change.after = change.after.sequence(Sequence::new("numbers").increment(5)).sequence(Sequence::new("others"));
        change.shows(&db, &["alter sequence numbers", "create sequence others"]).await?;
    }

    async fn row_42_a_trigger_comes_and_its_text_changes(db: Db) {
        let body = |name: &str, to: &str| {
            let ours = format!("BEFORE INSERT ON t FOR EACH ROW SET NEW.c = {to}");
            Ddl::trigger(name, "t")
                .sql("sqlite", format!("AFTER INSERT ON t BEGIN UPDATE t SET c = {to} WHERE id = NEW.id; END"))
                .sql("postgres", format!("BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION to_{to}()"))
                .sql("mariadb", ours)
        };
        let to = |value: &str| {
            Ddl::function(format!("to_{value}")).nothing("sqlite").nothing("mariadb").sql(
                "postgres",
                format!("() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.c = {value}; RETURN NEW; END; $$"),
            )
        };
        let mut change = Change::table(|_| {}, |_| {});
        change.before = change.before.ddl(to("1")).ddl(to("2")).ddl(body("changes", "1")).ddl(body("goes", "1"));
        change.after = change.after.ddl(to("1")).ddl(to("2")).ddl(body("changes", "2")).ddl(body("comes", "1"));
        let expected = ["alter trigger changes on t", "create trigger comes on t", "drop trigger goes on t"];
        // The text that the database has is not read, and a trigger that no model has is somebody else's.
        change.shows_live(&db, &expected, &["create trigger comes on t"]).await?;
    }

    async fn row_43_options_of_a_table_change(db: Db) {
        Change::table(|_| {}, |t| {
            t.options.set("sqlite", "strict", "true");
            t.options.set("postgres", "with", "fillfactor=70");
            t.options.set("mysql", "row_format", "DYNAMIC");
        })
        .shows(&db, &["alter options of table t"])
        .await?;
    }

    #[except(sqlite, "it has no schemas")]
    async fn row_44_a_table_moves_to_another_schema(db: Db) {
        let name = db.url.rsplit('/').next().unwrap().split('?').next().unwrap();
        let archive = format!("{name}_archive");
        db.run(&format!("CREATE SCHEMA {archive}")).await?;
        let moved = |name: &str, hint: &str| Table {
            schema: Some(archive.clone()),
            name: name.to_owned(),
            renamed_from: Some(hint.to_owned()),
            ..users()
        };
        let owned = |mut documents: Table, schema: Option<&str>, parent: &str| {
            documents.foreign_keys[0].parent_schema = schema.map(str::to_owned);
            documents.foreign_keys[0].parent = parent.to_owned();
            documents
        };
        let there = Some(archive.as_str());
        let outcome = async {
            Change::of([users(), documents()], [moved("users", "users"), owned(documents(), there, "users")])
                .with_row("INSERT INTO users (email) VALUES ('a')")
                .shows(&db, &[&format!("move table users to schema {archive}")])
                .await?;
            assert_eq!(db.count("users").await?, 1);
            db.run("DROP TABLE documents").await?;
            db.run("DROP TABLE users").await?;
            db.run("DELETE FROM aludel_revisions").await?;
            // From there to the default one, with another name.
            let mut back = users();
            back.name = "people".into();
            back.renamed_from = Some(format!("{archive}.users"));
            let first = Table { renamed_from: None, ..moved("users", "") };
            Change::of([first], [back])
                .shows(&db, &[
                    &format!("move table {archive}.users to the default schema"), "rename table users to people",
                ])
                .await
        };
        let outcome = outcome.await;
        // On MariaDB it is a database of its own.
        db.run(&db.pick(String::new(), format!("DROP SCHEMA {archive} CASCADE"), format!("DROP SCHEMA {archive}"))).await?;
        outcome?;
    }

    async fn row_45_what_is_in_no_model_is_left_alone(db: Db) {
        db.create(&metadata([users()])).await?;
        db.run("CREATE TABLE stranger (id INTEGER NOT NULL PRIMARY KEY)").await?;
        let comparison = Comparison::read(&db.engine, &metadata([users()])).await?;
        assert_eq!((comparison.missing()?, comparison.unmanaged()), (vec![], &["table stranger".to_owned()][..]));
    }

    async fn row_46_nothing_is_found_where_nothing_differs(db: Db) {
        Change::of([users(), documents()], [documents(), users()]).shows(&db, &[]).await?;
    }
}

/// What a model says that no database is told.
#[derive(Entity, Debug)]
#[entity(table = "drafts")]
pub struct Draft {
    #[column(primary_key)]
    pub id: i64,
    #[column(default = 5)]
    pub level: i32,
    #[column(check = "level > 0")]
    pub other: i32,
}

#[test]
fn row_16_a_default_of_the_program_is_no_part_of_the_schema() {
    assert_eq!(Draft::table().column("level").unwrap().server_default, None);
}

#[test]
fn row_27_a_check_that_was_given_no_name_has_one() {
    assert_eq!(Draft::table().checks[0].name, "ck_drafts_other");
}
