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

/// A label, an alias, the name of a query: PostgreSQL would cut it at 63 bytes, and two of them become one.
#[test]
fn a_long_name_of_the_statement_is_shortened_everywhere_in_the_same_way() {
    let long = |last: &str| format!("{}{last}", "a".repeat(70));
    let short = |last: &str| aludel_sql::shorten_identifier(long(last));
    assert!(short("b").len() == 63 && short("b") != short("c"));

    let (b, c) = (Document::ID.label(long("b")), Document::VIEWS.label(long("c")));
    let both = select((b.clone(), c.clone())).order_by(desc(long("c"))).subquery(long("d"));
    let other = alias(Document, long("e").leak());
    let (b1, c1, d1, e1) = (short("b"), short("c"), short("d"), short("e"));
    check(
        select((both.col(&b), other.col(Document::TITLE)))
            .select_from(&both)
            .join_on(other, other.col(Document::ID).eq(both.col(&b)))
            .filter(both.col(&c).gt(1)),
        format!(
            "SELECT {d1}.{b1}, {e1}.title FROM (SELECT documents.id AS {b1}, documents.views AS {c1} FROM documents \
             ORDER BY {c1} DESC) AS {d1} JOIN documents AS {e1} ON {e1}.id = {d1}.{b1} WHERE {d1}.{c1} > ?"
        )
        .as_str(),
    );
    let cte = select((b.clone(), Document::VIEWS)).cte(long("d"));
    let again = cte.alias(long("f"));
    let f1 = short("f");
    check(
        select((cte.col(&b), again.col(&b))).join_on(&again, again.col(&b).eq(cte.col(&b))),
        format!(
            "WITH {d1} AS (SELECT documents.id AS {b1}, documents.views FROM documents) \
             SELECT {d1}.{b1}, {f1}.{b1} FROM {d1} JOIN {d1} AS {f1} ON {f1}.{b1} = {d1}.{b1}"
        )
        .as_str(),
    );
}

#[test]
fn a_name_of_63_bytes_is_kept() {
    let label = "ä".repeat(31) + "x";
    check(
        select(Document::ID.label(label.clone())).order_by(asc(label.clone())),
        Sql {
            sqlite: format!("SELECT documents.id AS \"{label}\" FROM documents ORDER BY \"{label}\""),
            postgres: format!("SELECT documents.id AS \"{label}\" FROM documents ORDER BY \"{label}\""),
            mariadb: format!("SELECT documents.id AS `{label}` FROM documents ORDER BY `{label}`"),
        },
    );
}
