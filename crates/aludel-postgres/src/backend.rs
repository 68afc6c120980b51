//! What the engine asks this crate for.

use std::sync::Arc;

use aludel_engine::driver::Driver;
use aludel_engine::{Backend, Url};
use aludel_sql::{Dialect, Result};

use crate::dialect::PostgresDialect;

/// PostgreSQL, for an engine.
#[derive(Clone, Copy, Debug)]
pub struct PostgresBackend;

impl Backend for PostgresBackend {
    fn schemes(&self) -> &'static [&'static str] {
        &["postgresql"]
    }

    fn open(&self, url: &Url) -> Result<(Arc<dyn Driver>, Arc<dyn Dialect>)> {
        Ok((crate::driver(url)?, Arc::new(PostgresDialect)))
    }
}
