//! Connecting: what is set, who is let in, what is refused.

use aludel_engine::Url;
use aludel_engine::driver::RawConn;
use aludel_engine::driver::Status;
use aludel_postgres::Postgres;
use aludel_sql::{Error, ErrorKind, Value};

use super::support::{Scratch, escaped, execute, number, query};

async fn refused(url: &str) -> Error {
    Postgres::new(&url.parse().unwrap()).unwrap().open().await.unwrap_err()
}

#[tokio::test]
async fn every_connection_is_set_to_utf8_and_utc() {
    let Some(db) = Scratch::new("settings").await else { return };
    let mut conn =
        db.connect_with("application_name=b%C3%BCcher&options=-c%20statement_timeout%3D12345").await;
    let shown = query(
        &mut conn,
        "SELECT current_setting('client_encoding'), current_setting('TimeZone'), current_setting('statement_timeout'), current_setting('application_name')",
    )
    .await;
    let name = shown[0][3].clone();
    assert_eq!(shown[0][..3], ["UTF8", "UTC", "12345ms"].map(|it| Value::Text(it.into())));
    // Servers before 16 replace what is not ASCII.
    assert!(matches!(name, Value::Text(it) if it.ends_with("cher")));
    assert_eq!(conn.parameter("TimeZone"), Some("UTC"));
    assert!(conn.parameter("server_version").is_some());
    execute(&mut conn, "SET TimeZone = 'Asia/Tokyo'").await;
    assert_eq!(conn.parameter("TimeZone"), Some("Asia/Tokyo"));
}

#[tokio::test]
async fn a_database_that_is_not_there_says_how_to_make_it() {
    let Some(db) = Scratch::new("missing").await else { return };
    let url = db.url().with_database("aludel_nowhere");
    let error = Postgres::new(&url).unwrap().open().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Database, Some("3D000")));
    assert!(error.advice().unwrap().contains("CREATE DATABASE"), "{error}");
    assert!(error.context().unwrap().contains("database aludel_nowhere"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_shown_nowhere() {
    let Some(db) = Scratch::new("password").await else { return };
    let mut admin = db.connect().await;
    let role = format!("aludel_role_{}", std::process::id());
    execute(&mut admin, "SET password_encryption = 'scram-sha-256'").await;
    execute(&mut admin, &format!("DROP ROLE IF EXISTS {role}")).await;
    execute(&mut admin, &format!("CREATE ROLE {role} LOGIN PASSWORD 'correct horse: é@'")).await;
    let asks = number(
        &mut admin,
        "SELECT count(*) FROM pg_hba_file_rules WHERE type LIKE 'host%' AND auth_method = 'scram-sha-256' AND 'all' = ANY(user_name) \
         AND address = '127.0.0.1' AND line_number = (SELECT min(line_number) FROM pg_hba_file_rules WHERE type LIKE 'host%' AND address = '127.0.0.1')",
    )
    .await
        > 0;
    let url = db.url();
    let at = format!("127.0.0.1:{}/{}", url.port().unwrap_or(5432), url.database().unwrap());
    let with =
        |password: &str| format!("postgresql://{role}:{}@{at}", escaped(password)).parse::<Url>().unwrap();

    let right = Postgres::new(&with("correct horse: é@")).unwrap().open().await;
    let wrong = Postgres::new(&with("canary staple")).unwrap().open().await;
    let none = Postgres::new(&format!("postgresql://{role}@{at}").parse().unwrap()).unwrap().open().await;
    assert_eq!(right.unwrap().status(), Status::Idle);
    if asks {
        let error = wrong.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("28P01")));
        assert!(!format!("{error} {error:?}").contains("canary"));
        let error = none.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.what().contains("the URL holds none"), "{error}");
    } else {
        println!("this server lets everyone in: the refusal of a wrong password was not tried");
    }
    execute(&mut admin, &format!("DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = refused(&format!("postgresql://sam:secret@127.0.0.1:{port}/db")).await;
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(error.what().contains(&format!("127.0.0.1:{port}: no server listens there")), "{error}");
    assert!(error.advice().unwrap().contains("is PostgreSQL running"));

    let error = refused("postgresql://sam@%2Fnowhere%2Fpostgresql/db").await;
    assert!(error.what().contains("/nowhere/postgresql/.s.PGSQL.5432: no server listens there"), "{error}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let error = refused(&format!("postgresql://sam@127.0.0.1:{port}/db?connect_timeout=1")).await;
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(error.what().contains("did not answer within 1 s"), "{error}");
}
