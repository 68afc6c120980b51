//! The struct of a table, and the constant of an association table.

use aludel_sql::Nulls;
use aludel_sql::schema::{
    Deferrable, DialectOptions, ForeignKey, Index, IndexOf, IndexPart, NamingConvention, Table, Unique,
};

use super::columns::{attributes, field_type, plain_field_type};
use super::literal;
use super::names::Names;
use super::relations::{Relations, of_column};

/// Writes an entity.
pub(super) fn entity(
    table: &Table,
    entities: &[&Table],
    names: &Names,
    relations: &Relations,
    notes: &mut Vec<String>,
) -> String {
    let entity = names.entity(table.schema.as_ref(), &table.name).unwrap_or_default();
    let mut writer = Writer { table, entities, names, convention: NamingConvention::default(), notes };
    let mut out = format!("/// The table {}.\n#[derive(Entity, Debug)]\n", literal(&table.name));
    out.push_str(&writer.entity_attribute());
    out.push_str(&format!("pub struct {entity} {{\n"));
    for column in &table.columns {
        let Some(field_type) = field_type(column, names) else {
            let sql_type = column.sql_type.to_string();
            writer.note(format!("column {:?} is left out: no field has the type {sql_type:?}", column.name));
            continue;
        };
        let field = names.field(table, &column.name);
        let mut said = attributes(table, column, field);
        said.extend(writer.keys_of(&column.name));
        if !said.is_empty() {
            out.push_str(&format!("    #[column({})]\n", said.join(", ")));
        }
        out.push_str(&format!("    pub {field}: {field_type},\n"));
    }
    for relation in relations.fields(entity) {
        out.push_str(relation);
    }
    out.push_str("}\n");
    out
}

/// Writes an association table.
pub(super) fn association(table: &Table, names: &Names) -> String {
    let parent = |column: &str| {
        let key = table.foreign_keys.iter().find(|it| it.columns == [column]);
        key.and_then(|key| {
            let entity = names.entity(key.parent_schema.as_ref(), &key.parent)?;
            let field = names.field_of(key.parent_schema.as_ref(), &key.parent, &key.parent_columns[0])?;
            Some(format!("{entity}::{}", field.to_uppercase()))
        })
        .unwrap_or_default()
    };
    let columns: Vec<String> =
        table.columns.iter().map(|it| format!("{} => {}", it.name, parent(&it.name))).collect();
    format!(
        "aludel::association_table! {{\n    /// The table {0}.\n    pub {1} = {0} {{ {2} }}\n}}\n",
        literal(&table.name),
        names.constant(table),
        columns.join(", ")
    )
}

/// Writes `sqlite(strict), mysql(engine = "Aria")`.
pub(super) fn options(options: &DialectOptions) -> Vec<String> {
    let mut dialects: Vec<(String, Vec<String>)> = Vec::new();
    for (dialect, name, value) in options.iter() {
        if dialects.last().is_none_or(|(last, _)| last != dialect) {
            dialects.push((dialect.to_owned(), Vec::new()));
        }
        let said = if value == "true" {
            name.to_owned()
        } else if value.parse::<i64>().is_ok() {
            format!("{name} = {value}")
        } else {
            format!("{name} = {}", literal(value))
        };
        dialects.last_mut().expect("one was just put there").1.push(said);
    }
    dialects.into_iter().map(|(dialect, said)| format!("{dialect}({})", said.join(", "))).collect()
}

struct Writer<'a> {
    table: &'a Table,
    entities: &'a [&'a Table],
    names: &'a Names,
    convention: NamingConvention,
    notes: &'a mut Vec<String>,
}

