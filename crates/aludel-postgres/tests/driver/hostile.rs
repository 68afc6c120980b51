//! Servers that mean harm, or are none: every answer is an error, none a panic.

use std::time::Duration;

use aludel_engine::driver::{Begin, End, RawConn, Statement, Status};
use aludel_postgres::{Connection, Postgres};
use aludel_sql::{Error, ErrorKind, Result};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::support::{run, transact, try_execute};
use super::wire::{authentication, message, read_some, welcome};

/// A server that answers what it reads with these bytes, one after the other, and closes.
async fn server(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        for answer in answers {
            if read_some(&mut socket).await.is_empty() || socket.write_all(&answer).await.is_err() {
                return;
            }
        }
        // What was written has to arrive before the socket is closed.
        let _ = socket.shutdown().await;
        let _ = tokio::time::timeout(Duration::from_secs(5), async {
            while !read_some(&mut socket).await.is_empty() {}
        })
        .await;
    });
    format!("postgresql://sam:canary@127.0.0.1:{port}/db?connect_timeout=5")
}

async fn open(answers: Vec<Vec<u8>>) -> Result<Connection> {
    let url = server(answers).await;
    let opened = Postgres::new(&url.parse().unwrap()).unwrap().open().await;
    if let Err(error) = &opened {
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    opened
}

async fn refused(answers: Vec<Vec<u8>>) -> Error {
    open(answers).await.unwrap_err()
}

#[tokio::test]
async fn a_password_in_clear_is_not_sent_without_tls() {
    let error = refused(vec![authentication(3, &[])]).await;
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(
        error.to_string().contains("in clear, which is sent only through TLS")
            && error.to_string().contains("scram-sha-256"),
        "{error}"
    );
}

#[tokio::test]
async fn ways_of_authentication_that_are_not_known_are_refused() {
    for (method, body) in
        [(2, &b""[..]), (7, b""), (9, b""), (10, b"OAUTHBEARER\0\0"), (10, b"SCRAM-SHA-256-PLUS\0\0")]
    {
        assert_eq!(
            refused(vec![authentication(method, body)]).await.kind(),
            ErrorKind::Authentication,
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_scram_exchange_cannot_be_bent() {
    let offer = authentication(10, b"SCRAM-SHA-256\0\0");
    // A count of iterations that would keep the client busy for minutes; another's nonce; no challenge at all; a proof before
    // the challenge; welcome without a proof.
    for (answer, kind) in [
        (authentication(11, b"r=other,s=c2FsdA==,i=4096"), ErrorKind::Authentication),
        (authentication(11, b"r="), ErrorKind::Authentication),
        (authentication(11, b"\xff\xfe"), ErrorKind::Authentication),
        (authentication(12, b"v=c2FsdA=="), ErrorKind::Protocol),
        (offer.clone(), ErrorKind::Protocol),
        (authentication(5, b"salt"), ErrorKind::Protocol),
        (welcome(), ErrorKind::Authentication),
    ] {
        assert_eq!(refused(vec![offer.clone(), answer]).await.kind(), kind);
    }
}

/// A server that takes the client's nonce and challenges it with this count of iterations.
#[tokio::test]
async fn a_huge_count_of_scram_iterations_is_refused_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgresql://sam:canary@127.0.0.1:{}/db", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read_some(&mut socket).await;
        socket.write_all(&authentication(10, b"SCRAM-SHA-256\0\0")).await.unwrap();
        let first = String::from_utf8_lossy(&read_some(&mut socket).await).into_owned();
        assert!(first.contains("n,,n=,r="), "no channel binding without TLS");
        let nonce = first.rsplit("r=").next().unwrap().to_owned();
        let challenge = format!("r={nonce}more,s=c2FsdA==,i=4000000000");
        socket.write_all(&authentication(11, challenge.as_bytes())).await.unwrap();
        read_some(&mut socket).await;
    });
    let error = Postgres::new(&url.parse().unwrap()).unwrap().open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(format!("{error:?}").contains("iteration count"), "{error:?}");
}

#[tokio::test]
async fn a_greeting_that_is_not_postgresql_is_a_protocol_error_or_a_lost_connection() {
    for answer in [
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        b"N".to_vec(),
        vec![0xff; 100],
        message(b'R', b""),
        message(b'R', &[0, 0, 0, 0, 0]),
        message(b'Z', b"I"),
        message(b'S', b"a\0b\0"),
        message(b'v', &[0; 8]),
        message(b'E', b"no end"),
        [message(b'R', &[0; 4]), message(b'Z', b"T")].concat(),
        [message(b'R', &[0; 4]), message(b'K', b"short")].concat(),
        [message(b'R', &[0; 4]), message(b'D', b"\0\0")].concat(),
        [message(b'R', &[0; 4]), message(b'R', &[0; 4])].concat(),
        b"E\x3f\xff\xff\xff".to_vec(),
        welcome()[..20].to_vec(),
        Vec::new(),
    ] {
        let error = refused(vec![answer.clone()]).await;
        assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Disconnected), "{answer:?}: {error}");
    }
}

