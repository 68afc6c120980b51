//! The types of columns, as a schema has them: those that Aludel knows everywhere, enums, domains, and those that only one database has.

use std::fmt;
use std::str::FromStr;

use super::domain::Domain;
use super::enum_type::EnumType;
use crate::compiler::standard::text_literal;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::sql_type::SqlType;

/// The type of a column.
///
/// ```
/// use aludel::SqlType;
/// use aludel::schema::{EnumType, Type};
///
/// assert_eq!(Type::from(SqlType::BigInt).to_string(), "bigint");
/// assert_eq!(Type::Native("inet".into()).to_string(), "native inet");
/// let mood = Type::Enum(EnumType::new("mood", ["sad", "happy"]));
/// assert_eq!(mood.to_string(), "enum mood ('sad', 'happy')");
/// assert_eq!(mood.to_string().parse::<Type>()?, mood);
/// # Ok::<(), aludel::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// A type that every database has, or something that stands for it.
    Sql(SqlType),
    /// One of these values.
    Enum(EnumType),
    /// A type under a name of its own.
    Domain(Box<Domain>),
    /// A type that one database has, as it spells it: `inet`, `geometry(Point,4326)`.
    Native(String),
}

impl From<SqlType> for Type {
    fn from(sql_type: SqlType) -> Self {
        Self::Sql(sql_type)
    }
}

impl From<Domain> for Type {
    fn from(domain: Domain) -> Self {
        Self::Domain(Box::new(domain))
    }
}

impl PartialEq<SqlType> for Type {
    fn eq(&self, other: &SqlType) -> bool {
        self.sql() == Some(*other)
    }
}

impl Type {
    /// Returns the type that every database has, if it is one.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::Type;
    ///
    /// assert_eq!(Type::Sql(SqlType::BigInt).sql(), Some(SqlType::BigInt));
    /// assert_eq!(Type::Native("inet".into()).sql(), None);
    /// ```
    #[must_use]
    pub fn sql(&self) -> Option<SqlType> {
        match self {
            Self::Sql(sql_type) => Some(*sql_type),
            _ => None,
        }
    }

    /// Returns the enum, if it is one.
    ///
    /// ```
    /// use aludel::schema::{EnumType, Type};
    ///
    /// let mood = Type::Enum(EnumType::new("mood", ["sad", "happy"]));
    /// assert_eq!(mood.as_enum().unwrap().values, ["sad", "happy"]);
    /// assert_eq!(Type::Native("mood".into()).as_enum(), None);
    /// ```
    #[must_use]
    pub fn as_enum(&self) -> Option<&EnumType> {
        match self {
            Self::Enum(it) => Some(it),
            _ => None,
        }
    }

    /// Returns the domain, if it is one.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{Domain, Type};
    ///
    /// let email = Type::from(Domain::new("email", SqlType::Text));
    /// assert_eq!(email.as_domain().unwrap().name, "email");
    /// assert_eq!(Type::Native("email".into()).as_domain(), None);
    /// ```
    #[must_use]
    pub fn as_domain(&self) -> Option<&Domain> {
        match self {
            Self::Domain(it) => Some(it),
            _ => None,
        }
    }

    /// Returns the type that values have: the one under a domain, however many domains are over it, and any other itself.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{Domain, Type};
    ///
    /// let email = Domain::new("work_email", Domain::new("email", SqlType::Text));
    /// assert_eq!(*Type::from(email).base(), SqlType::Text);
    /// ```
    #[must_use]
    pub fn base(&self) -> &Self {
        match self {
            Self::Domain(it) => it.sql_type.base(),
            other => other,
        }
    }

    /// Reads a type back from the name that a database gives it: it is the one that this dialect would write so, and native if there
    /// is none. Upper and lower case are the same.
    ///
    /// ```
    /// use aludel::schema::Type;
    /// use aludel::{PostgresDialect, SqlType};
    ///
    /// assert_eq!(Type::read(&PostgresDialect, "varchar(20)"), SqlType::Varchar(20));
    /// assert_eq!(Type::read(&PostgresDialect, "inet"), Type::Native("inet".into()));
    /// ```
    #[must_use]
    pub fn read(dialect: &dyn Dialect, name: &str) -> Self {
        // Some write a space behind a comma.
        let plain = |name: &str| name.replace(", ", ",").to_ascii_lowercase();
        let is_written_so =
            |candidate: &SqlType| dialect.type_name(*candidate).is_ok_and(|it| plain(&it) == plain(name));
        match SqlType::candidates(name).find(is_written_so) {
            Some(sql_type) => Self::Sql(sql_type),
            None => Self::Native(name.to_owned()),
        }
    }
}

