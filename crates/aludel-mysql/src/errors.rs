//! What the server and the wire say went wrong, sorted by meaning.

use aludel_sql::{Error, ErrorKind};
use mysql_async::{DriverError, LocalInfileError, ServerError};

/// Turns an error of `mysql_async` into ours.
#[cold]
pub(crate) fn from_driver(error: mysql_async::Error) -> Error {
    use mysql_async::Error as E;
    match error {
        E::Server(error) => from_server(&error),
        E::Driver(DriverError::LocalInfile(LocalInfileError::NoHandler)) => Error::new(
            ErrorKind::Unsupported,
            "the server asked for a file of this machine (LOAD DATA LOCAL INFILE), which is never sent; the connection is closed",
        )
        .help("read the file in the program and insert its rows"),
        E::Driver(DriverError::ConnectionClosed) => {
            Error::new(ErrorKind::Disconnected, "the server closed the connection")
        }
        E::Driver(
            error @ (DriverError::UnknownAuthPlugin { .. }
            | DriverError::MysqlOldPasswordDisabled
            | DriverError::CleartextPluginDisabled
            | DriverError::InvalidParsecSalt),
        ) => Error::new(
            ErrorKind::Authentication,
            "the server asked for a way of authentication that is not supported or not safe",
        )
        .with_source(error),
        E::Driver(error) => {
            Error::new(ErrorKind::Protocol, "the server sent something that its protocol does not allow").with_source(error)
        }
        E::Io(error) => Error::new(ErrorKind::Disconnected, "the connection to the server was lost").with_source(error),
        error @ (E::Other(_) | E::Url(_)) => {
            Error::new(ErrorKind::Protocol, "the client of the wire failed").with_source(error)
        }
    }
}

/// Turns an error of the server into ours.
///
/// The text of the server is not the `source`: it often holds values.
fn from_server(error: &ServerError) -> Error {
    let ServerError { code, message, .. } = error;
    let made = match code {
        1062 | 1586 => duplicate(message),
        1761 | 1762 => duplicate_behind_cascade(message),
        1451 | 1452 | 1216 | 1217 => foreign_key(*code, message),
        1048 | 1364 | 1263 => not_null(message),
        4025 | 3819 => check(message),
        1406 => too_long(message),
        1366 if message.starts_with("Incorrect string value") => no_such_characters(message),
        1213 => Error::new(
            ErrorKind::Deadlock,
            "the transaction was the victim of a deadlock and has been rolled back",
        )
        .help("run the whole transaction again"),
        1020 => Error::new(
            ErrorKind::Serialization,
            "another transaction has changed a row since this one began to read",
        )
        .help("run the whole transaction again"),
        1205 => Error::new(
            ErrorKind::Timeout,
            "another transaction held a lock for longer than `innodb_lock_wait_timeout`",
        )
        .help("the server has undone this statement only; roll back and run the whole transaction again")
        .retryable(),
        3572 => {
            Error::new(ErrorKind::Timeout, "another transaction holds the lock, and NOWAIT was asked for")
        }
        1969 | 3024 => Error::new(ErrorKind::Timeout, "the statement took longer than the server allows"),
        1317 => Error::new(ErrorKind::Timeout, "the statement was cancelled"),
        1045 | 1698 => Error::new(ErrorKind::Authentication, "the server refused the user or the password")
            .help("look at user, password and the host that the user may come from"),
        1044 => Error::new(ErrorKind::Authentication, redact(message))
            .help("GRANT the user rights on the database"),
        1129 | 1130 => Error::new(ErrorKind::Authentication, "the server does not let this machine in"),
        1049 => Error::new(ErrorKind::Database, redact(message))
            .help("create it with CREATE DATABASE, or correct the URL"),
        1040 | 1203 => Error::new(ErrorKind::Database, "the server has as many connections as it allows")
            .help("lower the pool's size, or raise `max_connections` on the server"),
        1021 | 1114 => Error::new(ErrorKind::Database, redact(message))
            .help("free space on the disk of the server; what was committed before is intact"),
        1792 => read_only(),
        1836 => read_only_server(message),
        1290 if message.contains("read-only") || message.contains("read_only") => read_only_server(message),
        1290 => Error::new(ErrorKind::Database, redact(message)),
        1153 => Error::new(
            ErrorKind::Disconnected,
            "the server refused a packet longer than its `max_allowed_packet`",
        ),
        // 1053 is a shutdown, 1927 a killed connection, 4031 one that was idle for too long, the rest a broken socket.
        1053 | 1080 | 1152..=1161 | 1184 | 1189 | 1190 | 1927 | 2006 | 2013 | 4031 => {
            Error::new(ErrorKind::Disconnected, "the server closed the connection")
        }
        _ => Error::new(ErrorKind::Database, redact(message)),
    };
    made.with_code(code.to_string())
}

