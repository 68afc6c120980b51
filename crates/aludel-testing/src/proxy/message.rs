//! Where one message of a protocol ends and the next begins.

use super::Way;
use crate::Database;

/// Splits the bytes of one way of a connection.
#[derive(Debug)]
pub(super) struct Splitter {
    postgres: bool,
    /// The next message is one that PostgreSQL's clients begin with: it has no tag.
    first: bool,
    bytes: Vec<u8>,
}

/// What a client of PostgreSQL asks before its first message proper: for TLS, or for GSSAPI.
const ASKS_FOR_ENCRYPTION: [[u8; 4]; 2] = [80_877_103_u32.to_be_bytes(), 80_877_104_u32.to_be_bytes()];

impl Splitter {
    pub fn new(database: Database, way: Way) -> Self {
        let postgres = database == Database::Postgres;
        Self { postgres, first: postgres && way == Way::ToServer, bytes: Vec::new() }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the first message, if all of it is here.
    pub fn next_message(&mut self) -> Option<Vec<u8>> {
        let length = match (&*self.bytes, self.postgres, self.first) {
            (&[a, b, c, d, ..], true, true) => u32::from_be_bytes([a, b, c, d]) as usize,
            (&[_, a, b, c, d, ..], true, false) => u32::from_be_bytes([a, b, c, d]) as usize + 1,
            // MariaDB: the length, and the number of the packet.
            (&[a, b, c, _, ..], false, _) => u32::from_le_bytes([a, b, c, 0]) as usize + 4,
            _ => return None,
        };
        if self.bytes.len() < length {
            return None;
        }
        let rest = self.bytes.split_off(length);
        let message = std::mem::replace(&mut self.bytes, rest);
        self.first &= message.get(4..8).is_some_and(|code| ASKS_FOR_ENCRYPTION.iter().any(|it| it == code));
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(database: Database, way: Way, bytes: &[u8]) -> Vec<usize> {
        let mut splitter = Splitter::new(database, way);
        let mut lengths = Vec::new();
        for byte in bytes {
            splitter.push(&[*byte]);
            lengths.extend(std::iter::from_fn(|| splitter.next_message()).map(|it| it.len()));
        }
        lengths
    }

    #[test]
    fn messages_are_split_where_the_protocol_splits_them() {
        let tls = b"\0\0\0\x08\x04\xd2\x16\x2f";
        let startup = b"\0\0\0\x0b\0\x03\0\0a\0\0";
        let sync = b"S\0\0\0\x04";
        let all = [&tls[..], startup, sync, sync].concat();
        assert_eq!(messages(Database::Postgres, Way::ToServer, &all), [8, 11, 5, 5]);
        assert_eq!(messages(Database::Postgres, Way::ToClient, b"Z\0\0\0\x05IN\0\0"), [6]);
        assert_eq!(messages(Database::MariaDb, Way::ToClient, b"\x01\0\0\0x\0\0\0\x01\x02\0\0"), [5, 4]);
    }
}
