//! `#[relation(…)]`.

use syn::{Attribute, Path};

use super::{Cascade, Keys, Setting, flag, items, member_path, value, value_with};
use crate::errors::Errors;

const KEYS: Keys = Keys {
    known: &["back_populates", "foreign_key", "secondary", "cascade", "passive_deletes"],
    later: &["viewonly", "post_update", "order_by", "load"],
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
            _ => Err(KEYS.refuse(&key)),
        });
    }
}
