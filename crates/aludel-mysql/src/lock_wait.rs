//! How long a migrator waits for what others use, and who they are.

use std::time::Duration;

use aludel_sql::schema::{LockLimit, LockWait};

/// A statement that waits for the metadata of a table lets everybody wait who comes after it, readers too: it must give up soon.
pub(crate) const LOCK_WAIT: LockWait = LockWait {
    codes: &["1205"],
    limit: Some(LockLimit { statements, is_brief, is_patient, blockers, is_certain: false }),
};

fn statements(limit: Duration, _statement: Duration, _in_transaction: bool) -> Vec<String> {
    // Whole seconds, and 0 is not to wait at all. The first is for metadata of tables, the second for rows.
    let seconds = limit.as_secs_f64().ceil().max(1.0);
    vec![
        format!("SET SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}"),
        "SELECT CAST(connection_id() AS SIGNED)".to_owned(),
    ]
}

/// A limit of the server is for SELECT on MySQL, and cannot be taken for DDL on both.
fn is_brief(_statement: &str) -> bool {
    false
}

fn is_patient(_statement: &str) -> bool {
    false
}

/// The server does not tell who holds the metadata of a table unless a plug-in is loaded. A transaction that is open, or a statement that
/// runs, may.
fn blockers(connection: i64) -> String {
    format!(
        "SELECT concat('process ', p.id, ' (', p.user, ', ', if(p.command = 'Sleep', 'idle in transaction', p.command), \
         ', for ', p.time, ' s)', coalesce(concat(': ', left(replace(p.info, '\\n', ' '), 120)), '')) \
         FROM information_schema.processlist p LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id \
         WHERE p.db = database() AND p.id NOT IN ({connection}, connection_id()) \
         AND (t.trx_id IS NOT NULL OR p.command = 'Query') AND coalesce(p.state, '') NOT LIKE 'Waiting for%lock' ORDER BY p.id"
    )
}
