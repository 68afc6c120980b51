//! What the macro understood: an entity with its columns and relations.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Fields, GenericArgument, LitStr, Path, PathArguments, Type, Visibility,
};

use crate::attr::{ColumnAttr, EntityAttr, Keys, RelationAttr, Setting, items, value_with};
use crate::errors::Errors;
use crate::print::start_of;
use crate::word_case::snake_case;

/// An entity.
pub(crate) struct Entity {
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) attr: EntityAttr,
    pub(crate) columns: Vec<Column>,
    pub(crate) relations: Vec<Relation>,
    /// Groups of columns; their columns come behind the others.
    pub(crate) groups: Vec<Group>,
    pub(crate) shape: Shape,
}

/// A group of columns that is embedded.
pub(crate) struct Group {
    /// The field.
    pub(crate) ident: Ident,
    /// The constant with the typed columns.
    pub(crate) constant: Ident,
    /// The struct of the group.
    pub(crate) ty: Type,
    /// Where the type stands.
    pub(crate) ty_span: Span,
    /// What stands before the names of its columns.
    pub(crate) prefix: Option<Setting<LitStr>>,
}

/// What kind of item the derive stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A struct with named fields and no parameters: what an entity is.
    Entity,
    /// Another type; nothing has its name among the values.
    Other,
    /// A struct `Name(…)` or `Name;`, which is a value, too.
    Value,
    /// A type with parameters.
    Generic,
}

/// A column.
pub(crate) struct Column {
    /// The field.
    pub(crate) ident: Ident,
    /// Its name.
    pub(crate) field: String,
    /// The typed constant.
    pub(crate) constant: Ident,
    /// The type as written; of a `Deferred<T>` what is in it.
    pub(crate) ty: Type,
    /// The field is a `Deferred<T>`.
    pub(crate) deferred: bool,
    /// Where the type stands.
    pub(crate) ty_span: Span,
    /// What can be seen of the type.
    pub(crate) written: Written,
    pub(crate) attr: ColumnAttr,
}

/// What can be seen of a type without knowing what its names mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Whether it is an `Option<…>`.
    pub(crate) optional: bool,
    /// The last name of the type, inside the `Option`.
    pub(crate) name: Option<String>,
}

/// A relation.
pub(crate) struct Relation {
    /// The field.
    pub(crate) ident: Ident,
    /// Its name.
    pub(crate) field: String,
    /// The typed constant.
    pub(crate) constant: Ident,
    pub(crate) kind: Kind,
    /// The other entity as written.
    pub(crate) target: Type,
    /// The last name of the other entity.
    pub(crate) target_name: String,
    /// Where the type of the field stands.
    pub(crate) ty_span: Span,
    pub(crate) attr: RelationAttr,
}

/// How a relation is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BelongsTo,
    HasOne,
    HasMany,
}

impl Kind {
    /// Returns the name of the field's type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BelongsTo => "BelongsTo",
            Self::HasOne => "HasOne",
            Self::HasMany => "HasMany",
        }
    }
}

impl Entity {
    /// Reads an item. Whatever is wrong with it, something is returned that the placeholder can be made of.
    pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Self {
        let mut attr = EntityAttr::default();
        for it in input.attrs.iter().filter(|it| it.path().is_ident("entity")) {
            attr.read(it, errors);
        }
        let mut entity = Self {
            vis: input.vis.clone(),
            ident: input.ident.clone(),
            attr,
            columns: Vec::new(),
            relations: Vec::new(),
            groups: Vec::new(),
            shape: shape(input, errors),
        };
        if let Data::Struct(data) = &input.data
            && entity.shape == Shape::Entity
        {
            for field in &data.fields {
                entity.read_field(field, errors);
            }
        }
        entity
    }

