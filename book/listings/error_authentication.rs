use aludel::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that speaks just enough of PostgreSQL's protocol to ask for the password in clear.
async fn asks_for_the_password_in_clear() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).await;
            let _ = stream.read(&mut [0; 1024]).await;
        }
    });
    address.to_string()
}

pub async fn run(_: Engine) -> aludel::Result<()> {
    let server = asks_for_the_password_in_clear().await;
    // ANCHOR: code
    let engine = Engine::builder(&format!("postgresql://sam:secret@{server}/docchat")).build()?;
    if let Err(error) = engine.connect().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
