//! The table `aludel_revisions`: a row for each revision that is in the database, or on its way.

use std::time::SystemTime;

use aludel_engine::{Connection, Row};
use aludel_sql::schema::{ColumnDef, Table};
use aludel_sql::{ColumnType, Error, ErrorKind, Result, SqlType, text, text_unchecked};

use crate::revision::RevisionId;
use crate::script_directory::now;

/// The name of the table.
pub const HISTORY_TABLE: &str = "aludel_revisions";

/// What this version knows how to read.
pub(crate) const FORMAT: i64 = 1;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The revision.
    pub id: RevisionId,
    /// How far it is.
    pub state: State,
    /// The checksum of what was run.
    pub checksum: String,
    /// Steps that are done.
    pub step: i64,
    /// Whether the next step had begun.
    pub begun: bool,
    /// Steps that there are.
    pub steps: i64,
    /// What went wrong.
    pub error: Option<String>,
    /// When it began.
    pub started_at: String,
    /// When it was done.
    pub finished_at: Option<String>,
    /// The version of Aludel that ran it.
    pub tool: String,
}

/// How far a revision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is there.
    Applied,
    /// It is on its way in.
    Upgrading,
    /// It is on its way out.
    Downgrading,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Upgrading => "upgrading",
            Self::Downgrading => "downgrading",
        }
    }

    fn read(word: &str) -> Result<Self> {
        [Self::Applied, Self::Upgrading, Self::Downgrading]
            .into_iter()
            .find(|it| it.word() == word)
            .ok_or_else(newer)
    }
}

/// Reads the table; `None` if it is not there. Writes nothing.
pub async fn read(conn: &mut Connection) -> Result<Option<Vec<Applied>>> {
    let objects = conn.engine().dialect().object_names();
    let is_history = |row: &Row| -> Result<bool> {
        let (kind, schema) = (row.at::<String>(0)?, row.at::<Option<String>>(1)?);
        Ok(kind == "table" && schema.is_none() && row.at::<String>(2)? == HISTORY_TABLE)
    };
    let objects = conn.execute(text_unchecked(objects)).all().await?;
    if !objects.iter().map(is_history).collect::<Result<Vec<_>>>()?.contains(&true) {
        return Ok(None);
    }
    let rows = conn
        .execute(text!(
            "SELECT id, state, checksum, step, begun, steps, error, started_at, finished_at, tool, format \
             FROM aludel_revisions ORDER BY started_at, id"
        ))
        .all()
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::Database => newer().with_source(error),
            _ => error,
        })?;
    rows.iter().map(applied).collect::<Result<_>>().map(Some)
}

fn applied(row: &Row) -> Result<Applied> {
    fn get<T: ColumnType>(row: &Row, name: &str) -> Result<T> {
        row.get(name)
    }
    if get::<i64>(row, "format")? > FORMAT {
        return Err(newer());
    }
    Ok(Applied {
        id: RevisionId::new(get::<String>(row, "id")?)?,
        state: State::read(&get::<String>(row, "state")?)?,
        checksum: get(row, "checksum")?,
        step: get(row, "step")?,
        begun: get::<i64>(row, "begun")? != 0,
        steps: get(row, "steps")?,
        error: get(row, "error")?,
        started_at: get(row, "started_at")?,
        finished_at: get(row, "finished_at")?,
        tool: get(row, "tool")?,
    })
}

#[cold]
fn newer() -> Error {
    Error::new(ErrorKind::Migration, format!("the table `{HISTORY_TABLE}` was written by a newer Aludel"))
        .help("use the version of Aludel that wrote it, or a newer one; nothing was changed")
}

