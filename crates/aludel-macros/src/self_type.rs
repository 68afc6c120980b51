//! `Self` in the types and attributes of a struct.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{DeriveInput, Result};

/// Reads a struct, with its name wherever it says `Self`: that means something else in the builder, and nothing in a static.
pub(crate) fn parse(input: TokenStream) -> Result<DeriveInput> {
    // The compiler prints tokens itself; to walk through them is work of this crate, which programs seldom optimize.
    let says_self = input.to_string().contains("Self");
    let parsed: DeriveInput = syn::parse2(input.clone())?;
    if says_self { syn::parse2(named(input, &parsed.ident)) } else { Ok(parsed) }
}

fn named(tokens: TokenStream, name: &Ident) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(it) if it == "Self" => {
            let mut name = name.clone();
            name.set_span(it.span());
            TokenTree::Ident(name)
        }
        TokenTree::Group(it) => {
            let mut group = Group::new(it.delimiter(), named(it.stream(), name));
            group.set_span(it.span());
            TokenTree::Group(group)
        }
        token => token,
    };
    tokens.into_iter().map(replace).collect()
}
