//! Several expressions as one.

use aludel::prelude::*;

use crate::check::{Sql, check, check_condition, check_values};
use crate::models::{Document, Line};

#[test]
fn tuples_are_compared() {
    // Within WHERE, MariaDB would take an order of rows that is unknown for false.
    check_condition(
        tuple((Document::VIEWS, Document::ID)).gt((5, 7_i64)),
        Sql {
            sqlite: "(views, id) > (?1, ?2)",
            postgres: "(views, id) > ($1, $2)",
            mariadb: "(views > ? OR (views = ? AND id > ?))",
        },
    );
    check_condition(
        tuple((Document::VIEWS, Document::ID, Document::LIKES)).le((
            Document::LIKES,
            Document::OWNER_ID,
            Document::VIEWS,
        )),
        Sql {
            sqlite: "(views, id, likes) <= (likes, owner_id, views)",
            postgres: "(views, id, likes) <= (likes, owner_id, views)",
            mariadb: "(views < likes OR (views = likes AND (id < owner_id OR (id = owner_id AND likes <= views))))",
        },
    );
    check_condition(
        !tuple((Document::VIEWS, Document::LIKES)).eq((1, 2)),
        Sql {
            sqlite: "(views, likes) <> (?1, ?2)",
            postgres: "(views, likes) <> ($1, $2)",
            mariadb: "(views <> ? OR likes <> ?)",
        },
    );
}

#[test]
fn a_tuple_is_looked_for_in_a_list() {
    check_condition(
        tuple((Document::OWNER_ID, Document::TITLE)).in_([(1_i64, "a"), (2, "b")]),
        Sql {
            sqlite: "(owner_id, title) IN (VALUES (?1, ?2), (?3, ?4))",
            postgres: "(owner_id, title) IN (($1, $2), ($3, $4))",
            mariadb: "(owner_id, title) IN ((?, ?), (?, ?))",
        },
    );
    check_condition(tuple((Document::VIEWS, Document::LIKES)).in_(Vec::<(i32, i32)>::new()), "1 = 0");
    check_condition(tuple((Document::VIEWS, Document::LIKES)).not_in(Vec::<(i32, i32)>::new()), "1 = 1");
}

#[test]
fn lists_of_similar_lengths_share_a_text() {
    let of = |rows: i32| {
        let rows = (0..rows).map(|it| (it, it));
        select(Document::ID).filter(tuple((Document::VIEWS, Document::LIKES)).in_(rows))
    };
    let text = |rows| of(rows).to_sql(&crate::check::postgres()).unwrap().0;
    assert_eq!(text(5), text(8));
    assert_ne!(text(8), text(9));
    let last = |values: Vec<aludel::Value>| values.last().cloned();
    assert_eq!(last(of(5).to_sql(&crate::check::mariadb()).unwrap().1), Some(aludel::Value::Int(4)));
}

#[test]
fn a_tuple_is_looked_for_in_what_is_selected() {
    let lines = select((Line::ORDER_NO, Line::NUMBER)).filter(Line::QUANTITY.gt(3));
    check(
        select(Document::ID).filter(tuple((Document::OWNER_ID, Document::VIEWS)).not_in(lines)),
        "SELECT documents.id FROM documents WHERE (documents.owner_id, documents.views) NOT IN \
         (SELECT order_lines.order_no, order_lines.number FROM order_lines WHERE order_lines.quantity > ?)",
    );
    check_values(
        select(Line::NUMBER).filter(tuple((Line::ORDER_NO, Line::NUMBER)).ne((1_i64, 2))),
        Sql { sqlite: [1, 2], postgres: [1, 2], mariadb: [1, 2] }
            .map(|it| it.map(aludel::Value::Int).to_vec()),
    );
}
