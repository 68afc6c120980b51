//! Case 70 of the catalogue of reliability: keys that the database holds for equal and that are not the same text.
//!
//! The rule: an object is known by its key as the database stores it. What the database finds for a key is the row; two keys that it
//! holds for equal therefore lead to one object, which asks once more. Padding of CHAR is no part of a value.

use aludel::LoaderOption;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

#[derive(Entity, Debug)]
#[entity(table = "countries")]
pub struct Country {
    #[column(primary_key, length = 10)]
    pub code: String,
    pub people: i64,
    #[relation(back_populates = City::COUNTRY)]
    pub cities: HasMany<City>,
}

#[derive(Entity, Debug)]
#[entity(table = "cities")]
pub struct City {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Country::CODE, length = 10)]
    pub country_code: String,
    #[relation(back_populates = Country::CITIES)]
    pub country: BelongsTo<Country>,
}

#[derive(Projection, Debug)]
#[projection(Country)]
pub struct CountryOut {
    pub code: String,
    pub cities: Vec<CityOut>,
}

#[derive(Projection, Debug)]
#[projection(City)]
pub struct CityOut {
    pub id: i64,
}

/// Keys that are equal whatever their case, as the database of somebody else may have them; `AT` and a city in `at`.
async fn countries_in_any_case(db: &Db) -> aludel::Result<()> {
    if let Some(collation) = db.pick(
        None,
        Some("CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"),
        None,
    ) {
        db.run(collation).await?;
    }
    let text = db.pick(
        "VARCHAR(10) COLLATE NOCASE",
        "VARCHAR(10) COLLATE any_case",
        "VARCHAR(10) COLLATE utf8mb4_general_ci",
    );
    db.run(&format!("CREATE TABLE countries (code {text} PRIMARY KEY, people BIGINT NOT NULL)")).await?;
    db.run(&format!("CREATE TABLE cities (id BIGINT PRIMARY KEY, country_code {text} NOT NULL REFERENCES countries (code))")).await?;
    db.run("INSERT INTO countries VALUES ('AT', 9), ('CH', 9)").await?;
    db.run("INSERT INTO cities VALUES (1, 'AT'), (2, 'at'), (3, 'CH')").await
}

on_each_database! {
    async fn case_70_keys_that_are_equal_in_any_case_are_one_object_under_the_stored_key(db: Db) {
        countries_in_any_case(&db).await?;
        let mut session = db.session();
        let stored = session.get_one::<Country>("AT").await?;
        let asked = session.get_one::<Country>("at").await?;
        assert_eq!((stored, &*session[asked].code), (asked, "AT"));
        assert_eq!(session.query_count(), 2, "only the stored key is known without asking");
        session[asked].people += 1;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT people FROM countries WHERE code = 'AT'").await?, 10);
        // The database holds them for the same key, and says so.
        session.add(Country::builder().code("ch").people(0));
        refused(session.commit().await, ErrorKind::UniqueViolation);
    }

    async fn case_70_children_with_their_key_in_another_case_come_with_every_strategy(db: Db) {
        countries_in_any_case(&db).await?;
        let ids = |session: &Session, country: Obj<Country>| -> aludel::Result<Vec<i64>> {
            let mut ids: Vec<i64> = session.view(country).cities()?.map(|it| it.id).collect();
            ids.sort_unstable();
            Ok(ids)
        };
        let at = || select(Country).filter(Country::CODE.eq("AT"));
        let strategies: [LoaderOption; 3] =
            [selectinload(Country::CITIES).into(), joinedload(Country::CITIES).into(), subqueryload(Country::CITIES).into()];
        for options in strategies {
            let mut session = db.session();
            let country = session.scalars(at().options(options)).one().await?;
            assert_eq!(ids(&session, country)?, [1, 2]);
        }
        let out: Vec<CountryOut> = db.session().scalars(select_as::<CountryOut>().filter(Country::CODE.eq("at"))).all().await?;
        assert_eq!(out[0].cities.len(), 2, "as a projection too");
        // What was not loaded is an option that makes no sense of a projection.
        let wrong = select_as::<CountryOut>().options(selectinload(Country::CITIES));
        let error = refused(db.session().scalars(wrong).all().await, ErrorKind::Compile);
        assert!(error.to_string().contains("selects no Country"), "{error}");
    }

    async fn case_70_the_padding_of_char_is_no_part_of_a_key(db: Db) {
        db.run("CREATE TABLE countries (code CHAR(10) PRIMARY KEY, people BIGINT NOT NULL)").await?;
        let mut session = db.session();
        session.add(Country::builder().code("AT").people(9));
        session.commit().await?;
        let mut session = db.session();
        let country = session.get_one::<Country>("AT").await?;
        assert_eq!(session[country].code, "AT");
        assert_eq!(session.scalars(select(Country).filter(Country::CODE.in_(["AT", "CH"]))).all().await?, [country]);
        session[country].people += 1;
        session.commit().await?;
        session.delete(country);
        session.commit().await?;
        assert_eq!(db.count("countries").await?, 0);
    }

    async fn case_70_spaces_at_the_end_of_a_key_make_another_key(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let both = ["AT", "AT "].map(|code| session.add(Country::builder().code(code).people(1)));
        session.commit().await?;
        session[both[1]].people = 2;
        session.commit().await?;
        let mut session = db.session();
        let found = [session.get_one::<Country>("AT").await?, session.get_one::<Country>("AT ").await?];
        assert_eq!(found.map(|it| session[it].people), [1, 2]);
    }

    #[only(mariadb, "only there a collation leaves spaces at the end out of account")]
    async fn case_70_a_collation_that_pads_finds_the_row_under_its_stored_key(db: Db) {
        db.run("CREATE TABLE countries (code VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, people BIGINT NOT NULL)").await?;
        db.run("INSERT INTO countries VALUES ('AT ', 9)").await?;
        let mut session = db.session();
        let country = session.get_one::<Country>("AT").await?;
        assert_eq!(session[country].code, "AT ");
        session[country].people += 1;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT people FROM countries").await?, 10);
    }
}
