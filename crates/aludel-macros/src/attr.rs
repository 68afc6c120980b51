//! The syntax of attributes: from tokens to values with spans. Nothing here knows what a value means for the table.

mod cascade;
mod column;
mod dialect;
mod domain;
mod entity;
mod relation;

pub(crate) use cascade::Cascade;
pub(crate) use column::{Action, ColumnAttr, Identity, ServerDefault, ServerDefaultKind};
pub(crate) use dialect::DialectOption;
pub(crate) use domain::DomainAttr;
pub(crate) use entity::{EntityAttr, ForeignKey, Index, IndexOf, IndexPart, Unique};
pub(crate) use relation::RelationAttr;

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Meta, Path, Result, Token};

use crate::errors::Errors;
use crate::suggest::nearest;

/// A value and the key it was given by: `length = 200`.
pub(crate) struct Setting<T> {
    /// The key.
    pub(crate) key: Ident,
    /// The value.
    pub(crate) value: T,
}

impl<T> Setting<T> {
    /// Returns where the key stands.
    pub(crate) fn span(&self) -> Span {
        self.key.span()
    }
}

/// The keys of an attribute.
pub(crate) struct Keys {
    pub(crate) known: &'static [&'static str],
    /// Keys that the design has and that are yet to be built.
    pub(crate) later: &'static [&'static str],
}

impl Keys {
    /// Makes the error of a key that cannot be used.
    pub(crate) fn refuse(&self, key: &Ident) -> syn::Error {
        let name = key.unraw().to_string();
        if self.later.contains(&name.as_str()) {
            return syn::Error::new(key.span(), format!("`{name}` is not built yet"));
        }
        // The list is long; a good guess is better.
        let rest = match nearest(&name, self.known.iter().chain(self.later).copied()) {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None => {
                let list = self.known.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
                format!(" (the known ones are {list})")
            }
        };
        syn::Error::new(key.span(), format!("unknown attribute `{name}`{rest}"))
    }
}

/// Reads the items of `#[column(…)]`; a mistake in one of them leaves the others standing.
///
/// `item` is called behind the key.
pub(crate) fn items(
    attr: &Attribute,
    errors: &mut Errors,
    mut item: impl FnMut(Ident, ParseStream<'_>) -> Result<()>,
) {
    let list = match &attr.meta {
        Meta::Path(_) => return,
        Meta::List(list) => list,
        Meta::NameValue(it) => {
            let name = it.path.get_ident().map(ToString::to_string).unwrap_or_default();
            return errors.push(syn::Error::new_spanned(it, format!("write `#[{name}(…)]`")));
        }
    };
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            // `type` is a key, too.
            let read = Ident::parse_any(input).and_then(|key| item(key, input)).and_then(|()| {
                if input.is_empty() || input.peek(Token![,]) {
                    Ok(())
                } else {
                    Err(input.error("expected `,`"))
                }
            });
            if let Err(error) = read {
                errors.push(error);
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(list.tokens.clone()) {
        errors.push(error);
    }
}

/// Reads `= value`, and keeps it if it is the first.
fn value<T: Parse>(
    slot: &mut Option<Setting<T>>,
    key: Ident,
    input: ParseStream<'_>,
    example: &str,
) -> Result<()> {
    value_with(slot, key, input, example, T::parse)
}

/// Reads `= value` with a parser, and keeps it if it is the first.
pub(crate) fn value_with<T>(
    slot: &mut Option<Setting<T>>,
    key: Ident,
    input: ParseStream<'_>,
    example: &str,
    parse: impl FnOnce(ParseStream<'_>) -> Result<T>,
) -> Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(key.span(), format!("`{key}` needs a value: `{key} = {example}`")));
    }
    input.parse::<Token![=]>()?;
    let value = parse(input)?;
    keep(slot, key, value)
}

/// Keeps a value if it is the first.
fn keep<T>(slot: &mut Option<Setting<T>>, key: Ident, value: T) -> Result<()> {
    if slot.is_some() {
        return Err(syn::Error::new(key.span(), format!("`{key}` is given twice")));
    }
    *slot = Some(Setting { key, value });
    Ok(())
}

/// Reads a key without a value.
pub(crate) fn flag(slot: &mut Option<Setting<()>>, key: Ident, input: ParseStream<'_>) -> Result<()> {
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error(format!("`{key}` takes no value")));
    }
    keep(slot, key, ())
}

/// Reads what stands in parentheses. After a mistake the rest is passed over, so that it is not reported as well.
pub(crate) fn within<T>(
    input: ParseStream<'_>,
    parse: impl FnOnce(ParseStream<'_>) -> Result<T>,
) -> Result<T> {
    let inside;
    syn::parenthesized!(inside in input);
    let parsed = parse(&inside);
    if parsed.is_ok() && !inside.is_empty() {
        return Err(inside.error("expected nothing more"));
    }
    while !inside.is_empty() {
        inside.parse::<TokenTree>()?;
    }
    parsed
}

/// Reads `Other::CONSTANT`.
fn member_path(input: ParseStream<'_>, what: &str) -> Result<Path> {
    let begin = input.span();
    let path =
        Path::parse_mod_style(input).map_err(|_| syn::Error::new(begin, format!("expected {what}")))?;
    if path.segments.len() < 2 {
        return Err(syn::Error::new_spanned(path, format!("expected {what}")));
    }
    Ok(path)
}