/// A transaction that only reads is to write.
pub(crate) fn read_only() -> Error {
    Error::new(ErrorKind::ReadOnly, "the transaction is read-only")
        .help("write in a transaction without `read_only`")
}

fn read_only_server(message: &str) -> Error {
    Error::new(ErrorKind::ReadOnly, redact(message)).help("the server only reads: write on the primary")
}

/// 1062: `Duplicate entry 'value' for key 'name'`; MySQL writes `table.name`.
fn duplicate(message: &str) -> Error {
    // From the right: the value may hold anything, the name of a key holds no quote that matters.
    let key = message.rsplit_once(" for key ").map(|(_, key)| key.trim_matches('\''));
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Error::new(ErrorKind::UniqueViolation, "a value that must be unique is there already");
    };
    let (table, key) = match key.split_once('.') {
        Some((table, key)) => (Some(table), key),
        None => (None, key),
    };
    let error =
        Error::new(ErrorKind::UniqueViolation, format!("a value of the unique key `{key}` is there already"))
            .with_constraint(key);
    match table {
        Some(table) => error.with_table(table),
        None => error,
    }
}

/// 1761: `Foreign key constraint for table 'parent', record 'value' would lead to a duplicate entry in table 'child', key 'name'`; 1762 ends with
/// `in a child table`.
fn duplicate_behind_cascade(message: &str) -> Error {
    // From the right: the value may hold anything.
    let child = message.rsplit_once("', key '").and_then(|(before, key)| {
        let table = before.rsplit_once("duplicate entry in table '")?.1;
        Some((table, key.trim_end_matches('\'')))
    });
    let what = "a value of the unique key";
    let Some((table, key)) = child else {
        let what = format!("{what} of a table that follows this one is there already");
        return Error::new(ErrorKind::UniqueViolation, what);
    };
    let what = format!("{what} `{key}` of `{table}`, whose rows follow this one, is there already");
    Error::new(ErrorKind::UniqueViolation, what).with_constraint(key).with_table(table)
}

/// [MySQL's manual](https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html) on referential actions: an `ON UPDATE CASCADE` or `SET
/// NULL` that comes back to the table it began at acts as RESTRICT.
const WITHIN_ONE_TABLE: &str = "if a key was changed: within one table this server lets nothing follow, whatever ON UPDATE says; clear the \
                                references to the key first and set them again behind it, or refer to a key that never changes";

/// Tells whether a foreign key refers to its own table and is to follow changed keys there.
fn follows_its_own_table(detail: &str) -> bool {
    let Some((_, parent)) = detail.split_once(") REFERENCES ") else { return false };
    let is_own = identifiers(parent).next() == identifiers(detail).nth(1);
    is_own && ["ON UPDATE CASCADE", "ON UPDATE SET NULL"].iter().any(|it| parent.contains(it))
}

