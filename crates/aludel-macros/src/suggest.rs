//! "Did you mean …?"

/// Returns the one of `known` that `name` is probably a misspelling of.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near_enough = (name.len() / 3).max(1);
    known
        .into_iter()
        .map(|it| (distance(name, it), it))
        .filter(|(far, _)| *far <= near_enough)
        .min()
        .map(|it| it.1)
}

/// Returns the number of characters to add, drop, change or swap with the next one between two words (Damerau and Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut far = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            far[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = far[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swap = if swapped { far[i - 2][j - 2] + 1 } else { usize::MAX };
                change.min(swap).min(far[i - 1][j] + 1).min(far[i][j - 1] + 1)
            };
        }
    }
    far[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_another_word_is_not() {
        let known = ["primary_key", "length", "unique"];
        assert_eq!(nearest("primay_key", known), Some("primary_key"));
        assert_eq!(nearest("lenght", known), Some("length"));
        assert_eq!(nearest("tabel", ["table"]), Some("table"));
        assert_eq!(nearest("colour", known), None);
    }
}
