//! `cascade = "all, delete-orphan"`.

use proc_macro2::{Ident, Span};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Result};

use crate::suggest::nearest;

/// The words of a cascade, as constants of `Cascade`.
pub(crate) struct Cascade {
    /// The constants.
    pub(crate) constants: Vec<Ident>,
    /// Where the words stand.
    pub(crate) span: Span,
}

const WORDS: [(&str, &str); 8] = [
    ("save-update", "SAVE_UPDATE"),
    ("merge", "MERGE"),
    ("delete", "DELETE"),
    ("delete-orphan", "DELETE_ORPHAN"),
    ("expunge", "EXPUNGE"),
    ("refresh-expire", "REFRESH_EXPIRE"),
    ("all", "ALL"),
    ("none", "NONE"),
];

impl Cascade {
    /// Tells whether children without a parent are deleted.
    pub(crate) fn deletes_orphans(&self) -> bool {
        self.has(&["DELETE_ORPHAN"])
    }

    /// Tells whether deleting an object goes on.
    pub(crate) fn deletes(&self) -> bool {
        self.has(&["DELETE", "ALL"])
    }

    /// Tells whether it writes something.
    pub(crate) fn writes(&self) -> bool {
        self.has(&["SAVE_UPDATE", "MERGE", "DELETE", "DELETE_ORPHAN", "ALL"])
    }

    fn has(&self, names: &[&str]) -> bool {
        self.constants.iter().any(|it| names.iter().any(|name| it == name))
    }
}

impl Parse for Cascade {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let literal: LitStr = input.parse()?;
        let (text, span) = (literal.value(), literal.span());
        let mut constants: Vec<Ident> = Vec::new();
        for word in text.split(',').map(str::trim) {
            let Some((_, constant)) = WORDS.iter().find(|(it, _)| *it == word) else {
                return Err(syn::Error::new(span, unknown(word)));
            };
            if constants.iter().any(|it| it == constant) {
                return Err(syn::Error::new(span, format!("\"{word}\" is named twice")));
            }
            constants.push(Ident::new(constant, span));
        }
        let has = |name: &str| constants.iter().any(|it| it == name);
        if has("NONE") && constants.len() > 1 {
            return Err(syn::Error::new(span, "\"none\" stands alone"));
        }
        if has("DELETE_ORPHAN") && !has("DELETE") && !has("ALL") {
            return Err(syn::Error::new(
                span,
                "\"delete-orphan\" needs \"delete\", for a deleted parent leaves orphans as well: \"all, delete-orphan\"",
            ));
        }
        Ok(Self { constants, span })
    }
}

fn unknown(word: &str) -> String {
    let meant = nearest(word, WORDS.map(|it| it.0));
    let meant = meant.map(|it| format!("; did you mean \"{it}\"?")).unwrap_or_default();
    let known = WORDS.map(|it| format!("\"{}\"", it.0)).join(", ");
    format!("unknown cascade \"{word}\"{meant} (the known ones are {known})")
}
