//! Refuses what cannot be mapped, at the token that is wrong. Nothing stops at the first mistake.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::LitStr;
use syn::spanned::Spanned;

use crate::attr::{IndexOf, ServerDefault, ServerDefaultKind as Fills, Setting};
use crate::errors::Errors;
use crate::model::{Column, Entity, Kind, NoKey, Relation, Shape, Written};
use crate::suggest::nearest;

/// `ColumnSet` holds as many columns.
const MAX_COLUMNS: usize = 256;

/// Refuses what is wrong with an entity.
pub(crate) fn entity(entity: &Entity, errors: &mut Errors) {
    if entity.shape != Shape::Entity {
        return;
    }
    table(entity, errors);
    primary_key(entity, errors);
    let mut names = HashSet::new();
    for column in &entity.columns {
        if !names.insert(column.name()) {
            let span = column.attr.name.as_ref().map_or(column.ident.span(), |it| it.value.span());
            errors.at(span, format!("another column is called `{}`, too", column.name()));
        }
        self::column(entity, column, errors);
    }
    for relation in &entity.relations {
        self::relation(entity, relation, errors);
    }
}

fn table(entity: &Entity, errors: &mut Errors) {
    let attr = &entity.attr;
    for setting in [&attr.table, &attr.schema, &attr.renamed_from].into_iter().flatten() {
        not_empty(setting, errors);
    }
    let of_indexes = attr.indexes.iter().map(|index| {
        let of_parts = index.parts.iter().filter_map(|it| match &it.of {
            IndexOf::Field(field) => Some(field),
            IndexOf::Expression(_) => None,
        });
        of_parts.chain(&index.include).collect::<Vec<_>>()
    });
    let of_uniques = attr.uniques.iter().map(|it| it.columns.iter().collect());
    let of_keys = attr.foreign_keys.iter().map(|it| it.columns.iter().collect());
    for named in of_uniques.chain(of_indexes).chain(of_keys) {
        let mut fields = HashSet::new();
        for field in named {
            if entity.column(field).is_none() {
                errors.at(field.span(), no_column(entity, field));
            } else if !fields.insert(field) {
                errors.at(field.span(), format!("`{field}` is named twice"));
            }
        }
    }
    if let Some(Setting { value: (of, field), .. }) = &attr.soft_delete {
        match entity.column(field) {
            _ if of.as_ref().is_some_and(|of| entity.group(of).is_some()) => {}
            _ if of.is_some() => {
                errors.at(field.span(), "only a group of columns is followed: `#[embedded]`");
            }
            None => errors.at(field.span(), no_column(entity, field)),
            Some(column) if !column.written.optional || column.deferred => {
                let message = format!(
                    "`{field}` says when a row was deleted, and NULL while it is not: write its type as an `Option` of a time"
                );
                errors.at(column.ty_span, message);
            }
            Some(_) => {}
        }
    }
    if let Some(column) = entity.columns.get(MAX_COLUMNS) {
        errors.at(column.ident.span(), format!("a table has at most {MAX_COLUMNS} columns here"));
    }
}

fn primary_key(entity: &Entity, errors: &mut Errors) {
    if entity.primary_key().next().is_none() {
        let id = entity.columns.iter().find(|it| it.ident == "id").map_or("a field", |_| "`id`");
        let message =
            format!("`{}` has no primary key; mark {id} with `#[column(primary_key)]`", entity.name());
        errors.at(entity.ident.span(), message);
    }
    for column in entity.primary_key().filter(|it| it.deferred) {
        errors.at(column.ty_span, "a primary key is always loaded; write the type without `Deferred`");
    }
    for column in entity.primary_key().filter(|it| it.written.optional) {
        errors.at(column.ty_span, "a primary key is never NULL; write the type without `Option`");
    }
}

/// `type = "…"` says all that there is to say about the type, and nothing else.
fn declared_type(entity: &Entity, column: &Column, setting: &Setting<LitStr>, errors: &mut Errors) {
    let attr = &column.attr;
    let said = setting.value.value();
    let numbers = [
        ("length", attr.length.as_ref().map(Setting::span), "varchar(20)"),
        ("precision", attr.precision.as_ref().map(Setting::span), "numeric(10, 2)"),
    ];
    for (name, span, example) in numbers {
        if let Some(span) = span {
            errors.at(span, format!("`type` says the `{name}` as well: `type = \"{example}\"`"));
        }
    }
    if said.trim().is_empty() {
        errors.at(setting.value.span(), "a type has a name: `type = \"smallint\"`");
    } else if said.contains([';', '\'', '"', '`']) || said.contains("--") {
        errors.at(
            setting.value.span(),
            "only the name of a type stands here, with its numbers: `type = \"char(2)\"`",
        );
    }
    if entity.is_generated(column) {
        errors.at(
            setting.span(),
            "the database generates this key, and its type follows the field; `autoincrement = false` keeps it from that",
        );
    }
}