/// 1451, 1452: `… fails (`db`.`table`, CONSTRAINT `name` FOREIGN KEY (`column`) REFERENCES `parent` (`id`) …)`.
fn foreign_key(code: u16, message: &str) -> Error {
    let what = |of: &str| match code {
        1452 | 1216 => format!("a row{of} refers to a row that does not exist"),
        _ => format!("a row is still referred to{of}"),
    };
    let Some(detail) = message.split_once('(').map(|(_, detail)| detail) else {
        return Error::new(ErrorKind::ForeignKeyViolation, what(""));
    };
    let table = identifiers(detail).nth(1);
    let constraint = detail.split_once("CONSTRAINT ").and_then(|(_, rest)| identifiers(rest).next());
    let columns: Vec<_> = detail
        .split_once("FOREIGN KEY (")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(columns, _)| identifiers(columns).collect())
        .unwrap_or_default();
    let of = match (&table, code) {
        (Some(table), 1452 | 1216) => format!(" of `{table}`"),
        (Some(table), _) => format!(" by `{table}`"),
        (None, _) => String::new(),
    };
    let mut error = Error::new(ErrorKind::ForeignKeyViolation, what(&of));
    if code == 1451 && follows_its_own_table(detail) {
        error = error.help(WITHIN_ONE_TABLE);
    }
    if let Some(table) = table {
        error = error.with_table(table);
    }
    if let Some(constraint) = constraint {
        error = error.with_constraint(constraint);
    }
    match <[String; 1]>::try_from(columns) {
        Ok([column]) => error.with_column(column),
        Err(_) => error,
    }
}

/// 1048: `Column 'x' cannot be null`; 1364: `Field 'x' doesn't have a default value`.
fn not_null(message: &str) -> Error {
    match quoted(message) {
        Some(column) => {
            Error::new(ErrorKind::NotNullViolation, format!("the column `{column}` must have a value"))
                .with_column(column)
        }
        None => Error::new(ErrorKind::NotNullViolation, "a required column was given no value"),
    }
}

/// 1406: `Data too long for column 'x' at row 1`. SQLite has a CHECK for the length of a text, so that the kind is the same everywhere.
fn too_long(message: &str) -> Error {
    let error = Error::new(ErrorKind::CheckViolation, redact(message));
    match quoted(message) {
        Some(column) => error.with_column(column),
        None => error,
    }
}

/// 1366: `Incorrect string value: '…' for column `db`.`table`.`column` at row 1`; MySQL names the column alone, in quotes.
fn no_such_characters(message: &str) -> Error {
    let place = message.rsplit_once(" for column ").map_or("", |(_, place)| place);
    let names: Vec<String> = identifiers(place).collect();
    let (table, column) = match names.as_slice() {
        [.., table, column] => (Some(table.as_str()), Some(column.as_str())),
        [column] => (None, Some(column.as_str())),
        [] => (None, quoted(place)),
    };
    let of = column.map(|it| format!(" `{it}`")).unwrap_or_default();
    let mut error = Error::new(
        ErrorKind::Encode,
        format!("a text has characters that the column{of} cannot hold"),
    )
    .help(
        "the character set of the column is not `utf8mb4`: `ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4`",
    );
    if let Some(table) = table {
        error = error.with_table(table);
    }
    match column {
        Some(column) => error.with_column(column),
        None => error,
    }
}

/// 4025: `CONSTRAINT `name` failed for `db`.`table``, where the check of a column is called `table.column`;
/// 3819: `Check constraint 'name' is violated.`
fn check(message: &str) -> Error {
    let mut names = identifiers(message);
    let (constraint, table) = match names.next() {
        Some(name) => (Some(name), names.nth(1)),
        None => (quoted(message).map(str::to_owned), None),
    };
    let Some(constraint) = constraint else {
        return Error::new(ErrorKind::CheckViolation, "a row breaks a CHECK constraint");
    };
    let mut error =
        Error::new(ErrorKind::CheckViolation, format!("a row breaks the CHECK constraint `{constraint}`"));
    if let Some(table) = table {
        if let Some(column) = constraint.strip_prefix(table.as_str()).and_then(|rest| rest.strip_prefix('.'))
        {
            error = error.with_column(column);
        }
        error = error.with_table(table);
    }
    error.with_constraint(constraint)
}

/// Finds the names in backquotes, a doubled one standing for itself.
fn identifiers(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.split_once('`')?.1;
        let mut name = String::new();
        loop {
            let (part, after) = rest.split_once('`')?;
            name.push_str(part);
            rest = after;
            match rest.strip_prefix('`') {
                Some(after) => {
                    name.push('`');
                    rest = after;
                }
                None => return Some(name),
            }
        }
    })
}

