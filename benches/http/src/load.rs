//! The load: connections that are kept, one request at a time on each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{DOCUMENTS, Result};

const CONNECTIONS: i64 = 32;

/// Returns the body of one answer.
pub async fn get(address: SocketAddr, id: i64) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let mut buffer = Vec::new();
    exchange(&mut stream, &mut buffer, id).await
}

/// Returns how many requests a second were answered.
pub async fn requests_per_second(address: SocketAddr, time: Duration) -> Result<f64> {
    let (answered, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    let begun = Instant::now();
    for client in 0..CONNECTIONS {
        let (answered, over) = (Arc::clone(&answered), Arc::clone(&over));
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut buffer, mut id) = (Vec::new(), client);
            while !over.load(Ordering::Relaxed) {
                id = (id + 7) % DOCUMENTS;
                exchange(&mut stream, &mut buffer, id + 1).await?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
    }
    tokio::task::spawn_blocking(move || std::thread::sleep(time)).await?;
    over.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client??;
    }
    Ok(answered.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64())
}

async fn exchange(stream: &mut TcpStream, buffer: &mut Vec<u8>, id: i64) -> Result<Vec<u8>> {
    let request = format!("GET /documents/{id} HTTP/1.1\r\nhost: bench\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server hung up".into());
        }
        let Some(head) = buffer.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head])?.to_ascii_lowercase();
        if !text.starts_with("http/1.1 200") {
            return Err(format!("document {id}: {text}").into());
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.ok_or("an answer says its length")?.parse()?;
        if buffer.len() == head + 4 + length {
            return Ok(buffer[head + 4..].to_vec());
        }
    }
}
