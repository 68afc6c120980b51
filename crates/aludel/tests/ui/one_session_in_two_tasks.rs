//! A session belongs to one task: every operation takes `&mut Session`.

use std::future::Future;

use aludel::prelude::*;

fn spawn(_: impl Future<Output = ()> + Send + 'static) {}

fn main() {
    let engine = Engine::builder("sqlite::memory:").build().unwrap();
    let mut session = engine.session();
    spawn(async move {
        session.commit().await.unwrap();
    });
    spawn(async move {
        session.commit().await.unwrap();
    });
}
