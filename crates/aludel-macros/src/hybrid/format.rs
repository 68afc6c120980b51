//! `format!` with text and integers.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, LitStr, Result, Token};

use super::translate::{Translator, untranslated};

struct Arguments {
    template: LitStr,
    values: Punctuated<Expr, Token![,]>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let template = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { template, values: Punctuated::parse_terminated(input)? })
    }
}

/// Writes a concatenation.
pub(super) fn format(translator: &Translator<'_>, mac: &syn::Macro) -> Result<TokenStream> {
    let Arguments { template, values } = mac.parse_body()?;
    let span = template.span();
    let mut parts = Vec::new();
    let mut next = values.iter();
    for piece in pieces(&template)? {
        parts.push(match piece {
            Piece::Text(text) => quote_spanned!(span=> ::aludel::hybrid::value(#text)),
            Piece::Next => {
                let Some(value) = next.next() else { break };
                let term = translator.expression(value)?;
                quote_spanned!(value.span()=> ::aludel::hybrid::display(#term))
            }
            Piece::Named(name) => {
                let name = Expr::Path(syn::ExprPath {
                    attrs: Vec::new(),
                    qself: None,
                    path: Ident::new(&name, span).into(),
                });
                let term = translator.expression(&name)?;
                quote_spanned!(span=> ::aludel::hybrid::display(#term))
            }
        });
    }
    Ok(quote_spanned!(span=> ::aludel::hybrid::concat(::std::vec![#(#parts),*])))
}

enum Piece {
    Text(String),
    Next,
    Named(String),
}

fn pieces(template: &LitStr) -> Result<Vec<Piece>> {
    let text = template.value();
    let mut chars = text.chars().peekable();
    let (mut pieces, mut plain) = (Vec::new(), String::new());
    while let Some(char) = chars.next() {
        match char {
            '{' | '}' if chars.peek() == Some(&char) => {
                chars.next();
                plain.push(char);
            }
            '{' => {
                let name: String = chars.by_ref().take_while(|it| *it != '}').collect();
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(match name.as_str() {
                    "" => Piece::Next,
                    name if syn::parse_str::<Ident>(name).is_ok() => Piece::Named(name.to_owned()),
                    _ => return Err(untranslated(template.span(), &format!("`{{{name}}}`"))),
                });
            }
            other => plain.push(other),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}
