//! A new connection: what it has set, and how it fails.

use std::time::Duration;

use aludel_engine::driver::{End, Status};
use aludel_engine::{ErrorKind, Url};
use aludel_sql::Value;

use super::support::*;

#[tokio::test]
async fn every_setting_that_semantics_needs_is_really_set() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let settings = [
        ("@@collation_connection", text("utf8mb4_nopad_bin")),
        ("@@character_set_client", text("utf8mb4")),
        ("@@character_set_results", text("utf8mb4")),
        ("@@time_zone", text("+00:00")),
        ("@@autocommit", Value::Int(1)),
        ("@@group_concat_max_len", Value::Int(1_073_741_824)),
        ("@@max_recursive_iterations", Value::Int(4_294_967_295)),
        ("@@tx_isolation", text("READ-COMMITTED")),
    ];
    for (name, expected) in settings {
        assert_eq!(one(&mut conn, &format!("SELECT {name} FROM dual")).await, expected, "{name}");
    }
    let Value::Text(mode) = one(&mut conn, "SELECT @@sql_mode").await else { panic!() };
    let mut modes: Vec<_> = mode.split(',').collect();
    modes.sort_unstable();
    assert_eq!(
        modes,
        [
            "ERROR_FOR_DIVISION_BY_ZERO",
            "NO_AUTO_VALUE_ON_ZERO",
            "NO_BACKSLASH_ESCAPES",
            "NO_ENGINE_SUBSTITUTION",
            "NO_ZERO_DATE",
            "NO_ZERO_IN_DATE",
            "ONLY_FULL_GROUP_BY",
            "STRICT_ALL_TABLES",
        ]
    );
    assert_eq!(conn.status(), Status::Idle);
    assert!(!conn.is_closed());
}

#[tokio::test]
async fn text_is_compared_by_code_point() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    for (a, b) in [("a", "A"), ("e", "é"), ("a", "a "), ("😀", "😁")] {
        assert_eq!(one(&mut conn, &format!("SELECT '{a}' = '{b}'")).await, Value::Int(0), "{a} {b}");
    }
}

#[tokio::test]
async fn the_driver_knows_the_server_after_the_first_connection() {
    let Some(db) = Db::new().await else { return };
    let driver = aludel_mysql::MySql::new(&db.url).unwrap();
    assert_eq!(driver.is_mysql(), None);
    use aludel_engine::driver::Driver as _;
    let mut conn = driver.connect().await.unwrap();
    let Value::Text(version) = one(&mut conn, "SELECT version()").await else { panic!() };
    assert_eq!(driver.is_mysql(), Some(!version.contains("MariaDB")));
}

#[tokio::test]
async fn a_refused_user_is_an_authentication_error_without_the_password() {
    let Some(db) = Db::new().await else { return };
    let port = db.url.port().unwrap_or(3306);
    let url: Url = format!("mysql://nobody:canary@127.0.0.1:{port}/{}", db.name).parse().unwrap();
    let error = aludel_mysql::driver(&url).unwrap().connect().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(matches!(error.code(), Some("1045" | "1698")), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    assert!(error.context().unwrap().contains("nobody at 127.0.0.1"), "{error}");
}

#[tokio::test]
async fn an_unknown_database_is_named() {
    let Some(db) = Db::new().await else { return };
    let driver = aludel_mysql::driver(&db.url.clone().with_database("aludel_nosuch")).unwrap();
    let error = driver.connect().await.err().unwrap();
    assert_eq!(error.code(), Some("1049"));
    assert!(
        error.to_string().contains("aludel_nosuch") && error.to_string().contains("CREATE DATABASE"),
        "{error}"
    );
}

#[tokio::test]
async fn no_server_is_disconnected_and_says_where_it_looked() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connect = |options: &str| {
        let url: Url = format!("mysql://sam@{address}/x{options}").parse().unwrap();
        async move { aludel_mysql::driver(&url).unwrap().connect().await.err().unwrap() }
    };
    // It listens and says nothing.
    let silent = tokio::time::timeout(Duration::from_secs(5), connect("?connect_timeout=1")).await.unwrap();
    assert_eq!(silent.kind(), ErrorKind::Disconnected);
    assert!(silent.to_string().contains("did not answer in time"), "{silent}");
    drop(listener);
    let error = connect("").await;
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let _ = socket.writable().await;
            let _ = socket.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let url: Url = format!("mysql://sam@{address}/x?connect_timeout=2").parse().unwrap();
    let error = aludel_mysql::driver(&url).unwrap().connect().await.err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::Disconnected | ErrorKind::Protocol), "{error}");
}

#[tokio::test]
async fn a_unix_socket_is_used_when_the_url_names_one() {
    let Some(db) = Db::new().await else { return };
    let Value::Text(path) = one(&mut db.connect().await, "SELECT @@socket").await else { return };
    // The server may run on another file system.
    if !std::path::Path::new(&path).exists() {
        return;
    }
    let user = db.url.user().unwrap_or("root");
    let password = db.url.password().map(|it| format!(":{it}")).unwrap_or_default();
    let url: Url = format!("mysql://{user}{password}@/{}?socket={path}", db.name).parse().unwrap();
    let mut conn = aludel_mysql::driver(&url).unwrap().connect().await.unwrap();
    let host =
        one(&mut conn, "SELECT host FROM information_schema.processlist WHERE id = connection_id()").await;
    assert_eq!(host, text("localhost"));
}

#[tokio::test]
async fn closing_says_good_bye_and_the_server_lets_go() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let Value::Int(id) = one(&mut conn, "SELECT connection_id()").await else { panic!() };
    let mut other = db.connect().await;
    let count = format!("SELECT count(*) FROM information_schema.processlist WHERE id = {id}");
    assert_eq!(one(&mut other, &count).await, Value::Int(1));
    conn.close().await;
    eventually(&mut other, &count, 0).await;
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_it_was_idle_is_disconnected() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["SET SESSION wait_timeout = 1"]).await;
    assert!(!conn.is_closed());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let error = plain(&mut conn, "SELECT 1").await.err().unwrap();
    assert!(error.is_disconnect(), "{error}");
    assert_eq!(conn.status(), Status::Broken);
    assert!(conn.is_closed());
}

#[tokio::test]
async fn a_file_of_this_machine_is_never_sent() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["CREATE TABLE t (a TEXT)"]).await;
    let error = plain(&mut conn, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t").await.err().unwrap();
    // A server that does not allow it says so itself; otherwise it asks for the file, and is refused.
    if error.code().is_none() {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("LOCAL INFILE"), "{error}");
        assert_eq!(conn.status(), Status::Broken);
    }
    assert_eq!(one(&mut db.connect().await, "SELECT count(*) FROM t").await, Value::Int(0));
    assert_eq!(batch(&mut conn, None, &[], End::Open).await.is_ok(), error.code().is_some());
}
