//! Running revisions on a database.

mod hooks;
mod in_the_way;
mod lock;
mod lock_wait;
mod repair;
mod resume;
mod rows;
mod run;
mod stamp;
mod step;

use std::fmt;
use std::time::Instant;

use aludel_engine::{Connection, Engine};
use aludel_sql::{Error, ErrorKind, Result, text_unchecked};

pub use self::hooks::Hooks;
use self::lock_wait::Blockers;
pub use self::lock_wait::{Blocked, Waits};
pub use self::resume::Begun;
use crate::data_loss::{Candidate, Loss, candidates, refusal};
use crate::difference::difference;
use crate::history::{self, Applied, State};
use crate::revision::{Revision, RevisionId};
use crate::script_directory::{Direction, ScriptDirectory};

/// Brings one database to a revision, and tells where it is.
///
/// Eight programs may do it at once: one does the work, the others wait and find nothing to do.
///
/// ```
/// # aludel::doc::run_engine(async |engine| {
/// use aludel_migrate::{Migrator, ScriptDirectory};
///
/// let scripts = ScriptDirectory::from_files([])?; // or `ScriptDirectory::load("migrations".as_ref())?`
/// let migrator = Migrator::new(&engine, &scripts);
/// assert!(migrator.upgrade("heads").await?.is_empty()); // nothing to do
/// assert!(migrator.current().await?.is_empty()); // and nothing was written
/// # Ok(()) });
/// ```
pub struct Migrator<'a> {
    engine: &'a Engine,
    scripts: &'a ScriptDirectory,
    waits: Waits,
    blockers: Blockers,
    listener: Option<&'a (dyn Fn(Progress<'_>) + Send + Sync)>,
    hooks: Option<&'a Hooks>,
    program: Option<&'a str>,
    allow_data_loss: bool,
}

