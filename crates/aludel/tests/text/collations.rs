//! Collations: by code point everywhere, or by what each database calls them.

use aludel::Collation;
use aludel::prelude::*;

use crate::check::{Sql, check, check_condition, check_expression};
use crate::models::Document;

const GERMAN: Collation =
    Collation::Named(&[("postgres", "de-x-icu"), ("mysql", "utf8mb4_german2_ci"), ("*", "NOCASE")]);

#[test]
fn the_order_of_code_points_has_a_name_on_every_dialect() {
    check_condition(
        Document::TITLE.collate(Collation::CodePoint).lt("m"),
        Sql {
            sqlite: "(title COLLATE BINARY) < ?1",
            postgres: "(title COLLATE \"C\") < $1",
            mariadb: "(title COLLATE utf8mb4_nopad_bin) < ?",
        },
    );
}

#[test]
fn a_collation_of_each_dialect_is_quoted_where_it_needs_it() {
    check_expression(
        Document::TITLE.concat("!").collate(GERMAN),
        Sql {
            sqlite: "((title || ?1) COLLATE \"NOCASE\")",
            postgres: "((title || $1) COLLATE \"de-x-icu\")",
            mariadb: "((concat(title, ?)) COLLATE utf8mb4_german2_ci)",
        },
    );
    check(
        select(Document::ID).order_by(Document::TITLE.collate(GERMAN).desc()),
        Sql {
            sqlite: "SELECT documents.id FROM documents ORDER BY (documents.title COLLATE \"NOCASE\") DESC",
            postgres: "SELECT documents.id FROM documents ORDER BY (documents.title COLLATE \"de-x-icu\") DESC",
            mariadb: "SELECT documents.id FROM documents ORDER BY (documents.title COLLATE utf8mb4_german2_ci) DESC",
        },
    );
}

#[test]
fn a_dialect_without_a_name_of_the_collation_is_an_error_that_names_it() {
    let refused = |name: &str, key: &str| {
        format!(
            "unsupported: {name} has no name of this collation\n  \
             help: add one for `{key}` to `Collation::Named`, or one for all others, `*`"
        )
    };
    check_expression(
        Document::TITLE.collate(Collation::Named(&[("postgres", "de-x-icu")])),
        Sql {
            sqlite: refused("SQLite", "sqlite"),
            postgres: "(title COLLATE \"de-x-icu\")".to_owned(),
            mariadb: refused("MariaDB", "mariadb"),
        },
    );
}
