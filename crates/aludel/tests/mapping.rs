//! The rules of mapping attributes and of the unit of work, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "mapping/log.rs"]
mod log;

#[path = "mapping/association_object.rs"]
mod association_object;
#[path = "mapping/cascades.rs"]
mod cascades;
#[path = "mapping/decimals.rs"]
mod decimals;
#[path = "mapping/declared_types.rs"]
mod declared_types;
#[path = "mapping/documents_and_arrays.rs"]
mod documents_and_arrays;
#[path = "mapping/domains.rs"]
mod domains;
#[path = "mapping/embedded.rs"]
mod embedded;
#[path = "mapping/keys_set_by_hand.rs"]
mod keys_set_by_hand;
#[path = "mapping/many_to_many.rs"]
mod many_to_many;
#[path = "mapping/natural_keys.rs"]
mod natural_keys;
#[path = "mapping/own_types.rs"]
mod own_types;
#[path = "mapping/refused_flushes.rs"]
mod refused_flushes;
#[path = "mapping/relation_attributes.rs"]
mod relation_attributes;
#[path = "mapping/row_order.rs"]
mod row_order;
#[path = "mapping/scopes.rs"]
mod scopes;
#[path = "mapping/sensitive_and_deferred.rs"]
mod sensitive_and_deferred;
#[path = "mapping/soft_delete.rs"]
mod soft_delete;
#[path = "mapping/time_crate.rs"]
mod time_crate;
#[path = "mapping/validators.rs"]
mod validators;
#[path = "mapping/values_by_update.rs"]
mod values_by_update;
#[path = "mapping/versions.rs"]
mod versions;
#[path = "mapping/write_only.rs"]
mod write_only;
