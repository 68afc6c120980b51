//! The file of the write-ahead log, which gets the frames of a commit in one write.
//!
//! A frame is a header and a page, and SQLite writes each of both by itself. To ask the system to write takes longer than to copy a page: a
//! commit of few pages is nearly done when it has asked once. So the connections of this driver open their files through a VFS that
//! keeps frames until the last page of a commit comes, and is SQLite's own in all else.
//!
//! Why nothing is lost:
//!
//! - The page of a frame that commits is written before its write returns, with all that waits: only after that does SQLite show the
//!   frames to others, and only after that does a commit return. What goes wrong is the error of that write.
//! - Frames without a commit leave a small cache in the middle of a transaction. They concern nobody but the connection itself, whose next
//!   look at the log (or any other call) has them written first.
//! - When the writer's lock is taken or let go, what waits is of a transaction that was rolled back. It is forgotten: another connection may
//!   write its own frames to that place.
//! - Whatever is not a header at the place of a frame, or the page right behind it, is written at once, as SQLite says.
//!
//! Sources: <https://sqlite.org/fileformat2.html#the_write_ahead_log>, <https://sqlite.org/vfs.html>, SQLite's `wal.c`.

// SQLite calls a VFS by pointers.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use libsqlite3_sys as ffi;

type Offset = ffi::sqlite3_int64;

/// The length of a frame's header.
const HEADER: usize = 24;

/// The length of the header of a log.
const LOG_HEADER: usize = 32;

/// So many bytes wait at most until the frame is complete that brings them there: SQLite's files write fewer than 128 KiB at once.
const MOST: usize = 64 * 1024;

/// The lock of the one who writes to a log.
const WRITE_LOCK: c_int = 0;

/// The VFS over SQLite's own: a copy of that with another `xOpen`.
#[repr(C)]
struct Vfs {
    vfs: ffi::sqlite3_vfs,
    below: *mut ffi::sqlite3_vfs,
}

/// Returns the name of the VFS, which is registered once for the process; `None` if SQLite's default is another than its own, and may not
/// be copied.
pub(super) fn vfs() -> Option<&'static CStr> {
    const NAME: &CStr = c"aludel";
    static IS_REGISTERED: OnceLock<bool> = OnceLock::new();
    // SAFETY: a VFS that SQLite finds is complete, and its own ones are there as long as the process; what is registered is never freed.
    let register = || unsafe {
        let below = ffi::sqlite3_vfs_find(ptr::null());
        if below.is_null() || ![c"unix", c"win32"].contains(&CStr::from_ptr((*below).zName)) {
            return false;
        }
        let copy = ffi::sqlite3_vfs {
            szOsFile: (*below).szOsFile + size_of::<File>() as c_int,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            xOpen: Some(open),
            ..*below
        };
        let vfs = Box::leak(Box::new(Vfs { vfs: copy, below }));
        ffi::sqlite3_vfs_register(&raw mut vfs.vfs, 0) == ffi::SQLITE_OK
    };
    IS_REGISTERED.get_or_init(register).then_some(NAME)
}

/// An open database, or an open log. SQLite gives the memory, and more of it than this: the file of the VFS below follows.
#[repr(C)]
struct File {
    file: ffi::sqlite3_file,
    is_log: bool,
    /// The log of a database, and the database of a log; null while it is not open.
    other: *mut File,
    /// What is to be written to a log.
    waiting: Waiting,
}

/// Frames that wait to be written.
#[derive(Debug, Default, PartialEq)]
struct Waiting {
    /// Where they are to be written.
    at: Offset,
    frames: Vec<u8>,
    /// The length of a page, once it is known.
    page: Option<usize>,
    /// Where the writes of this transaction end.
    end: Offset,
}

/// What becomes of a write to a log.
#[derive(Debug, PartialEq)]
enum Fate {
    /// It waits.
    Waits,
    /// It is written, with all that waits.
    WithAll,
    /// What waits is written, and then it by itself.
    Alone,
}

impl Waiting {
    /// Begins another transaction: what waits is of one that was rolled back.
    fn begin(&mut self) {
        self.frames.clear();
        self.end = 0;
    }

    /// Takes in what belongs to a frame; `Alone` is not taken in.
    fn take(&mut self, bytes: &[u8], offset: Offset) -> Fate {
        let fate = self.fate(bytes, offset);
        self.end = self.end.max(offset + bytes.len() as Offset);
        if fate != Fate::Alone {
            if self.frames.is_empty() {
                self.at = offset;
            }
            self.frames.extend_from_slice(bytes);
        }
        fate
    }

