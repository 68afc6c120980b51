//! Rows have types: up to 16 values in a tuple, any number in a struct, by their names.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

/// Eighteen measurements.
#[derive(Entity, Clone, Debug)]
#[entity(table = "readings")]
pub struct Reading {
    #[column(primary_key)]
    pub id: i64,
    pub a: i64,
    pub b: i64,
    pub c: i64,
    pub d: i64,
    pub e: i64,
    pub f: i64,
    pub g: i64,
    pub h: i64,
    pub i: i64,
    pub j: i64,
    pub k: i64,
    pub l: i64,
    pub m: i64,
    pub n: i64,
    pub o: i64,
    #[column(length = 20)]
    pub place: String,
    pub note: Option<f64>,
}

/// More than a tuple can have, in an order of its own.
#[derive(Projection, Debug, PartialEq)]
#[projection(Reading)]
struct Shown {
    place: String,
    note: Option<f64>,
    o: i64,
    n: i64,
    m: i64,
    l: i64,
    k: i64,
    j: i64,
    i: i64,
    h: i64,
    g: i64,
    f: i64,
    e: i64,
    d: i64,
    c: i64,
    b: i64,
    a: i64,
    id: i64,
    #[projection(expr = Reading::A + Reading::O)]
    sum: i64,
}

async fn read(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of(Reading)).await?;
    let mut conn = db.engine.connect().await?;
    let row = Reading::builder()
        .id(1)
        .a(1)
        .b(2)
        .c(3)
        .d(4)
        .e(5)
        .f(6)
        .g(7)
        .h(8)
        .i(9)
        .j(10)
        .k(11)
        .l(12)
        .m(13)
        .n(14)
        .o(15);
    conn.execute(insert(Reading).values([row.place("attic").note(0.5)])).await?;
    Ok(conn)
}

on_each_database! {
    async fn x10_a_tuple_has_up_to_16_values_each_of_its_type(db: Db) {
        let mut conn = read(&db).await?;
        let numbers = select((
            Reading::A, Reading::B, Reading::C, Reading::D, Reading::E, Reading::F, Reading::G, Reading::H,
            Reading::I, Reading::J, Reading::K, Reading::L, Reading::M, Reading::N, Reading::PLACE, Reading::NOTE,
        ));
        let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, place, note) = conn.execute(numbers).one().await?;
        assert_eq!([a, b, c, d, e, f, g, h, i, j, k, l, m, n], std::array::from_fn(|at| at as i64 + 1));
        let (place, note): (String, Option<f64>) = (place, note);
        assert_eq!((&*place, note), ("attic", Some(0.5)));
        // Entities count as one, whatever they hold.
        let both = conn.execute(select((Reading, Reading::A + 1, Reading))).one().await?;
        assert_eq!((both.0.o, both.1, both.2.place), (15, 2, "attic".to_owned()));
    }

    async fn x10_a_struct_has_any_number_of_named_values(db: Db) {
        let mut conn = read(&db).await?;
        let shown = conn.scalars(select_as::<Shown>()).one().await?;
        assert_eq!(
            shown,
            Shown {
                id: 1, a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: 12, m: 13, n: 14, o: 15,
                place: "attic".to_owned(),
                note: Some(0.5),
                sum: 16,
            }
        );
        assert_eq!(conn.scalars(select(Reading)).one().await?.n, 14);
    }

    async fn x10_names_of_sql_by_hand_have_types_where_they_are_read(db: Db) {
        let mut conn = read(&db).await?;
        let row = conn.execute(text!("SELECT a AS first, place FROM readings")).one().await?;
        assert_eq!((row.get::<i64>("first")?, row.get::<String>("place")?), (1, "attic".to_owned()));
        let error = row.get::<i64>("place").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(row.get::<i64>("second").is_err());
    }
}