fn column(entity: &Entity, column: &Column, errors: &mut Errors) {
    let attr = &column.attr;
    if let Some(name) = &attr.name {
        not_empty(name, errors);
    }
    if let Some(setting) = &attr.autoincrement {
        // `false` is true of each part of a key of several columns, too.
        let alone = entity.primary_key().count() == 1 || !setting.value.value;
        if attr.primary_key.is_none() || !alone || column.written.is_no_integer() {
            errors.at(
                setting.span(),
                "only an integer that is the whole primary key is generated by the database",
            );
        }
    }
    if let Some(setting) = &attr.length
        && !column.written.is_text()
    {
        errors.at(setting.span(), "only a `String` has a length");
    }
    if let Some(setting) = &attr.declared_type {
        declared_type(entity, column, setting, errors);
    }
    if let (Some(setting), None) = (&attr.scale, &attr.precision) {
        errors.at(
            setting.span(),
            "`scale` is the part behind the point of a `precision`: `precision = 10, scale = 2`",
        );
    }
    for action in [&attr.on_delete, &attr.on_update].into_iter().flatten() {
        if attr.foreign_key.is_none() {
            errors.at(action.span(), format!("`{}` belongs to a `foreign_key`", action.key));
        }
        if action.value.variant == "SetNull" && !column.written.optional {
            errors.at(action.value.span, "only an `Option` can be set to NULL");
        }
    }
    if let Some(setting) = &attr.server_default {
        server_default(&column.written, &setting.value, errors);
    }
    if let Some(setting) = &attr.deferrable
        && attr.foreign_key.is_none()
    {
        errors.at(setting.span(), "`deferrable` belongs to a `foreign_key`");
    }
    if let Some(setting) = &attr.identity
        && !entity.is_generated(column)
    {
        errors.at(setting.span(), "only a key that the database generates is counted");
    }
    let several = entity.columns.iter().filter(|it| it.attr.version.is_some()).nth(1);
    if let Some(setting) = &attr.version
        && several.is_some_and(|it| it.ident == column.ident)
    {
        errors.at(setting.span(), "a row has one version");
    }
    by_update(column, errors);
    computed(column, errors);
}

/// Refuses what a column that changes with every UPDATE cannot be as well.
fn by_update(column: &Column, errors: &mut Errors) {
    let attr = &column.attr;
    if let Some(setting) = &attr.onupdate {
        let key = attr.primary_key.as_ref().map(|_| "a primary key");
        let version = attr.version.as_ref().map(|_| "a `version`, which is counted up,");
        if let Some(what) = key.or(version) {
            errors.at(setting.span(), format!("{what} has no `onupdate`"));
        }
    }
    let Some(setting) = &attr.version else { return };
    if attr.primary_key.is_some() {
        errors.at(setting.span(), "a primary key is no version: it tells rows apart and never changes");
    } else if column.written.optional || column.deferred || column.written.is_no_integer() {
        errors.at(setting.span(), "a version is a plain integer, that is always there: `version: i32`");
    }
}

/// Refuses what a column that the database computes cannot be as well.
fn computed(column: &Column, errors: &mut Errors) {
    let attr = &column.attr;
    if attr.computed.is_none() {
        if let Some(setting) = &attr.persisted {
            errors.at(setting.span(), "`persisted` belongs to a `computed` column");
        }
        return;
    }
    let spans = [
        attr.primary_key.as_ref().map(Setting::span),
        attr.default.as_ref().map(Setting::span),
        attr.server_default.as_ref().map(Setting::span),
        attr.onupdate.as_ref().map(Setting::span),
        attr.version.as_ref().map(Setting::span),
    ];
    for span in spans.into_iter().flatten() {
        errors.at(span, "a column that the database computes is nothing else: no key, and without a default");
    }
}

