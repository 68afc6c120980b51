//! DocChat, as the tutorial leaves it: documents of users, with tags, over HTTP.

mod models;
mod routes;

use std::env;
use std::error::Error;

use aludel::prelude::*;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:///docchat.db".to_owned());
    let engine = Engine::builder(&url).build()?;
    aludel::embed_migrations!("migrations").upgrade(&engine, "head").await?;

    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("http://{} (Ctrl-C ends it)", listener.local_addr()?);
    axum::serve(listener, routes::app(engine)).with_graceful_shutdown(aludel_axum::shutdown()).await?;
    Ok(())
}
