//! One step.

use std::time::Duration;

use aludel_engine::Connection;
use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{SqlToken, Step, StepKind, TableName, sql_tokens};
use aludel_sql::{Error, ErrorKind, Result, text_unchecked};

use super::{Migrator, Progress};
use crate::revision::Revision;

/// The words that statements on rows begin with. They can share a transaction with the note that they are done, on every database.
const ROWS: &[&str] = &["DELETE", "INSERT", "REPLACE", "SELECT", "UPDATE", "WITH"];

/// Tells whether a step leaves the schema alone.
pub(super) fn is_of_rows(step: &Step) -> bool {
    let of_rows = |sql: &String| {
        let mut tokens =
            sql_tokens(sql).filter(|it| !matches!(it, SqlToken::Space(_) | SqlToken::Comment(_)));
        matches!(tokens.next(), Some(SqlToken::Word(word)) if ROWS.contains(&&*word.to_ascii_uppercase()))
    };
    match step.kind {
        StepKind::Statement | StepKind::Check => step.statements.iter().all(of_rows),
        StepKind::Hook(_) => true,
        _ => false,
    }
}

impl Migrator<'_> {
    pub(super) async fn step(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        (at, of): (usize, usize),
        step: &Step,
    ) -> Result<()> {
        self.tell(Progress::Step(at + 1, of, &step.title));
        let limited = self.limit(conn, step).await?;
        let done = self.watched(limited, self.run_step(conn, revision, step)).await;
        done.map_err(|error| {
            error.doing(format!(
                "revision {} ({}), step {} of {of}: {}",
                revision.id,
                revision.message,
                at + 1,
                step.title
            ))
        })
    }

    async fn run_step(&self, conn: &mut Connection, revision: &Revision, step: &Step) -> Result<()> {
        match &step.kind {
            StepKind::Rebuild(table) => self.rebuild(conn, revision, table, step).await,
            StepKind::Check => check(conn, step).await,
            StepKind::Backfill { pause } => self.backfill(conn, step, *pause).await,
            StepKind::Hook(name) => match self.hooks.and_then(|it| it.get(name)) {
                Some(hook) => hook(conn).await,
                None => Err(self.no_hook(revision, name)),
            },
            _ => {
                let statements: Vec<&str> = step.statements.iter().map(String::as_str).collect();
                conn.run_plain(&statements).await
            }
        }
    }

    /// Checks that all code that a revision names is here, before anything of it is done.
    pub(super) fn check_hooks(&self, revision: &Revision, steps: &[Step]) -> Result<()> {
        let missing = steps.iter().find_map(|it| match &it.kind {
            StepKind::Hook(name) if self.hooks.and_then(|it| it.get(name)).is_none() => Some(name),
            _ => None,
        });
        missing.map_or(Ok(()), |name| Err(self.no_hook(revision, name)))
    }

    fn no_hook(&self, revision: &Revision, name: &str) -> Error {
        let what = format!(
            "revision {} ({}) runs the hook `{name}`, which is code of a program; nothing of the revision was done",
            revision.id, revision.message
        );
        Error::new(ErrorKind::Migration, what).help(match self.program {
            Some(program) => format!("run it by that program: `{program}`"),
            None => format!(
                "run it by the program that has the revisions in it: `embed_migrations!(\"…\").hook({name:?}, …).upgrade(&engine, \"head\")`"
            ),
        })
    }

    /// Changes rows, batch after batch, each a transaction of its own where several migrators are kept apart by a lock.
    async fn backfill(&self, conn: &mut Connection, step: &Step, pause: u64) -> Result<()> {
        let [count, end, change] = step.statements.as_slice() else {
            return Err(Error::new(
                ErrorKind::Migration,
                "a backfill has three statements: count, end, change",
            ));
        };
        let total: i64 = conn.execute(text_unchecked(count.clone())).one().await?.at(0)?;
        let (mut done, mut after) = (0, "NULL".to_owned());
        loop {
            let end = with_keys(end, &after, None);
            let row = conn.execute(text_unchecked(end)).one().await?;
            let upto = match row.at::<Option<i64>>(0) {
                Ok(key) => key.map(|it| it.to_string()),
                Err(_) => row.at::<Option<String>>(0)?.map(|key| {
                    let mut literal = String::new();
                    text_literal(&mut literal, &key);
                    literal
                }),
            };
            let Some(upto) = upto else { return Ok(()) };
            let change = with_keys(change, &after, Some(&upto));
            conn.run_plain(&[&change]).await?;
            done += row.at::<i64>(1)?;
            self.tell(Progress::Rows(done, total.max(done)));
            after = upto;
            // In a transaction a pause would let nobody in.
            if !conn.in_transaction() {
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        }
    }

    /// Makes a table again. What hangs on it and is in no revision (triggers, indexes made by hand) is carried over, and its references are checked.
    async fn rebuild(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        table: &TableName,
        step: &Step,
    ) -> Result<()> {
        let dialect = self.engine.dialect();
        let Some(around) = dialect.rebuild() else {
            return Err(Error::new(ErrorKind::Unsupported, format!("{} rebuilds no tables", dialect.name())));
        };
        let carried = (around.carried)(table, &self.scripts.known_objects(revision)?)?;
        let carried = conn.execute(text_unchecked(carried)).all().await?;
        let carried: Vec<String> = carried.iter().map(|row| row.at(0)).collect::<Result<_>>()?;
        let statements: Vec<&str> = step.statements.iter().chain(&carried).map(String::as_str).collect();
        conn.run_plain(&statements).await?;
        let broken = conn.execute(text_unchecked(around.check)).all().await?;
        if let Some(row) = broken.first() {
            let (child, parent): (String, String) = (row.at(0)?, row.at(2)?);
            return Err(Error::new(
                ErrorKind::ForeignKeyViolation,
                format!("{} rows of `{child}` refer to rows of `{parent}` that do not exist", broken.len()),
            )
            .with_table(child));
        }
        Ok(())
    }
}

/// Asks how many rows are in the way.
async fn check(conn: &mut Connection, step: &Step) -> Result<()> {
    for query in &step.statements {
        let found: i64 = conn.execute(text_unchecked(query.clone())).one().await?.at(0)?;
        if found != 0 {
            let what = format!("it does not hold that {}: {found} in the way", step.title);
            return Err(Error::new(ErrorKind::Migration, what)
                .with_sql(query.clone())
                .help("change the rows that the query counts, then run the command again"));
        }
    }
    Ok(())
}

/// Puts keys where a batch begins and ends.
fn with_keys(sql: &str, after: &str, upto: Option<&str>) -> String {
    let sql = sql.replace(":after", after);
    upto.map_or(sql.clone(), |upto| sql.replace(":upto", upto))
}
