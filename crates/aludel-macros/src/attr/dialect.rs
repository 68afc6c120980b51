//! `sqlite(strict)`, `postgres(using = "gin")`, `mysql(engine = "InnoDB")`: what only one database understands.
//!
//! The options themselves are the dialect's business, which refuses those that it does not know when the schema is built.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Lit, Result, Token};

use super::within;

/// The dialects that have options.
pub(crate) const DIALECTS: &[&str] = &["sqlite", "postgres", "mysql"];

/// An option of a dialect.
pub(crate) struct DialectOption {
    pub(crate) dialect: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl DialectOption {
    /// Reads `(strict, engine = "InnoDB", fillfactor = 70)` behind the name of a dialect.
    pub(super) fn read(dialect: &Ident, input: ParseStream<'_>, options: &mut Vec<Self>) -> Result<()> {
        let example = || {
            syn::Error::new(dialect.span(), format!("`{dialect}` needs options: `{dialect}(option = \"…\")`"))
        };
        if !input.peek(syn::token::Paren) {
            return Err(example());
        }
        within(input, |inside| {
            if inside.is_empty() {
                return Err(example());
            }
            while !inside.is_empty() {
                Self::read_one(dialect, inside, options)?;
            }
            Ok(())
        })
    }

    fn read_one(dialect: &Ident, input: ParseStream<'_>, options: &mut Vec<Self>) -> Result<()> {
        let key = input.call(Ident::parse_any)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            match input.parse()? {
                Lit::Str(it) => it.value(),
                Lit::Int(it) => it.base10_digits().to_owned(),
                Lit::Bool(it) => it.value.to_string(),
                other => {
                    let message = "expected a text, a number, `true` or `false`";
                    return Err(syn::Error::new(other.span(), message));
                }
            }
        } else {
            "true".to_owned()
        };
        let (dialect, name) = (dialect.to_string(), key.unraw().to_string());
        if options.iter().any(|it| it.dialect == dialect && it.name == name) {
            return Err(syn::Error::new(key.span(), format!("`{name}` is given twice")));
        }
        options.push(Self { dialect, name, value });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        Ok(())
    }
}
