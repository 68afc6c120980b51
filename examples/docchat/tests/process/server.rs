//! The program as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

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