/// Refuses a constant of another type, as far as the type can be seen.
/// Refuses a default that a field of this type cannot have.
pub(crate) fn server_default(written: &Written, default: &ServerDefault, errors: &mut Errors) {
    let known = written.is_integer() || written.is_text() || written.is_bool() || written.is_float();
    let fits = match &default.kind {
        Fills::Now => !known,
        Fills::Text(_) => !known || written.is_text(),
        Fills::Int(_) => !known || written.is_integer() || written.is_float(),
        Fills::Bool(_) => !known || written.is_bool(),
        Fills::Sql(_) => true,
    };
    if !fits {
        let name = written.name.as_deref().unwrap_or_default();
        errors.at(default.span, format!("this is not a `{name}`; SQL is written `sql(\"…\")`"));
    }
}

fn relation(entity: &Entity, relation: &Relation, errors: &mut Errors) {
    if relation.ident == "entity" {
        errors.at(
            relation.ident.span(),
            "views have a method `entity` already; give the relation another name",
        );
    }
    deletes(relation, errors);
    reading_and_writing(entity, relation, errors);
    let chosen = relation.attr.foreign_key.as_ref();
    if let Some(secondary) = &relation.attr.secondary {
        return self::secondary(entity, relation, secondary, errors);
    }
    match relation.kind {
        Kind::BelongsTo => {
            if let Err(why) = entity.key_of(relation) {
                no_key(entity, relation, &why, errors);
            } else if let Some(chosen) = chosen
                && let Some(column) = chosen.value.get_ident().and_then(|it| entity.column(it))
                && column.attr.foreign_key.is_none()
            {
                let message = format!(
                    "`{}` refers to nothing; give it `#[column(foreign_key = {}::…)]`",
                    column.field, relation.target_name
                );
                errors.at(chosen.value.span(), message);
            }
        }
        Kind::HasOne | Kind::HasMany => {
            if let Some(chosen) = chosen
                && chosen.value.segments.len() < 2
            {
                let constant =
                    chosen.value.get_ident().map(|it| it.to_string().to_uppercase()).unwrap_or_default();
                let message = format!(
                    "the key of a `{}` is a column of the other entity: `{}::{constant}`",
                    relation.kind.name(),
                    relation.target_name
                );
                errors.at(chosen.value.span(), message);
            }
        }
    }
}

/// Refuses what is said about deleted parents where there are none.
fn deletes(relation: &Relation, errors: &mut Errors) {
    let has_children = relation.kind != Kind::BelongsTo && relation.attr.secondary.is_none();
    if has_children {
        return;
    }
    if let Some(cascade) = relation.attr.cascade.as_ref().filter(|it| it.value.deletes_orphans()) {
        let message = match relation.kind {
            Kind::BelongsTo => {
                "\"delete-orphan\" is said by the parent, about its children: on the `HasMany` or `HasOne`"
            }
            Kind::HasOne | Kind::HasMany => {
                "\"delete-orphan\" needs one parent; what an association table ties may belong to several"
            }
        };
        errors.at(cascade.value.span, message);
    }
    if let Some(passive) = &relation.attr.passive_deletes {
        let message = match relation.kind {
            Kind::BelongsTo => {
                "`passive_deletes` is said by the parent, about its children: on the `HasMany` or `HasOne`"
            }
            Kind::HasOne | Kind::HasMany => {
                "`passive_deletes` says nothing here: the rows of an association table are deleted without being read"
            }
        };
        errors.at(passive.span(), message);
    }
}

