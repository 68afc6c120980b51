//! The hash of a certificate that SCRAM is bound to: `tls-server-end-point` of RFC 5929.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// Hashes a certificate with the hash of its own signature, or SHA-256 where that is MD5 or SHA-1. `None` where the signature
/// has no hash of its own (Ed25519) or names it elsewhere (RSA-PSS): there is nothing then to bind to.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    Some(match signature_hash(certificate)? {
        Hash::Sha224 => Sha224::digest(certificate).to_vec(),
        Hash::Sha256 => Sha256::digest(certificate).to_vec(),
        Hash::Sha384 => Sha384::digest(certificate).to_vec(),
        Hash::Sha512 => Sha512::digest(certificate).to_vec(),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// 1.2.840.113549.1.1: RSA with PKCS#1 v1.5.
const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// 1.2.840.10045.4: ECDSA.
const ECDSA: [u8; 6] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];

/// Reads the algorithm of a certificate's signature: `SEQUENCE { SEQUENCE { … }, SEQUENCE { OBJECT IDENTIFIER, … }, … }`.
fn signature_hash(certificate: &[u8]) -> Option<Hash> {
    let (content, _) = element(certificate, SEQUENCE)?;
    let (_to_be_signed, rest) = element(content, SEQUENCE)?;
    let (algorithm, _) = element(rest, SEQUENCE)?;
    let (oid, _) = element(algorithm, OBJECT_IDENTIFIER)?;
    if let Some(rsa) = oid.strip_prefix(&RSA) {
        return match rsa {
            // MD5 and SHA-1 are too weak to be used for this.
            [4 | 5 | 11] => Some(Hash::Sha256),
            [12] => Some(Hash::Sha384),
            [13] => Some(Hash::Sha512),
            [14] => Some(Hash::Sha224),
            _ => None,
        };
    }
    match oid.strip_prefix(&ECDSA)? {
        [1] | [3, 2] => Some(Hash::Sha256),
        [3, 1] => Some(Hash::Sha224),
        [3, 3] => Some(Hash::Sha384),
        [3, 4] => Some(Hash::Sha512),
        _ => None,
    }
}

/// Splits off the first element of DER: its content, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[first, length], rest) = bytes.split_first_chunk::<2>()?;
    if first != tag {
        return None;
    }
    // From 0x80 on it is the number of digits that follow. A length of more than four is none that a certificate has.
    let digits = if length < 0x80 { 0 } else { usize::from(length - 0x80) };
    match digits {
        0 => rest.split_at_checked(usize::from(length)),
        1..=4 => {
            let (digits, rest) = rest.split_at_checked(digits)?;
            rest.split_at_checked(digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        match content.len() {
            short @ ..128 => bytes.push(short as u8),
            long => bytes.extend([0x82, (long >> 8) as u8, long as u8]),
        }
        bytes.extend(content);
        bytes
    }

    fn certificate(oid: &[u8]) -> Vec<u8> {
        let signed = der(SEQUENCE, &[7; 300]);
        let algorithm = der(SEQUENCE, &der(OBJECT_IDENTIFIER, oid));
        der(SEQUENCE, &[signed, algorithm, der(3, &[1; 70])].concat())
    }

    #[test]
    fn a_certificate_is_hashed_as_it_was_signed() {
        for (prefix, end, hash) in [
            (&RSA[..], &[5][..], Some(Hash::Sha256)),
            (&RSA, &[11], Some(Hash::Sha256)),
            (&RSA, &[13], Some(Hash::Sha512)),
            (&RSA, &[10], None),
            (&ECDSA, &[3, 2], Some(Hash::Sha256)),
            (&ECDSA, &[3, 3], Some(Hash::Sha384)),
            // Ed25519.
            (&[0x2b, 0x65], &[0x70], None),
        ] {
            assert_eq!(signature_hash(&certificate(&[prefix, end].concat())), hash, "{end:?}");
        }
        let bytes = certificate(&[&ECDSA[..], &[3, 3]].concat());
        assert_eq!(end_point(&bytes), Some(Sha384::digest(&bytes).to_vec()));
    }

    #[test]
    fn a_certificate_cut_anywhere_has_no_hash() {
        let bytes = certificate(&[&RSA[..], &[11]].concat());
        for end in 0..bytes.len() {
            assert_eq!(signature_hash(&bytes[..end]), None);
        }
    }
    #[test]
    fn a_certificate_that_was_changed_has_a_hash_or_none() {
        let mut random = aludel_testing::Random(7);
        for _ in 0..20_000 {
            let mut bytes = certificate(&[&ECDSA[..], &[3, 2]].concat());
            for _ in 0..random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] = random.next() as u8;
            }
            bytes.truncate(random.below(2 * bytes.len()));
            let length = end_point(&bytes).map(|hash| hash.len());
            assert!(length.is_none_or(|it| matches!(it, 28 | 32 | 48 | 64)));
        }
    }
}
