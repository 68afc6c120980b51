//! VALUES as a table in FROM: one text for any number of rows.

use aludel::prelude::*;
use aludel::{Sensitive, Value};

use crate::check::{Sql, check, check_refused, each};
use crate::models::{Document, User};

#[test]
fn a_table_has_the_rows_of_the_program() {
    let (place, note) = (column::<i32>("place"), column::<Option<String>>("note"));
    let wanted = values((User::ID, place, note), "wanted").data([(3, 1, Some("x".to_owned())), (1, 2, None)]);
    check(
        select((User::EMAIL, wanted.col(note)))
            .join_on(&wanted, wanted.col(User::ID).eq(User::ID))
            .order_by(wanted.col(place)),
        Sql {
            sqlite: "SELECT users.email, wanted.note FROM users JOIN (SELECT value ->> 0 AS id, value ->> 1 AS place, value ->> 2 AS note FROM json_each(?1)) AS wanted ON wanted.id = users.id ORDER BY wanted.place",
            postgres: "SELECT users.email, wanted.note FROM users JOIN unnest($1, $2, $3) AS wanted (id, place, note) ON wanted.id = users.id ORDER BY wanted.place",
            mariadb: "SELECT users.email, wanted.note FROM users JOIN JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$[0]' ERROR ON ERROR, place INT PATH '$[1]' ERROR ON ERROR, note LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]' ERROR ON ERROR)) AS wanted ON wanted.id = users.id ORDER BY wanted.place",
        },
    );
}

#[test]
fn it_stands_alone_in_from_and_in_lists() {
    let ages = || values((User::AGE,), "ages").data([(Some(30),), (None,)]);
    check(
        select(ages().col(User::AGE)),
        Sql {
            sqlite: "SELECT ages.age FROM (SELECT value ->> 0 AS age FROM json_each(?1)) AS ages",
            postgres: "SELECT ages.age FROM unnest($1) AS ages (age)",
            mariadb: "SELECT ages.age FROM JSON_TABLE(?, '$[*]' COLUMNS (age INT PATH '$[0]' ERROR ON ERROR)) AS ages",
        },
    );
    let ids = values((User::ID,), "ids").data([(1,)]);
    check(
        select(User::EMAIL).filter(User::ID.in_(select(ids.col(User::ID)))),
        Sql {
            sqlite: "SELECT users.email FROM users WHERE users.id IN (SELECT ids.id FROM (SELECT value ->> 0 AS id FROM json_each(?1)) AS ids)",
            postgres: "SELECT users.email FROM users WHERE users.id IN (SELECT ids.id FROM unnest($1) AS ids (id))",
            mariadb: "SELECT users.email FROM users WHERE users.id IN (SELECT ids.id FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$[0]' ERROR ON ERROR)) AS ids)",
        },
    );
}

#[test]
fn any_number_of_rows_has_one_text_and_few_values() {
    let of = |rows: i64| {
        let table = values((User::ID, User::EMAIL), "v").data((0..rows).map(|it| (it, "x")));
        let statement = select(table.col(User::EMAIL));
        each(|dialect| statement.to_sql(dialect).expect("it can be compiled"))
    };
    let (none, some) = (of(0), of(40_000));
    assert_eq!(none.clone().map(|(text, _)| text), some.clone().map(|(text, _)| text));
    assert_eq!(some.map(|(_, values)| values.len()), Sql { sqlite: 1, postgres: 2, mariadb: 1 });
    let empty = |_| Value::List(Vec::new());
    assert_eq!(none.postgres.1, [0, 1].map(empty));
    assert_eq!(none.sqlite.1, [Value::Text("[]".to_owned())]);
    assert_eq!(none.mariadb.1, [Value::Text("[]".to_owned())]);
}

#[test]
fn values_travel_by_column_or_as_one_document() {
    let table = values((User::ID, column::<bool>("on")), "v").data([(1, true), (2, false)]);
    let statement = select(table.col(User::ID));
    let sent = each(|dialect| statement.to_sql(dialect).expect("it can be compiled").1);
    let list = |values: [Value; 2]| Value::List(values.to_vec());
    assert_eq!(
        sent.postgres,
        [list([Value::Int(1), Value::Int(2)]), list([Value::Bool(true), Value::Bool(false)])]
    );
    assert_eq!(sent.sqlite, [Value::Text("[[1,1],[2,0]]".to_owned())]);
    assert_eq!(sent.mariadb, [Value::Text("[[1,1],[2,0]]".to_owned())]);
}

#[test]
fn bytes_are_hexadecimal_in_a_document() {
    let table = values((User::ID, column::<Vec<u8>>("b")), "v").data([(1, vec![0_u8, 255])]);
    check(
        select(table.col(User::ID)),
        Sql {
            sqlite: "SELECT v.id FROM (SELECT value ->> 0 AS id, unhex(value ->> 1) AS b FROM json_each(?1)) AS v",
            postgres: "SELECT v.id FROM unnest($1, $2) AS v (id, b)",
            mariadb: "SELECT v.id FROM (SELECT id, unhex(b) AS b FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$[0]' ERROR ON ERROR, b LONGTEXT PATH '$[1]' ERROR ON ERROR)) AS v) AS v",
        },
    );
}

