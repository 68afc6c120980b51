//! What connections, transactions and guards of options have in common: running statements.

macro_rules! statements {
    () => {
        /// Executes a statement: rows to fetch for a SELECT, for anything `returning` and for `text!`; for the others the rows affected.
        ///
        /// SQL written by hand whose rows nobody wants is run by `.run()`.
        pub fn execute<'c, Q: aludel_engine::Query>(
            &'c mut self,
            query: Q,
        ) -> <Q::Run<'c> as crate::blocking::Block>::Blocked
        where
            Q::Run<'c>: crate::blocking::Block,
        {
            let runner = self.runner.clone();
            crate::blocking::Block::block(self.inner().execute(query), &runner)
        }

        /// Executes a statement whose rows are read as their first column or entity.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut conn = engine.connect()?;
        /// let emails = conn.scalars(select(User::EMAIL).order_by(User::ID)).all()?; // SELECT users.email FROM users ORDER BY users.id
        /// assert_eq!(emails, ["sam@example.org", "ada@example.org"]);
        /// # Ok(()) });
        /// ```
        pub fn scalars<Q: aludel_engine::RowsQuery>(
            &mut self,
            query: Q,
        ) -> crate::blocking::Fetch<aludel_engine::Scalars<'_, <Q::Shape as aludel_sql::Shape>::First>> {
            let runner = self.runner.clone();
            crate::blocking::Fetch::new(self.inner().scalars(query), &runner)
        }

        /// Executes a statement and returns the first column of its only row.
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where there is no row, `MultipleFound` where there are several.
        pub fn scalar<Q: aludel_engine::RowsQuery>(
            &mut self,
            query: Q,
        ) -> aludel_sql::Result<<<Q::Shape as aludel_sql::Shape>::First as aludel_sql::Item>::Value> {
            self.scalars(query).one()
        }

        /// Inserts the rows of an iterator, of which only a batch is in memory at a time: all of them or none.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let users = (0..10_000).map(|n| User::builder().email(format!("{n}@example.com")));
        /// let done = engine.connect()?.insert_all(users)?; // BEGIN; INSERT INTO users (email) VALUES …; …; COMMIT
        /// assert_eq!(done.rows_affected, 10_000);
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// The first error of the database.
        pub fn insert_all<E, R>(&mut self, rows: R) -> aludel_sql::Result<aludel_engine::Executed>
        where
            E: aludel_sql::Mapped,
            R: IntoIterator<IntoIter: Send>,
            R::Item: aludel_sql::Insertable<E>,
        {
            self.insert_all_with(rows, |it| it)
        }

        /// As `insert_all`, with what [`InsertAll`](aludel_engine::InsertAll) offers: `.batch_size(…)`, `.on_progress(…)`.
        ///
        /// # Errors
        ///
        /// As `insert_all`.
        pub fn insert_all_with<'s, E, R>(
            &'s mut self,
            rows: R,
            options: impl FnOnce(
                aludel_engine::InsertAll<'s, E, R::IntoIter>,
            ) -> aludel_engine::InsertAll<'s, E, R::IntoIter>,
        ) -> aludel_sql::Result<aludel_engine::Executed>
        where
            E: aludel_sql::Mapped,
            R: IntoIterator<IntoIter: Send>,
            R::Item: aludel_sql::Insertable<E>,
        {
            let runner = self.runner.clone();
            runner.run(options(self.inner().insert_all(rows)).into_future())
        }

        /// Asks the database how it would execute a statement, which is not executed.
        ///
        /// # Errors
        ///
        /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or an error of the database.
        pub fn explain(&mut self, statement: &(impl aludel_sql::ToSql + Sync)) -> aludel_sql::Result<String> {
            let runner = self.runner.clone();
            runner.run(self.inner().explain(statement))
        }

        /// Executes a statement and asks the database how it has done it. What the statement changes is changed.
        ///
        /// # Errors
        ///
        /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or the database no EXPLAIN ANALYZE; an error of
        /// the database.
        pub fn explain_analyze(
            &mut self,
            statement: &(impl aludel_sql::ToSql + Sync),
        ) -> aludel_sql::Result<String> {
            let runner = self.runner.clone();
            runner.run(self.inner().explain_analyze(statement))
        }

        /// Executes statements that are independent of each other in one batch, and returns all their answers.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let count = (select(func::count(User::ID)).scalar(), select(func::count(Document::ID)).scalar());
        /// assert_eq!(engine.connect()?.together(count)?, (2, 3)); // one round trip on PostgreSQL
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// The first error; the statements after it have not run.
        pub fn together<T: aludel_engine::Together>(
            &mut self,
            statements: T,
        ) -> aludel_sql::Result<T::Answers> {
            let runner = self.runner.clone();
            runner.run(self.inner().together(statements))
        }

        /// Reads what the database has in a schema (`None`: the default one), as this connection sees it.
        ///
        /// # Errors
        ///
        /// What the database refuses.
        pub fn inspect(&mut self, schema: Option<&str>) -> aludel_sql::Result<aludel_engine::Inspector> {
            let runner = self.runner.clone();
            runner.run(self.inner().inspect(schema))
        }

        /// Sends a text to all connections that listen to a channel: in a transaction when it is committed.
        ///
        /// # Errors
        ///
        /// Kind `Unsupported` on databases other than PostgreSQL.
        pub fn notify(&mut self, channel: &str, payload: &str) -> aludel_sql::Result<()> {
            let runner = self.runner.clone();
            runner.run(self.inner().notify(channel, payload))
        }

        /// Runs `COPY … FROM STDIN` and gives it these pieces of data, cut anywhere.
        ///
        /// # Errors
        ///
        /// An error of the database, after which no row of it is there; kind `Unsupported` on databases other than PostgreSQL.
        pub fn copy_in<P: Into<Vec<u8>>>(
            &mut self,
            sql: &str,
            pieces: impl IntoIterator<Item = P, IntoIter: Send>,
        ) -> aludel_sql::Result<aludel_engine::Executed> {
            let runner = self.runner.clone();
            runner.run(self.inner().copy_in(sql, pieces))
        }

        /// Runs `COPY … TO STDOUT` and returns its data as it arrives: an iterator.
        pub fn copy_out(&mut self, sql: &str) -> crate::blocking::RowStream<'_, Vec<u8>> {
            let runner = self.runner.clone();
            crate::blocking::RowStream::new(self.inner().copy_out(sql), runner)
        }

        /// Inserts rows by COPY in its binary form.
        ///
        /// # Errors
        ///
        /// An error of the database or of a value, after which no row of it is there; kind `Unsupported` on databases other than PostgreSQL.
        pub fn copy_rows<E: aludel_sql::Mapped, R: aludel_sql::Insertable<E>>(
            &mut self,
            entity: aludel_sql::Of<E>,
            rows: impl IntoIterator<Item = R, IntoIter: Send>,
        ) -> aludel_sql::Result<aludel_engine::Executed> {
            let runner = self.runner.clone();
            runner.run(self.inner().copy_rows(entity, rows))
        }

        /// Changes how statements run for as long as what comes back is there.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// use std::time::Duration;
        ///
        /// let endless = text!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
        /// let mut conn = engine.connect()?;
        /// let stopped = conn.statement_options(|o| o.timeout(Duration::from_millis(50))).execute(endless).one();
        /// assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Timeout);
        /// # Ok(()) });
        /// ```
        pub fn statement_options(
            &mut self,
            options: impl FnOnce(aludel_engine::StatementOptions) -> aludel_engine::StatementOptions,
        ) -> crate::blocking::StatementOptionsGuard<'_> {
            let runner = self.runner.clone();
            crate::blocking::StatementOptionsGuard { inner: self.inner().statement_options(options), runner }
        }

        /// Runs statements without parameters.
        ///
        /// # Errors
        ///
        /// The first error; the statements after it have not run.
        pub fn run_plain(&mut self, statements: &[&str]) -> aludel_sql::Result<()> {
            let runner = self.runner.clone();
            runner.run(self.inner().run_plain(statements))
        }
    };
}

pub(super) use statements;
