//! What nobody can be below: the least that does the same as Aludel, in the rows where the bare driver does something else.

use std::time::Instant;

use bench_harness::{Contestant, Item, NewItem, Outcome, Result, Sample, checksum};
use rusqlite::TransactionBehavior;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_postgres::config::Host;

use crate::referee::sqlite::item;

/// rusqlite: reads inside one open transaction, inserts many rows with a statement.
pub struct ManyAtOnce(rusqlite::Connection);

/// Rows of one INSERT: with more of them a row costs no less.
const ROWS: usize = 100;

impl ManyAtOnce {
    pub fn open(path: &str) -> Result<Self> {
        let connection = rusqlite::Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Self(connection))
    }
}

impl Contestant for ManyAtOnce {
    fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
        let text = format!("INSERT INTO aludel_bench_item (name, note) VALUES {}", vec!["(?, ?)"; ROWS].join(", "));
        let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
        let start = Instant::now();
        for batch in batches {
            let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut insert = transaction.prepare_cached(&text)?;
            for rows in batch.chunks(ROWS) {
                if rows.len() < ROWS {
                    return Ok(None);
                }
                for (at, NewItem { name, note }) in rows.iter().enumerate() {
                    insert.raw_bind_parameter(2 * at + 1, name)?;
                    insert.raw_bind_parameter(2 * at + 2, note)?;
                }
                insert.raw_execute()?;
                let last = transaction.last_insert_rowid();
                keys.extend(last - ROWS as i64 + 1..=last);
            }
            drop(insert);
            transaction.commit()?;
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::keys(keys) }))
    }

    fn read_by_key_at_once(&mut self, keys: &[i64]) -> Outcome {
        let mut items = Vec::with_capacity(keys.len());
        let start = Instant::now();
        let transaction = self.0.transaction()?;
        for key in keys {
            let mut select =
                transaction.prepare_cached("SELECT id, name, note FROM aludel_bench_item WHERE id = ?")?;
            items.push(select.query_row([key], item)?);
        }
        transaction.commit()?;
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }
}

/// A socket on a current-thread runtime, and the messages that PostgreSQL cannot do without. It logs in only where the server trusts it.
pub struct Socket {
    runtime: Runtime,
    wire: Wire,
}

struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
    /// What of it is not understood yet.
    unread: std::ops::Range<usize>,
    write: Vec<u8>,
}

/// Reads in one batch.
const TOGETHER: usize = 100;

impl Socket {
    pub fn open(url: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let config: tokio_postgres::Config = url.parse()?;
        let [Host::Tcp(host), ..] = config.get_hosts() else { return Err("the server's host is no name".into()) };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let user = config.get_user().unwrap_or("postgres");
        let database = config.get_dbname().unwrap_or(user);
        let wire = runtime.block_on(async {
            let stream = TcpStream::connect((host.as_str(), port)).await?;
            stream.set_nodelay(true)?;
            let mut wire = Wire { stream, read: vec![0; 128 * 1024], unread: 0..0, write: Vec::new() };
            let login = format!("user\0{user}\0database\0{database}\0\0");
            wire.write.extend((login.len() as u32 + 8).to_be_bytes());
            wire.write.extend(196_608_u32.to_be_bytes());
            wire.write.extend(login.as_bytes());
            wire.converse(|_| Ok(())).await?;
            let columns = "SELECT id, name, note FROM aludel_bench_item";
            wire.message(b'P', format!("k\0{columns} WHERE id = $1\0\0\x01\0\0\0\x14").as_bytes());
            wire.message(b'P', format!("a\0{columns} ORDER BY id\0\0\0").as_bytes());
            wire.message(b'S', b"");
            wire.converse(|_| Ok(())).await?;
            Ok::<Wire, bench_harness::Error>(wire)
        })?;
        Ok(Self { runtime, wire })
    }

    fn read(&mut self, keys: &[i64], together: usize) -> Outcome {
        let mut items = Vec::with_capacity(keys.len());
        let elapsed = self.runtime.block_on(async {
            let start = Instant::now();
            for keys in keys.chunks(together) {
                for key in keys {
                    self.wire.bind(*key);
                }
                self.wire.message(b'S', b"");
                self.wire.converse(|item| Ok(items.push(item))).await?;
            }
            Ok::<_, bench_harness::Error>(start.elapsed())
        })?;
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }
}

impl Contestant for Socket {
    fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
        self.read(keys, 1)
    }

    fn read_by_key_at_once(&mut self, keys: &[i64]) -> Outcome {
        self.read(keys, TOGETHER)
    }

    fn stream(&mut self) -> Outcome {
        let mut passing = checksum::Passing::default();
        let elapsed = self.runtime.block_on(async {
            let start = Instant::now();
            self.wire.message(b'B', b"\0a\0\0\0\0\0\0\x01\0\x01");
            self.wire.message(b'E', b"\0\0\0\0\0");
            self.wire.message(b'S', b"");
            self.wire.converse(|item| Ok(passing.add(item.cells()))).await?;
            Ok::<_, bench_harness::Error>(start.elapsed())
        })?;
        Ok(Some(Sample { elapsed, checksum: passing.checksum() }))
    }
}

impl Wire {
    fn message(&mut self, tag: u8, body: &[u8]) {
        self.write.push(tag);
        self.write.extend((body.len() as u32 + 4).to_be_bytes());
        self.write.extend(body);
    }

    fn bind(&mut self, key: i64) {
        let mut body = *b"\0k\0\0\x01\0\x01\0\x01\0\0\0\x08\0\0\0\0\0\0\0\0\0\x01\0\x01";
        body[13..21].copy_from_slice(&key.to_be_bytes());
        self.message(b'B', &body);
        self.message(b'E', b"\0\0\0\0\0");
    }

    /// Sends what was written and reads to the next ReadyForQuery.
    async fn converse(&mut self, mut show: impl FnMut(Item) -> Result<()>) -> Result<()> {
        let mut sent = 0;
        while sent < self.write.len() {
            match self.stream.try_write(&self.write[sent..]) {
                Ok(n) => sent += n,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error.into()),
            }
        }
        self.write.clear();
        loop {
            while let Some((tag, body)) = split(&self.read[self.unread.clone()]) {
                match tag {
                    b'D' => show(row(body)?)?,
                    b'E' => return Err(String::from_utf8_lossy(body).into_owned().into()),
                    b'R' if body != [0; 4] => return Err("the floor needs a server that trusts it".into()),
                    _ => {}
                }
                self.unread.start += body.len() + 5;
                if tag == b'Z' {
                    return Ok(());
                }
            }
            self.read.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
            match self.stream.try_read(&mut self.read[self.unread.end..]) {
                Ok(0) => return Err("the server has closed the connection".into()),
                Ok(n) => self.unread.end += n,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => self.stream.readable().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The tag and the body of the first message, if it is all here.
fn split(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let ([tag, length @ ..], rest) = bytes.split_first_chunk::<5>()?;
    let length = u32::from_be_bytes(*length) as usize;
    Some((*tag, rest.get(..length - 4)?))
}

fn row(body: &[u8]) -> Result<Item> {
    let mut rest = &body[2..];
    let mut cell = || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok();
        let (cell, after) = after.split_at(length.unwrap_or(0));
        rest = after;
        length.map(|_| cell)
    };
    let (id, name, note) = (cell(), cell(), cell());
    let text = |it: &[u8]| std::str::from_utf8(it).map(str::to_owned);
    Ok(Item {
        id: i64::from_be_bytes(id.ok_or("no key")?.try_into()?),
        name: text(name.ok_or("no name")?)?,
        note: note.map(text).transpose()?,
    })
}
