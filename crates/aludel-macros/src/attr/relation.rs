//! `#[relation(…)]`.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, LitStr, Path, Result};

use super::{Cascade, Keys, Setting, flag, items, member_path, value, value_with};
use crate::errors::Errors;

const KEYS: Keys = Keys {
    known: &[
        "back_populates",
        "foreign_key",
        "secondary",
        "cascade",
        "passive_deletes",
        "order_by",
        "post_update",
        "viewonly",
        "write_only",
        "load",
    ],
    later: &[],
};

/// What `#[relation(…)]` says.
#[derive(Default)]
pub(crate) struct RelationAttr {
    pub(crate) back_populates: Option<Setting<Path>>,
    /// A field of this struct (`owner_id`), a column of the other (`Document::OWNER_ID`) or of the association table (`follower_id`).
    pub(crate) foreign_key: Option<Setting<Path>>,
    /// The association table.
    pub(crate) secondary: Option<Setting<Path>>,
    /// What goes on to the objects that it leads to.
    pub(crate) cascade: Option<Setting<Cascade>>,
    /// Children that are not in memory are left to the database.
    pub(crate) passive_deletes: Option<Setting<()>>,
    /// The order of a collection: keys as `order_by` of a SELECT takes them.
    pub(crate) order_by: Option<Setting<Expr>>,
    /// Its key is written by an UPDATE of its own.
    pub(crate) post_update: Option<Setting<()>>,
    /// It is never written.
    pub(crate) viewonly: Option<Setting<()>>,
    /// It is never loaded as a whole.
    pub(crate) write_only: Option<Setting<()>>,
    /// How it is loaded with every query: the variant of `LoadStrategy`.
    pub(crate) load: Option<Setting<Ident>>,
}

impl RelationAttr {
    /// Reads one attribute, into what others said.
    pub(crate) fn read(&mut self, attr: &Attribute, errors: &mut Errors) {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "back_populates" => {
                value_with(&mut self.back_populates, key, input, "User::DOCUMENTS", |input| {
                    member_path(input, "the relation that leads back: `User::DOCUMENTS`")
                })
            }
            "foreign_key" => value_with(&mut self.foreign_key, key, input, "owner_id", Path::parse_mod_style),
            "secondary" => value_with(&mut self.secondary, key, input, "DOCUMENT_TAG", Path::parse_mod_style),
            "cascade" => value(&mut self.cascade, key, input, "\"all, delete-orphan\""),
            "passive_deletes" => flag(&mut self.passive_deletes, key, input),
            "order_by" => value(&mut self.order_by, key, input, "Chunk::POSITION"),
            "post_update" => flag(&mut self.post_update, key, input),
            "viewonly" => flag(&mut self.viewonly, key, input),
            "write_only" => flag(&mut self.write_only, key, input),
            "load" => value_with(&mut self.load, key, input, "\"selectin\"", load_strategy),
            _ => Err(KEYS.refuse(&key)),
        });
    }
}

fn load_strategy(input: ParseStream<'_>) -> Result<Ident> {
    let literal: LitStr = input.parse()?;
    let message = match literal.value().as_str() {
        "selectin" => return Ok(Ident::new("SelectIn", literal.span())),
        "joined" => return Ok(Ident::new("Joined", literal.span())),
        other => format!("unknown strategy \"{other}\" (the known ones are \"selectin\" and \"joined\")"),
    };
    Err(syn::Error::new(literal.span(), message))
}