    fn fate(&self, bytes: &[u8], offset: Offset) -> Fate {
        let Some(page) = self.page else { return Fate::Alone };
        let frame = (HEADER + page) as Offset;
        let behind_frames = offset - LOG_HEADER as Offset;
        let follows = self.frames.is_empty() || offset == self.at + self.frames.len() as Offset;
        if !follows {
            return Fate::Alone;
        }
        // A header for a frame that is there already comes alone: SQLite writes it anew, because an earlier frame of the transaction has changed.
        if bytes.len() == HEADER && behind_frames % frame == 0 && offset >= self.end {
            return Fate::Waits;
        }
        let header = self.frames.last_chunk::<HEADER>();
        if let Some(header) =
            header.filter(|_| bytes.len() == page && (behind_frames - HEADER as Offset) % frame == 0)
        {
            // A header says how many pages the database has when its frame commits, and 0 when it does not.
            let commits = header[4..8] != [0; 4];
            return if commits || self.frames.len() + page > MOST { Fate::WithAll } else { Fate::Waits };
        }
        Fate::Alone
    }
}

/// The length of a page, as the header of a log says it.
fn page_of(header: &[u8; LOG_HEADER]) -> Option<usize> {
    let [.., a, b, c, d] = *header.first_chunk::<12>()?;
    let page = u32::from_be_bytes([a, b, c, d]) as usize;
    (page.is_power_of_two() && (512..=65536).contains(&page)).then_some(page)
}

/// The methods, for each version of them that the file behind may have.
static METHODS: [ffi::sqlite3_io_methods; 3] = [methods(1), methods(2), methods(3)];

const fn methods(version: c_int) -> ffi::sqlite3_io_methods {
    ffi::sqlite3_io_methods {
        iVersion: version,
        xClose: Some(close),
        xRead: Some(read),
        xWrite: Some(write),
        xTruncate: Some(truncate),
        xSync: Some(sync),
        xFileSize: Some(file_size),
        xLock: Some(lock),
        xUnlock: Some(unlock),
        xCheckReservedLock: Some(check_reserved_lock),
        xFileControl: Some(file_control),
        xSectorSize: Some(sector_size),
        xDeviceCharacteristics: Some(device_characteristics),
        xShmMap: Some(shm_map),
        xShmLock: Some(shm_lock),
        xShmBarrier: Some(shm_barrier),
        xShmUnmap: Some(shm_unmap),
        xFetch: Some(fetch),
        xUnfetch: Some(unfetch),
    }
}

/// Opens a file. A database and its log are put behind a [`File`] each, which know each other.
unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls it with the VFS that it is of, and with memory for `szOsFile` bytes, which is aligned for both. The name of a log is one
    // that leads to the file of its database, which is open before its log and closed after it.
    unsafe {
        let below = (*vfs.cast::<Vfs>()).below;
        let Some(open) = (*below).xOpen else { return ffi::SQLITE_CANTOPEN };
        let is_log = flags & ffi::SQLITE_OPEN_WAL != 0;
        let database: *mut File =
            if is_log { ffi::sqlite3_database_file_object(name).cast() } else { ptr::null_mut() };
        let is_ours = if is_log {
            METHODS.as_ptr_range().contains(&(*database).file.pMethods)
        } else {
            flags & ffi::SQLITE_OPEN_MAIN_DB != 0
        };
        if !is_ours {
            return open(below, name, file, flags, out_flags);
        }
        (*file).pMethods = ptr::null();
        (*behind(file)).pMethods = ptr::null();
        let code = open(below, name, behind(file), flags, out_flags);
        let Some(methods) = (*behind(file)).pMethods.as_ref() else { return code };
        // Without shared memory there is no log.
        let version = if methods.xShmMap.is_some() { methods.iVersion.clamp(1, 3) } else { 1 };
        let this: *mut File = file.cast();
        let file = ffi::sqlite3_file { pMethods: &METHODS[version as usize - 1] };
        this.write(File { file, is_log, other: database, waiting: Waiting::default() });
        if is_log {
            (*database).other = this;
        }
        code
    }
}

/// The file of the VFS below.
fn behind(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    file.cast::<File>().wrapping_add(1).cast()
}

