//! Values within JSON documents: the forms of each dialect.

use aludel::prelude::*;
use serde_json::Value;

use crate::check::{Sql, check};

/// Keeps a document.
#[derive(Entity, Debug)]
#[entity(table = "parcels")]
pub struct Parcel {
    #[column(primary_key)]
    pub id: i64,
    pub data: Json<Value>,
}

#[test]
fn a_path_is_written_as_the_dialect_has_it() {
    check(
        select(Parcel::DATA.path(("a", 0, "it's \"b\"")).exists()),
        Sql {
            sqlite: r#"SELECT (json_type(parcels.data, '$."a"[0]."it''s \"b\""') IS NOT NULL) FROM parcels"#,
            postgres: r#"SELECT ((parcels.data #> '{"a","0","it''s \"b\""}') IS NOT NULL) FROM parcels"#,
            // Anything that is no array would be the first element of itself.
            mariadb: r#"SELECT (coalesce(json_type(json_extract(parcels.data, '$."a"')) = 'ARRAY', FALSE) AND coalesce(json_contains_path(parcels.data, 'one', '$."a"[0]."it''s \"b\""'), FALSE)) FROM parcels"#,
        },
    );
}

/// MariaDB reads it by a query, in which VALUES is something else.
#[test]
fn the_new_row_of_an_upsert_is_not_read_from_the_end_of_an_array_on_mariadb() {
    let row = Parcel::builder().id(1).data(Json(Value::Null));
    check(
        insert(Parcel).values([row]).on_conflict(Parcel::ID).do_update(|row| {
            row.set(Parcel::DATA, excluded(Parcel::DATA)).filter(excluded(Parcel::DATA).path(("c", -1)).exists())
        }),
        Sql {
            sqlite: r#"INSERT INTO parcels (id, data) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET data = excluded.data WHERE (json_type(excluded.data, '$."c"[#-1]') IS NOT NULL)"#,
            postgres: r#"INSERT INTO parcels (id, data) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET data = excluded.data WHERE ((excluded.data #> '{"c","-1"}') IS NOT NULL)"#,
            mariadb: "unsupported: MariaDB has no path into `excluded(…)` that counts from the end of an array, or has a key that begins with a minus sign
  help: take the value out of the document in the program, and bind it",
        },
    );
}

#[test]
fn a_key_that_begins_with_a_minus_sign_is_escaped_where_it_would_be_a_number() {
    check(
        select(Parcel::DATA.path("-a").exists()),
        Sql {
            sqlite: r#"SELECT (json_type(parcels.data, '$."-a"') IS NOT NULL) FROM parcels"#,
            postgres: r#"SELECT ((parcels.data #> '{"-a"}') IS NOT NULL) FROM parcels"#,
            mariadb: "SELECT coalesce(json_type((SELECT at.found FROM JSON_TABLE(parcels.data, '$' COLUMNS (found JSON PATH \
                      '$.\"\\u002da\"')) AS at)) IS NOT NULL, FALSE) FROM parcels",
        },
    );
}

#[test]
fn text_within_a_document() {
    check(
        select(Parcel::ID).filter(Parcel::DATA.path(-1).as_text().eq("x")),
        Sql {
            sqlite: "SELECT parcels.id FROM parcels WHERE CASE json_type(parcels.data, '$[#-1]') WHEN 'null' THEN NULL \
                     WHEN 'text' THEN json_extract(parcels.data, '$[#-1]') ELSE parcels.data -> '$[#-1]' END = ?1",
            postgres: "SELECT parcels.id FROM parcels WHERE (parcels.data #>> '{\"-1\"}') = $1",
            // `json_extract` counts from the end in the first row only.
            mariadb: "SELECT parcels.id FROM parcels WHERE \
                      CASE WHEN json_type((SELECT at.found FROM JSON_TABLE(parcels.data, '$' COLUMNS (found JSON PATH '$')) AS at)) = 'ARRAY' \
                      THEN (CASE json_type((SELECT at.found FROM JSON_TABLE(parcels.data, '$' COLUMNS (found JSON PATH '$[-1]')) AS at)) \
                      WHEN 'NULL' THEN NULL \
                      ELSE json_unquote((SELECT at.found FROM JSON_TABLE(parcels.data, '$' COLUMNS (found JSON PATH '$[-1]')) AS at)) END \
                      COLLATE utf8mb4_nopad_bin) END = ?",
        },
    );
}
