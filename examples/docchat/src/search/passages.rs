/// How many characters a passage has at most, unless one word is longer.
const LONGEST: usize = 500;

/// Cuts a text into passages: paragraphs, and parts of paragraphs that are long, cut between words.
///
/// ```
/// let text = "One.\n\nTwo, in\ntwo lines.\n\n\n";
/// assert_eq!(docchat::search::passages(text), ["One.", "Two, in\ntwo lines."]);
/// ```
#[must_use]
pub fn passages(text: &str) -> Vec<&str> {
    text.split("\n\n").flat_map(cut).map(str::trim).filter(|passage| !passage.is_empty()).collect()
}

fn cut(mut paragraph: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while let Some((end, _)) = paragraph.char_indices().nth(LONGEST) {
        let between_words =
            paragraph[..end].rfind(char::is_whitespace).or_else(|| paragraph.find(char::is_whitespace));
        let Some(end) = between_words.filter(|end| *end > 0) else { break };
        let (part, rest) = paragraph.split_at(end);
        parts.push(part);
        paragraph = rest.trim_start();
    }
    parts.push(paragraph);
    parts
}