/// Finds the first name in single quotes.
fn quoted(text: &str) -> Option<&str> {
    text.split_once('\'')?.1.split_once('\'').map(|(name, _)| name)
}

/// Takes values out of a message of the server.
///
/// Where a message quotes a value it says so just before, and 1690 shows an expression with its operands. What follows is
/// taken out, because the value may hold quotes itself; only the name of a column or function and the number of a row are kept.
fn redact(message: &str) -> String {
    const BEFORE: [&str; 7] =
        ["value: '", "value '", "entry '", "is out of range in '", "to value '", "string: '", "converting '"];
    let Some(start) = BEFORE.iter().filter_map(|it| message.find(it).map(|at| at + it.len())).min() else {
        return message.to_owned();
    };
    format!("{}…'{}", &message[..start], behind_value(&message[start..]))
}

/// Returns ` for column … at row 1`, ` at row 1` or ` for function …` from the end of a message.
fn behind_value(rest: &str) -> &str {
    let all = |text: &str, test: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(test);
    match rest.rsplit_once(" at row ") {
        Some((before, row)) if all(row, u8::is_ascii_digit) => match before.rfind("' for column ") {
            Some(at) => &rest[at + 1..],
            None if before.ends_with('\'') => &rest[before.len()..],
            None => "",
        },
        _ => match rest.rsplit_once("' for function ") {
            Some((before, name)) if all(name, |b| b.is_ascii_alphanumeric() || *b == b'_') => {
                &rest[before.len() + 1..]
            }
            _ => "",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: u16, message: &str) -> Error {
        from_server(&ServerError { code, message: message.into(), state: "HY000".into() })
    }

    #[test]
    fn a_duplicate_names_the_key_and_never_the_value() {
        let error = error(1062, "Duplicate entry 'can'ary for key 'x' for key 'uq_email'");
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!((error.constraint(), error.table(), error.code()), (Some("uq_email"), None, Some("1062")));
        assert!(!format!("{error:?}").contains("ary"), "{error:?}");
        let mysql = self::error(1062, "Duplicate entry 'canary' for key 'users.uq_email'");
        assert_eq!((mysql.constraint(), mysql.table()), (Some("uq_email"), Some("users")));
    }

    #[test]
    fn a_duplicate_behind_a_cascade_names_the_table_that_follows_and_never_the_value() {
        let text =
            "Foreign key constraint for table 'bands', record 'canary' would lead to a duplicate entry in ";
        let error = error(1761, &format!("{text}table 'albums', key 'PRIMARY'"));
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!((error.constraint(), error.table()), (Some("PRIMARY"), Some("albums")));
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        let unnamed = self::error(1762, &format!("{text}a child table"));
        assert_eq!((unnamed.kind(), unnamed.table()), (ErrorKind::UniqueViolation, None));
        assert!(!format!("{unnamed:?}").contains("canary"), "{unnamed:?}");
    }

    #[test]
    fn a_foreign_key_names_table_constraint_and_column() {
        let text = "a foreign key constraint fails (`db`.`docu``ments`, CONSTRAINT `fk_owner` FOREIGN KEY (`owner_id`) \
                    REFERENCES `users` (`id`) ON DELETE CASCADE)";
        for (code, what) in [
            (1452, "a row of `docu`ments` refers to a row that does not exist"),
            (1451, "a row is still referred to by `docu`ments`"),
        ] {
            let error = error(code, text);
            assert_eq!((error.kind(), error.what()), (ErrorKind::ForeignKeyViolation, what));
            assert_eq!(
                (error.table(), error.constraint(), error.column()),
                (Some("docu`ments"), Some("fk_owner"), Some("owner_id"))
            );
        }
        assert_eq!(
            error(1217, "Cannot delete or update a parent row").kind(),
            ErrorKind::ForeignKeyViolation
        );
    }

    #[test]
    fn a_key_that_is_followed_within_its_own_table_cannot_change_and_the_help_says_so() {
        let text = |parent: &str, action: &str| {
            format!(
                "a foreign key constraint fails (`db`.`nodes`, CONSTRAINT `fk` FOREIGN KEY (`parent`) REFERENCES `{parent}` (`name`){action})"
            )
        };
        let help = |text: &str| error(1451, text).advice().map(str::to_owned);
        let within = help(&text("nodes", " ON DELETE CASCADE ON UPDATE CASCADE")).unwrap();
        assert!(within.contains("within one table this server lets nothing follow"), "{within}");
        assert_eq!(help(&text("trees", " ON UPDATE CASCADE")), None);
        assert_eq!(help(&text("nodes", " ON DELETE CASCADE")), None);
        // A new row that refers to none has changed no key.
        assert_eq!(error(1452, &text("nodes", " ON UPDATE CASCADE")).advice(), None);
    }

    #[test]
    fn not_null_and_check_name_what_refused() {
        assert_eq!(error(1048, "Column 'name' cannot be null").column(), Some("name"));
        assert_eq!(error(1364, "Field 'name' doesn't have a default value").column(), Some("name"));
        let maria = error(4025, "CONSTRAINT `ck_age` failed for `db`.`users`");
        assert_eq!(
            (maria.constraint(), maria.table(), maria.column()),
            (Some("ck_age"), Some("users"), None)
        );
        let column = error(4025, "CONSTRAINT `users.age` failed for `db`.`users`");
        assert_eq!((column.constraint(), column.column()), (Some("users.age"), Some("age")));
        assert_eq!(error(3819, "Check constraint 'ck_age' is violated.").constraint(), Some("ck_age"));
    }

    #[test]
    fn values_are_taken_out_of_messages() {
        for (code, message, shown) in [
            (
                1366,
                "Incorrect integer value: 'can'ary' for column `db`.`t`.`c` at row 1",
                "Incorrect integer value: '…' for column `db`.`t`.`c` at row 1",
            ),
            (1292, "Truncated incorrect DOUBLE value: 'canary'", "Truncated incorrect DOUBLE value: '…'"),
            (
                1292,
                "Truncated incorrect DOUBLE value: 'x at row canary'",
                "Truncated incorrect DOUBLE value: '…'",
            ),
            (
                1292,
                "Incorrect datetime value: 'canary' for column `d`.`t`.`c` at row 2",
                "Incorrect datetime value: '…' for column `d`.`t`.`c` at row 2",
            ),
            (1690, "BIGINT value is out of range in '(canary + 1)'", "BIGINT value is out of range in '…'"),
            (
                1411,
                "Incorrect date value: 'canary' for function str_to_date",
                "Incorrect date value: '…' for function str_to_date",
            ),
            (
                1916,
                "Got overflow when converting 'canary' to INT. Value truncated",
                "Got overflow when converting '…'",
            ),
            (1406, "Data too long for column 'name' at row 3", "Data too long for column 'name' at row 3"),
            (1146, "Table 'db.nosuch' doesn't exist", "Table 'db.nosuch' doesn't exist"),
        ] {
            assert_eq!(error(code, message).what(), shown);
        }
    }

    #[test]
    fn codes_are_sorted_by_meaning() {
        for (code, kind) in [
            (1406, ErrorKind::CheckViolation),
            (1213, ErrorKind::Deadlock),
            (1020, ErrorKind::Serialization),
            (1205, ErrorKind::Timeout),
            (1969, ErrorKind::Timeout),
            (3024, ErrorKind::Timeout),
            (1317, ErrorKind::Timeout),
            (1045, ErrorKind::Authentication),
            (1044, ErrorKind::Authentication),
            (1698, ErrorKind::Authentication),
            (1927, ErrorKind::Disconnected),
            (2006, ErrorKind::Disconnected),
            (1049, ErrorKind::Database),
            (1064, ErrorKind::Database),
        ] {
            let error = error(code, "message");
            assert_eq!((error.kind(), error.code()), (kind, Some(code.to_string().as_str())));
        }
        assert!(
            error(1213, "").is_retryable()
                && error(1020, "").is_retryable()
                && error(1205, "").is_retryable()
        );
    }
}
