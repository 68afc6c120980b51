//! Names of Rust for names of a database, which may be anything.

use std::collections::{HashMap, HashSet};

use aludel_sql::schema::{Domain, Table, TableName};

/// Words that no field is called.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "table", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized",
    "use", "virtual", "where", "while", "yield",
];

/// Types that an entity would hide.
const TYPES: &[&str] = &[
    "Alias",
    "BelongsTo",
    "Box",
    "Change",
    "Changeset",
    "Column",
    "ColumnType",
    "Connection",
    "Cte",
    "Deferred",
    "DbEnum",
    "Engine",
    "Entity",
    "Error",
    "Expr",
    "Expression",
    "HasMany",
    "HasOne",
    "Insertable",
    "Json",
    "Metadata",
    "None",
    "Obj",
    "Ok",
    "Err",
    "Option",
    "Options",
    "Projection",
    "Related",
    "Result",
    "Row",
    "Self",
    "Send",
    "Sensitive",
    "Session",
    "Some",
    "String",
    "Subquery",
    "Sync",
    "Transaction",
    "Vec",
];

/// The names of entities, their fields, the newtypes of domains, and the constants of association tables.
#[derive(Debug, Default)]
pub(super) struct Names {
    entities: HashMap<(Option<String>, String), String>,
    fields: HashMap<(Option<String>, String, String), String>,
    domains: HashMap<TableName, String>,
    constants: HashMap<String, String>,
}

impl Names {
    pub(super) fn of(entities: &[&Table], ties: &[&Table], domains: &[&Domain]) -> Self {
        let mut names = Self::default();
        let mut taken = HashSet::new();
        for table in entities {
            let name = type_name(&singular(&words(&table.name)), "Table", "Entity");
            let name = unique(name, &mut taken, "");
            names.entities.insert((table.schema.clone(), table.name.clone()), name);
            let mut taken = HashSet::new();
            for column in &table.columns {
                let field = unique(field_name(&column.name), &mut taken, "_");
                names.fields.insert((table.schema.clone(), table.name.clone(), column.name.clone()), field);
            }
        }
        for domain in domains {
            let name = unique(type_name(&words(&domain.name), "Domain", "Domain"), &mut taken, "");
            names.domains.insert(TableName::of_domain(domain), name);
        }
        let mut taken = HashSet::new();
        for table in ties {
            let name = unique(field_name(&table.name).to_uppercase(), &mut taken, "_");
            names.constants.insert(table.name.clone(), name);
        }
        names
    }

    pub(super) fn entity(&self, schema: Option<&String>, table: &str) -> Option<&str> {
        self.entities.get(&(schema.cloned(), table.to_owned())).map(String::as_str)
    }

    pub(super) fn field(&self, table: &Table, column: &str) -> &str {
        self.field_of(table.schema.as_ref(), &table.name, column).unwrap_or_default()
    }

    pub(super) fn field_of(&self, schema: Option<&String>, table: &str, column: &str) -> Option<&str> {
        self.fields.get(&(schema.cloned(), table.to_owned(), column.to_owned())).map(String::as_str)
    }

    pub(super) fn domain(&self, domain: &Domain) -> Option<&str> {
        self.domains.get(&TableName::of_domain(domain)).map(String::as_str)
    }

    pub(super) fn constant(&self, tie: &Table) -> &str {
        self.constants.get(&tie.name).map_or("", String::as_str)
    }
}

/// Makes a name of a type of these words, that is no other type's.
fn type_name(words: &[String], before: &str, behind: &str) -> String {
    let mut name = words.iter().map(|it| capitalized(it)).collect::<String>();
    if !name.starts_with(|it: char| it.is_ascii_alphabetic()) {
        name = format!("{before}{name}");
    }
    if TYPES.contains(&name.as_str()) {
        name.push_str(behind);
    }
    name
}

/// Makes a name of a field: lower case, words with `_` between them, nothing but ASCII.
pub(super) fn field_name(name: &str) -> String {
    let name = words(name).join("_");
    let name = if name.is_empty() { "column".to_owned() } else { name };
    if name.starts_with(|it: char| it.is_ascii_digit()) {
        format!("n{name}")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

/// Returns the name, or with a number behind it if it is taken.
pub(super) fn unique(name: String, taken: &mut HashSet<String>, between: &str) -> String {
    let mut result = name.clone();
    let mut number = 2;
    // Constants are in upper case, so names that differ in case only are the same.
    while !taken.insert(result.to_lowercase()) {
        result = format!("{name}{between}{number}");
        number += 1;
    }
    result
}

/// Tells whether a name is one of Rust's as it stands.
pub(super) fn is_identifier(name: &str) -> bool {
    name == field_name(name)
}

fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in name.chars() {
        if !char.is_ascii_alphanumeric() {
            words.push(String::new());
            was_lower = false;
            continue;
        }
        if char.is_ascii_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.push(char.to_ascii_lowercase());
        }
    }
    words.retain(|it| !it.is_empty());
    words
}

fn singular(words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    if let Some(last) = words.last_mut() {
        if let Some(stem) = last.strip_suffix("ies").filter(|it| it.len() > 1) {
            *last = format!("{stem}y");
        } else if ["sses", "xes", "ches", "shes"].iter().any(|end| last.ends_with(end)) {
            last.truncate(last.len() - 2);
        } else if last.len() > 2
            && last.ends_with('s')
            && !["ss", "us", "is"].iter().any(|end| last.ends_with(end))
        {
            last.pop();
        }
    }
    words
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_of_rust() {
        let field = field_name;
        assert_eq!(field("x\"; DROP TABLE y; --"), "x_drop_table_y");
        assert_eq!(field("*/ fn main() {"), "fn_main");
        assert_eq!(
            (field("type"), field("2nd"), field("名前"), field("createdAt")),
            ("type_".into(), "n2nd".into(), "column".into(), "created_at".into())
        );
        let mut taken = HashSet::new();
        assert_eq!([unique("a".into(), &mut taken, "_"), unique("A".into(), &mut taken, "_")], ["a", "A_2"]);
        let of = |name: &str| singular(&words(name)).iter().map(|it| capitalized(it)).collect::<String>();
        assert_eq!(
            [of("users"), of("categories"), of("boxes"), of("order_status")],
            ["User", "Category", "Box", "OrderStatus"]
        );
    }
}
