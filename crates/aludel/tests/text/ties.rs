//! WITH TIES: in the words of a database that has them, by ranks elsewhere.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused, each};
use crate::models::{Document, User};

#[test]
fn rows_that_are_tied_with_the_last_one_stay() {
    check(
        select((Document::ID, Document::TITLE)).order_by(Document::VIEWS.desc()).limit(3).with_ties(),
        Sql {
            sqlite: "WITH ranked (c1, c2, k1) AS (SELECT documents.id, documents.title, documents.views FROM documents) SELECT c1, c2 FROM (SELECT *, rank() OVER (ORDER BY k1 DESC) AS place FROM ranked) AS ranked WHERE place <= ?1 ORDER BY place",
            postgres: "SELECT documents.id, documents.title FROM documents ORDER BY documents.views DESC FETCH FIRST $1 ROWS WITH TIES",
            mariadb: "SELECT documents.id, documents.title FROM documents ORDER BY documents.views DESC FETCH FIRST ? ROWS WITH TIES",
        },
    );
}

#[test]
fn behind_an_offset() {
    check(
        select(Document::VIEWS).order_by(Document::VIEWS).limit(3).offset(5).with_ties(),
        Sql {
            sqlite: "WITH ranked (c1) AS (SELECT documents.views FROM documents) SELECT c1 FROM (SELECT *, rank() OVER (ORDER BY c1) AS place, row_number() OVER (ORDER BY c1) AS nth FROM ranked) AS ranked WHERE nth > ?1 AND place - ?2 <= ?1 AND ?2 > 0 ORDER BY place",
            postgres: "SELECT documents.views FROM documents ORDER BY documents.views OFFSET $1 ROWS FETCH FIRST $2 ROWS WITH TIES",
            mariadb: "SELECT documents.views FROM documents ORDER BY documents.views OFFSET ? ROWS FETCH FIRST ? ROWS WITH TIES",
        },
    );
}

#[test]
fn of_groups_and_of_distinct_rows_by_a_label() {
    check(
        select((Document::OWNER_ID, func::count_star().label("n")))
            .group_by(Document::OWNER_ID)
            .order_by((desc("n"), func::max(Document::RATING).asc()))
            .limit(1)
            .with_ties(),
        Sql {
            sqlite: "WITH ranked (c1, c2, k1) AS (SELECT documents.owner_id, count(*) AS n, max(documents.rating) FROM documents GROUP BY documents.owner_id) SELECT c1, c2 FROM (SELECT *, rank() OVER (ORDER BY c2 DESC, k1) AS place FROM ranked) AS ranked WHERE place <= ?1 ORDER BY place",
            postgres: "SELECT documents.owner_id, count(*) AS n FROM documents GROUP BY documents.owner_id ORDER BY n DESC, max(documents.rating) NULLS FIRST FETCH FIRST $1 ROWS WITH TIES",
            mariadb: "SELECT documents.owner_id, count(*) AS n FROM documents GROUP BY documents.owner_id ORDER BY n DESC, max(documents.rating) FETCH FIRST ? ROWS WITH TIES",
        },
    );
    let text = each(|dialect| {
        select(Document::TITLE)
            .distinct()
            .order_by(Document::TITLE)
            .limit(1)
            .with_ties()
            .to_sql(dialect)
            .unwrap()
            .0
    });
    assert!(text.sqlite.starts_with("WITH ranked (c1) AS (SELECT DISTINCT documents.title FROM documents) "));
    let unselected = select(Document::TITLE).distinct().order_by(Document::VIEWS).limit(1).with_ties();
    assert!(
        unselected.to_sql(&crate::check::sqlite()).unwrap_err().what().starts_with("of distinct rows a key")
    );
}

