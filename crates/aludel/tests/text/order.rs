//! ORDER BY: NULL is less than every value, on every dialect.

use aludel::OrderBy;
use aludel::prelude::*;

use crate::check::{Expected, Sql, check, compare, each, shown};
use crate::models::{Document, User};

/// Checks the text of a key of ORDER BY on documents.
#[track_caller]
fn check_order(key: OrderBy, expected: impl Expected) {
    let statement = select(Document::ID).order_by(key);
    let found = each(|dialect| {
        let text = shown(&statement.to_sql(dialect).map(|(text, _)| text));
        let key = text.strip_prefix("SELECT documents.id FROM documents ORDER BY ").unwrap_or(&text);
        key.replace("documents.", "")
    });
    compare(&found, &expected.texts());
}

#[test]
fn a_column_that_is_never_null() {
    check_order(Document::VIEWS.asc(), "views");
    check_order(Document::VIEWS.desc(), "views DESC");
}

#[test]
fn null_is_least() {
    check_order(
        Document::RATING.asc(),
        Sql { sqlite: "rating", postgres: "rating NULLS FIRST", mariadb: "rating" },
    );
    check_order(
        Document::RATING.desc(),
        Sql { sqlite: "rating DESC", postgres: "rating DESC NULLS LAST", mariadb: "rating DESC" },
    );
}

#[test]
fn null_goes_where_it_is_said() {
    check_order(
        Document::RATING.asc().nulls_first(),
        Sql { sqlite: "rating", postgres: "rating NULLS FIRST", mariadb: "rating" },
    );
    check_order(
        Document::RATING.asc().nulls_last(),
        Sql { sqlite: "rating NULLS LAST", postgres: "rating", mariadb: "rating IS NULL, rating" },
    );
    check_order(
        Document::RATING.desc().nulls_first(),
        Sql {
            sqlite: "rating DESC NULLS FIRST",
            postgres: "rating DESC",
            mariadb: "rating IS NOT NULL, rating DESC",
        },
    );
    check_order(
        Document::RATING.desc().nulls_last(),
        Sql { sqlite: "rating DESC", postgres: "rating DESC NULLS LAST", mariadb: "rating DESC" },
    );
}

#[test]
fn an_expression_may_be_null_if_a_part_of_it_may() {
    check_order(
        (Document::SCORE + Document::RATING).asc(),
        Sql { sqlite: "score + rating", postgres: "score + rating NULLS FIRST", mariadb: "score + rating" },
    );
    check_order(
        (Document::VIEWS / Document::LIKES).desc(),
        Sql {
            sqlite: "views / nullif(likes, 0) DESC",
            postgres: "views / nullif(likes, 0) DESC NULLS LAST",
            mariadb: "views DIV nullif(likes, 0) DESC",
        },
    );
    check_order(func::coalesce(Document::RATING, 0.0).asc(), "coalesce(rating, ?)");
    check_order(Document::RATING.is_null().asc(), "rating IS NULL");
    check_order(
        case().when(Document::RATING.gt(1.0), 1).end().asc(),
        Sql {
            sqlite: "CASE WHEN rating > ?1 THEN ?2 END",
            postgres: "CASE WHEN rating > $1 THEN $2 END NULLS FIRST",
            mariadb: "CASE WHEN rating > ? THEN ? END",
        },
    );
    check_order(
        case().when(Document::RATING.gt(1.0), 1).else_(2).asc(),
        "CASE WHEN rating > ? THEN ? ELSE ? END",
    );
}

#[test]
fn an_expression_that_is_placed_is_parenthesized() {
    check_order(
        (Document::SCORE + Document::RATING).asc().nulls_last(),
        Sql {
            sqlite: "score + rating NULLS LAST",
            postgres: "score + rating",
            mariadb: "(score + rating) IS NULL, score + rating",
        },
    );
}

#[test]
fn every_column_of_an_outer_join_may_be_null() {
    check(
        select(User::ID).outer_join(User::DOCUMENTS).order_by(Document::TITLE),
        Sql {
            sqlite: "SELECT users.id FROM users LEFT JOIN documents ON users.id = documents.owner_id ORDER BY documents.title",
            postgres: "SELECT users.id FROM users LEFT JOIN documents ON users.id = documents.owner_id ORDER BY documents.title NULLS FIRST",
            mariadb: "SELECT users.id FROM users LEFT JOIN documents ON users.id = documents.owner_id ORDER BY documents.title",
        },
    );
}

#[test]
fn by_label() {
    check(
        select((Document::ID, (Document::VIEWS + 1).label("next"))).order_by(desc("next")),
        "SELECT documents.id, documents.views + ? AS next FROM documents ORDER BY next DESC",
    );
}

#[test]
fn a_label_may_be_null_if_its_expression_may() {
    check(
        select((Document::ID, Document::RATING.label("stars"))).order_by(asc("stars")),
        Sql {
            sqlite: "SELECT documents.id, documents.rating AS stars FROM documents ORDER BY stars",
            postgres: "SELECT documents.id, documents.rating AS stars FROM documents ORDER BY stars NULLS FIRST",
            mariadb: "SELECT documents.id, documents.rating AS stars FROM documents ORDER BY stars",
        },
    );
    check(
        select((Document::ID, func::sum(Document::VIEWS).label("sum")))
            .group_by(Document::ID)
            .order_by(desc("sum")),
        Sql {
            sqlite: "SELECT documents.id, sum(documents.views) AS sum FROM documents GROUP BY documents.id ORDER BY sum DESC",
            postgres: "SELECT documents.id, CAST(sum(documents.views) AS bigint) AS sum FROM documents GROUP BY documents.id ORDER BY sum DESC NULLS LAST",
            mariadb: "SELECT documents.id, sum(documents.views) AS sum FROM documents GROUP BY documents.id ORDER BY sum DESC",
        },
    );
}

#[test]
fn a_label_can_be_placed_too() {
    check(
        select((Document::ID, Document::RATING.label("Stars"))).order_by(asc("Stars").nulls_last()),
        Sql {
            sqlite: "SELECT documents.id, documents.rating AS \"Stars\" FROM documents ORDER BY \"Stars\" NULLS LAST",
            postgres: "SELECT documents.id, documents.rating AS \"Stars\" FROM documents ORDER BY \"Stars\"",
            // Within an expression a column of that name would come first.
            mariadb: "SELECT documents.id, documents.rating AS `Stars` FROM documents ORDER BY documents.rating IS NULL, `Stars`",
        },
    );
}

#[test]
fn several_keys() {
    let all =
        "SELECT documents.id FROM documents ORDER BY documents.title, documents.views DESC, documents.id";
    check(select(Document::ID).order_by((Document::TITLE, Document::VIEWS.desc(), Document::ID)), all);
    check(
        select(Document::ID)
            .order_by(Document::TITLE)
            .order_by(Document::VIEWS.desc())
            .order_by(Document::ID),
        all,
    );
    check(
        select(Document::ID).order_by(vec![
            Document::TITLE.asc(),
            Document::VIEWS.desc(),
            Document::ID.asc(),
        ]),
        all,
    );
}
