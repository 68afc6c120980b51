//! Relations: both sides of each foreign key of one column, and of each association table.

use std::collections::{HashMap, HashSet};

use aludel_sql::ReferentialAction;
use aludel_sql::schema::{ColumnDef, ForeignKey, Table};

use super::columns::plain_field_type;
use super::names::{Names, field_name, unique};

/// The fields of relations, as they are written, by entity.
#[derive(Debug, Default)]
pub(super) struct Relations {
    fields: HashMap<String, Vec<String>>,
}

impl Relations {
    pub(super) fn of(names: &Names, entities: &[&Table], ties: &[&Table]) -> Self {
        let mut relations = Self::default();
        let mut taken: HashMap<String, HashSet<String>> = HashMap::new();
        for table in entities {
            let Some(entity) = names.entity(table.schema.as_ref(), &table.name) else { continue };
            // A method of this name is on every view.
            let mut fields = HashSet::from(["entity".to_owned()]);
            fields.extend(table.columns.iter().map(|it| names.field(table, &it.name).to_lowercase()));
            taken.insert(entity.to_owned(), fields);
        }
        let mut name =
            |entity: &str, wanted: String| unique(wanted, taken.entry(entity.to_owned()).or_default(), "_");
        for table in entities {
            for key in table.foreign_keys.iter().filter(|key| of_column(table, key, entities)) {
                relations.pair(names, table, key, &mut name);
            }
        }
        for tie in ties {
            relations.tie(names, tie, &mut name);
        }
        relations
    }

    pub(super) fn fields(&self, entity: &str) -> &[String] {
        self.fields.get(entity).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, entity: &str, attribute: &str, field: &str, field_type: &str) {
        let text = format!("    #[relation({attribute})]\n    pub {field}: {field_type},\n");
        self.fields.entry(entity.to_owned()).or_default().push(text);
    }

    fn pair(
        &mut self,
        names: &Names,
        table: &Table,
        key: &ForeignKey,
        name: &mut impl FnMut(&str, String) -> String,
    ) {
        let (Some(child), Some(parent)) = (
            names.entity(table.schema.as_ref(), &table.name),
            names.entity(key.parent_schema.as_ref(), &key.parent),
        ) else {
            return;
        };
        let column = names.field(table, &key.columns[0]);
        let one = column
            .strip_suffix("_id")
            .filter(|it| !it.is_empty())
            .map_or_else(|| format!("{column}_row"), str::to_owned);
        let one = name(child, field_name(&one));
        let is_unique = key.columns == table.primary_key.columns
            || table.uniques.iter().any(|it| it.columns == key.columns);
        let plain = field_name(&table.name);
        let refers_often = table.foreign_keys.iter().filter(|it| it.parent == key.parent).count() > 1;
        let many = if refers_often || child == parent { format!("{plain}_by_{one}") } else { plain };
        let many = name(parent, many);
        let kind = if is_unique { "HasOne" } else { "HasMany" };
        let (one_constant, many_constant) = (one.to_uppercase(), many.to_uppercase());
        self.add(
            child,
            &format!("back_populates = {parent}::{many_constant}, foreign_key = {column}"),
            &one,
            &format!("BelongsTo<{parent}>"),
        );
        // The database deletes the children itself.
        let deletes = if key.on_delete == ReferentialAction::Cascade {
            ", cascade = \"all\", passive_deletes"
        } else {
            ""
        };
        let key_constant = column.to_uppercase();
        self.add(
            parent,
            &format!(
                "back_populates = {child}::{one_constant}, foreign_key = {child}::{key_constant}{deletes}"
            ),
            &many,
            &format!("{kind}<{child}>"),
        );
    }

    fn tie(&mut self, names: &Names, tie: &Table, name: &mut impl FnMut(&str, String) -> String) {
        let constant = names.constant(tie);
        let key_of =
            |at: usize| tie.foreign_keys.iter().find(|it| it.columns == [tie.columns[at].name.as_str()]);
        let (Some(first), Some(second)) = (key_of(0), key_of(1)) else { return };
        let entity = |key: &ForeignKey| names.entity(key.parent_schema.as_ref(), &key.parent);
        let (Some(left), Some(right)) = (entity(first), entity(second)) else { return };
        let is_self = left == right;
        let wanted = |of: &ForeignKey, by: &ForeignKey| {
            let plain = field_name(&of.parent);
            if is_self { format!("{plain}_by_{}", field_name(&by.columns[0])) } else { plain }
        };
        let of_left = name(left, wanted(second, first));
        let of_right = name(right, wanted(first, second));
        for (entity, field, target, back, key) in
            [(left, &of_left, right, &of_right, first), (right, &of_right, left, &of_left, second)]
        {
            let key = if is_self { format!(", foreign_key = {}", key.columns[0]) } else { String::new() };
            let attribute =
                format!("secondary = {constant}{key}, back_populates = {target}::{}", back.to_uppercase());
            self.add(entity, &attribute, field, &format!("HasMany<{target}>"));
        }
    }
}

/// Tells whether a foreign key can be said with its column: one column, whose field has the type of that of the parent.
pub(super) fn of_column(table: &Table, key: &ForeignKey, entities: &[&Table]) -> bool {
    let parent = entities.iter().find(|it| it.name == key.parent && it.schema == key.parent_schema);
    let ([column], [referred]) = (key.columns.as_slice(), key.parent_columns.as_slice()) else {
        return false;
    };
    let types = (table.column(column), parent.and_then(|it| it.column(referred)));
    let (Some(column), Some(referred)) = types else { return false };
    let is_first =
        table.foreign_keys.iter().find(|it| it.columns == key.columns).is_some_and(|it| it.name == key.name);
    let same = |it: &ColumnDef| plain_field_type(it).map(|plain| (plain, it.sql_type.as_domain().cloned()));
    let can_be_null = key.on_delete != ReferentialAction::SetNull || column.nullable;
    is_first && !key.match_full && can_be_null && same(column).is_some() && same(column) == same(referred)
}