/// Writes to the file behind.
///
/// # Safety
///
/// `open` has opened the file.
unsafe fn write_behind(file: *mut ffi::sqlite3_file, bytes: &[u8], at: Offset) -> c_int {
    // SAFETY: the file behind is open, and pointer and length are those of a slice, which is no longer than SQLite writes at once.
    unsafe {
        let file = behind(file);
        let Some(write) = (*(*file).pMethods).xWrite else { return ffi::SQLITE_IOERR_WRITE };
        write(file, bytes.as_ptr().cast(), bytes.len() as c_int, at)
    }
}

/// Writes what waits. What could not be written waits on: SQLite takes it for written, and a commit must not leave it out.
///
/// # Safety
///
/// `open` has opened the file, and nobody else uses it meanwhile.
unsafe fn settle(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: as promised.
    unsafe {
        let waiting = &mut (*file.cast::<File>()).waiting;
        if waiting.frames.is_empty() {
            return ffi::SQLITE_OK;
        }
        let code = write_behind(file, &waiting.frames, waiting.at);
        if code == ffi::SQLITE_OK {
            waiting.frames.clear();
        }
        code
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: Offset,
) -> c_int {
    // SAFETY: SQLite calls it with a file that `open` has opened, from one thread at a time, and with bytes of that length.
    unsafe {
        let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), length as usize);
        let File { is_log, waiting, .. } = &mut *file.cast::<File>();
        if !*is_log {
            return write_behind(file, bytes, offset);
        }
        if let (Ok(header), 0) = (bytes.try_into(), offset) {
            (waiting.page, waiting.end) = (page_of(header), 0);
        } else if waiting.page.is_none() && bytes.len() == HEADER {
            let (mut header, file) = ([0; LOG_HEADER], behind(file));
            if let Some(read) = (*(*file).pMethods).xRead
                && read(file, header.as_mut_ptr().cast(), LOG_HEADER as c_int, 0) == ffi::SQLITE_OK
            {
                waiting.page = page_of(&header);
            }
        }
        match waiting.take(bytes, offset) {
            Fate::Waits => ffi::SQLITE_OK,
            Fate::WithAll => settle(file),
            Fate::Alone => match settle(file) {
                ffi::SQLITE_OK => write_behind(file, bytes, offset),
                code => code,
            },
        }
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file that `open` has opened once, and does not use it any more; a log before its database.
    unsafe {
        let this: *mut File = file.cast();
        if let Some(other) = (*this).other.as_mut() {
            other.other = ptr::null_mut();
        }
        let code = (*(*behind(file)).pMethods).xClose.map_or(ffi::SQLITE_OK, |close| close(behind(file)));
        this.drop_in_place();
        code
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite calls it with a database that `open` has opened; a log that is closed is not its log any more.
    unsafe {
        if first == WRITE_LOCK
            && let Some(log) = (*file.cast::<File>()).other.as_mut()
        {
            log.waiting.begin();
        }
        let file = behind(file);
        (*(*file).pMethods).xShmLock.map_or(ffi::SQLITE_IOERR, |lock| lock(file, first, count, flags))
    }
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: SQLite calls it with a file that `open` has opened.
    unsafe {
        let file = behind(file);
        if let Some(barrier) = (*(*file).pMethods).xShmBarrier {
            barrier(file);
        }
    }
}

/// Methods that are those of the file behind; before some of them what waits is written.
macro_rules! handed_on {
    ($($method:ident as $name:ident($($argument:ident: $type:ty),*) $(after $settle:ident)?;)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($argument: $type),*) -> c_int {
            // SAFETY: SQLite calls it with a file that `open` has opened; the arguments are the method's own.
            unsafe {
                $(
                    let code = $settle(file);
                    if code != ffi::SQLITE_OK {
                        return code;
                    }
                )?
                let file = behind(file);
                (*(*file).pMethods).$method.map_or(ffi::SQLITE_IOERR, |method| method(file, $($argument),*))
            }
        }
    )*};
}

