//! Values within JSON documents.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};
use serde_json::{Value, json};

/// Keeps a document, or none.
#[derive(Entity, Clone, Debug)]
#[entity(table = "parcels")]
pub struct Parcel {
    #[column(primary_key)]
    pub id: i64,
    pub data: Json<Value>,
    pub notes: Option<Json<Value>>,
}

async fn parcels(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of(Parcel)).await?;
    let mut conn = db.engine.connect().await?;
    let rows = [
        json!({
            "to": {"city": "Berlin", "lines": ["A", "B"]}, "weight": 3, "size": 2.5, "fragile": true,
            "tags": ["red", "7", "x\"y"], "codes": [7, 9], "nothing": null, "a \"key\".": {"b[0]": "odd"}, "0": "zero",
        }),
        json!({"to": {"city": 12}, "weight": "3", "size": 4, "fragile": "true", "tags": "red", "codes": []}),
        json!([1, {"to": "inside"}]),
    ];
    let rows = rows.map(|data| Parcel::builder().data(data).notes(None));
    conn.execute(insert(Parcel).values(rows)).await?;
    Ok(conn)
}

macro_rules! of_all {
    ($conn:ident, $expression:expr) => {
        $conn.scalars(select($expression).order_by(Parcel::ID)).all().await?
    };
}

fn texts<const N: usize>(texts: [Option<&str>; N]) -> Vec<Option<String>> {
    texts.map(|text| text.map(str::to_owned)).into()
}

