//! What a flush and a bulk insert send: statements over many rows of one shape.

use aludel::{Dialect, Mapped};
use aludel_sql::{Column, ColumnSet, DeleteRows, InsertRows, RowBinding, RowCounts, RowsSql, UpdateRows};

use crate::check::{each, mariadb, postgres, sqlite};
use crate::models::{Anything, Document, Line, Order, User};

fn columns(indexes: &[usize]) -> ColumnSet {
    indexes.iter().copied().collect()
}

fn index<E, T>(column: Column<E, T>) -> usize {
    column.index()
}

fn insert_of<E: Mapped>(given: &[usize], returning: &[usize]) -> InsertRows {
    InsertRows::new(E::TABLE, columns(given), columns(returning))
}

/// The rows of one statement for one row, and for many.
#[track_caller]
fn check_rows(write: impl Fn(usize) -> RowsSql, one: (&str, RowBinding), many: (&str, RowBinding)) {
    for (rows, (text, binding)) in [(1, one), (3, many)] {
        let found = write(rows);
        assert_eq!((found.text.as_str(), found.binding), (text, binding), "{rows} rows");
    }
}

const ARRAYS: RowBinding = RowBinding::Arrays { counted: false };
const COUNTED_ARRAYS: RowBinding = RowBinding::Arrays { counted: true };

mod insert {
    use super::*;

    fn email_and_name() -> InsertRows {
        insert_of::<User>(&[index(User::EMAIL), index(User::NAME)], &[])
    }

    #[test]
    fn sqlite_takes_a_group_of_values_for_each_row() {
        check_rows(
            |rows| sqlite().insert_rows(&email_and_name(), rows).unwrap(),
            ("INSERT INTO users (email, name) VALUES (?1, ?2)", RowBinding::Values),
            ("INSERT INTO users (email, name) VALUES (?1, ?2), (?3, ?4), (?5, ?6)", RowBinding::Values),
        );
        assert_eq!(sqlite().insert_counts(&email_and_name()), RowCounts::Classes(&[500, 100, 10, 1]));
    }

    #[test]
    fn postgres_takes_an_array_for_each_column() {
        check_rows(
            |rows| postgres().insert_rows(&email_and_name(), rows).unwrap(),
            ("INSERT INTO users (email, name) VALUES ($1, $2)", RowBinding::Values),
            (
                "INSERT INTO users (email, name) SELECT c0, c1 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS v(c0, c1, o) ORDER BY o",
                ARRAYS,
            ),
        );
        assert_eq!(postgres().insert_counts(&email_and_name()), RowCounts::UpTo(20_000));
    }

    #[test]
    fn mariadb_takes_a_group_of_values_for_each_row() {
        check_rows(
            |rows| mariadb().insert_rows(&email_and_name(), rows).unwrap(),
            ("INSERT INTO users (email, name) VALUES (?, ?)", RowBinding::Values),
            ("INSERT INTO users (email, name) VALUES (?, ?), (?, ?), (?, ?)", RowBinding::Values),
        );
        assert_eq!(mariadb().insert_counts(&email_and_name()), RowCounts::Classes(&[500, 100, 10, 1]));
    }

    #[test]
    fn arrays_have_the_types_of_the_columns() {
        let all: Vec<usize> = (0..Anything::TABLE.columns.len()).collect();
        let text = postgres().insert_rows(&insert_of::<Anything>(&all, &[]), 2).unwrap().text;
        let types = text.split_once("unnest(").unwrap().1.split_once(") WITH").unwrap().0;
        assert_eq!(
            types,
            "$1::uuid[], $2::boolean[], $3::smallint[], $4::integer[], $5::bigint[], $6::bigint[], $7::real[], \
             $8::double precision[], $9::text[], $10::text[], $11::bytea[], $12::timestamptz[], $13::date[], \
             $14::time[], $15::uuid[]"
        );
    }