/// What a migrator is doing.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another one is at work.
    Waiting,
    /// What it needs is in use, and it is tried again.
    Blocked(&'a Blocked),
    /// A revision begins.
    Revision(&'a Revision, Direction),
    /// A step of it begins: its number, counted from 1, how many there are, and what it does.
    Step(usize, usize, &'a str),
    /// So many rows of a backfill are done, of so many.
    Rows(i64, i64),
    /// [`verify_with`](crate::verify_with) tries a revision: its number, counted from 1, and how many there are.
    Verifying(usize, usize, &'a Revision),
}

impl fmt::Debug for Migrator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrator").field("engine", self.engine).finish_non_exhaustive()
    }
}

impl<'a> Migrator<'a> {
    /// A migrator of a database.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    ///
    /// // `scripts` is `ScriptDirectory::load("migrations".as_ref())?`
    /// let migrator = Migrator::new(&engine, &scripts);
    /// let done: Vec<String> = migrator.upgrade("heads").await?.iter().map(ToString::to_string).collect();
    /// assert_eq!(done, ["ae10", "1975"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(engine: &'a Engine, scripts: &'a ScriptDirectory) -> Self {
        Self {
            engine,
            scripts,
            waits: Waits::default(),
            blockers: Blockers::default(),
            listener: None,
            hooks: None,
            program: None,
            allow_data_loss: false,
        }
    }

    /// How long to wait for what others use, how often, and how long for another migrator.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use std::time::Duration;
    /// use aludel_migrate::{Migrator, Waits};
    ///
    /// // At night, when nobody minds: as long as it takes.
    /// let waits = Waits { lock_timeout: Duration::from_secs(60), ..Waits::default() };
    /// Migrator::new(&engine, &scripts).waits(waits).upgrade("heads").await?;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn waits(mut self, waits: Waits) -> Self {
        self.waits = waits;
        self
    }

    /// Tells somebody what is being done.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use std::sync::Mutex;
    /// use aludel_migrate::{Migrator, Progress};
    ///
    /// let told = Mutex::new(Vec::new());
    /// let tell = |progress: Progress<'_>| {
    ///     if let Progress::Step(at, of, title) = progress {
    ///         told.lock().unwrap().push(format!("{at}/{of} {title}"));
    ///     }
    /// };
    /// Migrator::new(&engine, &scripts).listener(&tell).upgrade("head").await?;
    /// assert_eq!(*told.lock().unwrap(), ["1/1 create table shelves", "1/1 add column shelves.room"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn listener(mut self, listener: &'a (dyn Fn(Progress<'_>) + Send + Sync)) -> Self {
        self.listener = Some(listener);
        self
    }

    /// The code that revisions name.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::schema::Operation;
    /// # let mut revisions = aludel::doc::revisions();
    /// # revisions[1].operations.push(Operation::Hook { name: "label shelves".into(), down: Some(String::new()) });
    /// # let scripts = aludel::doc::scripts_of(&revisions);
    /// use aludel_migrate::{Hooks, Migrator};
    ///
    /// // A revision that runs code needs the program that has it: that is found out before anything is done.
    /// let migrator = Migrator::new(&engine, &scripts);
    /// assert!(migrator.upgrade("head").await.is_err());
    ///
    /// let mut hooks = Hooks::new();
    /// hooks.insert("label shelves", |_| Box::pin(async { Ok(()) }));
    /// assert!(migrator.hooks(&hooks).upgrade("head").await.is_ok());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn hooks(mut self, hooks: &'a Hooks) -> Self {
        self.hooks = Some(hooks);
        self
    }

    /// How the program is run that has the code which revisions name: for the message of who has not.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::schema::Operation;
    /// # let mut revisions = aludel::doc::revisions();
    /// # revisions[1].operations.push(Operation::Hook { name: "label shelves".into(), down: Some(String::new()) });
    /// # let scripts = aludel::doc::scripts_of(&revisions);
    /// use aludel_migrate::Migrator;
    ///
    /// let migrator = Migrator::new(&engine, &scripts).program(Some("cargo run --bin migrate"));
    /// let error = migrator.upgrade("head").await.unwrap_err();
    /// assert!(error.advice().unwrap().contains("cargo run --bin migrate"), "{error}");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn program(mut self, program: Option<&'a str>) -> Self {
        self.program = program;
        self
    }

    /// Lets rows and values go that a revision takes away: without it, [`upgrade`](Self::upgrade) and [`downgrade`](Self::downgrade)
    /// refuse to drop a table with rows or a column with values. An upgrade may where the revision allows it: `allow = ["DS103"]`.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    /// use aludel::ErrorKind;
    ///
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.upgrade("head").await?;
    /// engine.connect().await?.run_plain(&["INSERT INTO shelves (label) VALUES ('A')"]).await?;
    /// assert_eq!(migrator.downgrade("base").await.unwrap_err().kind(), ErrorKind::DataLoss); // nothing was done
    /// migrator.allow_data_loss(true).downgrade("base").await?;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn allow_data_loss(mut self, allow: bool) -> Self {
        self.allow_data_loss = allow;
        self
    }

    /// Returns the revisions that are in the database. Writes nothing.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    /// use aludel_migrate::State;
    ///
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.upgrade("ae10").await?;
    /// let current = migrator.current().await?;
    /// assert_eq!((current[0].id.as_str(), current[0].state), ("ae10", State::Applied));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database cannot be reached; kind `Migration` where its history was written by a newer Aludel.
    pub async fn current(&self) -> Result<Vec<Applied>> {
        let mut conn = self.engine.connect().await?;
        Ok(history::read(&mut conn).await?.unwrap_or_default())
    }

    /// Runs what is missing up to a target: `head`, `heads`, `+1`, an id. Returns the revisions that it ran.
    ///
    /// Where the database has transactions for DDL, each revision is one transaction; elsewhere each step is noted when it is done.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    ///
    /// let migrator = Migrator::new(&engine, &scripts);
    /// assert_eq!(migrator.upgrade("+1").await?[0].as_str(), "ae10");
    /// assert_eq!(migrator.upgrade("heads").await?[0].as_str(), "1975");
    /// assert!(migrator.upgrade("heads").await?.is_empty());
    /// assert_eq!(engine.inspect().await?.columns("shelves")?.len(), 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where the files were changed, the database has revisions that are not among them, or one was left half done;
    /// `DataLoss` where rows or values would go and nobody allowed it: then nothing was done; `Timeout` where others did not let go of what it needs (see [`Waits`]); the database's own error where a step fails, naming
    /// revision and step.
    pub async fn upgrade(&self, target: &str) -> Result<Vec<RevisionId>> {
        self.go(Direction::Up, |migrator, applied| {
            let map = migrator.scripts.map();
            let targets = map.resolve(target, applied)?;
            Ok(map.upgrade_path(applied, &targets))
        })
        .await
    }

    /// Undoes what is built on a target: `-1`, `base`, an id. Returns the revisions that it undid.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    ///
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.upgrade("heads").await?;
    /// assert_eq!(migrator.downgrade("-1").await?[0].as_str(), "1975");
    /// migrator.downgrade("base").await?;
    /// assert!(!engine.inspect().await?.has_table("shelves"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Migrator::upgrade`], and where one of the revisions cannot be undone: then nothing was done. Kind `DataLoss` where one of them says
    /// that it is irreversible, unless data loss is allowed.
    pub async fn downgrade(&self, target: &str) -> Result<Vec<RevisionId>> {
        self.go(Direction::Down, |migrator, applied| {
            let path = migrator.scripts.map().downgrade_path(applied, target)?;
            for revision in &path {
                if migrator.allow_data_loss { revision.inverse() } else { revision.reversal() }?;
            }
            Ok(path)
        })
        .await
    }

    /// Returns what an upgrade to a target would take away. Writes nothing.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::schema::Operation;
    /// # use aludel_migrate::{Revision, RevisionId};
    /// # let mut revisions = aludel::doc::revisions();
    /// # let Operation::AddColumn { table, column, .. } = revisions[1].operations[0].clone() else { unreachable!() };
    /// # let drop = Operation::DropColumn { table, column };
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # revisions.push(Revision { operations: vec![drop], ..Revision::new(id("27c6"), vec![id("1975")], "no rooms") });
    /// # let scripts = aludel::doc::scripts_of(&revisions);
    /// use aludel_migrate::Migrator;
    ///
    /// // `27c6` drops the room again.
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.upgrade("1975").await?;
    /// engine.connect().await?.run_plain(&["INSERT INTO shelves (label, room) VALUES ('A', 'hall')"]).await?;
    /// let losses = migrator.losses_of_upgrade("head").await?;
    /// assert_eq!(losses[0].to_string(), "drop column shelves.room (27c6): 1 value");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database cannot be reached; kind `Migration` where the target means nothing.
    pub async fn losses_of_upgrade(&self, target: &str) -> Result<Vec<Loss>> {
        let applied: Vec<RevisionId> = self.current().await?.into_iter().map(|it| it.id).collect();
        let map = self.scripts.map();
        let path = map.upgrade_path(&applied, &map.resolve(target, &applied)?);
        self.losses(&mut self.engine.connect().await?, &path, Direction::Up).await
    }

    /// Returns what a downgrade to a target would take away. Writes nothing.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    ///
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.upgrade("head").await?;
    /// assert!(migrator.losses_of_downgrade("base").await?.is_empty()); // there is nothing in it
    /// engine.connect().await?.run_plain(&["INSERT INTO shelves (label) VALUES ('A'), ('B')"]).await?;
    /// let losses = migrator.losses_of_downgrade("base").await?;
    /// assert_eq!(losses[0].to_string(), "drop table shelves (ae10): 2 rows");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Migrator::losses_of_upgrade`], and where a revision cannot be undone.
    pub async fn losses_of_downgrade(&self, target: &str) -> Result<Vec<Loss>> {
        let applied: Vec<RevisionId> = self.current().await?.into_iter().map(|it| it.id).collect();
        let path = self.scripts.map().downgrade_path(&applied, target)?;
        self.losses(&mut self.engine.connect().await?, &path, Direction::Down).await
    }

    async fn losses(
        &self,
        conn: &mut Connection,
        path: &[&Revision],
        direction: Direction,
    ) -> Result<Vec<Loss>> {
        let mut operations = Vec::new();
        for revision in path {
            operations.push((
                *revision,
                match direction {
                    Direction::Up => revision.operations.clone(),
                    Direction::Down => revision.inverse()?,
                },
            ));
        }
        let mut found = Vec::new();
        for Candidate { mut loss, query } in candidates(self.engine.dialect(), &operations, direction)? {
            // What cannot be counted (the right to read is missing) may be there.
            loss.count = match conn.execute(text_unchecked(query)).one().await {
                Ok(row) => Some(row.at(0)?),
                Err(error) if error.is_disconnect() => return Err(error),
                Err(_) => None,
            };
            if loss.count != Some(0) {
                found.push(loss);
            }
        }
        Ok(found)
    }

    async fn go(
        &self,
        direction: Direction,
        path: impl Fn(&Self, &[RevisionId]) -> Result<Vec<&'a Revision>>,
    ) -> Result<Vec<RevisionId>> {
        self.scripts.check_sum()?;
        let mut conn = self.engine.connect().await?;
        // Most of the time there is nothing to do: that is found out without a lock, and without writing anything.
        let there = history::read(&mut conn).await?;
        // What is half done may be the work of another migrator right now; with the lock, that is known.
        if let Ok(applied) = self.check(&mut conn, there.as_deref().unwrap_or_default()).await
            && path(self, &applied)?.is_empty()
        {
            return Ok(Vec::new());
        }
        let lock = self.lock().await?;
        let done = self.go_locked(&mut conn, direction, path).await;
        lock.release().await;
        done
    }

    async fn go_locked(
        &self,
        conn: &mut Connection,
        direction: Direction,
        path: impl Fn(&Self, &[RevisionId]) -> Result<Vec<&'a Revision>>,
    ) -> Result<Vec<RevisionId>> {
        let there = self.history(conn).await?;
        let mut done = Vec::new();
        let path = path(self, &self.check(conn, &there).await?)?;
        if !self.allow_data_loss {
            let losses = self.losses(conn, &path, direction).await?;
            if !losses.is_empty() {
                return Err(refusal(&losses, direction));
            }
        }
        for revision in path {
            if self.run(conn, revision, direction).await? {
                done.push(revision.id.clone());
            }
        }
        Ok(done)
    }

    /// Reads the history, and creates its table if it is not there.
    async fn history(&self, conn: &mut Connection) -> Result<Vec<Applied>> {
        if let Some(there) = history::read(conn).await? {
            return Ok(there);
        }
        match history::create(conn).await {
            Ok(()) => Ok(Vec::new()),
            // Where nothing but the database itself keeps migrators apart, another one may have been faster.
            Err(error) => history::read(conn).await?.ok_or(error),
        }
    }

    /// Checks that the history and the files tell the same story; returns the revisions that are in the database.
    async fn check(&self, conn: &mut Connection, history: &[Applied]) -> Result<Vec<RevisionId>> {
        for row in history {
            let Some(revision) = self.scripts.map().get(&row.id) else {
                return Err(Error::new(
                    ErrorKind::Migration,
                    format!("the database has revision {}, which is not among the files", row.id),
                )
                .help("is this the right database, and is the working copy up to date? `aludel stamp` corrects the history by hand"));
            };
            if row.state != State::Applied {
                let way = if row.state == State::Upgrading { "upgrade" } else { "downgrade" };
                let error = row.error.as_deref().map(|it| format!(" ({it})")).unwrap_or_default();
                return Err(Error::new(
                    ErrorKind::Migration,
                    format!(
                        "the {way} of revision {} ({}) stopped after step {} of {}{error}",
                        row.id, revision.message, row.step, row.steps
                    ),
                )
                .help("mend the cause if there is one, then go on with `aludel resume`"));
            }
            self.check_checksum(conn, row).await?;
        }
        Ok(history.iter().map(|it| it.id.clone()).collect())
    }

    /// Tells whether the files of a revision are others than those that were run.
    fn is_edited(&self, row: &Applied) -> Result<bool> {
        Ok(self.scripts.checksum(&row.id, self.engine.dialect())? != row.checksum)
    }

    /// Checks that the files of a revision are those that were run.
    async fn check_checksum(&self, conn: &mut Connection, row: &Applied) -> Result<()> {
        if !self.is_edited(row)? {
            return Ok(());
        }
        let edits = self.edits(conn, row).await;
        let what = format!(
            "revision {} (`{}`) was edited after it was applied to this database{}{edits}",
            row.id,
            self.scripts.folder(&row.id),
            if edits.is_empty() { "" } else { ":" }
        );
        Err(Error::new(ErrorKind::Migration, what).help(format!(
            "bring its files back, and write what should be different into a new revision; or, if what was changed means the same, `aludel repair \
             --accept {}`",
            row.id
        )))
    }

    /// Returns what was changed in the files of a revision since they were run, each line on one of its own, as far as the history has them.
    async fn edits(&self, conn: &mut Connection, row: &Applied) -> String {
        let Ok(Some(before)) = history::files(conn, &row.id).await else { return String::new() };
        let lines = difference(&before, &self.scripts.files(&row.id, self.engine.dialect()));
        lines.iter().map(|it| format!("\n    {it}")).collect()
    }

    fn tell(&self, progress: Progress<'_>) {
        if let Some(listener) = self.listener {
            listener(progress);
        }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.waits.migrator
    }
}
