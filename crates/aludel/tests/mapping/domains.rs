//! Newtypes with a domain: declared once, used by columns, stored and compared like any other type.

use aludel::prelude::*;
use aludel::schema::{Check, Domain, ServerDefault};
use aludel::{Dialect, MySqlDialect, PostgresDialect, SqlType, SqliteDialect};
use aludel_suite::{Db, on_each_database, refused};

#[derive(ColumnType, Clone, Debug, PartialEq)]
#[domain(length = 100, check = "VALUE LIKE '%@%'", comment = "where to write")]
pub struct EmailAddress(String);

#[derive(ColumnType, Clone, Debug, PartialEq)]
#[domain(
    name = "work_email",
    not_null,
    server_default = "office@example.org",
    renamed_from = "office_email",
    checks("length(VALUE) < 90", name = "short", "VALUE <> '@'")
)]
pub struct WorkEmail(EmailAddress);

#[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    Sad,
    Ok,
}

#[derive(ColumnType, Clone, Copy, Debug, PartialEq)]
#[domain(name = "mood")]
pub struct StoredMood(Mood);

#[derive(ColumnType, Clone, Copy, Debug, PartialEq)]
#[domain(name = "price", precision = 9, scale = 2, check = "VALUE >= 0")]
pub struct Price(rust_decimal::Decimal);

/// It has the domain of what it is around.
#[derive(ColumnType, Clone, Debug, PartialEq)]
pub struct Login(EmailAddress);

#[derive(Entity, Debug)]
#[entity(table = "people")]
pub struct Person {
    #[column(primary_key)]
    pub login: Login,
    pub private: Option<EmailAddress>,
    #[column(server_default = "office@example.org")]
    pub work: WorkEmail,
    pub mood: StoredMood,
    pub wage: Sensitive<Price>,
    #[column(foreign_key = Person::LOGIN)]
    pub boss: Option<Login>,
}

fn email(text: &str) -> EmailAddress {
    EmailAddress(text.to_owned())
}

fn person(login: &str) -> impl aludel::Insertable<Person> + aludel::Related<Person> + use<> {
    Person::builder()
        .login(Login(email(login)))
        .mood(StoredMood(Mood::Ok))
        .wage(Sensitive::new(Price("10.50".parse().unwrap())))
}

#[test]
fn a_newtype_declares_its_domain() {
    let domains: Vec<Domain> = Metadata::of(Person).domains().into_iter().cloned().collect();
    let names: Vec<&str> = domains.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["email_address", "work_email", "mood", "price"]);
    assert_eq!(
        domains[0],
        Domain {
            checks: vec![Check::new("email_address_check", "VALUE LIKE '%@%'")],
            comment: Some("where to write".into()),
            ..Domain::new("email_address", SqlType::Varchar(100))
        }
    );
    assert_eq!(
        domains[1],
        Domain {
            nullable: false,
            server_default: Some(ServerDefault::Text("office@example.org".into())),
            renamed_from: Some("office_email".into()),
            checks: vec![
                Check::new("short", "length(VALUE) < 90"),
                Check::new("work_email_check", "VALUE <> '@'")
            ],
            ..Domain::new("work_email", domains[0].clone())
        }
    );
    assert_eq!(domains[2].checks, [Check::new("mood_values", "VALUE IN ('sad', 'ok')")]);
    assert_eq!(domains[3].sql_type, SqlType::Numeric(9, 2));
    // Not said twice.
    assert!(Person::table().checks.is_empty());
}

#[test]
fn a_domain_is_written_as_each_database_has_it() {
    let table = Person::table();
    let postgres = PostgresDialect.create_table(&table, &[]).unwrap().remove(0);
    assert!(postgres.contains("\n  private email_address,\n  work work_email NOT NULL"), "{postgres}");
    assert!(!postgres.contains("CHECK"), "{postgres}");
    let sqlite = SqliteDialect.create_table(&table, &[]).unwrap().remove(0);
    assert!(
        sqlite.contains("CONSTRAINT ck_people_private_email_address_check CHECK (private LIKE '%@%')"),
        "{sqlite}"
    );
    let mariadb = MySqlDialect::default().create_table(&table, &[]).unwrap().remove(0);
    assert!(
        mariadb.contains("\n  `work` VARCHAR(100) NOT NULL")
            || mariadb.contains("\n  work VARCHAR(100) NOT NULL"),
        "{mariadb}"
    );
    assert!(
        mariadb.contains("CONSTRAINT ck_people_mood_mood_values CHECK (mood IN ('sad', 'ok'))"),
        "{mariadb}"
    );
}

on_each_database! {
    async fn values_of_a_domain_are_stored_found_and_changed(db: Db) {
        db.create(&Metadata::of(Person)).await?;
        let mut session = db.session();
        let ada = session.add(person("ada@example.org"));
        session.add(person("bob@example.org"));
        session.add(person("eve@example.org"));
        session.commit().await?;
        session[ada].private = Some(email("ada@home"));
        session[ada].mood = StoredMood(Mood::Sad);
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        let sad = select(Person).filter(Person::MOOD.in_([StoredMood(Mood::Sad)]));
        let sad = conn.scalars(sad).one().await?;
        assert_eq!((sad.private, sad.work), (Some(email("ada@home")), WorkEmail(email("office@example.org"))));
        assert_eq!(sad.wage.reveal().0, "10.50".parse().unwrap());
        let by_key = select(Person::LOGIN).filter(Person::LOGIN.eq(Login(email("bob@example.org"))));
        assert_eq!(conn.execute(by_key).all().await?.len(), 1);
        conn.execute(delete(Person).filter(Person::PRIVATE.is_null())).await?;
        assert_eq!(db.count("people").await?, 1);
    }

    async fn a_value_that_a_domain_refuses_is_an_error_of_a_check(db: Db) {
        db.create(&Metadata::of(Person)).await?;
        let mut session = db.session();
        session.add(person("nowhere"));
        refused(session.commit().await, aludel::ErrorKind::CheckViolation);
    }
}
