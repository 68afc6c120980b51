//! Rules of what an engine tells: listeners, echo, the log of slow statements, spans.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aludel::events::{Echo, Listener, PoolEvent, StatementEvent, TransactionEvent};
use aludel::prelude::*;
use aludel::{Placeholder, prepared};

use crate::log::Log;
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

/// Lines that an engine wrote.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn echo(&self) -> Echo {
        let lines = self.clone();
        Echo::to(move |line| lines.push(line.to_owned()))
    }
}

/// Writes events without their times.
impl Listener for Lines {
    fn statement(&self, event: &StatementEvent<'_>) {
        let StatementEvent { sql, rows, rows_affected, cached, error, values, connection, .. } = event;
        assert!(*connection > 0);
        let (word, values) = (sql.split(' ').next().unwrap_or_default(), values.len());
        let error = error.map(|it| format!(" {:?}", it.kind())).unwrap_or_default();
        let cached = if *cached { " cached" } else { "" };
        self.push(format!("{word} {values} values, {rows} rows, {rows_affected} affected{cached}{error}"));
    }

    fn transaction(&self, event: &TransactionEvent<'_>) {
        let error = event.error.map(|it| format!(" {:?}", it.kind())).unwrap_or_default();
        self.push(format!("{}{error}", event.step));
    }

    fn pool(&self, event: &PoolEvent) {
        if let PoolEvent::Connect { .. } = event {
            self.push("connect".to_owned());
        }
    }
}

/// A text that must be in no output.
const CANARY: &str = "canary-7f3a";