    #[test]
    fn the_generated_key_comes_back() {
        let shape = insert_of::<User>(&[index(User::EMAIL)], &[index(User::ID)]);
        let found = each(|dialect| dialect.insert_rows(&shape, 2).unwrap());
        // SQLite counts the keys back from the last one, which costs nothing.
        assert_eq!(found.sqlite.text, "INSERT INTO users (email) VALUES (?1), (?2)");
        assert_eq!(found.sqlite.find_keys.as_deref(), Some("id"));
        assert_eq!(
            found.postgres.text,
            "INSERT INTO users (email) SELECT c0 FROM unnest($1::text[]) WITH ORDINALITY AS v(c0, o) ORDER BY o RETURNING id"
        );
        assert_eq!(found.mariadb.text, "INSERT INTO users (email) VALUES (?), (?) RETURNING id");
        assert_eq!((found.postgres.find_keys, found.mariadb.find_keys), (None, None));
    }

    #[test]
    fn what_else_the_database_fills_in_comes_back() {
        let shape = insert_of::<Document>(
            &[index(Document::TITLE)],
            &[index(Document::ID), index(Document::CREATED_AT)],
        );
        let found = each(|dialect| dialect.insert_rows(&shape, 1).unwrap());
        assert_eq!(found.sqlite.text, "INSERT INTO documents (title) VALUES (?1) RETURNING id, created_at");
        assert_eq!(found.sqlite.find_keys, None);
        assert_eq!(found.postgres.text, "INSERT INTO documents (title) VALUES ($1) RETURNING id, created_at");
        assert_eq!(found.mariadb.text, "INSERT INTO documents (title) VALUES (?) RETURNING id, created_at");
    }

    #[test]
    fn a_row_of_defaults_only() {
        let shape = insert_of::<User>(&[], &[index(User::ID)]);
        let found = each(|dialect| dialect.insert_rows(&shape, 1).unwrap());
        assert_eq!(found.sqlite.text, "INSERT INTO users DEFAULT VALUES");
        assert_eq!(found.sqlite.find_keys.as_deref(), Some("id"));
        assert_eq!(found.postgres.text, "INSERT INTO users DEFAULT VALUES RETURNING id");
        assert_eq!(found.mariadb.text, "INSERT INTO users () VALUES () RETURNING id");
        let bindings = each(|dialect| dialect.insert_rows(&shape, 1).unwrap().binding);
        assert_eq!(<[_; 3]>::from(bindings), [RowBinding::Values; 3]);
        // Only MariaDB takes several such rows at once.
        let counts = each(|dialect| dialect.insert_counts(&shape));
        assert_eq!(counts.sqlite, RowCounts::UpTo(1));
        assert_eq!(counts.postgres, RowCounts::UpTo(1));
        assert_eq!(
            mariadb().insert_rows(&shape, 3).unwrap().text,
            "INSERT INTO users () VALUES (), (), () RETURNING id"
        );
    }

    #[test]
    fn names_are_quoted() {
        let shape = insert_of::<Order>(&[index(Order::NAIVE), index(Order::PLAIN)], &[index(Order::ID)]);
        let found = each(|dialect| dialect.insert_rows(&shape, 1).unwrap());
        assert_eq!(
            found.sqlite.text,
            "INSERT INTO \"my shop\".\"Order\" (\"naïve\", plain_1) VALUES (?1, ?2)"
        );
        assert_eq!(found.sqlite.find_keys.as_deref(), Some("\"select\""));
        assert_eq!(
            found.postgres.text,
            "INSERT INTO \"my shop\".\"Order\" (\"naïve\", plain_1) VALUES ($1, $2) RETURNING \"select\""
        );
        assert_eq!(
            found.mariadb.text,
            "INSERT INTO `my shop`.`Order` (`naïve`, plain_1) VALUES (?, ?) RETURNING `select`"
        );
    }
}

mod update {
    use super::*;

    fn email_and_active() -> UpdateRows {
        UpdateRows::by_primary_key(User::TABLE, columns(&[index(User::EMAIL), index(User::ACTIVE)]))
    }

    fn quantity() -> UpdateRows {
        UpdateRows::by_primary_key(Line::TABLE, columns(&[index(Line::QUANTITY)]))
    }

    #[test]
    fn sqlite_runs_one_statement_for_each_row() {
        for counted in [false, true] {
            check_rows(
                |rows| sqlite().update_rows(&email_and_active(), rows, counted).unwrap(),
                ("UPDATE users SET email = ?1, active = ?2 WHERE id = ?3", RowBinding::Each),
                ("UPDATE users SET email = ?1, active = ?2 WHERE id = ?3", RowBinding::Each),
            );
        }
    }

