/// How many numbers a vector has.
const SIZE: usize = 128;

/// What a text is about, as a direction: texts that share words and parts of words point in similar ones.
///
/// A model would do better; this one needs no file, no network and no time, and gives the same numbers on every machine. Each word and each run of three
/// letters adds to one of 128 numbers, picked by a hash.
///
/// ```
/// use docchat::search::Vector;
///
/// let question = Vector::of("database migrations");
/// let near = Vector::of("How a migration changes the database.");
/// let far = Vector::of("Two eggs, flour and a pinch of salt.");
/// assert!(question.cosine(&near) > question.cosine(&far));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Vector([f32; SIZE]);

impl Vector {
    /// Returns the direction of a text, of length 1; that of no words is all zeros.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut sums = [0.0; SIZE];
        for word in text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()) {
            let word = word.to_lowercase();
            add(&mut sums, &word, 2.0);
            let letters: Vec<char> = word.chars().collect();
            for three in letters.windows(3) {
                add(&mut sums, &three.iter().collect::<String>(), 1.0);
            }
        }
        let length = sums.iter().map(|it| it * it).sum::<f32>().sqrt();
        if length > 0.0 {
            sums.iter_mut().for_each(|it| *it /= length);
        }
        Self(sums)
    }

    /// Returns the cosine of the angle between two directions.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }

    /// Returns the numbers as bytes, four each, the lowest first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|it| it.to_le_bytes()).collect()
    }

    /// Returns the numbers in brackets, a comma between two.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{:?}", self.0)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote; missing numbers are zeros.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut numbers = [0.0; SIZE];
        for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
            *number = f32::from_le_bytes(*bytes);
        }
        Self(numbers)
    }
}

/// Adds to the number that a hash picks, or takes away, so that words that meet in one number do not add up to a likeness.
fn add(sums: &mut [f32; SIZE], of: &str, weight: f32) {
    let hash = fnv(of);
    let sign = if hash & 1 == 0 { 1.0 } else { -1.0 };
    sums[(hash >> 1) as usize % SIZE] += sign * weight;
}

/// FNV-1a, which gives the same on every machine.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