    fn read_field(&mut self, field: &syn::Field, errors: &mut Errors) {
        let Some(ident) = field.ident.clone() else { return };
        let attrs = |name: &'static str| field.attrs.iter().filter(move |it| it.path().is_ident(name));
        let name = ident.unraw().to_string();
        let constant = Ident::new(&name.to_uppercase(), ident.span());
        let (ty, ty_span) = (field.ty.clone(), start_of(&field.ty));
        if attrs("embedded").next().is_some() {
            let mut prefix = None;
            attrs("embedded").for_each(|it| read_embedded(it, &mut prefix, errors));
            for it in attrs("column").chain(attrs("relation")) {
                wrong_attribute(it, "the columns of a group say themselves what they are", errors);
            }
            self.groups.push(Group { ident, constant, ty, ty_span, prefix });
            return;
        }
        let Some((kind, target)) = related(&field.ty) else {
            let mut attr = ColumnAttr::default();
            attrs("column").for_each(|it| attr.read(it, errors));
            for it in attrs("relation") {
                wrong_attribute(
                    it,
                    "a relation is a field of type `BelongsTo<T>`, `HasOne<T>` or `HasMany<T>`",
                    errors,
                );
            }
            let inner = argument(&field.ty, "Deferred");
            let deferred = inner.is_some();
            let written = Written::of(inner.unwrap_or(&field.ty));
            let ty = inner.cloned().unwrap_or(ty);
            self.columns.push(Column { ident, field: name, constant, ty, deferred, ty_span, written, attr });
            return;
        };
        let mut attr = RelationAttr::default();
        attrs("relation").for_each(|it| attr.read(it, errors));
        for it in attrs("column") {
            let message = format!("`{}` is a relation, not a column; write `#[relation(…)]`", kind.name());
            wrong_attribute(it, &message, errors);
        }
        let target_name = last_name(target).unwrap_or_default();
        let target = target.clone();
        self.relations.push(Relation {
            ident,
            field: name,
            constant,
            kind,
            target,
            target_name,
            ty_span,
            attr,
        });
    }

    /// Returns the name of the entity.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Returns the name of the table.
    pub(crate) fn table(&self) -> String {
        self.attr.table.as_ref().map_or_else(|| snake_case(&self.name()), |it| it.value.value())
    }

    /// Returns the columns of the primary key.
    pub(crate) fn primary_key(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|it| it.attr.primary_key.is_some())
    }

    /// Tells whether the database generates a column: the only one of the primary key, an integer, unless something else gives it.
    pub(crate) fn is_generated(&self, column: &Column) -> bool {
        let attr = &column.attr;
        attr.primary_key.is_some()
            && self.primary_key().count() == 1
            && attr.autoincrement.as_ref().map_or(column.written.is_key(), |it| it.value.value)
            && attr.foreign_key.is_none()
            && attr.default.is_none()
            && attr.server_default.is_none()
            && attr.computed.is_none()
    }

    /// Tells whether a builder must be given a column.
    ///
    /// Foreign keys are not counted: they may come from a related object or from the collection that the object is put into.
    pub(crate) fn is_required(&self, column: &Column) -> bool {
        let attr = &column.attr;
        !column.written.optional
            && attr.default.is_none()
            && attr.version.is_none()
            && attr.server_default.is_none()
            && attr.computed.is_none()
            && attr.foreign_key.is_none()
            && !self.is_generated(column)
    }

    /// Returns the column that holds the key of a `BelongsTo`: the one that `foreign_key` names, or the only one that refers to
    /// the entity.
    pub(crate) fn key_of(&self, relation: &Relation) -> Result<&Column, NoKey> {
        if let Some(chosen) = relation.attr.foreign_key.as_ref() {
            let name = chosen.value.get_ident();
            return name.and_then(|it| self.column(it)).ok_or(NoKey::NoSuchField);
        }
        let mut candidates = self
            .columns
            .iter()
            .filter(|it| self.parent_of(it).is_some_and(|parent| parent == relation.target_name));
        match (candidates.next(), candidates.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(NoKey::Missing),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(candidates);
                Err(NoKey::Several(all.map(|it| it.ident.to_string()).collect()))
            }
        }
    }

    /// Returns the group of a field.
    pub(crate) fn group(&self, field: &Ident) -> Option<&Group> {
        self.groups.iter().find(|it| it.ident == *field)
    }

    /// Returns the column of a field.
    pub(crate) fn column(&self, field: &Ident) -> Option<&Column> {
        self.columns.iter().find(|it| it.ident == *field)
    }

    /// Returns the last name of the entity that the foreign key of a column refers to.
    fn parent_of(&self, column: &Column) -> Option<String> {
        let path = &column.attr.foreign_key.as_ref()?.value;
        let parent = &path.segments[path.segments.len() - 2].ident;
        Some(parent.unraw().to_string())
    }
}

/// Why the key of a `BelongsTo` cannot be found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// No column refers to the entity.
    Missing,
    /// Several do: these.
    Several(Vec<String>),
    /// `foreign_key` names no field that is a column.
    NoSuchField,
}

impl Column {
    /// Returns the name of the column.
    pub(crate) fn name(&self) -> String {
        self.attr.name.as_ref().map_or_else(|| self.field.clone(), |it| it.value.value())
    }

