//! How long a migrator waits for what others use.

use aludel_sql::schema::LockWait;

/// There is one lock, that of the writer; readers go on meanwhile. `busy_timeout` in the URL says how long it is waited for. The codes are
/// those of `SQLITE_BUSY`, `SQLITE_BUSY_RECOVERY` and `SQLITE_BUSY_TIMEOUT`; nobody knows who holds it.
pub(crate) const LOCK_WAIT: LockWait = LockWait { codes: &["5", "261", "773"], limit: None };