on_each_database! {
    async fn a_path_leads_to_text(db: Db) {
        let mut conn = parcels(&db).await?;
        let at = || Parcel::DATA.path("to");
        assert_eq!(of_all!(conn, at().path("city").as_text()), texts([Some("Berlin"), Some("12"), None]));
        assert_eq!(of_all!(conn, Parcel::DATA.path(("to", "lines", 1)).as_text()), texts([Some("B"), None, None]));
        assert_eq!(of_all!(conn, Parcel::DATA.path(("to", "lines", -1)).as_text()), texts([Some("B"), None, None]));
        assert_eq!(of_all!(conn, Parcel::DATA.path("fragile").as_text()), texts([Some("true"), Some("true"), None]));
        assert_eq!(of_all!(conn, Parcel::DATA.path("nothing").as_text()), texts([None, None, None]));
        assert_eq!(of_all!(conn, Parcel::DATA.path((1, "to")).as_text()), texts([None, None, Some("inside")]));
        assert_eq!(of_all!(conn, Parcel::NOTES.path("to").as_text()), texts([None, None, None]));
    }

    async fn a_key_is_whatever_it_is(db: Db) {
        let mut conn = parcels(&db).await?;
        assert_eq!(of_all!(conn, Parcel::DATA.path(("a \"key\".", "b[0]")).as_text()), texts([Some("odd"), None, None]));
        assert_eq!(of_all!(conn, Parcel::DATA.path(("tags", 2)).as_text()), texts([Some("x\"y"), None, None]));
    }

    async fn values_have_their_types_or_are_none(db: Db) {
        let mut conn = parcels(&db).await?;
        assert_eq!(of_all!(conn, Parcel::DATA.path("weight").as_int()), [Some(3), None, None]);
        assert_eq!(of_all!(conn, Parcel::DATA.path("size").as_int()), [None, Some(4), None]);
        assert_eq!(of_all!(conn, Parcel::DATA.path("size").as_real()), [Some(2.5), Some(4.0), None]);
        assert_eq!(of_all!(conn, Parcel::DATA.path("weight").as_real()), [Some(3.0), None, None]);
        assert_eq!(of_all!(conn, Parcel::DATA.path("fragile").as_bool()), [Some(true), None, None]);
        let codes: Vec<Option<Json<Vec<i64>>>> = of_all!(conn, Parcel::DATA.path("codes").as_json());
        assert_eq!(codes, [Some(Json(vec![7, 9])), Some(Json(vec![])), None]);
    }

    async fn what_is_there_and_how_much(db: Db) {
        let mut conn = parcels(&db).await?;
        assert_eq!(of_all!(conn, Parcel::DATA.path("nothing").exists()), [true, false, false]);
        assert_eq!(of_all!(conn, Parcel::DATA.path(("to", "lines")).exists()), [true, false, false]);
        assert_eq!(of_all!(conn, Parcel::NOTES.path("to").exists()), [false, false, false]);
        assert_eq!(of_all!(conn, Parcel::DATA.path("codes").length()), [Some(2), Some(0), None]);
        assert_eq!(of_all!(conn, Parcel::DATA.path("tags").length()), [Some(3), None, None]);
    }

    async fn a_value_is_set_and_removed_within_a_document(db: Db) {
        let mut conn = parcels(&db).await?;
        let before: Vec<Json<Value>> = of_all!(conn, Parcel::DATA);
        // What becomes of the first document, and that the others, which have nothing there, stay as they are.
        let first = |change: fn(&mut Value)| {
            let mut all: Vec<Value> = before.iter().map(|it| it.0.clone()).collect();
            change(&mut all[0]);
            all
        };
        macro_rules! becomes {
            ($expression:expr, $change:expr) => {
                let found: Vec<Json<Value>> = of_all!(conn, $expression);
                let found: Vec<Value> = found.into_iter().map(|it| it.0).collect();
                assert_eq!(found, first($change), "{}", stringify!($expression));
            };
        }
        let data = || Parcel::DATA;
        becomes!(data().json_set(("to", "lines", 1), "C"), |it| it["to"]["lines"][1] = json!("C"));
        becomes!(data().json_set(("to", "lines", -2), json!({"x": [1, null]})), |it| it["to"]["lines"][0] = json!({"x": [1, null]}));
        becomes!(data().json_set(("a \"key\".", "b[0]"), Value::Null), |it| it["a \"key\"."]["b[0]"] = Value::Null);
        becomes!(data().json_set(("a \"key\".", "new"), false), |it| it["a \"key\"."]["new"] = json!(false));
        becomes!(data().json_set(("tags", 3), "one too many"), |_| {});
        becomes!(data().json_set(("tags", -4), "one too many"), |_| {});
        becomes!(data().json_set(("nobody", "is", "there"), 1), |_| {});
        becomes!(data().json_set(("weight", "of"), 1), |_| {});
        becomes!(data().json_set(("tags", "of"), 1), |_| {});
        becomes!(data().json_set(("a \"key\".", 0), 1), |_| {});
        becomes!(data().json_remove(("to", "lines", 0)), |it| it["to"]["lines"] = json!(["B"]));
        becomes!(data().json_remove(("to", "lines", -1)), |it| it["to"]["lines"] = json!(["A"]));
        becomes!(data().json_remove("fragile".to_owned() + "?"), |_| {});
        becomes!(data().json_remove(("a \"key\".", "b[0]")), |it| it["a \"key\"."] = json!({}));
        becomes!(data().json_remove(("tags", 3)), |_| {});
        becomes!(data().json_remove(("tags", "x")), |_| {});
        becomes!(data().json_remove(("to", 0)), |_| {});
        let missing: Vec<Option<Json<Value>>> = of_all!(conn, Parcel::NOTES.json_set("a", 1));
        assert_eq!(missing, [None, None, None], "a document that is not there stays so");

        // In the database, and of an object of a session.
        let number = (1_i64 << 53) + 1;
        conn.execute(update(Parcel).filter(Parcel::ID.eq(1)).set(Parcel::DATA, Parcel::DATA.json_set("weight", number))).await?;
        assert_eq!(of_all!(conn, Parcel::DATA.path("weight").as_int())[0], Some(number));
        let mut session = db.session();
        let parcel = session.get_one::<Parcel>(1).await?;
        session.set(parcel, Parcel::DATA, Parcel::DATA.json_remove("weight"));
        session.commit().await?;
        assert!(session[parcel].data.get("weight").is_none());
        assert_eq!(of_all!(conn, Parcel::DATA.path("weight").exists()), [false, true, false]);
        let whole = select(Parcel::DATA.json_remove(Vec::<aludel_sql::node::JsonStep>::new())).to_sql(db.engine.dialect());
        assert_eq!(whole.unwrap_err().kind(), ErrorKind::Compile);
    }

    async fn an_array_contains_a_value(db: Db) {
        let mut conn = parcels(&db).await?;
        let tags = || Parcel::DATA.path("tags");
        assert_eq!(of_all!(conn, tags().contains("red")), [true, false, false]);
        assert_eq!(of_all!(conn, tags().contains("x\"y")), [true, false, false]);
        assert_eq!(of_all!(conn, tags().contains("7")), [true, false, false]);
        assert_eq!(of_all!(conn, tags().contains(7)), [false, false, false]);
        assert_eq!(of_all!(conn, Parcel::DATA.path("codes").contains(7)), [true, false, false]);
        assert_eq!(of_all!(conn, !Parcel::DATA.path("codes").contains(7)), [false, true, true]);
    }

    async fn a_document_contains_another(db: Db) {
        let mut conn = parcels(&db).await?;
        let found = select(Parcel::ID).filter(Parcel::DATA.contains_document(json!({"to": {"city": "Berlin"}, "weight": 3})));
        let found = conn.scalars(found).all().await;
        if db.database == Database::Sqlite {
            assert_eq!(found.unwrap_err().kind(), aludel::ErrorKind::Unsupported);
            return Ok(());
        }
        assert_eq!(found?, [1]);
    }

    async fn rows_are_filtered_grouped_and_ordered_by_a_path(db: Db) {
        let mut conn = parcels(&db).await?;
        let city = || Parcel::DATA.path(("to", "city")).as_text();
        let found = select(Parcel::ID).filter(city().eq("Berlin").or(city().is_null())).order_by((city().desc(), Parcel::ID));
        assert_eq!(conn.scalars(found).all().await?, [1, 3]);
        let per_city = select((city(), func::count_star())).group_by(city()).order_by(city());
        let rows: Vec<(Option<String>, i64)> = conn.execute(per_city).all().await?;
        assert_eq!(rows, [(None, 1), (Some("12".to_owned()), 1), (Some("Berlin".to_owned()), 1)]);
    }
}
