//! Hashes of passwords.
//!
//! A hash takes 19 MiB and some 20 milliseconds of a core, on purpose. So it is made on a thread of its own, never on one that serves requests; as many at
//! once as there are cores, a few more wait, and whoever comes then is told to come back.

use std::sync::Arc;
use std::thread::available_parallelism;

use aludel_axum::Problem;
use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use axum::http::StatusCode;
use tokio::sync::Semaphore;

/// How many may wait for each one that is being served.
const QUEUE: usize = 16;

/// Makes hashes of passwords, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct Hasher {
    /// Who is being served.
    cores: Arc<Semaphore>,
    /// Who is being served or waits.
    places: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self { cores: Arc::new(Semaphore::new(cores)), places: Arc::new(Semaphore::new(cores * (1 + QUEUE))) }
    }
}

impl Hasher {
    /// Hashes a password with a new salt.
    ///
    /// # Errors
    ///
    /// A [`Problem`] 429 if too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        let _place = self.places.try_acquire().map_err(|_| {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many passwords at once; try again shortly")
        })?;
        let _core = self.cores.acquire().await.map_err(failed)?;
        tokio::task::spawn_blocking(move || {
            Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(failed)
        })
        .await
        .map_err(failed)?
    }
}

fn failed(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the password could not be hashed").caused_by(cause)
}
