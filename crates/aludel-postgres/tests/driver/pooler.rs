//! Behind a pooler that gives each transaction another server connection, as PgBouncer does in transaction mode.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use aludel_engine::driver::{Begin, End, Statement};
use aludel_postgres::{Connection, Postgres};
use aludel_sql::{SqlType, Value, ValueRef};
use bytes::BytesMut;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::support::{Scratch, execute, number, prepared, query, run};
use super::wire::{read_some, welcome};

/// A connection of the pooler to the server.
struct Upstream(TcpStream);

impl Upstream {
    async fn login(db: &Scratch) -> Self {
        let url = db.url();
        let address = (url.host().unwrap_or("localhost"), url.port().unwrap_or(5432));
        let mut it = Self(TcpStream::connect(address).await.unwrap());
        let mut out = BytesMut::new();
        let parameters = [("user", url.user().unwrap()), ("database", url.database().unwrap())];
        frontend::startup_message(parameters, &mut out).unwrap();
        let password = url.password().unwrap_or_default().as_bytes();
        let mut scram = ScramSha256::new(password, ChannelBinding::unsupported());
        loop {
            it.0.write_all(&std::mem::take(&mut out)).await.unwrap();
            let (tag, body) = it.message().await;
            match (tag, body.get(..4)) {
                (b'Z', _) => return it,
                (b'R', Some([0, 0, 0, 10])) => {
                    frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), &mut out).unwrap();
                }
                (b'R', Some([0, 0, 0, 11])) => {
                    scram.update(&body[4..]).unwrap();
                    frontend::sasl_response(scram.message(), &mut out).unwrap();
                }
                (b'E', _) => panic!("{}", String::from_utf8_lossy(&body)),
                _ => {}
            }
        }
    }

    async fn message(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 5];
        self.0.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize - 4;
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        (head[0], body)
    }
}

/// Starts a pooler with two connections and returns the URL of it.
async fn pooler(db: &Scratch) -> String {
    let upstreams = VecDeque::from([Upstream::login(db).await, Upstream::login(db).await]);
    let upstreams = Arc::new(Mutex::new(upstreams));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgresql://sam@127.0.0.1:{}/db", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let upstreams = upstreams.clone();
            tokio::spawn(async move {
                read_some(&mut client).await;
                client.write_all(&welcome()).await.unwrap();
                loop {
                    let bytes = read_some(&mut client).await;
                    // Nothing, or a good-bye, which is not for the server.
                    if bytes.is_empty() || bytes[0] == b'X' {
                        return;
                    }
                    let mut upstream = upstreams.lock().unwrap().pop_front().unwrap();
                    transaction(&mut client, &mut upstream, bytes).await;
                    upstreams.lock().unwrap().push_back(upstream);
                }
            });
        }
    });
    url
}

/// Passes on what is said until no transaction is open.
async fn transaction(client: &mut TcpStream, upstream: &mut Upstream, mut bytes: Vec<u8>) {
    loop {
        upstream.0.write_all(&bytes).await.unwrap();
        loop {
            let (tag, body) = upstream.message().await;
            client.write_all(&super::wire::message(tag, &body)).await.unwrap();
            match (tag, &body[..]) {
                (b'Z', b"I") => return,
                (b'Z', _) => break,
                _ => {}
            }
        }
        bytes = read_some(client).await;
    }
}

async fn connect(url: &str, options: &str) -> Connection {
    Postgres::new(&format!("{url}?{options}").parse().unwrap()).unwrap().open().await.unwrap()
}

/// Asks for the number through a statement that is prepared where statements are.
async fn echo(conn: &mut Connection, shape: u64, sql: &str, number: i64) -> Value {
    let values = [ValueRef::Int(number)];
    let statements = [prepared(shape, sql, &[SqlType::BigInt], &values)];
    let mut rows = run(conn, None, &statements, End::Open).await.unwrap().rows;
    rows.remove(0).1.remove(0)
}

#[tokio::test]
async fn without_a_statement_cache_every_server_connection_will_do() {
    let Some(db) = Scratch::new("pooler").await else { return };
    execute(&mut db.connect().await, "CREATE TABLE t (n bigint)").await;
    let url = pooler(&db).await;
    let mut conn = connect(&url, "statement_cache=0").await;
    let mut servers = BTreeSet::new();
    for n in 0..10 {
        assert_eq!(echo(&mut conn, 1, "SELECT $1::bigint", n).await, Value::Int(n));
        servers.insert(number(&mut conn, "SELECT pg_backend_pid()").await);
        servers.insert(number(&mut conn, "SELECT pg_backend_pid()").await);
        // A transaction of several batches stays where it began.
        let values = [ValueRef::Int(n)];
        let insert = prepared(2, "INSERT INTO t VALUES ($1)", &[SqlType::BigInt], &values);
        run(&mut conn, Some(Begin::default()), &[insert], End::Open).await.unwrap();
        run(&mut conn, None, &[insert], End::Commit).await.unwrap();
    }
    assert_eq!(servers.len(), 2, "the pooler changes servers");
    assert_eq!(number(&mut conn, "SELECT count(*) FROM t").await, 20);
    assert_eq!(query(&mut conn, "SELECT name FROM pg_prepared_statements").await, [[Value::Null; 0]; 0]);
}

#[tokio::test]
async fn no_client_ever_runs_the_prepared_statement_of_another() {
    let Some(db) = Scratch::new("pooler_names").await else { return };
    let url = pooler(&db).await;
    let (mut one, mut two) = (connect(&url, "").await, connect(&url, "").await);
    for n in 1..20 {
        assert_eq!(echo(&mut one, 1, "SELECT $1::bigint", n).await, Value::Int(n));
        assert_eq!(echo(&mut two, 1, "SELECT -$1::bigint", n).await, Value::Int(-n));
        // So that both meet both server connections.
        run(&mut one, None, &[Statement::plain("SELECT 1")], End::Open).await.unwrap();
    }
}
