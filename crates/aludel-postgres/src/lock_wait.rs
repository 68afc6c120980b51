//! How long a migrator waits for what others use, and who they are.

use std::time::Duration;

use aludel_sql::schema::{LockLimit, LockWait, SqlToken, sql_tokens};

/// A statement that waits for `ACCESS EXCLUSIVE` lets everybody wait who comes after it, readers too: it must give up soon.
pub(crate) const LOCK_WAIT: LockWait = LockWait {
    codes: &["55P03"],
    limit: Some(LockLimit { statements, is_brief, is_patient, blockers, is_certain: true }),
};

fn statements(lock: Duration, statement: Duration, in_transaction: bool) -> Vec<String> {
    // `SET LOCAL lock_timeout`, in one round trip with the number of the connection.
    vec![format!(
        "SELECT CASE WHEN pg_catalog.set_config('lock_timeout', '{}ms', {in_transaction}) IS NULL \
         OR pg_catalog.set_config('statement_timeout', '{}ms', {in_transaction}) IS NULL THEN 0 \
         ELSE pg_catalog.pg_backend_pid() END::bigint",
        lock.as_millis(),
        statement.as_millis()
    )]
}

/// What only writes into the catalog. What builds an index, looks at rows or writes them may take hours.
fn is_brief(statement: &str) -> bool {
    let words: Vec<String> = sql_tokens(statement)
        .filter_map(|it| match it {
            SqlToken::Word(word) => Some(word.to_ascii_uppercase()),
            _ => None,
        })
        .collect();
    let has = |phrase: &str| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        words.windows(phrase.len()).any(|it| it == phrase)
    };
    match words.iter().take(2).map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["COMMENT", "ON"] | ["CREATE" | "ALTER" | "DROP", "TYPE" | "SEQUENCE"] | ["CREATE", "SCHEMA"] => true,
        ["ALTER", "INDEX"] => has("RENAME"),
        ["ALTER", "TABLE"] => {
            let brief = [
                "RENAME",
                "SET SCHEMA",
                "NOT VALID",
                "SET DEFAULT",
                "DROP DEFAULT",
                "DROP NOT NULL",
                "DROP CONSTRAINT",
                "DROP COLUMN",
            ];
            let long = ["ADD COLUMN", "SET NOT NULL", "VALIDATE", "TYPE"];
            brief.iter().any(|it| has(it)) && !long.iter().any(|it| has(it))
        }
        _ => false,
    }
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
    fn what_only_writes_into_the_catalog_is_brief() {
        for sql in [
            "COMMENT ON TABLE users IS 'ALTER TABLE'",
            "ALTER TABLE users RENAME COLUMN name TO \"type\"",
            "ALTER TABLE users ADD CONSTRAINT ck CHECK (age > 0) NOT VALID",
            "alter table users alter column name drop not null",
            "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        ] {
            assert!(is_brief(sql), "{sql}");
        }
        for sql in [
            "ALTER TABLE users ADD COLUMN bio text DEFAULT random()",
            "ALTER TABLE users VALIDATE CONSTRAINT ck",
            "ALTER TABLE users ALTER COLUMN name TYPE bigint USING name::bigint, ALTER COLUMN name DROP DEFAULT",
            "CREATE INDEX CONCURRENTLY ix ON users (email)",
            "UPDATE users SET name = 'x'",
            "DROP TABLE users",
        ] {
            assert!(!is_brief(sql), "{sql}");
        }
    }

    #[test]
    fn what_is_done_concurrently_may_take_its_time() {
        assert!(is_patient("CREATE INDEX concurrently ix ON users (email)"));
        assert!(!is_patient("COMMENT ON TABLE users IS 'not CONCURRENTLY'"));
    }
}