    /// Returns the type of the builder's state in which the column is not given yet; the compiler's message shows its name.
    pub(crate) fn state(&self, entity: &Entity) -> Ident {
        Ident::new(&format!("{}_{}", entity.name(), self.field), self.ident.span())
    }
}

impl Written {
    /// Reads a type.
    pub(crate) fn of(ty: &Type) -> Self {
        // A sensitive value is stored as what it is.
        let plain = |ty| last_name(argument(ty, "Sensitive").unwrap_or(ty));
        match argument(ty, "Option") {
            Some(inner) => Self { optional: true, name: plain(inner) },
            None => Self { optional: false, name: plain(ty) },
        }
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        self.name.as_ref().is_some_and(|name| names.contains(&name.as_str()))
    }

    /// Tells whether it is an integer.
    pub(crate) fn is_integer(&self) -> bool {
        self.is_key() || self.is_one_of(&["i8", "u8", "u16"])
    }

    /// Tells whether it is an integer that a database generates.
    fn is_key(&self) -> bool {
        self.is_one_of(&["i16", "i32", "i64", "u32", "u64"])
    }

    /// Tells whether it is certainly no integer.
    pub(crate) fn is_no_integer(&self) -> bool {
        self.is_text() || self.is_bool() || self.is_float()
    }

    /// Tells whether it is text.
    pub(crate) fn is_text(&self) -> bool {
        self.is_one_of(&["String"])
    }

    /// Tells whether it is a boolean.
    pub(crate) fn is_bool(&self) -> bool {
        self.is_one_of(&["bool"])
    }

    /// Tells whether it is a floating-point number.
    pub(crate) fn is_float(&self) -> bool {
        self.is_one_of(&["f32", "f64"])
    }
}

/// Tells what kind of item this is, and refuses those that cannot be entities.
fn shape(input: &DeriveInput, errors: &mut Errors) -> Shape {
    let generics = &input.generics;
    if !generics.params.is_empty() {
        let message = "an entity has no type parameters, lifetimes or constants: each entity is one table";
        errors.push(syn::Error::new_spanned(&generics.params, message));
        return Shape::Generic;
    }
    if let Some(clause) = &generics.where_clause {
        errors.push(syn::Error::new_spanned(clause, "an entity has no `where` clause"));
        return Shape::Generic;
    }
    let (message, shape) = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => return Shape::Entity,
            Fields::Unnamed(_) => ("an entity has named fields: each field is a column", Shape::Value),
            Fields::Unit => ("an entity has fields: each field is a column", Shape::Value),
        },
        Data::Enum(_) => ("an entity is a struct, not an enum", Shape::Other),
        Data::Union(_) => ("an entity is a struct, not a union", Shape::Other),
    };
    errors.at(input.ident.span(), message);
    shape
}

/// Reads `#[embedded(prefix = "billing_")]`.
fn read_embedded(attr: &Attribute, prefix: &mut Option<Setting<LitStr>>, errors: &mut Errors) {
    const KEYS: Keys = Keys { known: &["prefix"], later: &[] };
    items(attr, errors, |key, input| match key.to_string().as_str() {
        "prefix" => value_with(prefix, key, input, "\"billing_\"", |input| input.parse()),
        _ => Err(KEYS.refuse(&key)),
    });
}

fn wrong_attribute(attr: &Attribute, message: &str, errors: &mut Errors) {
    errors.at(attr.path().span(), message);
}

/// Recognises the type of a relation.
fn related(ty: &Type) -> Option<(Kind, &Type)> {
    [Kind::BelongsTo, Kind::HasOne, Kind::HasMany]
        .into_iter()
        .find_map(|kind| argument(ty, kind.name()).map(|target| (kind, target)))
}

/// Returns `T` if the type is written `…::name<T>`.
fn argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let last = path_of(ty)?.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if last.ident == name && arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// Returns the last name of a type that is a path without arguments behind it.
fn last_name(ty: &Type) -> Option<String> {
    let last = path_of(ty)?.segments.last()?;
    last.arguments.is_empty().then(|| last.ident.unraw().to_string())
}

/// Returns the path of a type; what `macro_rules!` passes on comes in invisible brackets.
fn path_of(ty: &Type) -> Option<&Path> {
    match ty {
        Type::Path(it) if it.qself.is_none() => Some(&it.path),
        Type::Group(it) => path_of(&it.elem),
        Type::Paren(it) => path_of(&it.elem),
        _ => None,
    }
}
