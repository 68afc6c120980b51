//! `#[domain(…)]`: the domain of the columns of a newtype.

use syn::{Attribute, LitInt, LitStr};

use super::column::{ServerDefault, digits, length};
use super::entity::{Check, checks};
use super::{Keys, Setting, flag, items, value, value_with, within};
use crate::errors::Errors;

const KEYS: Keys = Keys {
    known: &[
        "name",
        "schema",
        "check",
        "checks",
        "not_null",
        "server_default",
        "length",
        "precision",
        "scale",
        "collation",
        "comment",
        "renamed_from",
    ],
    later: &[],
};

/// What `#[domain(…)]` says.
#[derive(Default)]
pub(crate) struct DomainAttr {
    pub(crate) name: Option<Setting<LitStr>>,
    pub(crate) schema: Option<Setting<LitStr>>,
    pub(crate) check: Option<Setting<LitStr>>,
    pub(crate) checks: Vec<Check>,
    pub(crate) not_null: Option<Setting<()>>,
    pub(crate) server_default: Option<Setting<ServerDefault>>,
    pub(crate) length: Option<Setting<u32>>,
    pub(crate) precision: Option<Setting<u16>>,
    pub(crate) scale: Option<Setting<u16>>,
    pub(crate) collation: Option<Setting<LitStr>>,
    pub(crate) comment: Option<Setting<LitStr>>,
    pub(crate) renamed_from: Option<Setting<LitStr>>,
}

impl DomainAttr {
    /// Reads the attributes of an item, if it has one.
    pub(crate) fn of(attrs: &[Attribute], errors: &mut Errors) -> Option<Self> {
        let mut found = None;
        for attr in attrs.iter().filter(|it| it.path().is_ident("domain")) {
            found.get_or_insert_with(Self::default).read(attr, errors);
        }
        let domain = found.as_ref()?;
        if let (Some(setting), None) = (&domain.scale, &domain.precision) {
            errors.at(setting.span(), "`scale` needs `precision`: how many digits there are in all");
        }
        if let (Some(_), Some(precision)) = (&domain.length, &domain.precision) {
            errors.at(precision.span(), "a text has a `length`, and a decimal a `precision`");
        }
        found
    }

    fn read(&mut self, attr: &Attribute, errors: &mut Errors) {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "name" => value(&mut self.name, key, input, "\"email\""),
            "schema" => value(&mut self.schema, key, input, "\"app\""),
            "check" => value(&mut self.check, key, input, "\"VALUE > 0\""),
            "checks" => within(input, checks).map(|it| self.checks.extend(it)),
            "not_null" => flag(&mut self.not_null, key, input),
            "server_default" => value(&mut self.server_default, key, input, "now()"),
            "length" => value_with(&mut self.length, key, input, "200", length),
            "precision" => value_with(&mut self.precision, key, input, "10", digits),
            "scale" => {
                value_with(&mut self.scale, key, input, "2", |input| input.parse::<LitInt>()?.base10_parse())
            }
            "collation" => value(&mut self.collation, key, input, "\"…\""),
            "comment" => value(&mut self.comment, key, input, "\"…\""),
            "renamed_from" => value(&mut self.renamed_from, key, input, "\"…\""),
            _ => Err(KEYS.refuse(&key)),
        });
    }
}
