//! DocChat's `GET /documents/{id}` on PostgreSQL, beside the same route written on the bare driver with a pool.
//!
//! Each server is a process of its own; this one is the load. They take turns, and the median of the ratios counts.

mod bare;
mod load;

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Documents in the table; each request asks for one of them.
const DOCUMENTS: i64 = 1000;

const ROUNDS: usize = 9;

#[tokio::main]
async fn main() -> Result<()> {
    let url = env::var("DATABASE_URL")
        .map_err(|_| "set DATABASE_URL to an empty database of a PostgreSQL: its tables are DocChat's")?;
    match env::args().nth(1).as_deref() {
        Some("docchat") => {
            let engine = docchat::database::open(&url)?;
            serve(docchat::app(engine)).await
        }
        Some("bare") => serve(bare::app(&url)?).await,
        _ => measure(&url).await,
    }
}

async fn serve(app: Router) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn measure(url: &str) -> Result<()> {
    let engine = docchat::database::open(url)?;
    docchat::database::prepare(&engine).await?;
    fill(&engine).await?;
    let (docchat, bare) = (Server::start("docchat")?, Server::start("bare")?);
    let same = load::get(docchat.address, 1).await? == load::get(bare.address, 1).await?;
    if !same {
        return Err("the two servers give different answers".into());
    }
    let mut ratios = Vec::new();
    println!("requests a second; 32 connections that are kept");
    for round in 0..=ROUNDS {
        let time = Duration::from_secs(2);
        let ours = load::requests_per_second(docchat.address, time).await?;
        let theirs = load::requests_per_second(bare.address, time).await?;
        // Round 0 warms up.
        if round > 0 {
            println!("docchat {ours:8.0}   bare {theirs:8.0}   ratio {:.3}", ours / theirs);
            ratios.push(ours / theirs);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!("median {:.3} (must 0.9)", ratios[ratios.len() / 2]);
    Ok(())
}

/// Documents with two tags each, unless they are there from a run before.
async fn fill(engine: &aludel::Engine) -> Result<()> {
    use aludel::prelude::*;
    use docchat::models::{Document, Tag};
    let mut session = engine.session();
    let there: i64 = session.scalar(select(func::count(Document::ID))).await?;
    if there == 0 {
        let tags = session.add_all(["law", "report"].map(|name| Tag::builder().name(name)));
        session.add_all((1..=DOCUMENTS).map(|number| {
            let body = format!("The text of document {number}. ").repeat(20);
            Document::builder().title(format!("Document {number}")).body(body).owner_id(1).tags(tags.clone())
        }));
        session.commit().await?;
    }
    Ok(())
}

/// This program as a server, in a process of its own.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(what: &str) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?).arg(what).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut line)?;
        Ok(Self { process, address: line.trim().parse()? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
