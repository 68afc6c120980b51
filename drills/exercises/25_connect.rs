// An engine for a small service: at most two connections, and nobody waits longer than
// 50 milliseconds for one. A wrong URL is an error of `build`, before anything is
// connected.
//
// Your turn: the size of the pool, no overflow, and the time.

use std::time::Duration;

use aludel::prelude::*;

pub fn connect(url: &str) -> aludel::Result<Engine> {
    let _ = Duration::from_millis(50);
    Engine::builder(url).build()
}
