//! How long a migrator waits for what others use, and who they are.

use std::time::Duration;

use aludel_sql::schema::{LockLimit, LockWait, sql_tokens};

/// A statement that waits for `ACCESS EXCLUSIVE` lets everybody wait who comes after it, readers too: it must give up soon.
pub(crate) const LOCK_WAIT: LockWait = LockWait {
    codes: &["55P03"],
    limit: Some(LockLimit { statements, is_patient, blockers, is_certain: true }),
};

fn statements(limit: Duration, in_transaction: bool) -> Vec<String> {
    // `SET LOCAL lock_timeout`, in one round trip with the number of the connection.
    vec![format!(
        "SELECT CASE WHEN pg_catalog.set_config('lock_timeout', '{}ms', {in_transaction}) IS NULL THEN 0 \
         ELSE pg_catalog.pg_backend_pid() END::bigint",
        limit.as_millis()
    )]
}

/// What is done concurrently waits for the end of transactions, and nobody waits behind it.
fn is_patient(statement: &str) -> bool {
    sql_tokens(statement).any(|it| it.text().eq_ignore_ascii_case("CONCURRENTLY"))
}

fn blockers(connection: i64) -> String {
    // Those who wait in front of us are among them, because we wait for them too. A prepared transaction has no process: 0.
    format!(
        "SELECT 'process ' || pid::text || ' (' || concat_ws(', ', usename, nullif(application_name, ''), state, \
         'for ' || round(extract(epoch FROM clock_timestamp() - coalesce(xact_start, state_change)))::text || ' s') || '): ' || \
         left(regexp_replace(query, '\\s+', ' ', 'g'), 120) \
         FROM pg_catalog.pg_stat_activity WHERE pid = ANY (pg_catalog.pg_blocking_pids({connection})) \
         UNION ALL SELECT 'a prepared transaction' WHERE 0 = ANY (pg_catalog.pg_blocking_pids({connection}))"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_concurrently_may_take_its_time() {
        assert!(is_patient("CREATE INDEX concurrently ix ON users (email)"));
        assert!(!is_patient("COMMENT ON TABLE users IS 'not CONCURRENTLY'"));
    }
}