    #[test]
    fn postgres_joins_the_arrays() {
        check_rows(
            |rows| postgres().update_rows(&email_and_active(), rows, false).unwrap(),
            ("UPDATE users SET email = $1, active = $2 WHERE id = $3", RowBinding::Values),
            (
                "UPDATE users AS t SET email = v.c0, active = v.c1 FROM unnest($1::text[], $2::boolean[], $3::bigint[]) AS v(c0, c1, c2) WHERE t.id = v.c2",
                ARRAYS,
            ),
        );
    }

    #[test]
    fn postgres_lets_a_statement_fail_that_misses_a_row() {
        check_rows(
            |rows| postgres().update_rows(&quantity(), rows, true).unwrap(),
            (
                "WITH u AS (UPDATE order_lines SET quantity = $1 WHERE order_no = $2 AND number = $3 RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('aludel: stale, matched ' || count(*))::int END FROM u",
                RowBinding::Values,
            ),
            (
                "WITH u AS (UPDATE order_lines AS t SET quantity = v.c0 FROM unnest($1::integer[], $2::bigint[], $3::integer[]) AS v(c0, c1, c2) WHERE t.order_no = v.c1 AND t.number = v.c2 RETURNING 1) SELECT CASE WHEN count(*) = $4 THEN 0 ELSE ('aludel: stale, matched ' || count(*))::int END FROM u",
                COUNTED_ARRAYS,
            ),
        );
    }

    #[test]
    fn mariadb_joins_one_json_document() {
        check_rows(
            |rows| mariadb().update_rows(&email_and_active(), rows, false).unwrap(),
            ("UPDATE users SET email = ?, active = ? WHERE id = ?", RowBinding::Values),
            (
                "UPDATE users AS t JOIN JSON_TABLE(?, '$[*]' COLUMNS (c0 LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]' ERROR ON ERROR, c1 TINYINT(1) PATH '$[1]' ERROR ON ERROR, c2 BIGINT PATH '$[2]' ERROR ON ERROR)) AS v ON t.id = v.c2 SET t.email = v.c0, t.active = v.c1",
                RowBinding::Json,
            ),
        );
    }

    #[test]
    fn a_key_of_several_columns() {
        let found = each(|dialect| dialect.update_rows(&quantity(), 1, false).unwrap().text);
        assert_eq!(found.sqlite, "UPDATE order_lines SET quantity = ?1 WHERE order_no = ?2 AND number = ?3");
        assert_eq!(
            found.postgres,
            "UPDATE order_lines SET quantity = $1 WHERE order_no = $2 AND number = $3"
        );
        assert_eq!(found.mariadb, "UPDATE order_lines SET quantity = ? WHERE order_no = ? AND number = ?");
        assert_eq!(
            mariadb().update_rows(&quantity(), 2, false).unwrap().text,
            "UPDATE order_lines AS t JOIN JSON_TABLE(?, '$[*]' COLUMNS (c0 INT PATH '$[0]' ERROR ON ERROR, c1 BIGINT PATH '$[1]' ERROR ON ERROR, c2 INT PATH '$[2]' ERROR ON ERROR)) AS v ON t.order_no = v.c1 AND t.number = v.c2 SET t.quantity = v.c0"
        );
    }

    #[test]
    fn bytes_and_uuids_in_json_are_text() {
        let shape = UpdateRows::by_primary_key(Anything::TABLE, columns(&[index(Anything::A_BLOB)]));
        assert_eq!(
            mariadb().update_rows(&shape, 2, false).unwrap().text,
            "UPDATE anything AS t JOIN JSON_TABLE(?, '$[*]' COLUMNS (c0 LONGTEXT PATH '$[0]' ERROR ON ERROR, c1 CHAR(36) CHARACTER SET ascii COLLATE ascii_bin PATH '$[1]' ERROR ON ERROR)) AS v ON t.id = v.c1 SET t.a_blob = unhex(v.c0)"
        );
    }

