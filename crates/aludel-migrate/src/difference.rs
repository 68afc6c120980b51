//! What was changed in a text, line by line.

/// More than this is not compared: it would take long, and nobody reads it.
const MOST_LINES: usize = 2_000;
/// As many lines are told.
const TOLD: usize = 20;

/// Returns the lines that one text has and another has not, in order: `- before`, `+ now`. Lines that are empty, and comments, do not count.
pub(crate) fn difference(before: &str, now: &str) -> Vec<String> {
    let (before, now) = (lines(before), lines(now));
    let same = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let (before, now) = (&before[same..], &now[same..]);
    let same = before.iter().rev().zip(now.iter().rev()).take_while(|(a, b)| a == b).count();
    let (before, now) = (&before[..before.len() - same], &now[..now.len() - same]);
    let mut found = if before.len().max(now.len()) > MOST_LINES {
        vec![format!("{} lines are {} others now", before.len(), now.len())]
    } else {
        changes(before, now)
    };
    if found.len() > TOLD {
        let more = found.len() - TOLD;
        found.truncate(TOLD);
        found.push(format!("and {more} lines more"));
    }
    found
}

fn lines(text: &str) -> Vec<&str> {
    let is_comment = |it: &str| it.starts_with('#') || it.starts_with("--") && !it.starts_with("-- aludel:");
    text.lines().map(str::trim).filter(|it| !it.is_empty() && !is_comment(it)).collect()
}

/// The longest common subsequence stays, the rest goes and comes.
fn changes(before: &[&str], now: &[&str]) -> Vec<String> {
    // How long it is from these lines on.
    let mut common = vec![vec![0_u32; now.len() + 1]; before.len() + 1];
    for a in (0..before.len()).rev() {
        for b in (0..now.len()).rev() {
            common[a][b] = if before[a] == now[b] {
                common[a + 1][b + 1] + 1
            } else {
                common[a + 1][b].max(common[a][b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut found = Vec::new();
    while a < before.len() || b < now.len() {
        if a < before.len() && b < now.len() && before[a] == now[b] {
            (a, b) = (a + 1, b + 1);
        } else if b == now.len() || a < before.len() && common[a + 1][b] >= common[a][b + 1] {
            found.push(format!("- {}", before[a]));
            a += 1;
        } else {
            found.push(format!("+ {}", now[b]));
            b += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_go_and_come_are_told_in_order() {
        let before = "id = 1\n# why\ncolumns = [\n  a,\n  b,\n]\n";
        let now = "id = 1\r\n\r\ncolumns = [\r\n  b,\r\n  c,\r\n]\r\n";
        assert_eq!(difference(before, now), ["- a,", "+ c,"]);
        assert!(difference(before, before).is_empty());
        assert_eq!(difference("", "a"), ["+ a"]);
    }

    #[test]
    fn what_nobody_would_read_is_counted() {
        let many = |from: u32, to: u32| (from..to).map(|it| format!("{it}\n")).collect::<String>();
        let found = difference(&many(0, 30), "");
        assert_eq!((found.len(), found.last().unwrap().as_str()), (21, "and 10 lines more"));
        assert_eq!(difference(&many(0, 5_000), &many(9_000, 9_001)), ["5000 lines are 1 others now"]);
    }
}
