//! `#[entity(…)]`.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Result, Token, parenthesized};

use super::{Keys, Setting, items, value};
use crate::errors::Errors;

const KEYS: Keys = Keys {
    known: &["table", "schema", "unique", "index", "checks", "comment"],
    later: &[
        "renamed_from",
        "soft_delete",
        "mixin",
        "inherits",
        "discriminator",
        "sqlite",
        "postgres",
        "mysql",
    ],
};

/// What `#[entity(…)]` says.
#[derive(Default)]
pub(crate) struct EntityAttr {
    pub(crate) table: Option<Setting<LitStr>>,
    pub(crate) schema: Option<Setting<LitStr>>,
    pub(crate) comment: Option<Setting<LitStr>>,
    /// `unique(a, b)`, each.
    pub(crate) uniques: Vec<Setting<Vec<Ident>>>,
    /// `index(a, b)`, each.
    pub(crate) indexes: Vec<Setting<Vec<Ident>>>,
    pub(crate) checks: Vec<Check>,
}

/// A CHECK constraint of the table.
pub(crate) struct Check {
    pub(crate) condition: LitStr,
    pub(crate) name: Option<LitStr>,
}

impl EntityAttr {
    /// Reads one attribute, into what others said.
    pub(crate) fn read(&mut self, attr: &Attribute, errors: &mut Errors) {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "table" => value(&mut self.table, key, input, "\"documents\""),
            "schema" => value(&mut self.schema, key, input, "\"app\""),
            "comment" => value(&mut self.comment, key, input, "\"…\""),
            "unique" => columns(key, input).map(|it| self.uniques.push(it)),
            "index" => columns(key, input).map(|it| self.indexes.push(it)),
            "checks" => checks(&key, input).map(|it| self.checks.extend(it)),
            _ => Err(KEYS.refuse(&key)),
        });
    }
}

/// Reads `(a, b)`.
fn columns(key: Ident, input: ParseStream<'_>) -> Result<Setting<Vec<Ident>>> {
    let example = format!("`{key}` needs the fields it is over: `{key}(owner_id, title)`");
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), example));
    }
    let inside;
    parenthesized!(inside in input);
    let fields = Punctuated::<Ident, Token![,]>::parse_terminated(&inside)?;
    if fields.is_empty() {
        return Err(syn::Error::new(key.span(), example));
    }
    Ok(Setting { key, value: fields.into_iter().collect() })
}

/// Reads `("a < b", name = "order", …)`.
fn checks(key: &Ident, input: ParseStream<'_>) -> Result<Vec<Check>> {
    enum Part {
        Condition(LitStr),
        Name(Ident, LitStr),
    }

    impl Parse for Part {
        fn parse(input: ParseStream<'_>) -> Result<Self> {
            if input.peek(LitStr) {
                return input.parse().map(Self::Condition);
            }
            let key: Ident = input.parse()?;
            if key != "name" {
                return Err(syn::Error::new(
                    key.span(),
                    "expected SQL in quotes, or `name = \"…\"` behind it",
                ));
            }
            input.parse::<Token![=]>()?;
            Ok(Self::Name(key, input.parse()?))
        }
    }

    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), "`checks` needs SQL in quotes: `checks(\"low < high\")`"));
    }
    let inside;
    parenthesized!(inside in input);
    let mut checks: Vec<Check> = Vec::new();
    for part in Punctuated::<Part, Token![,]>::parse_terminated(&inside)? {
        match (part, checks.last_mut()) {
            (Part::Condition(condition), _) => checks.push(Check { condition, name: None }),
            (Part::Name(_, name), Some(check)) if check.name.is_none() => check.name = Some(name),
            (Part::Name(key, _), _) => {
                return Err(syn::Error::new(key.span(), "`name` names the condition before it"));
            }
        }
    }
    Ok(checks)
}
