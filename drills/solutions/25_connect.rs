use std::time::Duration;

use aludel::prelude::*;

pub fn connect(url: &str) -> aludel::Result<Engine> {
    Engine::builder(url).pool_size(2).max_overflow(0).pool_timeout(Duration::from_millis(50)).build()
}