    #[test]
    fn names_are_quoted() {
        let shape = UpdateRows::by_primary_key(Order::TABLE, columns(&[index(Order::CUSTOMER)]));
        let found = each(|dialect| dialect.update_rows(&shape, 2, false).unwrap().text);
        assert_eq!(found.sqlite, "UPDATE \"my shop\".\"Order\" SET \"Customer\" = ?1 WHERE \"select\" = ?2");
        assert_eq!(
            found.postgres,
            "UPDATE \"my shop\".\"Order\" AS t SET \"Customer\" = v.c0 FROM unnest($1::bigint[], $2::bigint[]) AS v(c0, c1) WHERE t.\"select\" = v.c1"
        );
        assert_eq!(
            found.mariadb,
            "UPDATE `my shop`.`Order` AS t JOIN JSON_TABLE(?, '$[*]' COLUMNS (c0 BIGINT PATH '$[0]' ERROR ON ERROR, c1 BIGINT PATH '$[1]' ERROR ON ERROR)) AS v ON t.`select` = v.c1 SET t.`Customer` = v.c0"
        );
    }

    #[test]
    fn one_statement_takes_many_rows() {
        let shape = UpdateRows::by_primary_key(Document::TABLE, ColumnSet::EMPTY);
        let counts = each(|dialect| dialect.update_counts(&shape));
        assert_eq!(
            <[_; 3]>::from(counts),
            [RowCounts::UpTo(usize::MAX), RowCounts::UpTo(20_000), RowCounts::UpTo(10_000)]
        );
    }
}

mod delete {
    use super::*;

    fn users() -> DeleteRows {
        DeleteRows::by_primary_key(User::TABLE)
    }

    fn lines() -> DeleteRows {
        DeleteRows::by_primary_key(Line::TABLE)
    }

    #[test]
    fn sqlite_runs_one_statement_for_each_row() {
        for counted in [false, true] {
            check_rows(
                |rows| sqlite().delete_rows(&lines(), rows, counted).unwrap(),
                ("DELETE FROM order_lines WHERE order_no = ?1 AND number = ?2", RowBinding::Each),
                ("DELETE FROM order_lines WHERE order_no = ?1 AND number = ?2", RowBinding::Each),
            );
        }
    }

    #[test]
    fn postgres_joins_the_arrays() {
        check_rows(
            |rows| postgres().delete_rows(&users(), rows, false).unwrap(),
            ("DELETE FROM users WHERE id = $1", RowBinding::Values),
            ("DELETE FROM users AS t USING unnest($1::bigint[]) AS v(c0) WHERE t.id = v.c0", ARRAYS),
        );
    }

    #[test]
    fn postgres_lets_a_statement_fail_that_misses_a_row() {
        check_rows(
            |rows| postgres().delete_rows(&lines(), rows, true).unwrap(),
            (
                "WITH u AS (DELETE FROM order_lines WHERE order_no = $1 AND number = $2 RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('aludel: stale, matched ' || count(*))::int END FROM u",
                RowBinding::Values,
            ),
            (
                "WITH u AS (DELETE FROM order_lines AS t USING unnest($1::bigint[], $2::integer[]) AS v(c0, c1) WHERE t.order_no = v.c0 AND t.number = v.c1 RETURNING 1) SELECT CASE WHEN count(*) = $3 THEN 0 ELSE ('aludel: stale, matched ' || count(*))::int END FROM u",
                COUNTED_ARRAYS,
            ),
        );
    }

    #[test]
    fn mariadb_joins_one_json_document() {
        check_rows(
            |rows| mariadb().delete_rows(&lines(), rows, false).unwrap(),
            ("DELETE FROM order_lines WHERE order_no = ? AND number = ?", RowBinding::Values),
            (
                "DELETE t FROM order_lines AS t JOIN JSON_TABLE(?, '$[*]' COLUMNS (c0 BIGINT PATH '$[0]' ERROR ON ERROR, c1 INT PATH '$[1]' ERROR ON ERROR)) AS v ON t.order_no = v.c0 AND t.number = v.c1",
                RowBinding::Json,
            ),
        );
    }

    #[test]
    fn one_statement_takes_many_rows() {
        let counts = each(|dialect| dialect.delete_counts());
        assert_eq!(
            <[_; 3]>::from(counts),
            [RowCounts::UpTo(usize::MAX), RowCounts::UpTo(20_000), RowCounts::UpTo(10_000)]
        );
    }
}
