//! What the engine asks this crate for.

use std::sync::Arc;

use aludel_engine::driver::Driver;
use aludel_engine::{Backend, Url};
use aludel_sql::{Dialect, Result};

use crate::dialect::MySqlDialect;
use crate::driver::MySql;

/// MariaDB and MySQL, for an engine.
#[derive(Clone, Copy, Debug)]
pub struct MySqlBackend;

impl Backend for MySqlBackend {
    fn schemes(&self) -> &'static [&'static str] {
        &["mysql", "mariadb"]
    }

    fn open(&self, url: &Url) -> Result<(Arc<dyn Driver>, Arc<dyn Dialect>)> {
        let driver = MySql::new(url)?;
        Ok((Arc::new(driver.clone()), Arc::new(MySqlDialect::of(driver))))
    }
}