on_each_database! {
    async fn a_listener_hears_each_statement_with_its_rows_and_whether_its_text_was_cached(db: Db) {
        bank(&db).await?;
        let heard = Lines::default();
        let engine = db.builder().listen(heard.clone()).build()?;
        let mut conn = engine.connect().await?;
        let by_id = |id| select(Account::OWNER).filter(Account::ID.eq(id));
        conn.scalars(by_id(1)).all().await?;
        conn.scalars(by_id(2)).all().await?;
        conn.execute(update(Account).filter(Account::ID.le(2)).set(Account::BALANCE, 1)).await?;
        refused(conn.execute(open("ada")).await, ErrorKind::UniqueViolation);
        conn.together((by_id(1), by_id(7))).await?;
        assert_eq!(
            heard.take(),
            [
                "connect",
                "SELECT 1 values, 1 rows, 0 affected",
                "SELECT 1 values, 1 rows, 0 affected cached",
                "UPDATE 2 values, 0 rows, 2 affected",
                "INSERT 2 values, 0 rows, 0 affected UniqueViolation",
                "SELECT 1 values, 1 rows, 0 affected cached",
                "SELECT 1 values, 0 rows, 0 affected cached",
            ]
        );
    }

    async fn a_listener_hears_that_the_text_of_a_prepared_query_was_cached(db: Db) {
        bank(&db).await?;
        let heard = Lines::default();
        let engine = db.builder().listen(heard.clone()).build()?;
        let mut conn = engine.connect().await?;
        let by_id = prepared(|id: Placeholder<i64>| select(Account::OWNER).filter(Account::ID.eq(id)));
        for id in [1, 2] {
            conn.scalars(by_id.with(id)).all().await?;
        }
        drop(conn);
        let mut session = engine.session();
        for id in [1, 2] {
            session.get_one::<Account>(id).await?;
        }
        let (first, again) =
            ("SELECT 1 values, 1 rows, 0 affected", "SELECT 1 values, 1 rows, 0 affected cached");
        assert_eq!(heard.take(), ["connect", first, again, first, again]);
    }

    async fn a_listener_hears_what_happens_to_transactions(db: Db) {
        bank(&db).await?;
        let heard = Lines::default();
        let engine = db.builder().listen(heard.clone()).build()?;
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        let mut nested = tx.begin_nested().await?;
        nested.execute(open("lou")).await?;
        nested.rollback().await?;
        tx.commit().await?;
        let mut tx = conn.begin().await?;
        refused(tx.execute(open("ada")).await, ErrorKind::UniqueViolation);
        drop(tx);
        let insert = |cached| format!("INSERT 2 values, 0 rows, 1 affected{cached}");
        assert_eq!(
            heard.take(),
            [
                "connect",
                "BEGIN",
                &insert(""),
                "SAVEPOINT",
                &insert(" cached"),
                "ROLLBACK TO SAVEPOINT",
                "RELEASE SAVEPOINT",
                "COMMIT",
                "BEGIN",
                "INSERT 2 values, 0 rows, 0 affected cached UniqueViolation",
                "ROLLBACK",
            ]
        );

        drop(conn);
        let mut session = engine.session();
        session.add(Account::builder().owner("max").balance(0));
        session.commit().await?;
        let told = heard.take();
        assert_eq!((told.first().map(String::as_str), told.last().map(String::as_str)), (Some("BEGIN"), Some("COMMIT")));
    }

    async fn a_stream_is_told_of_when_it_is_over(db: Db) {
        bank(&db).await?;
        let mut session = db.session();
        for n in 0..700 {
            session.add(Account::builder().owner(format!("owner {n}")).balance(n));
        }
        session.commit().await?;
        let heard = Lines::default();
        let engine = db.builder().listen(heard.clone()).build()?;
        let mut conn = engine.connect().await?;
        heard.take();
        let mut all = conn.scalars(select(Account)).stream();
        all.next().await?;
        assert!(heard.0.lock().unwrap().is_empty());
        while all.next().await?.is_some() {}
        drop(all);
        assert_eq!(heard.take(), ["SELECT 0 values, 702 rows, 0 affected"]);
        let mut some = conn.scalars(select(Account)).stream();
        some.next().await?;
        drop(some);
        conn.scalars(select(Account::ID).filter(Account::ID.eq(1))).all().await?;
        let told = heard.take();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("SELECT 0 values, "), "{told:?}");
    }

    async fn echo_shows_rows_time_and_cache_but_no_values(db: Db) {
        bank(&db).await?;
        let lines = Lines::default();
        let engine = db.builder().listen(lines.echo()).build()?;
        let mut conn = engine.connect().await?;
        for _ in 0..2 {
            conn.scalars(select(Account::ID).filter(Account::OWNER.eq("ada"))).all().await?;
        }
        let told = lines.take();
        assert!(told[0].starts_with("SELECT accounts.id FROM accounts WHERE accounts.owner = "), "{told:?}");
        assert!(told[0].contains(" [1 value] 1 row, ") && told[0].ends_with(" ms"), "{told:?}");
        assert!(told[1].ends_with(" ms, cached"), "{told:?}");
    }

    /// Case 108.
    async fn values_are_in_no_output_unless_the_engine_was_told_so(db: Db) {
        bank(&db).await?;
        let log = Log::install();
        let lines = Lines::default();
        let engine = db.builder().listen(lines.echo()).log_slow_statements(Duration::ZERO).build()?;
        let mut session = engine.session();
        session.add(Account::builder().owner(CANARY).balance(42));
        session.commit().await?;
        session.add(Account::builder().owner(CANARY).balance(42));
        let error = refused(session.commit().await, ErrorKind::UniqueViolation);
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
        session.rollback().await?;
        let mut conn = engine.connect().await?;
        conn.execute(text!("SELECT :it AS it", it = CANARY)).all().await?;
        conn.execute(update(Account).filter(Account::OWNER.eq(CANARY)).set(Account::BALANCE, 43)).await?;
        // A value that the database cannot take, which it likes to repeat.
        let text = text!("SELECT * FROM accounts WHERE id = CAST(:it AS DECIMAL(9, 2)) + 1 / (SELECT 0 WHERE 1 = 0)", it = CANARY);
        if let Err(error) = conn.execute(text).all().await {
            assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
        }
        let told = lines.take().join("\n");
        assert!(told.contains("UPDATE accounts") && !told.contains(CANARY), "{told}");
        let logged = log.take();
        assert!(logged.contains("slow statement") && logged.contains("db.query.text"), "{logged}");
        assert!(!logged.contains(CANARY), "{logged}");

        let engine = db.builder().listen(lines.echo()).hide_parameters(false).build()?;
        let long = format!("{CANARY}\n{}", "x".repeat(200));
        engine.connect().await?.execute(text!("SELECT :a AS a, :b AS b", a = CANARY, b = long)).all().await?;
        let told = lines.take().join("\n");
        assert!(told.contains("['canary-7f3a', 'canary-7f3a xxx") && told.contains("x…']"), "{told}");
    }

    /// Case 112.
    async fn nothing_in_a_name_or_text_begins_a_line_or_speaks_to_the_terminal(db: Db) {
        bank(&db).await?;
        let lines = Lines::default();
        let engine = db.builder().listen(lines.echo()).build()?;
        let mut conn = engine.connect().await?;
        let forged = "SELECT 1 AS \"a\u{1b}[31m\nERROR all is lost\"";
        let forged = db.pick(forged.to_owned(), forged.to_owned(), forged.replace('"', "`"));
        conn.execute(text_unchecked(forged)).all().await?;
        let missing = "SELECT \"no\u{1b}[31m\r\nERROR all is lost\" FROM accounts";
        let missing = db.pick(missing.to_owned(), missing.to_owned(), missing.replace('"', "`"));
        let error = refused(conn.execute(text_unchecked(missing)).all().await, ErrorKind::Database);
        for told in [lines.take().join("|"), error.to_string(), format!("{error:?}")] {
            assert!(!told.contains('\u{1b}') && !told.contains('\r') && !told.contains("\nERROR"), "{told:?}");
        }
    }

    async fn a_logging_token_marks_what_runs_in_its_layer(db: Db) {
        bank(&db).await?;
        let lines = Lines::default();
        let log = Log::install();
        let engine = db.builder().listen(lines.echo()).build()?.with_options(|o| o.logging_token("nightly"));
        let marks = || {
            let shown = lines.take().into_iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ").replace(',', ""));
            shown.collect::<Vec<_>>()
        };
        let owners = || select(Account::OWNER).order_by(Account::ID);
        let mut conn = engine.connect().await?;
        conn.scalars(owners()).all().await?;
        conn.statement_options(|o| o.logging_token("report")).scalars(owners()).all().await?;
        let mut tx = conn.begin_with(|o| o.statements(|it| it.logging_token("import"))).await?;
        tx.execute(open("kim")).await?;
        tx.commit().await?;
        assert_eq!(marks(), ["[nightly] SELECT", "[report] SELECT", "[import] BEGIN", "[import] INSERT", "[import] COMMIT"]);

        let mut stream = conn.scalars(owners()).stream();
        while stream.next().await?.is_some() {}
        drop(stream);
        drop(conn);
        let mut session = engine.session();
        session.scalars(select(Account)).all().await?;
        drop(session);
        assert_eq!(marks()[..2], ["[nightly] SELECT", "[nightly] SELECT"]);
        db.engine.connect().await?.scalars(owners()).all().await?;
        let log = log.take();
        for token in ["nightly", "report", "import"] {
            assert!(log.contains(&format!("logging_token={token}")), "{token} in {log}");
        }
    }

    async fn a_span_has_the_names_of_opentelemetry(db: Db) {
        bank(&db).await?;
        let log = Log::install();
        let engine = db.other();
        let mut conn = engine.connect().await?;
        log.take();
        conn.scalars(select(Account::ID)).all().await?;
        let span = log.take();
        let system = db.pick("sqlite", "postgresql", "mariadb");
        for field in [
            "otel.kind=client",
            "otel.name=SELECT accounts",
            &format!("db.system.name={system}"),
            "db.operation.name=SELECT",
            "db.collection.name=accounts",
            "db.query.summary=SELECT accounts",
            "db.query.text=SELECT accounts.id FROM accounts",
            "db.response.returned_rows=2",
            "db.namespace=",
        ] {
            assert!(span.contains(field), "{field} in {span}");
        }
        if db.database != aludel_suite::Database::Sqlite {
            assert!(span.contains("server.address="), "{span}");
        }
        refused(conn.execute(text!("SELECT nothing FROM accounts")).all().await, ErrorKind::Database);
        let span = log.take();
        assert!(span.contains("otel.status_code=ERROR") && span.contains("error.type="), "{span}");
        conn.together((select(Account::ID), select(Account::OWNER))).await?;
        let span = log.take();
        assert!(span.contains("db.operation.batch.size=2") && span.contains("db.operation.name=BATCH SELECT"), "{span}");
    }
}

on_each_database! {
    #[only(postgres, "only PostgreSQL sends notices")]
    async fn a_listener_hears_what_the_server_remarks(db: Db) {
        let lines = Lines::default();
        let engine = db.builder().listen(lines.echo()).build()?;
        engine.connect().await?.run_plain(&["DROP TABLE IF EXISTS nothing"]).await?;
        let remarks: Vec<String> = lines.take().into_iter().filter(|it| it.starts_with("NOTICE")).collect();
        assert_eq!(remarks, ["NOTICE 00000: table \"nothing\" does not exist, skipping"]);
        engine.connect().await?.run_plain(&["DO $$ BEGIN RAISE WARNING E'two\\nlines\\x1b[2J'; END $$"]).await?;
        let remarks: Vec<String> = lines.take().into_iter().filter(|it| it.starts_with("WARNING")).collect();
        assert_eq!(remarks, ["WARNING 01000: two lines\\u{1b}[2J"]);
    }
}