#[test]
fn within_other_statements() {
    let best =
        || select((Document::ID, Document::OWNER_ID)).order_by(Document::VIEWS.desc()).limit(1).with_ties();
    let named = best().subquery("best");
    check(
        select((User::EMAIL, named.col(Document::ID)))
            .join_on(&named, named.col(Document::OWNER_ID).eq(User::ID)),
        Sql {
            sqlite: "SELECT users.email, best.id FROM users JOIN (WITH ranked (c1, c2, k1) AS (SELECT documents.id, documents.owner_id, documents.views FROM documents) SELECT c1 AS id, c2 AS owner_id FROM (SELECT *, rank() OVER (ORDER BY k1 DESC) AS place FROM ranked) AS ranked WHERE place <= ?1 ORDER BY place) AS best ON best.owner_id = users.id",
            postgres: "SELECT users.email, best.id FROM users JOIN (SELECT documents.id, documents.owner_id FROM documents ORDER BY documents.views DESC FETCH FIRST $1 ROWS WITH TIES) AS best ON best.owner_id = users.id",
            mariadb: "SELECT users.email, best.id FROM users JOIN (SELECT documents.id, documents.owner_id FROM documents ORDER BY documents.views DESC FETCH FIRST ? ROWS WITH TIES) AS best ON best.owner_id = users.id",
        },
    );
    // Ties do not change whether there is a row.
    check(
        select(User::ID).filter(exists(best())),
        Sql {
            sqlite: "SELECT users.id FROM users WHERE EXISTS (SELECT documents.id, documents.owner_id FROM documents ORDER BY documents.views DESC LIMIT ?1 + 0)",
            postgres: "SELECT users.id FROM users WHERE EXISTS (SELECT documents.id, documents.owner_id FROM documents ORDER BY documents.views DESC LIMIT $1)",
            mariadb: "SELECT users.id FROM users WHERE EXISTS (SELECT documents.id, documents.owner_id FROM documents ORDER BY documents.views DESC LIMIT ?)",
        },
    );
    // The statement's own CTEs come first, and none has the name of another.
    let ranked = select(User::ID).filter(User::ACTIVE).cte("ranked");
    let of_active = select(Document::ID)
        .join_on(&ranked, ranked.col(User::ID).eq(Document::OWNER_ID))
        .order_by(Document::ID)
        .limit(1)
        .with_ties();
    let text = of_active.to_sql(&crate::check::sqlite()).unwrap().0;
    assert!(
        text.starts_with(
            "WITH ranked AS (SELECT users.id FROM users WHERE users.active), ranked_rows (c1) AS (SELECT "
        ),
        "{text}"
    );
}

#[test]
fn a_tie_needs_an_order_and_a_limit() {
    for (statement, missing) in [
        (select(Document::ID).order_by(Document::ID).with_ties(), "limit"),
        (select(Document::ID).limit(1).with_ties(), "order"),
    ] {
        let error = format!(
            "the statement cannot be compiled: WITH TIES keeps what is tied with the last row, and the statement has no {missing}\n  \
             help: add `.order_by(…)` and `.limit(…)`"
        );
        check_refused(statement, &error);
    }
}

#[test]
fn tied_rows_are_locked_but_not_skipped() {
    let locked = || select(Document::ID).order_by(Document::VIEWS).limit(1).with_ties().for_update();
    let kinds =
        each(|dialect| locked().to_sql(dialect).map(|(text, _)| text).map_err(|it| it.what().to_owned()));
    assert_eq!(kinds.sqlite.unwrap_err(), "SQLite has no FOR UPDATE");
    assert!(kinds.postgres.unwrap().ends_with(" FETCH FIRST $1 ROWS WITH TIES FOR UPDATE"));
    assert!(kinds.mariadb.unwrap().ends_with(" FETCH FIRST ? ROWS WITH TIES FOR UPDATE"));
    let skipped = each(|dialect| locked().skip_locked().to_sql(dialect).unwrap_err().what().to_owned());
    assert_eq!(skipped.postgres, "PostgreSQL has no FOR UPDATE SKIP LOCKED together with WITH TIES");
    assert_eq!(skipped.mariadb, "MariaDB has no FOR UPDATE SKIP LOCKED together with WITH TIES");
}
