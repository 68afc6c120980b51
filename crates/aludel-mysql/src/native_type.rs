//! Types that `type = "…"` names: those that MariaDB and MySQL have, as they spell them.

use aludel_sql::{Error, ErrorKind, Result};

/// The first words of all types.
const WORDS: &[&str] = &[
    "bigint",
    "binary",
    "bit",
    "blob",
    "bool",
    "boolean",
    "char",
    "character",
    "date",
    "datetime",
    "dec",
    "decimal",
    "double",
    "enum",
    "fixed",
    "float",
    "geometry",
    "geometrycollection",
    "inet4",
    "inet6",
    "int",
    "integer",
    "json",
    "linestring",
    "longblob",
    "longtext",
    "mediumblob",
    "mediumint",
    "mediumtext",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "nchar",
    "numeric",
    "nvarchar",
    "point",
    "polygon",
    "real",
    "set",
    "smallint",
    "text",
    "time",
    "timestamp",
    "tinyblob",
    "tinyint",
    "tinytext",
    "uuid",
    "varbinary",
    "varchar",
    "vector",
    "year",
];

/// Names that are short for others.
const SYNONYMS: &[(&str, &str)] = &[
    ("bool", "tinyint(1)"),
    ("boolean", "tinyint(1)"),
    ("character", "char"),
    ("dec", "decimal"),
    ("fixed", "decimal"),
    ("integer", "int"),
    ("numeric", "decimal"),
    ("real", "double"),
];

/// What a type without a size has.
const SIZES: &[(&str, &str)] = &[("binary", "(1)"), ("bit", "(1)"), ("char", "(1)"), ("decimal", "(10,0)")];

/// Spells a type as information_schema does.
pub(crate) fn spelled(database: &str, name: &str) -> Result<String> {
    // The values of a SET are written as they are.
    let (word, rest) = name
        .trim()
        .split_at(name.trim().find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(name.trim().len()));
    let word = &*word.to_ascii_lowercase();
    let rest =
        if rest.contains('\'') { rest.to_owned() } else { rest.to_ascii_lowercase().replace(", ", ",") };
    if WORDS.binary_search(&word).is_err() || rest.contains('[') {
        return Err(Error::new(ErrorKind::Unsupported, format!("{database} has no type `{name}`")).help(
            "name a type that it has; where a type is only for one database, keep the entity to that, or let the type follow the field",
        ));
    }
    let word = SYNONYMS.iter().find(|(it, _)| *it == word).map_or(word, |(_, meant)| meant);
    let size = SIZES.iter().find(|(it, _)| *it == word && rest.is_empty()).map_or("", |(_, size)| size);
    Ok(format!("{word}{size}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_spelled_as_the_database_does() {
        for (name, expected) in [
            ("MEDIUMTEXT", "mediumtext"),
            ("Integer unsigned", "int unsigned"),
            ("numeric(10, 2)", "decimal(10,2)"),
            ("SET('A', 'b')", "set('A', 'b')"),
            ("character", "char(1)"),
        ] {
            assert_eq!(spelled("MariaDB", name).unwrap(), expected);
        }
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn a_type_that_it_does_not_have_is_refused_by_name() {
        for name in ["citext", "int4range", "text[]", "jsonb", ""] {
            assert!(spelled("MariaDB", name).is_err(), "{name}");
        }
        let error = spelled("MariaDB", "citext").unwrap_err();
        assert!(error.to_string().contains("MariaDB has no type `citext`"), "{error}");
    }
}