#[test]
fn names_are_quoted_where_they_need_it() {
    let table = values((column::<i64>("my\"column`"), column::<i64>("select")), "a table").data([(1, 2)]);
    check(
        select(table.col(column::<i64>("select"))),
        Sql {
            sqlite: "SELECT \"a table\".\"select\" FROM (SELECT value ->> 0 AS \"my\"\"column`\", value ->> 1 AS \"select\" FROM json_each(?1)) AS \"a table\"",
            postgres: "SELECT \"a table\".\"select\" FROM unnest($1, $2) AS \"a table\" (\"my\"\"column`\", \"select\")",
            mariadb: "SELECT `a table`.`select` FROM JSON_TABLE(?, '$[*]' COLUMNS (`my\"column``` BIGINT PATH '$[0]' ERROR ON ERROR, `select` BIGINT PATH '$[1]' ERROR ON ERROR)) AS `a table`",
        },
    );
}

#[test]
fn a_column_is_found_by_what_it_was_given_as() {
    let table = values((User::ID, User::EMAIL), "v").data([(1, "x")]);
    check_refused(
        select(table.col(User::NAME)),
        "the statement cannot be compiled: `v` has no column `name`
  help: it has `id`, `email`; select it there, or give it a `label`",
    );
    check_refused(
        select((User::ID, table.col(User::EMAIL))),
        "the statement cannot be compiled: `v.email` is used, but `v` is not in FROM (users)
  help: add `.join_on(&v, …)`, or `.select_from(&v)`",
    );
    let twice = values((User::ID, Document::ID), "v").data([(1, 2)]);
    check_refused(
        select(twice.col(User::ID)),
        "the statement cannot be compiled: two columns of the values `v` are named `id`
  help: give one of them a name of its own: `column::<T>(\"…\")`",
    );
    let outer =
        select((User::EMAIL, table.col(User::EMAIL))).outer_join_on(&table, table.col(User::ID).eq(User::ID));
    check_refused(
        outer,
        "the statement cannot be compiled: `v.named(\"email\")` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: select `v.named(\"email\").nullable()`",
    );
}

#[test]
fn types_that_a_database_does_not_have_are_named() {
    let table = values((User::ID, column::<Vec<i64>>("list")), "v").data([(1, vec![1_i64])]);
    let found = each(|dialect| select(table.col(User::ID)).to_sql(dialect).unwrap_err().what().to_owned());
    assert_eq!(found.postgres, "PostgreSQL has no VALUES in FROM with a column of arrays: `list`");
    assert!(found.sqlite.starts_with("SQLite has no type for"), "{}", found.sqlite);
    assert!(found.mariadb.starts_with("MariaDB has no type for"), "{}", found.mariadb);
}

#[test]
fn a_secret_is_not_shown() {
    let token = column::<Sensitive<String>>("token");
    let table = values((User::ID, token), "v").data([(1, Sensitive::new("hunter2".to_owned()))]);
    let statement = select(table.col(User::ID));
    let shown = each(|dialect| statement.inline_sql(dialect).expect("it can be compiled"));
    for text in [shown.sqlite, shown.postgres, shown.mariadb, format!("{table:?}")] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn rows_can_be_read_in_the_text() {
    let table = values((User::ID, User::EMAIL), "v").data([(1, "it's"), (2, "b")]);
    let shown = each(|dialect| select(table.col(User::ID)).inline_sql(dialect).expect("it can be compiled"));
    assert_eq!(
        shown.sqlite,
        "SELECT v.id FROM (SELECT value ->> 0 AS id, value ->> 1 AS email FROM json_each('[[1,\"it''s\"],[2,\"b\"]]')) AS v"
    );
    assert_eq!(shown.postgres, "SELECT v.id FROM unnest(ARRAY[1, 2], ARRAY['it''s', 'b']) AS v (id, email)");
    assert!(shown.mariadb.contains("JSON_TABLE('[[1,\"it''s\"],[2,\"b\"]]', "), "{}", shown.mariadb);
}

#[test]
fn a_decimal_without_a_scale_is_refused_where_it_has_no_type() {
    let table = values((User::ID, column::<rust_decimal::Decimal>("price")), "v")
        .data([(1, rust_decimal::Decimal::ONE)]);
    let found = each(|dialect| select(table.col(User::ID)).to_sql(dialect).map_err(|error| error.kind()));
    assert!(found.postgres.is_ok());
    assert_eq!(found.sqlite.unwrap_err(), ErrorKind::Unsupported);
    assert_eq!(found.mariadb.unwrap_err(), ErrorKind::Unsupported);
}
