//! `#[entity(…)]`.

mod constraint;
mod index;

pub(super) use constraint::checks;
pub(crate) use constraint::{Check, Exclude, ForeignKey, Unique};
pub(crate) use index::{Index, IndexOf, IndexPart};

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, LitStr, Result, Token};

use super::dialect::{DIALECTS, DialectOption};
use super::{Keys, Setting, items, value, value_with, within};
use crate::errors::Errors;

const KEYS: Keys = Keys {
    known: &[
        "table",
        "schema",
        "unique",
        "index",
        "indexes",
        "foreign_key",
        "checks",
        "excludes",
        "comment",
        "renamed_from",
        "ddl",
        "soft_delete",
        "sqlite",
        "postgres",
        "mysql",
    ],
    later: &["inherits", "discriminator"],
};

/// What `#[entity(…)]` says.
#[derive(Default)]
pub(crate) struct EntityAttr {
    pub(crate) table: Option<Setting<LitStr>>,
    pub(crate) schema: Option<Setting<LitStr>>,
    pub(crate) comment: Option<Setting<LitStr>>,
    pub(crate) renamed_from: Option<Setting<LitStr>>,
    pub(crate) ddl: Option<Setting<Expr>>,
    /// A field, and the group that it is in.
    pub(crate) soft_delete: Option<Setting<(Option<Ident>, Ident)>>,
    pub(crate) uniques: Vec<Unique>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) checks: Vec<Check>,
    pub(crate) excludes: Vec<Exclude>,
    pub(crate) options: Vec<DialectOption>,
}

impl EntityAttr {
    /// Reads one attribute, into what others said.
    pub(crate) fn read(&mut self, attr: &Attribute, errors: &mut Errors) {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "table" => value(&mut self.table, key, input, "\"documents\""),
            "schema" => value(&mut self.schema, key, input, "\"app\""),
            "comment" => value(&mut self.comment, key, input, "\"…\""),
            "renamed_from" => value(&mut self.renamed_from, key, input, "\"…\""),
            "ddl" => value(&mut self.ddl, key, input, "document_triggers"),
            "soft_delete" => value_with(&mut self.soft_delete, key, input, "deleted_at", field_of),
            "unique" => group(&key, input, Unique::EXAMPLE, Unique::parse).map(|it| self.uniques.push(it)),
            "index" => group(&key, input, Index::EXAMPLE, Index::parse).map(|it| self.indexes.push(it)),
            "indexes" => group(&key, input, "indexes((owner_id, title), (email, unique))", indexes)
                .map(|it| self.indexes.extend(it)),
            "foreign_key" => group(&key, input, ForeignKey::EXAMPLE, ForeignKey::parse)
                .map(|it| self.foreign_keys.push(it)),
            "checks" => group(&key, input, "checks(\"low < high\")", checks).map(|it| self.checks.extend(it)),
            "excludes" => {
                group(&key, input, Exclude::EXAMPLE, Exclude::parse).map(|it| self.excludes.push(it))
            }
            dialect if DIALECTS.contains(&dialect) => DialectOption::read(&key, input, &mut self.options),
            "mixin" => Err(syn::Error::new(
                key.span(),
                "a derive adds no fields: embed the group with a field of its own, `#[embedded] timestamps: Timestamps`",
            )),
            _ => Err(KEYS.refuse(&key)),
        });
    }
}

/// Reads `deleted_at`, or `timestamps.deleted_at`.
fn field_of(input: ParseStream<'_>) -> Result<(Option<Ident>, Ident)> {
    let first: Ident = input.parse()?;
    if input.parse::<Option<Token![.]>>()?.is_none() {
        return Ok((None, first));
    }
    Ok((Some(first), input.parse()?))
}

/// Reads what stands in the parentheses behind a key.
fn group<T>(
    key: &Ident,
    input: ParseStream<'_>,
    example: &str,
    parse: impl FnOnce(ParseStream<'_>) -> Result<T>,
) -> Result<T> {
    let wrong = || syn::Error::new(key.span(), format!("`{key}` needs what it is over: `{example}`"));
    if !input.peek(syn::token::Paren) {
        return Err(wrong());
    }
    within(input, |inside| if inside.is_empty() { Err(wrong()) } else { parse(inside) })
}

/// Reads `(a, b), (c, unique)`.
fn indexes(input: ParseStream<'_>) -> Result<Vec<Index>> {
    let one = |input: ParseStream<'_>| within(input, Index::parse);
    Ok(Punctuated::<Index, Token![,]>::parse_terminated_with(input, one)?.into_iter().collect())
}

/// Reads `(a, b)`: the names of fields.
fn fields(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let list = |inside: ParseStream<'_>| {
        Punctuated::<Ident, Token![,]>::parse_terminated_with(inside, Ident::parse_any)
    };
    Ok(within(input, list)?.into_iter().collect())
}

/// Tells whether a setting follows, `name = …` or `include(…)`, and not the name of a field.
fn is_setting(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Ident::parse_any).is_ok() && (ahead.peek(Token![=]) || ahead.peek(syn::token::Paren))
}

/// Reads `= value`.
fn set<T: Parse>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// Makes the error of a setting that there is not.
fn unknown(key: &Ident, of: &str, known: &str) -> syn::Error {
    syn::Error::new(key.span(), format!("{of} has no `{key}`; it takes {known}"))
}
