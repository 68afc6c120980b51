//! `index(…)`.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitStr, Result, Token};

use super::super::dialect::{DIALECTS, DialectOption};
use super::super::within;
use super::{fields, is_setting, set, unknown};

const KNOWN: &str = "columns, expressions in quotes, `name`, `unique`, `where`, `include(…)`, `nulls_not_distinct` and options of a dialect";

/// An index: `index(owner_id, created_at.desc(), "lower(title)", name = "…", unique, where = "…")`.
#[derive(Default)]
pub(crate) struct Index {
    pub(crate) parts: Vec<IndexPart>,
    pub(crate) name: Option<LitStr>,
    pub(crate) unique: bool,
    pub(crate) nulls_not_distinct: bool,
    pub(crate) condition: Option<LitStr>,
    pub(crate) include: Vec<Ident>,
    pub(crate) options: Vec<DialectOption>,
}

/// One part of what an index orders rows by.
pub(crate) struct IndexPart {
    pub(crate) of: IndexOf,
    pub(crate) descending: bool,
    pub(crate) nulls_first: Option<bool>,
    pub(crate) collation: Option<LitStr>,
    pub(crate) options: Vec<DialectOption>,
}

pub(crate) enum IndexOf {
    Field(Ident),
    Expression(LitStr),
}

impl Index {
    pub(super) const EXAMPLE: &str = "index(owner_id, title)";

    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        let begin = input.span();
        let mut index = Self::default();
        while !input.is_empty() {
            if input.peek(LitStr) {
                index.parts.push(IndexPart::parse(IndexOf::Expression(input.parse()?), input)?);
            } else {
                index.read(input)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        index.finish(begin)
    }

    fn read(&mut self, input: ParseStream<'_>) -> Result<()> {
        let is_setting = is_setting(input);
        let key = input.call(Ident::parse_any)?;
        match key.to_string().as_str() {
            "name" if is_setting => self.name = Some(set(input)?),
            "where" if is_setting => self.condition = Some(set(input)?),
            "include" if is_setting => self.include = fields(input)?,
            dialect if is_setting && DIALECTS.contains(&dialect) => {
                DialectOption::read(&key, input, &mut self.options)?;
            }
            _ if is_setting => return Err(unknown(&key, "an index", KNOWN)),
            "unique" => self.unique = true,
            "nulls_not_distinct" => self.nulls_not_distinct = true,
            _ => self.parts.push(IndexPart::parse(IndexOf::Field(key), input)?),
        }
        Ok(())
    }

    fn finish(self, begin: Span) -> Result<Self> {
        if self.parts.is_empty() {
            return Err(syn::Error::new(begin, format!("an index is over columns: `{}`", Self::EXAMPLE)));
        }
        let expression = self.parts.iter().find_map(|it| match &it.of {
            IndexOf::Expression(sql) => Some(sql.span()),
            IndexOf::Field(_) => None,
        });
        match (expression, &self.name) {
            (Some(span), None) => Err(syn::Error::new(
                span,
                "an index on an expression has no name by convention; give it one: `name = \"…\"`",
            )),
            _ => Ok(self),
        }
    }
}

impl IndexPart {
    /// Reads `.desc().nulls_last()` behind a field or an expression.
    fn parse(of: IndexOf, input: ParseStream<'_>) -> Result<Self> {
        let mut part =
            Self { of, descending: false, nulls_first: None, collation: None, options: Vec::new() };
        while input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            let method: Ident = input.parse()?;
            let name = method.to_string();
            if DIALECTS.contains(&name.as_str()) {
                DialectOption::read(&method, input, &mut part.options)?;
                continue;
            }
            within(input, |inside| {
                match name.as_str() {
                    "asc" => part.descending = false,
                    "desc" => part.descending = true,
                    "nulls_first" => part.nulls_first = Some(true),
                    "nulls_last" => part.nulls_first = Some(false),
                    "collate" => part.collation = Some(inside.parse()?),
                    _ => {
                        let known = "`asc()`, `desc()`, `nulls_first()`, `nulls_last()`, `collate(\"…\")` and options of a dialect";
                        return Err(unknown(&method, "a part of an index", known));
                    }
                }
                Ok(())
            })?;
        }
        Ok(part)
    }
}
