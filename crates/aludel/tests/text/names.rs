//! Names of tables, columns and labels: quoted where they need it, and only there.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused};
use crate::models::{Document, Order};

#[test]
fn a_name_that_is_reserved_somewhere_or_not_plain_is_quoted() {
    check(
        select(Order),
        Sql {
            sqlite: r#"SELECT "Order"."select", "Order"."naïve", "Order"."he said ""`hi`""", "Order"."Customer", "Order"."1st", "Order".plain_1 FROM "my shop"."Order""#,
            postgres: r#"SELECT "Order"."select", "Order"."naïve", "Order"."he said ""`hi`""", "Order"."Customer", "Order"."1st", "Order".plain_1 FROM "my shop"."Order""#,
            mariadb: r#"SELECT `Order`.`select`, `Order`.`naïve`, `Order`.`he said "``hi``"`, `Order`.`Customer`, `Order`.`1st`, `Order`.plain_1 FROM `my shop`.`Order`"#,
        },
    );
}

#[test]
fn a_word_that_is_reserved_by_one_dialect_is_quoted_on_all() {
    // AUTOINCREMENT belongs to SQLite, ANALYSE to PostgreSQL, DIV to MariaDB.
    for word in ["autoincrement", "analyse", "div"] {
        check(
            select(Document::ID.label(word)),
            Sql {
                sqlite: format!("SELECT documents.id AS \"{word}\" FROM documents"),
                postgres: format!("SELECT documents.id AS \"{word}\" FROM documents"),
                mariadb: format!("SELECT documents.id AS `{word}` FROM documents"),
            },
        );
    }
}

#[test]
fn a_label_cannot_break_out_of_its_quotes() {
    check(
        select(Document::ID.label("a\"b`c")).order_by(asc("a\"b`c")),
        Sql {
            sqlite: "SELECT documents.id AS \"a\"\"b`c\" FROM documents ORDER BY \"a\"\"b`c\"",
            postgres: "SELECT documents.id AS \"a\"\"b`c\" FROM documents ORDER BY \"a\"\"b`c\"",
            mariadb: "SELECT documents.id AS `a\"b``c` FROM documents ORDER BY `a\"b``c`",
        },
    );
}

#[test]
fn a_name_that_no_database_can_hold_is_refused() {
    check_refused(
        select(Document::ID.label("")),
        "wrong schema: \"\" cannot be the name of anything in a database
  help: a name has at least one character, and none of them is NUL",
    );
    check_refused(
        select(Document::ID.label("a\0b")),
        "wrong schema: \"a\\0b\" cannot be the name of anything in a database
  help: a name has at least one character, and none of them is NUL",
    );
}