/// Writes the type as revisions spell it, whatever the database; of a domain its name and the type under it.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(sql_type) => sql_type.fmt(f),
            Self::Native(name) => write!(f, "native {name}"),
            Self::Domain(it) => {
                let mut text = "domain ".to_owned();
                name(&mut text, it.schema.as_deref(), &it.name);
                write!(f, "{text} {}", it.sql_type)
            }
            Self::Enum(it) => {
                let mut text = "enum ".to_owned();
                name(&mut text, it.schema.as_deref(), &it.name);
                text.push_str(" (");
                for (at, value) in it.values.iter().enumerate() {
                    if at > 0 {
                        text.push_str(", ");
                    }
                    text_literal(&mut text, value);
                }
                text.push(')');
                f.write_str(&text)
            }
        }
    }
}

/// Writes a name with its schema.
fn name(text: &mut String, schema: Option<&str>, name: &str) {
    if let Some(schema) = schema {
        word(text, schema);
        text.push('.');
    }
    word(text, name);
}

/// Writes a name, in quotes unless it is a plain word.
fn word(text: &mut String, name: &str) {
    if !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') {
        text.push_str(name);
    } else {
        text.push('"');
        text.push_str(&name.replace('"', "\"\""));
        text.push('"');
    }
}

impl FromStr for Type {
    type Err = Error;

    /// Reads what `Display` writes.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for anything else.
    fn from_str(text: &str) -> Result<Self> {
        if let Some(name) = text.strip_prefix("native ").filter(|it| !it.is_empty()) {
            return Ok(Self::Native(name.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("enum ") {
            return read_enum(rest).map(Self::Enum).ok_or_else(|| {
                Error::new(ErrorKind::Schema, format!("there is no type `{text}`"))
                    .help("an enum is spelled with its name and its values: `enum mood ('sad', 'happy')`")
            });
        }
        if let Some(rest) = text.strip_prefix("domain ") {
            let Some((schema, name, under)) = read_name(rest) else {
                return Err(Error::new(ErrorKind::Schema, format!("there is no type `{text}`")).help(
                    "a domain is spelled with its name and the type under it: `domain email varchar(255)`",
                ));
            };
            return Ok(Domain { schema, ..Domain::new(name, under.trim_start().parse::<Self>()?) }.into());
        }
        text.parse().map(Self::Sql)
    }
}

/// Reads `app.mood`, and returns what follows it.
fn read_name(text: &str) -> Option<(Option<String>, String, &str)> {
    let (first, rest) = read_word(text)?;
    match rest.strip_prefix('.') {
        Some(rest) => {
            let (name, rest) = read_word(rest)?;
            Some((Some(first), name, rest))
        }
        None => Some((None, first, rest)),
    }
}

/// Reads `app.mood ('sad', 'happy')`.
fn read_enum(text: &str) -> Option<EnumType> {
    let (schema, name, rest) = read_name(text)?;
    let mut rest = rest.trim_start().strip_prefix('(')?.trim_start();
    let mut values = Vec::new();
    while !rest.starts_with(')') {
        if !values.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
        let (value, after) = read_quoted(rest, '\'')?;
        values.push(value);
        rest = after.trim_start();
    }
    (rest == ")").then(|| EnumType { schema, ..EnumType::new(name, values) })
}

fn read_word(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return read_quoted(text, '"');
    }
    let end = text.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// Reads what stands in quotes, where a doubled one is one of the text.
fn read_quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.strip_prefix(quote)?;
    loop {
        let end = rest.find(quote)?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(quote) {
            Some(after) => {
                value.push(quote);
                rest = after;
            }
            None => return Some((value, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let hostile = EnumType {
            schema: Some("a.b".into()),
            ..EnumType::new("m\"o'od", ["it's", "(", "a, b", "", "\\"])
        };
        let domain = Domain { schema: Some("a.b".into()), ..Domain::new("e mail", SqlType::Varchar(20)) };
        for it in [
            Type::Enum(hostile.clone()),
            Type::Enum(EnumType::new("", [""; 0])),
            Type::Native("x (1)".into()),
            Domain::new("outer", domain).into(),
            Domain::new("moods", Type::Enum(hostile)).into(),
        ] {
            assert_eq!(it.to_string().parse::<Type>().unwrap(), it, "{it}");
        }
        for wrong in [
            "domain",
            "domain x",
            "domain x.",
            "domain x bigin",
            "enum",
            "enum mood",
            "enum mood ('a'",
            "enum mood ('a') x",
            "native ",
            "bigin",
            "",
        ] {
            assert!(wrong.parse::<Type>().is_err(), "{wrong}");
        }
    }
}
