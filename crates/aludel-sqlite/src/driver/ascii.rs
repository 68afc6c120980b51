//! The check for ASCII, for texts as they are in rows.

/// Tells whether a text is ASCII.
///
/// Looks at eight bytes at a time, the last eight overlapping those before. Most texts are ASCII and short, and lie anywhere in their
/// row: `from_utf8` and `<[u8]>::is_ascii` look at them byte by byte.
#[inline]
pub(super) fn is_ascii(bytes: &[u8]) -> bool {
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    let Some(last) = bytes.last_chunk::<8>() else {
        return rest.iter().all(u8::is_ascii);
    };
    words.iter().fold(u64::from_ne_bytes(*last), |seen, word| seen | u64::from_ne_bytes(*word)) & TOPS == 0
}

#[cfg(test)]
mod tests {
    use super::is_ascii;

    #[test]
    fn a_text_is_ascii_if_none_of_its_bytes_has_the_top_bit() {
        for length in 0..40 {
            let mut bytes = vec![b'a'; length];
            assert!(is_ascii(&bytes));
            for at in 0..length {
                bytes[at] = 0x80;
                assert!(!is_ascii(&bytes), "byte {at} of {length}");
                bytes[at] = 0x7f;
            }
        }
    }
}
