//! Decimals: `numeric` travels as groups of four digits, with the place of the first group and the number of digits behind the point.

use std::fmt::Write;

use aludel_sql::decimal::Digits;
use aludel_sql::{Error, ErrorKind, Result};
use bytes::{BufMut, BytesMut};

use super::message::{Body, wrong};

const NEGATIVE: u16 = 0x4000;
/// NaN and the infinities are numbers to the server, and no digits.
const NOT_A_NUMBER: [u16; 3] = [0xC000, 0xD000, 0xF000];

/// The most digits before the point, and the most behind it.
const MOST_BEFORE: usize = 131_072;
const MOST_BEHIND: usize = 16_383;

/// Writes a number: its length and its bytes.
pub(super) fn encode(out: &mut BytesMut, digits: Digits<'_>) -> Result<()> {
    let Digits { negative, whole, fraction } = digits;
    if whole.len() > MOST_BEFORE || fraction.len() > MOST_BEHIND {
        return Err(Error::new(
            ErrorKind::Encode,
            format!(
                "PostgreSQL keeps {MOST_BEFORE} digits before the point of a decimal and {MOST_BEHIND} behind it"
            ),
        ));
    }
    let (before, behind) = (whole.len().div_ceil(4), fraction.len().div_ceil(4));
    out.put_u32((8 + 2 * (before + behind)) as u32);
    out.put_u16((before + behind) as u16);
    // The place of the first group, counted in groups from the point.
    out.put_i16((before as i32 - 1) as i16);
    out.put_u16(if negative { NEGATIVE } else { 0 });
    out.put_u16(fraction.len() as u16);
    let number = |digits: &[u8]| digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    // Groups are counted from the point: the first one may be short.
    whole.as_bytes().rchunks(4).rev().for_each(|it| out.put_u16(number(it)));
    for group in fraction.as_bytes().chunks(4) {
        out.put_u16(number(group) * 10_u16.pow(4 - group.len() as u32));
    }
    Ok(())
}

/// How many digits the decimals of one row or array may have together.
///
/// Twelve bytes can stand for 131,072 digits: without a limit a server could fill the memory with a message of moderate length.
pub(super) struct Room(usize);

impl Room {
    /// The digits that any row may have: 128 of the longest decimals.
    const ALWAYS: usize = 16 * 1024 * 1024;
    /// The digits for each byte sent. The largest number of a double has 309 digits and takes 14 bytes.
    const PER_BYTE: usize = 64;

    /// Makes the room for decimals of so many bytes.
    pub fn of(bytes: usize) -> Self {
        Self(Self::ALWAYS.saturating_add(bytes.saturating_mul(Self::PER_BYTE)))
    }

    fn take(&mut self, digits: usize) -> Result<()> {
        self.0 = self.0.checked_sub(digits).ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the decimals of one row or array have too many digits together")
                .help("select them in several statements, or as text")
        })?;
        Ok(())
    }
}

/// Reads a number as its digits.
pub(super) fn decode(bytes: &[u8], room: &mut Room) -> Result<String> {
    let mut body = Body(bytes);
    let groups = usize::from(body.u16()?);
    let weight = i32::from(body.u16()? as i16);
    let sign = body.u16()?;
    let scale = usize::from(body.u16()?);
    if NOT_A_NUMBER.contains(&sign) {
        return Err(Error::new(ErrorKind::Decode, "the decimal is NaN or infinite"));
    }
    let four_digits = |group: &[u8; 2]| u16::from_be_bytes(*group) < 10_000;
    let (sent, _) = bytes.get(8..).unwrap_or_default().as_chunks::<2>();
    if bytes.len() != 8 + 2 * groups
        || scale > MOST_BEHIND
        || sign & !NEGATIVE != 0
        || !sent.iter().all(four_digits)
    {
        return Err(wrong("a decimal is not what its type says"));
    }
    // Groups of zeros at both ends are not sent.
    let group = |place: i32| {
        let at = usize::try_from(weight - place).ok();
        at.and_then(|at| sent.get(at)).map_or(0, |group| u16::from_be_bytes(*group))
    };
    let length = 4 * (weight.max(0) as usize + 1) + scale + 6;
    room.take(length)?;
    let mut text = String::with_capacity(length);
    if sign == NEGATIVE {
        text.push('-');
    }
    // The first group has no zeros in front.
    let first = weight.max(0);
    let _ = write!(text, "{}", group(first));
    for place in (0..first).rev() {
        if weight - place >= sent.len() as i32 {
            text.extend(std::iter::repeat_n('0', 4 * (place as usize + 1)));
            break;
        }
        let _ = write!(text, "{:04}", group(place));
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + scale;
        let mut place = -1;
        while text.len() < end {
            let _ = write!(text, "{:04}", group(place));
            place -= 1;
        }
        text.truncate(end);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Result<String> {
        super::decode(bytes, &mut Room::of(bytes.len()))
    }

    #[test]
    fn digits_come_back_as_they_were_sent() {
        for text in [
            "0",
            "0.00",
            "1",
            "-1",
            "10000",
            "12345678.9",
            "-0.0001",
            "0.00010",
            "99999999999999999999999999.99",
            "1000000000000",
            "0.5",
        ] {
            let mut out = BytesMut::new();
            encode(&mut out, Digits::parse(text).unwrap()).unwrap();
            let bytes = &out[4..];
            assert_eq!(u32::from_be_bytes(out[..4].try_into().unwrap()) as usize, bytes.len());
            assert_eq!(decode(bytes).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_number_is_a_decode_error() {
        for sign in NOT_A_NUMBER {
            let [high, low] = sign.to_be_bytes();
            assert_eq!(decode(&[0, 0, 0, 0, high, low, 0, 0]).unwrap_err().kind(), ErrorKind::Decode);
        }
    }

    #[test]
    fn few_bytes_do_not_make_digits_without_end() {
        let longest = [0, 1, 0x7f, 0xff, 0, 0, 0, 0, 0, 1];
        let mut room = Room::of(1_000 * longest.len());
        let read = (0..1_000).map_while(|_| super::decode(&longest, &mut room).ok()).count();
        assert!((100..200).contains(&read), "{read} decimals");
        assert_eq!(super::decode(&longest, &mut room).unwrap_err().kind(), ErrorKind::Decode);
    }

    #[test]
    fn bytes_that_are_no_decimal_are_a_protocol_error() {
        for bytes in [
            &[][..],
            &[0, 1, 0, 0, 0, 0, 0, 0],
            &[0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
            &[0, 0, 0, 0, 0x12, 0x34, 0, 0],
            &[0, 0, 0, 0, 0, 0, 0xff, 0xff],
        ] {
            assert_eq!(decode(bytes).unwrap_err().kind(), ErrorKind::Protocol, "{bytes:?}");
        }
    }
}
