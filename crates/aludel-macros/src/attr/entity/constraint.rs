//! `unique(…)`, `foreign_key(…)`, `checks(…)`, `excludes(…)`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Result, Token};

use super::super::column::{Action, Deferrable};
use super::super::{member_path, within};
use super::{fields, is_setting, set, unknown};

/// A unique constraint: `unique(owner_id, title, name = "…")`.
#[derive(Default)]
pub(crate) struct Unique {
    pub(crate) columns: Vec<Ident>,
    pub(crate) name: Option<LitStr>,
    pub(crate) deferrable: Option<Deferrable>,
    pub(crate) nulls_not_distinct: bool,
}

impl Unique {
    pub(super) const EXAMPLE: &str = "unique(owner_id, title)";

    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut unique = Self::default();
        let begin = input.span();
        while !input.is_empty() {
            let is_setting = is_setting(input);
            let key = input.call(Ident::parse_any)?;
            match key.to_string().as_str() {
                "name" if is_setting => unique.name = Some(set(input)?),
                "deferrable" if is_setting => unique.deferrable = Some(set(input)?),
                _ if is_setting => {
                    let known = "columns, `name`, `deferrable` and `nulls_not_distinct`";
                    return Err(unknown(&key, "a unique constraint", known));
                }
                "nulls_not_distinct" => unique.nulls_not_distinct = true,
                _ => unique.columns.push(key),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if unique.columns.is_empty() {
            let message = format!("a unique constraint is over columns: `{}`", Self::EXAMPLE);
            return Err(syn::Error::new(begin, message));
        }
        Ok(unique)
    }
}

/// A foreign key over several columns: `foreign_key((order_no, number) => (Line::ORDER_NO, Line::NUMBER))`.
pub(crate) struct ForeignKey {
    pub(crate) columns: Vec<Ident>,
    pub(crate) parents: Vec<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) on_delete: Option<Action>,
    pub(crate) on_update: Option<Action>,
    pub(crate) deferrable: Option<Deferrable>,
    pub(crate) match_full: bool,
}

impl ForeignKey {
    pub(super) const EXAMPLE: &str = "foreign_key((order_no, number) => (Line::ORDER_NO, Line::NUMBER))";

    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        let begin = input.span();
        let columns = fields(input)?;
        input.parse::<Token![=>]>()?;
        let path = |input: ParseStream<'_>| member_path(input, "a column referred to: `Line::NUMBER`");
        let parents =
            within(input, |inside| Punctuated::<Path, Token![,]>::parse_terminated_with(inside, path))?;
        let mut key = Self {
            columns,
            parents: parents.into_iter().collect(),
            name: None,
            on_delete: None,
            on_update: None,
            deferrable: None,
            match_full: false,
        };
        if key.columns.is_empty() || key.columns.len() != key.parents.len() {
            return Err(syn::Error::new(begin, "a foreign key has as many columns here as there"));
        }
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let name = input.call(Ident::parse_any)?;
            match name.to_string().as_str() {
                "name" => key.name = Some(set(input)?),
                "on_delete" => key.on_delete = Some(set(input)?),
                "on_update" => key.on_update = Some(set(input)?),
                "deferrable" => key.deferrable = Some(set(input)?),
                "match_full" => key.match_full = true,
                _ => {
                    let known = "`name`, `on_delete`, `on_update`, `deferrable` and `match_full`";
                    return Err(unknown(&name, "a foreign key", known));
                }
            }
        }
        if !input.is_empty() {
            return Err(input.error("expected `,`"));
        }
        Ok(key)
    }
}

/// A CHECK constraint of the table.
pub(crate) struct Check {
    pub(crate) condition: LitStr,
    pub(crate) name: Option<LitStr>,
}

/// Reads `"a < b", name = "order", …`.
pub(in crate::attr) fn checks(input: ParseStream<'_>) -> Result<Vec<Check>> {
    let mut checks: Vec<Check> = Vec::new();
    while !input.is_empty() {
        if input.peek(LitStr) {
            checks.push(Check { condition: input.parse()?, name: None });
        } else {
            let key: Ident = input.parse()?;
            if key != "name" {
                let message = "expected SQL in quotes, or `name = \"…\"` behind it";
                return Err(syn::Error::new(key.span(), message));
            }
            let name = set(input)?;
            match checks.last_mut().filter(|it| it.name.is_none()) {
                Some(check) => check.name = Some(name),
                None => return Err(syn::Error::new(key.span(), "`name` names the condition before it")),
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(checks)
}

/// An exclusion constraint: `excludes("USING gist (room WITH =, during WITH &&)", name = "no_overlap")`.
pub(crate) struct Exclude {
    pub(crate) definition: LitStr,
    pub(crate) name: LitStr,
}

impl Exclude {
    pub(super) const EXAMPLE: &str =
        "excludes(\"USING gist (room WITH =, during WITH &&)\", name = \"no_overlap\")";

    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        let definition: LitStr = input.parse()?;
        let wrong =
            || syn::Error::new(definition.span(), "an exclusion constraint needs a name: `name = \"…\"`");
        input.parse::<Token![,]>().map_err(|_| wrong())?;
        let key: Ident = input.parse().map_err(|_| wrong())?;
        if key != "name" {
            return Err(wrong());
        }
        let name = set(input)?;
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            return Err(input.error("expected nothing more"));
        }
        Ok(Self { definition, name })
    }
}
