//! The check for UTF-8, for texts as they are in rows.
#![allow(unsafe_code)]

/// Returns the text that these bytes are, if they are UTF-8.
#[must_use]
#[inline]
pub fn from_utf8(bytes: &[u8]) -> Option<&str> {
    if is_ascii(bytes) {
        // SAFETY: ASCII is UTF-8.
        return Some(unsafe { std::str::from_utf8_unchecked(bytes) });
    }
    std::str::from_utf8(bytes).ok()
}

/// Tells whether a text is ASCII.
///
/// Looks at eight bytes at a time, the last eight overlapping those before. Most texts are ASCII and short, and lie anywhere in their
/// row: `from_utf8` of the standard library and `<[u8]>::is_ascii` look at them byte by byte.
#[inline]
fn is_ascii(bytes: &[u8]) -> bool {
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    let Some(last) = bytes.last_chunk::<8>() else {
        return rest.iter().all(u8::is_ascii);
    };
    words.iter().fold(u64::from_ne_bytes(*last), |seen, word| seen | u64::from_ne_bytes(*word)) & TOPS == 0
}

#[cfg(test)]
mod tests {
    use super::{from_utf8, is_ascii};

    #[test]
    fn a_text_is_ascii_if_none_of_its_bytes_has_the_top_bit() {
        for length in 0..40 {
            let mut bytes = vec![b'a'; length];
            assert!(is_ascii(&bytes));
            for at in 0..length {
                bytes[at] = 0x80;
                assert!(!is_ascii(&bytes), "byte {at} of {length}");
                assert_eq!(from_utf8(&bytes), None);
                bytes[at] = 0x7f;
            }
        }
    }

    #[test]
    fn only_utf8_is_a_text() {
        for text in ["", "plain", "Grüße, Привет, 日本"] {
            assert_eq!(from_utf8(text.as_bytes()), Some(text));
        }
        assert_eq!(from_utf8(b"cut off: \xc3"), None);
    }
}
