//! What nobody can be below: the least that does the same as Aludel, in the rows where the bare driver does something else.

use std::ffi::c_int;
use std::ptr::{self, NonNull};
use std::time::Instant;

use bench_harness::{Contestant, Item, NewItem, Outcome, Result, Sample, checksum};
use rusqlite::{TransactionBehavior, ffi};
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
        let mut insert = Insert::prepare(&self.0, ROWS)?;
        let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
        let start = Instant::now();
        for batch in batches {
            let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for rows in batch.chunks(ROWS) {
                if rows.len() < ROWS {
                    return Ok(None);
                }
                insert.run(rows)?;
                let last = transaction.last_insert_rowid();
                keys.extend(last - ROWS as i64 + 1..=last);
            }
            transaction.commit()?;
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::keys(keys) }))
    }

    fn read_by_key_at_once(&mut self, keys: &[i64]) -> Outcome {
        let mut items = Vec::with_capacity(keys.len());
        let start = Instant::now();
        let transaction = self.0.transaction()?;
        let mut select =
            transaction.prepare_cached("SELECT id, name, note FROM aludel_bench_item WHERE id = ?")?;
        for key in keys {
            items.push(select.query_row([key], item)?);
        }
        drop(select);
        transaction.commit()?;
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }
}

/// An INSERT of several rows, their texts bound where they lie: rusqlite copies each of them.
struct Insert(NonNull<ffi::sqlite3_stmt>);

impl Insert {
    fn prepare(connection: &rusqlite::Connection, rows: usize) -> Result<Self> {
        let text =
            format!("INSERT INTO aludel_bench_item (name, note) VALUES {}", vec!["(?, ?)"; rows].join(", "));
        let mut statement = ptr::null_mut();
        // SAFETY: the connection is open, and the length is that of the text.
        let code = unsafe {
            let (db, length) = (connection.handle(), text.len() as c_int);
            ffi::sqlite3_prepare_v2(db, text.as_ptr().cast(), length, &mut statement, ptr::null_mut())
        };
        let statement = NonNull::new(statement);
        Ok(Self(statement.ok_or_else(|| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))?))
    }

    fn run(&mut self, rows: &[NewItem]) -> Result<()> {
        let texts = rows.iter().flat_map(|NewItem { name, note }| [Some(name), note.as_ref()]);
        // SAFETY: the connection that prepared it is open, and the texts are there until the statement is bound again.
        let code = unsafe {
            for (text, at) in texts.zip(1..) {
                match text {
                    Some(it) => ffi::sqlite3_bind_text64(
                        self.0.as_ptr(),
                        at,
                        it.as_ptr().cast(),
                        it.len() as u64,
                        ffi::SQLITE_STATIC(),
                        ffi::SQLITE_UTF8 as u8,
                    ),
                    None => ffi::sqlite3_bind_null(self.0.as_ptr(), at),
                };
            }
            ffi::sqlite3_step(self.0.as_ptr());
            ffi::sqlite3_reset(self.0.as_ptr())
        };
        if code == ffi::SQLITE_OK {
            return Ok(());
        }
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into())
    }
}

impl Drop for Insert {
    fn drop(&mut self) {
        // SAFETY: it was prepared, and its connection outlives it.
        unsafe { ffi::sqlite3_finalize(self.0.as_ptr()) };
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
        let [Host::Tcp(host), ..] = config.get_hosts() else {
            return Err("the server's host is no name".into());
        };
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
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    self.stream.writable().await?
                }
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
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    self.stream.readable().await?
                }
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
