use aludel::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server of another kind.
async fn a_web_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    address.to_string()
}

pub async fn run(_: Engine) -> aludel::Result<()> {
    let server = a_web_server().await;
    // ANCHOR: code
    let engine = Engine::builder(&format!("postgresql://sam@{server}/docchat")).build()?;
    if let Err(error) = engine.connect().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
