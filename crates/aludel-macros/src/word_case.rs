//! Names in other cases: `rename_all = "snake_case"`.

use proc_macro2::Span;
use syn::LitStr;

use crate::suggest::nearest;

/// How the words of a name are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordCase {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const CASES: [(&str, WordCase); 8] = [
    ("lowercase", WordCase::Lower),
    ("UPPERCASE", WordCase::Upper),
    ("PascalCase", WordCase::Pascal),
    ("camelCase", WordCase::Camel),
    ("snake_case", WordCase::Snake),
    ("SCREAMING_SNAKE_CASE", WordCase::ScreamingSnake),
    ("kebab-case", WordCase::Kebab),
    ("SCREAMING-KEBAB-CASE", WordCase::ScreamingKebab),
];

impl WordCase {
    /// Reads the name of a case, as serde spells them.
    pub(crate) fn parse(literal: &LitStr) -> syn::Result<Self> {
        let name = literal.value();
        if let Some((_, case)) = CASES.iter().find(|(known, _)| *known == name) {
            return Ok(*case);
        }
        let span: Span = literal.span();
        let meant = nearest(&name, CASES.map(|it| it.0));
        let meant = meant.map(|it| format!("did you mean \"{it}\"? ")).unwrap_or_default();
        let known = CASES.map(|it| format!("\"{}\"", it.0)).join(", ");
        Err(syn::Error::new(span, format!("unknown case; {meant}(the known ones are {known})")))
    }

    /// Writes the name of a variant in this case.
    pub(crate) fn apply(self, variant: &str) -> String {
        let snake = snake_case(variant);
        match self {
            Self::Lower => variant.to_lowercase(),
            Self::Upper => variant.to_uppercase(),
            Self::Pascal => variant.to_owned(),
            Self::Camel => {
                let mut letters = variant.chars();
                letters.next().map_or_else(String::new, |it| it.to_lowercase().chain(letters).collect())
            }
            Self::Snake => snake,
            Self::ScreamingSnake => snake.to_uppercase(),
            Self::Kebab => snake.replace('_', "-"),
            Self::ScreamingKebab => snake.to_uppercase().replace('_', "-"),
        }
    }
}

/// `ApiKey` → `api_key`, `HTTPServer` → `http_server`.
pub(crate) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let begins_word = letter.is_uppercase()
            && at > 0
            && letters[at - 1] != '_'
            && (!letters[at - 1].is_uppercase() || letters.get(at + 1).is_some_and(|it| it.is_lowercase()));
        if begins_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_variant_are_written_in_every_case() {
        let cased = CASES.map(|(_, case)| case.apply("InReview"));
        assert_eq!(
            cased,
            [
                "inreview",
                "INREVIEW",
                "InReview",
                "inReview",
                "in_review",
                "IN_REVIEW",
                "in-review",
                "IN-REVIEW"
            ]
        );
    }
}
