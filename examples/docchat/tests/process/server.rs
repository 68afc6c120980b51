//! The program as a process of its own, and requests to it over a socket.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A running DocChat.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it on a database, and waits until it listens.
    pub fn start(url: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_docchat"))
            .env("DATABASE_URL", url)
            .env("ADDR", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program is built");
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let address = lines
            .find_map(|line| {
                let line = line.expect("the program writes text");
                Some(line.strip_prefix("http://")?.split(' ').next()?.parse().expect("an address"))
            })
            .expect("the program says where it listens");
        // Its log goes on.
        thread::spawn(move || lines.for_each(drop));
        Self { process, address }
    }

    /// SIGKILL: nothing is put in order.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it has ended");
    }

    /// SIGTERM.
    pub fn terminate(&mut self) -> ExitStatus {
        let told = Command::new("kill").arg(self.process.id().to_string()).status().expect("there is `kill`");
        assert!(told.success());
        self.process.wait().expect("it has ended")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends one request; an error if there was no whole answer.
pub fn send(address: SocketAddr, method: &str, path: &str, body: &str) -> io::Result<(u16, Value)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    // Not every server ends the connection because it is asked to.
    let mut answer = BufReader::new(stream);
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if answer.read_line(&mut head)? == 0 {
            return Err(cut());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = vec![0; length.ok_or_else(cut)?];
    answer.read_exact(&mut body)?;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).ok_or_else(cut)?;
    Ok((status, serde_json::from_slice(&body).map_err(|_| cut())?))
}
