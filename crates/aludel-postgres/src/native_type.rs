//! Types that `type = "…"` names, as PostgreSQL spells them. Extensions add types, so what it does not have is known of others' types only.

use aludel_sql::{Error, ErrorKind, Result};

/// The first words of types that other databases have and PostgreSQL does not.
const OF_OTHERS: &[&str] = &[
    "binary",
    "blob",
    "clob",
    "datetime",
    "longblob",
    "longtext",
    "mediumblob",
    "mediumint",
    "mediumtext",
    "nvarchar",
    "tinyblob",
    "tinyint",
    "tinytext",
    "varbinary",
];

/// Names that are short for others.
const SYNONYMS: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("char", "character"),
    ("decimal", "numeric"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
];

/// Spells a type as `format_type` does, but for the long names of the types that every program uses.
pub(crate) fn spelled(name: &str) -> Result<String> {
    // A name in quotes is kept as it is.
    if name.contains('"') {
        return Ok(name.to_owned());
    }
    let name = name.trim().to_ascii_lowercase().replace(", ", ",");
    let end = name.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(name.len());
    let (word, rest) = name.split_at(end);
    if word.is_empty() || OF_OTHERS.binary_search(&word).is_ok() || rest.contains("unsigned") {
        return Err(Error::new(ErrorKind::Unsupported, format!("PostgreSQL has no type `{name}`")).help(
            "name a type that it has; where a type is only for one database, keep the entity to that, or let the type follow the field",
        ));
    }
    let word = SYNONYMS.iter().find(|(it, _)| *it == word).map_or(word, |(_, meant)| meant);
    let size = if rest.is_empty() && ["bit", "character"].contains(&word) { "(1)" } else { "" };
    Ok(format!("{word}{size}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_spelled_as_the_database_does() {
        for (name, expected) in [
            ("CITEXT", "citext"),
            ("char(2)", "character(2)"),
            ("char", "character(1)"),
            ("int4", "integer"),
            ("decimal(10, 2)", "numeric(10,2)"),
            ("public.citext", "public.citext"),
            ("\"My type\"", "\"My type\""),
        ] {
            assert_eq!(spelled(name).unwrap(), expected);
        }
        assert!(OF_OTHERS.is_sorted());
    }

    #[test]
    fn a_type_that_only_others_have_is_refused_by_name() {
        for name in ["MEDIUMTEXT", "int unsigned", "tinyint(1)", ""] {
            assert!(spelled(name).is_err(), "{name}");
        }
        let error = spelled("mediumtext").unwrap_err();
        assert!(error.to_string().contains("PostgreSQL has no type `mediumtext`"), "{error}");
    }
}