impl Writer<'_> {
    fn note(&mut self, what: String) {
        self.notes.push(format!("table {:?}: {what}", self.table.name));
    }

    fn entity_attribute(&mut self) -> String {
        let table = self.table;
        let mut said = vec![format!("table = {}", literal(&table.name))];
        said.extend(table.schema.as_ref().map(|it| format!("schema = {}", literal(it))));
        said.extend(table.comment.as_ref().map(|it| format!("comment = {}", literal(it))));
        if table.primary_key.name != self.convention.primary_key(&table.name, &table.primary_key.columns) {
            self.note(format!(
                "the primary key {:?} will be renamed as the convention has it",
                table.primary_key.name
            ));
        }
        for unique in &table.uniques {
            if !self.is_simple_unique(unique) {
                said.extend(self.unique(unique));
            }
        }
        for key in &table.foreign_keys {
            if !self.is_of_column(key) {
                said.extend(self.foreign_key(key));
            }
        }
        for check in &table.checks {
            let prefix = format!("ck_{}_", table.name);
            let name = check.name.strip_prefix(&prefix).unwrap_or(&check.name);
            if self.convention.check(&table.name, name) != check.name {
                self.note(format!("the check {:?} will be renamed as the convention has it", check.name));
            }
            said.push(format!("checks({}, name = {})", literal(&check.condition), literal(name)));
        }
        for exclude in &table.excludes {
            said.push(format!(
                "excludes({}, name = {})",
                literal(&exclude.definition),
                literal(&exclude.name)
            ));
        }
        for index in &table.indexes {
            if !self.is_simple_index(index) {
                said.extend(self.index(index));
            }
        }
        said.extend(options(&table.options));
        if said.len() == 1 {
            return format!("#[entity({})]\n", said[0]);
        }
        let lines: String = said.iter().map(|it| format!("    {it},\n")).collect();
        format!("#[entity(\n{lines})]\n")
    }

    /// Returns what `#[column(…)]` says of the keys and indexes over one column.
    fn keys_of(&mut self, column: &str) -> Vec<String> {
        let mut said = Vec::new();
        let table = self.table;
        if table.uniques.iter().any(|it| it.columns == [column] && self.is_simple_unique(it)) {
            said.push("unique".to_owned());
        }
        if table.indexes.iter().any(|it| it.columns().eq([column]) && self.is_simple_index(it)) {
            said.push("index".to_owned());
        }
        let key = table.foreign_keys.iter().find(|it| it.columns == [column] && self.is_of_column(it));
        let Some(key) = key else { return said };
        let entity = self.names.entity(key.parent_schema.as_ref(), &key.parent).unwrap_or_default();
        let field = self.names.field_of(key.parent_schema.as_ref(), &key.parent, &key.parent_columns[0]);
        said.push(format!("foreign_key = {entity}::{}", field.unwrap_or_default().to_uppercase()));
        said.extend(actions(key));
        if key.name
            != self.convention.foreign_key(&table.name, &key.columns, (&key.parent, &key.parent_columns))
        {
            self.note(format!("the foreign key {:?} will be renamed as the convention has it", key.name));
        }
        said
    }

    fn is_of_column(&self, key: &ForeignKey) -> bool {
        of_column(self.table, key, self.entities)
    }

    fn is_simple_unique(&self, unique: &Unique) -> bool {
        unique.columns.len() == 1
            && *unique
                == Unique::over(
                    self.convention.unique(&self.table.name, &unique.columns),
                    unique.columns.clone(),
                )
    }

    fn is_simple_index(&self, index: &Index) -> bool {
        let columns: Vec<String> = index.columns().map(str::to_owned).collect();
        columns.len() == 1 && *index == Index::on(self.convention.index(&self.table.name, &columns), columns)
    }

    /// Returns fields, if all columns have one.
    fn fields(&mut self, columns: &[String], of: &str) -> Option<Vec<String>> {
        let left_out =
            columns.iter().find(|it| self.table.column(it).is_none_or(|it| plain_field_type(it).is_none()));
        if let Some(column) = left_out {
            self.note(format!("{of} is left out with the column {column:?}"));
            return None;
        }
        Some(columns.iter().map(|it| self.names.field(self.table, it).to_owned()).collect())
    }

    fn unique(&mut self, unique: &Unique) -> Option<String> {
        let mut said = self.fields(&unique.columns, &format!("the unique constraint {:?}", unique.name))?;
        said.push(format!("name = {}", literal(&unique.name)));
        said.extend(deferrable(unique.deferrable));
        said.extend(unique.nulls_not_distinct.then(|| "nulls_not_distinct".to_owned()));
        Some(format!("unique({})", said.join(", ")))
    }

    fn foreign_key(&mut self, key: &ForeignKey) -> Option<String> {
        let of = format!("the foreign key {:?}", key.name);
        let fields = self.fields(&key.columns, &of)?;
        let parent = self.names.entity(key.parent_schema.as_ref(), &key.parent).map(str::to_owned);
        let field = |it: &String| {
            self.names.field_of(key.parent_schema.as_ref(), &key.parent, it).map(str::to_uppercase)
        };
        let referred: Option<Vec<String>> = key.parent_columns.iter().map(field).collect();
        let (Some(parent), Some(referred)) = (parent, referred) else {
            self.note(format!("{of} is left out: {:?} is no entity", key.parent));
            return None;
        };
        let referred: Vec<String> = referred.iter().map(|it| format!("{parent}::{it}")).collect();
        let mut said = vec![format!("({}) => ({})", fields.join(", "), referred.join(", "))];
        said.push(format!("name = {}", literal(&key.name)));
        said.extend(actions(key));
        said.extend(key.match_full.then(|| "match_full".to_owned()));
        Some(format!("foreign_key({})", said.join(", ")))
    }

    fn index(&mut self, index: &Index) -> Option<String> {
        let of = format!("the index {:?}", index.name);
        let columns: Vec<String> = index.columns().map(str::to_owned).collect();
        self.fields(&columns, &of)?;
        let mut said: Vec<String> = index.parts.iter().map(|it| self.part(it)).collect();
        said.push(format!("name = {}", literal(&index.name)));
        said.extend(index.unique.then(|| "unique".to_owned()));
        said.extend(index.nulls_not_distinct.then(|| "nulls_not_distinct".to_owned()));
        said.extend(index.condition.as_ref().map(|it| format!("where = {}", literal(it))));
        if !index.include.is_empty() {
            said.push(format!("include({})", self.fields(&index.include, &of)?.join(", ")));
        }
        said.extend(options(&index.options));
        Some(format!("index({})", said.join(", ")))
    }

    fn part(&self, part: &IndexPart) -> String {
        let mut said = match &part.of {
            IndexOf::Column(column) => self.names.field(self.table, column).to_owned(),
            IndexOf::Expression(sql) => literal(sql),
        };
        if part.descending {
            said.push_str(".desc()");
        }
        match part.nulls {
            Some(Nulls::First) => said.push_str(".nulls_first()"),
            Some(Nulls::Last) => said.push_str(".nulls_last()"),
            None => {}
        }
        if let Some(collation) = &part.collation {
            said.push_str(&format!(".collate({})", literal(collation)));
        }
        for option in options(&part.options) {
            said.push_str(&format!(".{option}"));
        }
        said
    }
}

fn actions(key: &ForeignKey) -> Vec<String> {
    let mut said = Vec::new();
    for (word, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
        if action != aludel_sql::ReferentialAction::NoAction {
            said.push(format!("{word} = {}", literal(&action.sql().to_lowercase())));
        }
    }
    said.extend(deferrable(key.deferrable));
    said
}

fn deferrable(deferrable: Deferrable) -> Option<String> {
    match deferrable {
        Deferrable::No => None,
        Deferrable::Immediate => Some("deferrable = \"immediate\"".to_owned()),
        Deferrable::Deferred => Some("deferrable = \"deferred\"".to_owned()),
    }
}
