//! `cargo run -p docchat`: see README.md.

use std::env;
use std::error::Error;
use std::io::{IsTerminal, stdout};
use std::time::Duration;

use docchat::database;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_ansi(stdout().is_terminal()).init();
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| database::DEFAULT_URL.to_owned());
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());

    let engine = database::open(&url)?;
    database::prepare(&engine).await?;
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("cannot listen at {address}, which ADDR would change: {error}"))?;
    println!("http://{} (Ctrl-C ends it)", listener.local_addr()?);
    axum::serve(listener, docchat::app(engine.clone()))
        .with_graceful_shutdown(aludel_axum::shutdown())
        .await?;
    engine.close(Duration::from_secs(5)).await?;
    Ok(())
}
