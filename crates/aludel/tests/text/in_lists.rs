//! IN: one prepared statement for a list of any length, or a few.

use aludel::prelude::*;
use aludel::{Dialect, Value};
use aludel_sql::list_class;

use crate::check::{Sql, check_condition, check_values, mariadb, postgres, sqlite};
use crate::models::{Anything, Document};

#[test]
fn a_list_is_one_parameter_where_the_dialect_has_arrays() {
    for length in [1, 2, 5, 10_000] {
        let statement = select(Document::ID).filter(Document::ID.in_(0..length));
        let text = |dialect: &dyn Dialect| statement.to_sql(dialect).unwrap().0;
        assert_eq!(
            text(&sqlite()),
            "SELECT documents.id FROM documents WHERE documents.id IN (SELECT value FROM json_each(?1))"
        );
        assert_eq!(text(&postgres()), "SELECT documents.id FROM documents WHERE documents.id = ANY($1)");
    }
}

#[test]
fn a_list_has_one_of_few_lengths_where_it_has_not() {
    let text = |length: i64| {
        let statement = select(Document::ID).filter(Document::ID.in_(0..length));
        let (text, values) = statement.to_sql(&mariadb()).unwrap();
        assert_eq!(text.matches('?').count(), values.len());
        text.strip_prefix("SELECT documents.id FROM documents WHERE documents.id IN ").unwrap().to_owned()
    };
    assert_eq!(text(1), "(?)");
    assert_eq!(text(2), "(?, ?)");
    assert_eq!(text(3), "(?, ?, ?)");
    assert_eq!(text(4), "(?, ?, ?, ?)");
    assert_eq!(text(5), "(?, ?, ?, ?, ?, ?, ?, ?)");
    assert_eq!(text(8), text(5));
    assert_eq!(text(9), text(16));
}

#[test]
fn the_last_value_fills_the_list_up() {
    let list = |values: &[i64]| vec![Value::List(values.iter().copied().map(Value::Int).collect())];
    check_values(
        select(Document::ID).filter(Document::ID.in_([1, 2, 3, 4, 5])),
        Sql {
            sqlite: list(&[1, 2, 3, 4, 5]),
            postgres: list(&[1, 2, 3, 4, 5]),
            mariadb: [1, 2, 3, 4, 5, 5, 5, 5].map(Value::Int).to_vec(),
        },
    );
}

#[test]
fn the_lengths_leave_room_for_every_list_that_fits() {
    let classes = [0, 1, 4, 5, 100, 32_768, 32_769, 40_000, 65_000, 65_001, 65_535, 65_536].map(list_class);
    assert_eq!(classes, [0, 1, 4, 8, 128, 32_768, 33_000, 40_000, 65_000, 65_535, 65_535, 66_000]);
}

#[test]
fn not_in() {
    check_condition(
        Document::TITLE.not_in(["a", "b"]),
        Sql {
            sqlite: "title NOT IN (SELECT value FROM json_each(?1))",
            postgres: "title <> ALL($1)",
            mariadb: "title NOT IN (?, ?)",
        },
    );
    check_condition(
        !Document::TITLE.in_(["a"]),
        Sql {
            sqlite: "title NOT IN (SELECT value FROM json_each(?1))",
            postgres: "title <> ALL($1)",
            mariadb: "title NOT IN (?)",
        },
    );
}

#[test]
fn nothing_is_in_an_empty_list_not_even_null() {
    check_condition(Document::ID.in_([0_i64; 0]), "1 = 0");
    check_condition(Document::RATING.not_in([0.0; 0]), "1 = 1");
    check_values(
        select(Document::ID).filter(Document::ID.in_([0_i64; 0])),
        Sql { sqlite: vec![], postgres: vec![], mariadb: vec![] },
    );
}

#[test]
fn an_expression_is_in_a_list() {
    check_condition(
        (Document::VIEWS + 1).in_([1, 2]).and(Document::PUBLISHED),
        Sql {
            sqlite: "(views + ?1) IN (SELECT value FROM json_each(?2)) AND published",
            postgres: "(views + $1) = ANY($2) AND published",
            mariadb: "(views + ?) IN (?, ?) AND published",
        },
    );
}

#[test]
fn bytes_travel_as_hexadecimal_text_where_the_list_is_json() {
    let statement = |blobs: &[&[u8]]| {
        select(Anything::ID).filter(Anything::A_BLOB.in_(blobs.iter().map(|it| it.to_vec())))
    };
    let (text, values) = statement(&[b"\x00\xff", b""]).to_sql(&sqlite()).unwrap();
    assert_eq!(
        text,
        "SELECT anything.id FROM anything WHERE anything.a_blob IN (SELECT unhex(value) FROM json_each(?1))"
    );
    assert_eq!(values, [Value::List(vec![Value::Text("00FF".to_owned()), Value::Text(String::new())])]);
    let (longer, _) = statement(&[b"a", b"b", b"c"]).to_sql(&sqlite()).unwrap();
    assert_eq!(longer, text);
}