/// Refuses what does not fit relations that are only read, only written, or ordered.
fn reading_and_writing(entity: &Entity, relation: &Relation, errors: &mut Errors) {
    let attr = &relation.attr;
    if attr.viewonly.is_some() {
        let message =
            |key: &Ident| format!("`{key}` says nothing about a `viewonly` relation: it is never written");
        let cascade = attr.cascade.as_ref().filter(|it| it.value.writes()).map(|it| &it.key);
        let flags = [&attr.passive_deletes, &attr.write_only, &attr.post_update]
            .into_iter()
            .flatten()
            .map(|it| &it.key);
        let back = attr.back_populates.as_ref().map(|it| &it.key);
        cascade.into_iter().chain(flags).chain(back).for_each(|key| errors.at(key.span(), message(key)));
    }
    if let Some(order_by) = attr.order_by.as_ref().filter(|_| relation.kind == Kind::BelongsTo) {
        errors.at(order_by.span(), "a `BelongsTo` leads to one object; there is nothing to order");
    }
    if let Some(post_update) = &attr.post_update {
        let can_be_null = entity.key_of(relation).is_ok_and(|key| key.written.optional);
        if relation.kind != Kind::BelongsTo {
            errors.at(
                post_update.span(),
                "`post_update` is said by the side with the foreign key: on the `BelongsTo`",
            );
        } else if !can_be_null {
            errors.at(
                post_update.span(),
                "`post_update` inserts rows without the foreign key first; make it an `Option`",
            );
        }
    }
    let Some(write_only) = &attr.write_only else { return };
    if relation.kind != Kind::HasMany {
        let message =
            format!("only a collection is `write_only`; a `{}` leads to one object", relation.kind.name());
        return errors.at(write_only.span(), message);
    }
    if let Some(load) = &attr.load {
        errors.at(load.span(), "a `write_only` collection is never loaded");
    }
    if attr.secondary.is_none() && attr.passive_deletes.is_none() {
        let message = "a `write_only` collection is never read, not even to delete its parent: add `passive_deletes`, \
                       and `on_delete` to the foreign key";
        errors.at(write_only.span(), message);
    }
    if let Some(cascade) = attr.cascade.as_ref().filter(|it| attr.secondary.is_some() && it.value.deletes()) {
        errors.at(
            cascade.value.span,
            "a `write_only` collection is never read, so nothing in it can be deleted",
        );
    }
}

fn secondary(entity: &Entity, relation: &Relation, secondary: &Setting<syn::Path>, errors: &mut Errors) {
    if relation.kind != Kind::HasMany {
        let message = format!(
            "only a `HasMany` goes through an association table; a `{}` has a foreign key",
            relation.kind.name()
        );
        errors.at(secondary.span(), message);
    }
    let table = secondary.value.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
    match &relation.attr.foreign_key {
        Some(chosen) if chosen.value.get_ident().is_none() => errors.at(
            chosen.value.span(),
            format!("with `secondary`, `foreign_key` is a column of `{table}`: its name alone"),
        ),
        None if relation.target_name == entity.name() => errors.at(
            secondary.value.span(),
            format!(
                "`{table}` ties `{0}` to `{0}`; say which of its columns holds the key of this side: `foreign_key = …`",
                entity.name()
            ),
        ),
        _ => {}
    }
}

fn no_key(entity: &Entity, relation: &Relation, why: &NoKey, errors: &mut Errors) {
    let target = &relation.target_name;
    match why {
        NoKey::Missing => {
            let message = format!(
                "no column of `{}` refers to `{target}`; \
                 add one with `#[column(foreign_key = {target}::…)]`, or name it with `#[relation(foreign_key = …)]`",
                entity.name()
            );
            errors.at(relation.ty_span, message);
        }
        NoKey::Several(fields) => {
            let list = fields.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
            let first = &fields[0];
            let message = format!(
                "several columns refer to `{target}` ({list}); choose one: `#[relation(foreign_key = {first})]`"
            );
            errors.at(relation.ty_span, message);
        }
        NoKey::NoSuchField => {
            let Some(path) = relation.attr.foreign_key.as_ref().map(|it| &it.value) else { return };
            let message = match path.get_ident() {
                Some(field) => no_column(entity, field),
                None => "the key of a `BelongsTo` is a field of this struct: `owner_id`".to_owned(),
            };
            errors.at(path.span(), message);
        }
    }
}

fn no_column(entity: &Entity, field: &Ident) -> String {
    let columns: Vec<String> = entity.columns.iter().map(|it| it.field.clone()).collect();
    let meant = nearest(&field.to_string(), columns.iter().map(String::as_str));
    let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    format!("`{}` has no column `{field}`{meant}", entity.name())
}

fn not_empty(setting: &Setting<syn::LitStr>, errors: &mut Errors) {
    if setting.value.value().is_empty() {
        errors.at(setting.value.span(), format!("`{}` is empty", setting.key));
    }
}

/// Refuses what is wrong with a group of columns.
pub(crate) fn group(group: &Entity, errors: &mut Errors) {
    if group.shape != Shape::Entity {
        return;
    }
    for relation in &group.relations {
        errors.at(relation.ty_span, "a group has columns only; the relation belongs into the entity");
    }
    for inner in &group.groups {
        errors.at(inner.ty_span, "a group embeds no other group; embed both in the entity");
    }
    for column in &group.columns {
        if let Some(setting) = &column.attr.primary_key {
            errors.at(setting.span(), "a primary key is a field of the entity itself");
        }
        self::column(group, column, errors);
    }
}
