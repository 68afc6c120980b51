//! How long a silent peer is believed to be there.

use std::io;
use std::time::Duration;

use aludel_engine::Url;
use aludel_sql::{Error, ErrorKind, Result};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// Probes of an idle connection, with libpq's words.
///
/// The system's own defaults take two hours to find out that a peer has vanished; these take two minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keepalive {
    /// `keepalives`: whether there are probes at all.
    on: bool,
    /// `keepalives_idle`: silence before the first.
    idle: Duration,
    /// `keepalives_interval`: between two of them.
    interval: Duration,
    /// `keepalives_count`: how many may stay unanswered.
    count: u32,
    /// `tcp_user_timeout`: how long bytes that were sent may stay unacknowledged; zero leaves it to the system.
    user_timeout: Duration,
}

/// The names of the options.
pub(super) const NAMES: [&str; 5] =
    ["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"];

impl Keepalive {
    pub fn from_url(url: &Url) -> Result<Self> {
        let number = |name: &'static str, least: u32, default: u32| match url.option(name) {
            None => Ok(default),
            Some(text) => {
                text.parse().ok().filter(|it| *it >= least && *it <= 1_000_000_000).ok_or_else(|| {
                    Error::new(ErrorKind::Url, format!("`{name}` is not a number of at least {least}"))
                })
            }
        };
        let seconds = |name, default| number(name, 1, default).map(|it| Duration::from_secs(u64::from(it)));
        Ok(Self {
            on: match url.option("keepalives") {
                None | Some("1") => true,
                Some("0") => false,
                Some(_) => return Err(Error::new(ErrorKind::Url, "`keepalives` is neither 0 nor 1")),
            },
            idle: seconds("keepalives_idle", 60)?,
            interval: seconds("keepalives_interval", 10)?,
            count: number("keepalives_count", 1, 6)?,
            user_timeout: Duration::from_millis(u64::from(number("tcp_user_timeout", 0, 120_000)?)),
        })
    }

    /// Sets the options of a socket; what the system does not know is left as it is.
    pub fn apply(&self, stream: &TcpStream) -> io::Result<()> {
        let socket = SockRef::from(stream);
        if self.on {
            let probes = TcpKeepalive::new().with_time(self.idle);
            #[cfg(any(
                target_os = "linux",
                target_os = "android",
                target_vendor = "apple",
                target_os = "freebsd",
                windows
            ))]
            let probes = probes.with_interval(self.interval).with_retries(self.count);
            socket.set_tcp_keepalive(&probes)?;
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if !self.user_timeout.is_zero() {
            socket.set_tcp_user_timeout(Some(self.user_timeout))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keepalive(query: &str) -> Result<Keepalive> {
        Keepalive::from_url(&format!("postgresql://sam@db/x?{query}").parse().unwrap())
    }

    #[test]
    fn numbers_that_cannot_be_are_errors() {
        for query in ["keepalives=yes", "keepalives_idle=0", "keepalives_count=-1", "tcp_user_timeout=soon"] {
            assert_eq!(keepalive(query).unwrap_err().kind(), ErrorKind::Url, "{query}");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_vanished_peer_is_noticed_in_minutes_and_not_in_hours() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = |query| {
            let (keepalive, address) = (keepalive(query).unwrap(), listener.local_addr().unwrap());
            async move {
                let stream = TcpStream::connect(address).await.unwrap();
                keepalive.apply(&stream).unwrap();
                let socket = SockRef::from(&stream);
                let probes = socket.tcp_keepalive_time().unwrap()
                    + socket.tcp_keepalive_interval().unwrap() * socket.tcp_keepalive_retries().unwrap();
                (socket.keepalive().unwrap(), probes.as_secs(), socket.tcp_user_timeout().unwrap())
            }
        };
        assert_eq!(socket("").await, (true, 120, Some(Duration::from_secs(120))));
        let query = "keepalives_idle=5&keepalives_interval=2&keepalives_count=3&tcp_user_timeout=9000";
        assert_eq!(socket(query).await, (true, 11, Some(Duration::from_secs(9))));
        assert!(!socket("keepalives=0").await.0);
    }
}
