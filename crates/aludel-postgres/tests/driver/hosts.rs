//! Several hosts: which of them a connection ends up with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aludel_postgres::{Connection, Postgres};
use aludel_sql::{ErrorKind, Result};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::wire::{authentication, message, read_some};

/// A server that lets everyone in and says what it is.
struct Server {
    port: u16,
    /// How many connections it has answered.
    asked: Arc<AtomicU32>,
}

impl Server {
    /// `parameters`: what it reports by itself; then the answers to what it is asked.
    async fn new(name: &'static str, parameters: &[(&str, &str)], answer: Vec<u8>) -> Self {
        let mut welcome = authentication(0, &[]);
        for (name, value) in [("application_name", name)].iter().chain(parameters) {
            welcome.extend(message(b'S', format!("{name}\0{value}\0").as_bytes()));
        }
        welcome.extend(message(b'Z', b"I"));
        Self::answering(welcome, answer).await
    }

    async fn answering(first: Vec<u8>, second: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (first, second) = (first.clone(), second.clone());
                tokio::spawn(async move {
                    for answer in [first, second] {
                        if read_some(&mut socket).await.is_empty() || socket.write_all(&answer).await.is_err()
                        {
                            return;
                        }
                    }
                    read_some(&mut socket).await;
                });
            }
        });
        Self { port, asked }
    }

    async fn primary() -> Self {
        let reports = [("in_hot_standby", "off"), ("default_transaction_read_only", "off")];
        Self::new("primary", &reports, Vec::new()).await
    }

    async fn standby() -> Self {
        let reports = [("in_hot_standby", "on"), ("default_transaction_read_only", "off")];
        Self::new("standby", &reports, Vec::new()).await
    }

    async fn refusing(error: &str) -> Self {
        Self::answering(message(b'E', format!("SFATAL\0VFATAL\0C{error}\0Mno\0\0").as_bytes()), Vec::new())
            .await
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

/// A port where nobody listens.
async fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn open(ports: &[u16], options: &str) -> Result<Connection> {
    let hosts: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let url = format!("postgresql://sam:canary@{}/db?{options}", hosts.join(","));
    Postgres::new(&url.parse().unwrap()).unwrap().open().await
}

async fn name(ports: &[u16], options: &str) -> String {
    open(ports, options).await.unwrap().parameter("application_name").unwrap().to_owned()
}

#[tokio::test]
async fn the_first_server_that_answers_is_taken() {
    let (one, two) = (Server::primary().await, Server::standby().await);
    assert_eq!(name(&[nobody().await, one.port, two.port], "").await, "primary");
    assert_eq!(two.asked(), 0);
    // One that is starting up is as good as one that is not there.
    let starting = Server::refusing("57P03").await;
    assert_eq!(name(&[starting.port, two.port], "").await, "standby");
}

#[tokio::test]
async fn a_server_that_says_nothing_costs_its_own_time_and_no_more() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let one = Server::primary().await;
    let ports = [silent.local_addr().unwrap().port(), one.port];
    assert_eq!(name(&ports, "connect_timeout=1").await, "primary");
}

#[tokio::test]
async fn a_session_has_the_attributes_that_were_asked_for() {
    let (primary, standby) = (Server::primary().await, Server::standby().await);
    let read_only = [("in_hot_standby", "off"), ("default_transaction_read_only", "on")];
    let read_only = Server::new("read-only", &read_only, Vec::new()).await;
    let ports = [read_only.port, standby.port, primary.port];
    for (target, taken) in [
        ("any", "read-only"),
        ("read-write", "primary"),
        ("read-only", "read-only"),
        ("primary", "read-only"),
        ("standby", "standby"),
        ("prefer-standby", "standby"),
    ] {
        assert_eq!(name(&ports, &format!("target_session_attrs={target}")).await, taken, "{target}");
    }
    assert_eq!(name(&[primary.port], "target_session_attrs=prefer-standby").await, "primary");
}

#[tokio::test]
async fn servers_that_do_not_report_what_they_are_are_asked() {
    let answer = |standby: u8, read_only: &[u8]| {
        let column = |name: &str, ty: u32| [name.as_bytes(), &[0; 7], &ty.to_be_bytes(), &[0; 8]].concat();
        let columns = [&[0, 2][..], &column("a", 16), &column("b", 25)].concat();
        let row = [&[0, 2, 0, 0, 0, 1, standby, 0, 0, 0, read_only.len() as u8], read_only].concat();
        [
            message(b'1', b""),
            message(b't', &[0, 0]),
            message(b'T', &columns),
            message(b'2', b""),
            message(b'D', &row),
            message(b'C', b"SELECT 1\0"),
            message(b'Z', b"I"),
        ]
        .concat()
    };
    let standby = Server::new("standby", &[], answer(1, b"on")).await;
    let primary = Server::new("primary", &[], answer(0, b"off")).await;
    let ports = [standby.port, primary.port];
    assert_eq!(name(&ports, "target_session_attrs=read-write").await, "primary");
    assert_eq!(name(&ports, "target_session_attrs=standby").await, "standby");
}

#[tokio::test]
async fn an_error_names_every_server_and_what_is_wrong_with_it() {
    let (standby, nobody) = (Server::standby().await, nobody().await);
    let error = open(&[nobody, standby.port], "target_session_attrs=read-write").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    let shown = error.to_string();
    assert!(shown.contains("none of the 2 servers can be used"), "{shown}");
    assert!(shown.contains(&format!("127.0.0.1:{nobody}: no server listens there")), "{shown}");
    assert!(shown.contains(&format!("127.0.0.1:{}: it is read-only", standby.port)), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_password_that_one_server_refuses_is_not_tried_on_the_next() {
    let (refusing, primary) = (Server::refusing("28P01").await, Server::primary().await);
    let error = open(&[refusing.port, primary.port], "").await.unwrap_err();
    assert_eq!((error.kind(), primary.asked()), (ErrorKind::Authentication, 0));
}

#[tokio::test]
async fn connections_are_spread_over_the_hosts() {
    let (one, two) = (Server::primary().await, Server::primary().await);
    for _ in 0..64 {
        open(&[one.port, two.port], "load_balance_hosts=random").await.unwrap();
    }
    assert_eq!(one.asked() + two.asked(), 64);
    assert!(one.asked() > 0 && two.asked() > 0);
}
