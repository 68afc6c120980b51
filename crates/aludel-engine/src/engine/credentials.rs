//! Passwords that change while the program runs: tokens of a cloud, leases of a vault.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};

use super::{Engine, EngineBuilder};
use crate::blocking::runtime;
use crate::driver::{BoxFuture, Driver, RawConn};

/// How long it may take to get a password.
const LIMIT: Duration = Duration::from_secs(30);

/// Where the password of the next connection comes from.
pub(super) type Source = Arc<dyn Fn() -> BoxFuture<'static, Result<String>> + Send + Sync>;

impl<E: From<Engine>> EngineBuilder<E> {
    /// Asks for the password each time that a connection is opened, instead of taking it from the URL.
    ///
    /// For tokens that expire. Connections that are open stay open; with [`pool_recycle`](Self::pool_recycle) they are replaced before
    /// the server ends them. The function has 30 s; what it returns is kept nowhere and appears in no output.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # async fn token() -> aludel::Result<String> { Ok(String::new()) }
    /// # fn main() -> aludel::Result<()> {
    /// # #[cfg(feature = "postgres")] {
    /// let engine = Engine::builder("postgresql://app@db.example/library")
    ///     .password_from(|| async { token().await })
    ///     .build()?;
    /// # let _ = engine;
    /// # }
    /// # Ok(()) }
    /// ```
    pub fn password_from<F, Password>(mut self, source: F) -> Self
    where
        F: Fn() -> Password + Send + Sync + 'static,
        Password: Future<Output = Result<String>> + Send + 'static,
    {
        self.password = Some(Arc::new(move || Box::pin(source())));
        self
    }
}

/// Opens connections with a password that it asks for.
pub(super) struct WithPassword {
    pub(super) driver: Arc<dyn Driver>,
    pub(super) source: Source,
}

impl WithPassword {
    async fn password(&self) -> Result<String> {
        let asking = (self.source)();
        let answer = if runtime().is_some() {
            tokio::time::timeout(LIMIT, asking).await.unwrap_or_else(|_| {
                let what =
                    format!("the function of `password_from` gave no password within {} s", LIMIT.as_secs());
                Err(Error::new(ErrorKind::Timeout, what))
            })
        } else {
            asking.await
        };
        answer.map_err(|error| error.doing("asking for the password of a new connection"))
    }
}

impl Driver for WithPassword {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(async move {
            let password = self.password().await?;
            self.driver.connect_with_password(&password).await
        })
    }
}

impl fmt::Debug for WithPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.driver.fmt(f)
    }
}