#[tokio::test]
async fn a_long_message_before_authentication_is_not_waited_for() {
    let mut endless = b"N\x3f\xff\xff\xff".to_vec();
    endless.resize(200_000, b'x');
    assert_eq!(refused(vec![endless]).await.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn an_answer_that_the_protocol_does_not_allow_breaks_the_connection() {
    let parsed = [message(b'1', b""), message(b't', &[0, 0])].concat();
    let one_int = message(b'T', b"\0\x01a\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0");
    let bound = [parsed.clone(), one_int.clone(), message(b'2', b"")].concat();
    let after = |bytes: Vec<u8>| [bound.clone(), bytes].concat();
    for answer in [
        message(b'?', b""),
        message(b'2', b""),
        message(b'Z', b"I"),
        message(b'1', b"x"),
        b"1\0\0\0\x03".to_vec(),
        b"1\xff\xff\xff\xff".to_vec(),
        b"D\x7f\xff\xff\xff".to_vec(),
        b"Z\x10\0\0\0".to_vec(),
        [parsed.clone(), message(b'T', b"\xff\xff")].concat(),
        [parsed.clone(), message(b'T', b"\0\x01no end")].concat(),
        [message(b'1', b""), message(b't', &[0xff, 0xff])].concat(),
        after(message(b'D', b"")),
        after(message(b'D', b"\0\x02\0\0\0\x04\0\0\0\x01\0\0\0\x04\0\0\0\x01")),
        after(message(b'D', b"\0\x01\0\0\0\x05\0\0\0\x01\0")),
        after(message(b'D', b"\0\x01\x7f\xff\xff\xff")),
        after(message(b'D', b"\0\x01\x80\0\0\0")),
        after(message(b'D', b"\0\x01\0\0\0\x04\0\0\0\x01more")),
        after(message(b'C', b"SELECT 1")),
        after(message(b'C', b"\xff\0")),
        after(message(b's', b"")),
        after([message(b'C', b"SELECT 0\0"), message(b'Z', b"X")].concat()),
        after([message(b'C', b"SELECT 0\0"), message(b'Z', b"")].concat()),
        after(message(b'E', b"")),
        after(message(b'A', b"\0\0")),
        after(message(b'S', b"name without value\0")),
        after(message(b'R', &[0; 4])),
    ] {
        let mut conn = open(vec![welcome(), answer.clone()]).await.unwrap();
        let error = try_execute(&mut conn, "SELECT 1").await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{answer:?}: {error}");
        assert_eq!(conn.status(), Status::Broken);
        assert!(try_execute(&mut conn, "SELECT 1").await.is_err());
    }
}

#[tokio::test]
async fn an_answer_cut_anywhere_is_a_lost_connection() {
    let answer = [
        message(b'1', b""),
        message(b't', &[0, 0]),
        message(b'T', b"\0\x01a\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"),
        message(b'2', b""),
        message(b'D', b"\0\x01\0\0\0\x04\0\0\0\x01"),
        message(b'C', b"SELECT 1\0"),
        message(b'Z', b"I"),
    ]
    .concat();
    for cut in 0..answer.len() {
        let mut conn = open(vec![welcome(), answer[..cut].to_vec()]).await.unwrap();
        let error = try_execute(&mut conn, "SELECT 1").await.err().unwrap();
        assert_eq!((error.kind(), conn.status()), (ErrorKind::Disconnected, Status::Broken), "cut at {cut}");
    }
    let mut conn = open(vec![welcome(), answer]).await.unwrap();
    assert_eq!(try_execute(&mut conn, "SELECT 1").await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn a_connection_lost_during_commit_says_that_nobody_knows() {
    let begun = [message(b'1', b""), message(b'2', b""), message(b'C', b"BEGIN\0")].concat();
    let statement = [
        message(b'1', b""),
        message(b't', &[0, 0]),
        message(b'n', b""),
        message(b'2', b""),
        message(b'C', b"INSERT 0 1\0"),
    ]
    .concat();
    for answer in [Vec::new(), begun.clone(), [begun.clone(), statement.clone()].concat()] {
        let mut conn = open(vec![welcome(), answer]).await.unwrap();
        let error = run(&mut conn, Some(Begin::default()), &[Statement::plain("INSERT")], End::Commit)
            .await
            .err()
            .unwrap();
        assert_eq!((error.kind(), conn.status()), (ErrorKind::CommitOutcomeUnknown, Status::Broken));
        assert!(error.is_disconnect() && !error.is_retryable());
    }
    // Without a COMMIT under way it is a lost connection and nothing more.
    let mut conn = open(vec![welcome(), begun.clone()]).await.unwrap();
    let error =
        run(&mut conn, Some(Begin::default()), &[Statement::plain("INSERT")], End::Open).await.err().unwrap();
    assert_eq!((error.kind(), error.sql()), (ErrorKind::Disconnected, Some("INSERT")));
    // And where the COMMIT was acknowledged, it is done: an error would have it run twice.
    let done =
        [begun, statement, message(b'1', b""), message(b'2', b""), message(b'C', b"COMMIT\0")].concat();
    let mut conn = open(vec![welcome(), done]).await.unwrap();
    assert_eq!(transact(&mut conn, &[Statement::plain("INSERT")]).await.unwrap().done, [(0, 1)]);
    assert_eq!(conn.status(), Status::Broken);
}