handed_on! {
    xRead as read(to: *mut c_void, length: c_int, offset: Offset) after settle;
    xTruncate as truncate(length: Offset) after settle;
    xSync as sync(flags: c_int) after settle;
    xFileSize as file_size(length: *mut Offset) after settle;
    xLock as lock(level: c_int);
    xUnlock as unlock(level: c_int);
    xCheckReservedLock as check_reserved_lock(is_reserved: *mut c_int);
    xFileControl as file_control(operation: c_int, argument: *mut c_void);
    xSectorSize as sector_size();
    xDeviceCharacteristics as device_characteristics();
    xShmMap as shm_map(region: c_int, length: c_int, extend: c_int, memory: *mut *mut c_void);
    xShmUnmap as shm_unmap(delete: c_int);
    xFetch as fetch(offset: Offset, length: c_int, memory: *mut *mut c_void);
    xUnfetch as unfetch(offset: Offset, memory: *mut c_void);
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use rusqlite::{Connection, OpenFlags};

    use super::*;

    const PAGE: usize = 512;

    /// Writes a log of pages of 512 bytes, after its header: what becomes of each write.
    fn fates(writes: &[(&[u8], Offset)]) -> (Vec<Fate>, Waiting) {
        let mut waiting = Waiting { page: Some(PAGE), end: LOG_HEADER as Offset, ..Waiting::default() };
        let fates = writes.iter().map(|(bytes, at)| {
            let fate = waiting.take(bytes, *at);
            if fate != Fate::Waits {
                waiting.frames.clear();
            }
            fate
        });
        (fates.collect(), waiting)
    }

    /// The place of a frame.
    fn frame(number: usize) -> Offset {
        (LOG_HEADER + (number - 1) * (HEADER + PAGE)) as Offset
    }

    /// The place of a frame's page.
    fn page(number: usize) -> Offset {
        frame(number) + HEADER as Offset
    }

    const NO_COMMIT: [u8; HEADER] = [0; HEADER];
    const COMMIT: [u8; HEADER] = [1; HEADER];

    #[test]
    fn frames_wait_for_the_page_that_commits_them() {
        let pages = [7; PAGE];
        let writes: [(&[u8], Offset); 4] =
            [(&NO_COMMIT, frame(1)), (&pages, page(1)), (&COMMIT, frame(2)), (&pages, page(2))];
        assert_eq!(fates(&writes).0, [Fate::Waits, Fate::Waits, Fate::Waits, Fate::WithAll]);
    }

    #[test]
    fn a_commit_of_many_pages_is_written_in_parts() {
        let pages = [7; PAGE];
        let mut waiting = Waiting { page: Some(PAGE), ..Waiting::default() };
        for number in 1..1000 {
            assert_eq!(waiting.take(&NO_COMMIT, frame(number)), Fate::Waits);
            if waiting.take(&pages, page(number)) == Fate::WithAll {
                assert!(waiting.frames.len() > MOST && waiting.frames.len() < 2 * MOST);
                waiting.frames.clear();
            }
            assert!(waiting.frames.len() <= MOST);
        }
    }

    #[test]
    fn what_is_no_frame_at_its_place_is_written_at_once() {
        let pages = [7; PAGE];
        // A header that is written anew, a page that is written anew, the parts of a page around a sync, and a header elsewhere.
        let writes: [(&[u8], Offset); 8] = [
            (&COMMIT, frame(1)),
            (&pages, page(1)),
            (&COMMIT, frame(1)),
            (&pages, page(1)),
            (&COMMIT, frame(2)),
            (&pages[..100], page(2)),
            (&pages[..HEADER], page(2) + 100),
            (&COMMIT, frame(3) + 1),
        ];
        let expected = [
            Fate::Waits,
            Fate::WithAll,
            Fate::Alone,
            Fate::Alone,
            Fate::Waits,
            Fate::Alone,
            Fate::Alone,
            Fate::Alone,
        ];
        assert_eq!(fates(&writes).0, expected);
    }

    #[test]
    fn frames_behind_which_another_place_is_written_wait_no_longer() {
        let pages = [7; PAGE];
        let writes: [(&[u8], Offset); 3] = [(&NO_COMMIT, frame(5)), (&pages, page(5)), (&pages, page(2))];
        assert_eq!(fates(&writes).0, [Fate::Waits, Fate::Waits, Fate::Alone]);
    }

    #[test]
    fn nothing_waits_where_the_length_of_a_page_is_not_known() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.take(&COMMIT, LOG_HEADER as Offset), Fate::Alone);
        let header = |page: u32| {
            let mut header = [9; LOG_HEADER];
            header[8..12].copy_from_slice(&page.to_be_bytes());
            page_of(&header)
        };
        assert_eq!([512, 65536, 0, 513, 131072].map(header), [Some(512), Some(65536), None, None, None]);
    }

    /// A log before a file that is full.
    #[repr(C)]
    struct OnFullDisk {
        log: File,
        behind: ffi::sqlite3_file,
    }

    unsafe extern "C" fn is_full(_: *mut ffi::sqlite3_file, _: *const c_void, _: c_int, _: Offset) -> c_int {
        ffi::SQLITE_FULL
    }

    #[test]
    fn what_could_not_be_written_waits_on() {
        static FULL: ffi::sqlite3_io_methods =
            ffi::sqlite3_io_methods { xWrite: Some(is_full), ..methods(3) };
        let frames = vec![7; HEADER + PAGE];
        let waiting = Waiting { frames: frames.clone(), page: Some(PAGE), ..Waiting::default() };
        let file = ffi::sqlite3_file { pMethods: &METHODS[2] };
        let log = File { file, is_log: true, other: ptr::null_mut(), waiting };
        let mut log = OnFullDisk { log, behind: ffi::sqlite3_file { pMethods: &FULL } };
        assert_eq!(unsafe { settle((&raw mut log).cast()) }, ffi::SQLITE_FULL);
        assert_eq!(log.log.waiting.frames, frames);
    }

    fn open_through(path: &Path) -> Connection {
        let vfs = vfs().expect("SQLite's own VFS is the default");
        // On a disk that may tear a sector when the power fails: a commit is filled up to the end of one, and synced in the middle of a frame.
        let uri = format!("file:{}?psow=0", path.display());
        let connection = Connection::open_with_flags_and_vfs(uri, OpenFlags::default(), vfs).unwrap();
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
        connection
    }

    /// What a file and its log hold without the index of the log: SQLite looks at each frame and its checksum again.
    fn recovered(path: &Path) -> (i64, i64) {
        let copy = path.with_file_name("copy.db");
        for end in ["", "-wal"] {
            let of = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
            std::fs::copy(of(path), of(&copy)).unwrap();
        }
        let connection = Connection::open(&copy).unwrap();
        let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        connection
            .query_row("SELECT count(*), total(n) FROM numbers", [], |row| {
                Ok((row.get(0)?, row.get::<_, f64>(1)? as i64))
            })
            .unwrap()
    }

    /// Two connections take turns. Pages leave a small cache in the middle of a transaction; some are written to the log twice, some belong to
    /// what is rolled back, and the other connection writes to their place.
    #[test]
    fn sqlite_recovers_every_commit_from_the_log() {
        for (page_size, exclusive) in [512, 4096, 65536].into_iter().flat_map(|it| [(it, false), (it, true)])
        {
            let name = format!("aludel-log-{}-{page_size}-{exclusive}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            let path = folder.join("numbers.db");
            let setup = Connection::open(&path).unwrap();
            setup.pragma_update(None, "page_size", page_size).unwrap();
            setup.execute_batch("CREATE TABLE numbers (n INTEGER NOT NULL, filler TEXT);
                     CREATE VIEW three_hundred AS WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM c WHERE x < 300) SELECT x FROM c").unwrap();
            drop(setup);
            let one = open_through(&path);
            one.execute_batch("PRAGMA cache_size = 3; PRAGMA synchronous = FULL").unwrap();
            if exclusive {
                one.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(())).unwrap();
            }
            let other = (!exclusive).then(|| open_through(&path));
            let (mut count, mut sum) = (0, 0);
            for turn in 1..=6 {
                let more =
                    format!("INSERT INTO numbers SELECT {turn}, hex(zeroblob(100)) FROM three_hundred");
                let twice = "UPDATE numbers SET n = n + 1";
                let undone = "SAVEPOINT s; UPDATE numbers SET n = 0; ROLLBACK TO s";
                one.execute_batch(&format!("BEGIN; {more}; {twice}; {undone}; {twice}; COMMIT")).unwrap();
                (count, sum) = (count + 300, sum + 300 * turn + 2 * (count + 300));
                assert_eq!(recovered(&path), (count, sum), "pages of {page_size}, turn {turn}");
                if turn % 2 == 0 {
                    one.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
                }
                one.execute_batch(&format!("BEGIN; {more}; ROLLBACK")).unwrap();
                let other = other.as_ref().unwrap_or(&one);
                other.execute("INSERT INTO numbers VALUES (1000, NULL)", []).unwrap();
                (count, sum) = (count + 1, sum + 1000);
                let seen = one.query_row("SELECT count(*) FROM numbers", [], |row| row.get(0));
                assert_eq!(
                    (seen, recovered(&path)),
                    (Ok(count), (count, sum)),
                    "pages of {page_size}, turn {turn}"
                );
            }
            drop((one, other));
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}
