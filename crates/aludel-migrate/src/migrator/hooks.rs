//! Steps that are code of the program.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aludel_engine::Connection;
use aludel_engine::driver::BoxFuture;
use aludel_sql::Result;

type Hook = Arc<dyn for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, Result<()>> + Send + Sync>;

/// The code that revisions name, by its name.
#[derive(Clone, Default)]
pub struct Hooks(BTreeMap<String, Hook>);

impl Hooks {
    /// None.
    ///
    /// ```
    /// use aludel_migrate::Hooks;
    ///
    /// assert_eq!(format!("{:?}", Hooks::new()), "{}");
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds code under the name that the operation `hook` says. It runs in the transaction of its revision, where there is one.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::schema::Operation;
    /// # let mut revisions = aludel::doc::revisions();
    /// # revisions[1].operations.push(Operation::Hook { name: "label shelves".into(), down: Some(String::new()) });
    /// # let scripts = aludel::doc::scripts_of(&revisions);
    /// use aludel_migrate::{Hooks, Migrator};
    ///
    /// // `1975` runs the hook `label shelves` when its column is there.
    /// let mut hooks = Hooks::new();
    /// hooks.insert("label shelves", |conn| {
    ///     Box::pin(async move { conn.run_plain(&["UPDATE shelves SET room = 'hall'"]).await })
    /// });
    /// Migrator::new(&engine, &scripts).hooks(&hooks).upgrade("head").await?;
    /// # Ok(()) });
    /// ```
    pub fn insert<F>(&mut self, name: impl Into<String>, hook: F)
    where
        F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    {
        self.0.insert(name.into(), Arc::new(hook));
    }

    pub(super) fn get(&self, name: &str) -> Option<&Hook> {
        self.0.get(name)
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