/// Returns the table.
#[must_use]
pub fn table() -> Table {
    let mut table = Table::new(HISTORY_TABLE);
    let text = |name: &str, length| ColumnDef::new(name, SqlType::Varchar(length));
    let number = |name: &str| ColumnDef::new(name, SqlType::BigInt);
    let nullable = |column: ColumnDef| ColumnDef { nullable: true, ..column };
    table.columns = vec![
        text("id", 64),
        text("state", 16),
        text("checksum", 64),
        number("step"),
        number("begun"),
        number("steps"),
        nullable(ColumnDef::new("error", SqlType::Text)),
        text("started_at", 32),
        nullable(text("finished_at", 32)),
        text("tool", 32),
        nullable(ColumnDef::new("files", SqlType::Text)),
        number("format"),
    ];
    table.primary_key.columns = vec!["id".to_owned()];
    table
}

/// Creates the table.
pub async fn create(conn: &mut Connection) -> Result<()> {
    let statements = conn.engine().dialect().create_table(&table(), &[])?;
    conn.run_plain(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// Adds the row of a revision.
pub async fn insert(
    conn: &mut Connection,
    id: &RevisionId,
    state: State,
    (checksum, files): (&str, &str),
    (step, steps): (usize, usize),
) -> Result<()> {
    let time = now(SystemTime::now());
    let finished = (state == State::Applied).then(|| time.clone());
    conn.execute(text!(
        "INSERT INTO aludel_revisions (id, state, checksum, step, begun, steps, error, started_at, finished_at, tool, files, format) \
         VALUES (:id, :state, :checksum, :step, 0, :steps, NULL, :started, :finished, :tool, :files, :format)",
        id = id.as_str(),
        state = state.word(),
        checksum = checksum,
        step = step as i64,
        steps = steps as i64,
        started = time,
        finished = finished,
        tool = env!("CARGO_PKG_VERSION"),
        files = files,
        format = FORMAT
    ))
    .all()
    .await
    .map(drop)
}

/// Notes how far a revision is.
pub async fn note(
    conn: &mut Connection,
    id: &RevisionId,
    state: State,
    step: usize,
    begun: bool,
) -> Result<()> {
    let finished = (state == State::Applied).then(|| now(SystemTime::now()));
    conn.execute(text!(
        "UPDATE aludel_revisions SET state = :state, step = :step, begun = :begun, error = NULL, finished_at = :finished \
         WHERE id = :id",
        state = state.word(),
        step = step as i64,
        begun = i64::from(begun),
        finished = finished,
        id = id.as_str()
    ))
    .all()
    .await
    .map(drop)
}

/// Notes that a revision is on its way out, with as many steps.
pub async fn begin_downgrade(conn: &mut Connection, id: &RevisionId, steps: usize) -> Result<()> {
    conn.execute(text!(
        "UPDATE aludel_revisions SET state = 'downgrading', step = 0, begun = 0, steps = :steps, finished_at = NULL WHERE id = :id",
        steps = steps as i64,
        id = id.as_str()
    ))
    .all()
    .await
    .map(drop)
}

/// Notes that the files of a revision are right as they are now.
pub async fn accept(conn: &mut Connection, id: &RevisionId, checksum: &str, files: &str) -> Result<()> {
    conn.execute(text!(
        "UPDATE aludel_revisions SET checksum = :checksum, files = :files WHERE id = :id",
        checksum = checksum,
        files = files,
        id = id.as_str()
    ))
    .all()
    .await
    .map(drop)
}

/// Returns the files of a revision as they were run; none where a script ran them.
pub async fn files(conn: &mut Connection, id: &RevisionId) -> Result<Option<String>> {
    let query = text!("SELECT files FROM aludel_revisions WHERE id = :id", id = id.as_str());
    conn.execute(query).one().await?.at(0)
}

/// Notes what went wrong: the step that had begun was not done.
pub async fn fail(conn: &mut Connection, id: &RevisionId, error: &Error) -> Result<()> {
    conn.execute(text!(
        "UPDATE aludel_revisions SET error = :error, begun = 0 WHERE id = :id",
        error = error.what().to_owned(),
        id = id.as_str()
    ))
    .all()
    .await
    .map(drop)
}

/// Removes the row of a revision.
pub async fn delete(conn: &mut Connection, id: &RevisionId) -> Result<()> {
    conn.execute(text!("DELETE FROM aludel_revisions WHERE id = :id", id = id.as_str())).all().await.map(drop)
}
