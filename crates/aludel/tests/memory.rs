//! How much memory a flush and large values take: counted by the allocator and by the kernel, so the test is a program of its own.

#![allow(missing_docs)]

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use peak_alloc::PeakAlloc;
use tokio::sync::Mutex;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Where tests share a program, one counts at a time.
static COUNTING: Mutex<()> = Mutex::const_new(());

const OBJECTS: usize = 100_000;

#[derive(Entity, Debug)]
#[entity(table = "readings")]
pub struct Reading {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub sensor: String,
    pub value: f64,
    pub note: Option<String>,
}

/// Runs a flush of so many objects; returns what the objects take, and what the flush took besides at its peak.
async fn flushed(session: &mut Session, own: usize) -> aludel::Result<usize> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    session.flush().await?;
    let took = MEMORY.peak_usage().saturating_sub(before);
    assert!(took + own < 4 * own, "{OBJECTS} objects of {own} bytes: the flush took {took} more");
    Ok(took)
}

#[derive(Entity, Debug)]
#[entity(table = "files")]
pub struct File {
    #[column(primary_key)]
    pub id: i64,
    pub content: Vec<u8>,
}

const MEGABYTE: usize = 1_000_000;

/// The memory that the kernel has given to this program: what it has now, and the most it had. Where the kernel does not tell, what
/// the allocator has given out; a database in C is not seen then.
fn memory() -> (usize, usize) {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = |name: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_matches([':', '\t', ' ', 'k', 'B']).parse::<usize>().ok()? * 1_024)
    };
    kilobytes("VmRSS")
        .zip(kilobytes("VmHWM"))
        .unwrap_or_else(|| (MEMORY.current_usage(), MEMORY.peak_usage()))
}

/// Forgets the most memory that there was.
fn forget_peak() {
    MEMORY.reset_peak_usage();
    // Linux: 5 resets the peak, and nothing else.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Sends and reads a value of this size; neither takes more than so many times the size, the value included.
async fn goes_there_and_back(conn: &mut Connection, size: usize, times: usize) -> aludel::Result<()> {
    let content = || -> Vec<u8> { (0..size).map(|at| (at / 251 + at) as u8).collect() };
    // Room for what has nothing to do with the value.
    let most = times * size + 8 * MEGABYTE;

    forget_peak();
    let (before, _) = memory();
    conn.execute(insert(File).values([File::builder().id(7).content(content())])).await?;
    let took = memory().1.saturating_sub(before);
    assert!(took < most, "sending {size} bytes took {took}");

    forget_peak();
    let (before, _) = memory();
    let found = conn.scalars(select(File::CONTENT).filter(File::ID.eq(7))).one().await?;
    let took = memory().1.saturating_sub(before);
    assert!(took < most, "reading {size} bytes took {took}");
    assert!(found == content(), "what comes back is what was sent");
    Ok(())
}

on_each_database! {
    #[except(mariadb, "its server takes no such value unless it is told to")]
    async fn case_56_a_value_of_a_hundred_megabytes_takes_less_than_three_times_its_size(db: Db) {
        let _counting = COUNTING.lock().await;
        db.create(&Metadata::of((File,))).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(File).values([File::builder().content(vec![0])])).await?;
        conn.scalars(select(File::CONTENT)).all().await?;
        goes_there_and_back(&mut conn, 100 * MEGABYTE, 3).await?;
    }

    #[only(mariadb, "its server says how much it takes at once")]
    async fn case_56_the_largest_value_that_the_server_takes_comes_back_and_a_larger_one_names_the_setting(db: Db) {
        let _counting = COUNTING.lock().await;
        db.create(&Metadata::of((File,))).await?;
        let mut conn = db.engine.connect().await?;
        let packet: u64 = conn.execute(text!("SELECT @@max_allowed_packet AS p")).one().await?.get("p")?;
        let too_long = File::builder().content(vec![1; packet as usize]);
        let error = refused(conn.execute(insert(File).values([too_long])).await, ErrorKind::Encode);
        assert!(error.to_string().contains("max_allowed_packet"), "{error}");
        // The client of the wire puts the packet together, and then cuts it: two copies more.
        goes_there_and_back(&mut conn, (packet as usize - 100_000).min(100 * MEGABYTE), 5).await?;
    }

    async fn case_56_a_value_that_no_statement_takes_is_refused_and_names_the_limit(db: Db) {
        let _counting = COUNTING.lock().await;
        db.create(&Metadata::of((File,))).await?;
        let mut conn = db.engine.connect().await?;
        for size in [(1 << 30) + 1, (1_usize << 31) + 1] {
            let content = vec![0_u8; size];
            let error = refused(conn.execute(insert(File).values([File::builder().content(content)])).await, ErrorKind::Encode);
            let limit = db.pick("1,000,000,000 bytes", "1 GiB", "max_allowed_packet");
            assert!(error.to_string().contains(limit), "{error}");
        }
        assert_eq!(db.count("files").await?, 0);
        assert_eq!(conn.scalar(select(func::count(File::ID))).await?, 0, "the connection goes on");
    }
}

on_each_database! {
    async fn flushing_a_hundred_thousand_objects_stays_under_four_times_their_own_memory(db: Db) {
        let _counting = COUNTING.lock().await;
        db.create(&Metadata::of((Reading,))).await?;
        let mut session = db.session();
        // The connection and its first statement are no part of it.
        session.insert(Reading::builder().sensor("first").value(0.0)).await?;

        let before = MEMORY.current_usage();
        let objects = session.add_all((0..OBJECTS).map(|at| {
            Reading::builder().sensor(format!("sensor {at}")).value(at as f64).note(format!("note of {at}"))
        }));
        let own = MEMORY.current_usage() - before;
        flushed(&mut session, own).await?;

        for object in &objects {
            session[*object].value += 1.0;
            session[*object].note = None;
        }
        flushed(&mut session, own).await?;
        for object in objects {
            session.delete(object);
        }
        flushed(&mut session, own).await?;
        session.commit().await?;
        assert_eq!(db.count("readings").await?, 1);
    }
}
