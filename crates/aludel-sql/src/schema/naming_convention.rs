//! How constraints and indexes are named that were given no name.

use crate::error::{Error, ErrorKind, Result};
use crate::identifier::shorten_identifier;

/// Templates for the names of constraints and indexes, in the words of SQLAlchemy and Alembic.
///
/// A name that can be computed is one that a later migration can find. The keys are `pk`, `uq`, `fk`, `ck` and `ix`; the tokens are
/// `%(table_name)s`, `%(referred_table_name)s`, `%(constraint_name)s` (of a CHECK: the name it was given, or that of its column), and for
/// columns by number `%(column_0_name)s`, `%(column_0_key)s`, `%(column_0_label)s` (the table before it), `%(referred_column_0_name)s`;
/// `0N` stands for all of them in one word, `0_N` for all with `_` between them.
///
/// | | default | `users.email` |
/// |---|---|---|
/// | `pk` | `pk_%(table_name)s` | `pk_users` |
/// | `uq` | `uq_%(table_name)s_%(column_0_N_name)s` | `uq_users_email` |
/// | `fk` | `fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s` | `fk_documents_owner_id_users` |
/// | `ck` | `ck_%(table_name)s_%(constraint_name)s` | `ck_users_email` |
/// | `ix` | `ix_%(table_name)s_%(column_0_N_name)s` | `ix_users_email` |
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// use aludel::schema::NamingConvention;
///
/// let convention = NamingConvention::new([("pk", "%(table_name)s_pkey"), ("fk", "%(table_name)s_%(column_0_name)s_fkey")])?;
/// let metadata = Metadata::of((Book, Author)).naming_convention(&convention);
/// assert_eq!(metadata.tables()[0].primary_key.name, "books_pkey");
/// assert_eq!(metadata.tables()[0].foreign_keys[0].name, "books_author_id_fkey");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// Names of more than 63 bytes are cut, and end with a hash of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingConvention {
    primary_key: String,
    unique: String,
    foreign_key: String,
    check: String,
    index: String,
}

impl Default for NamingConvention {
    fn default() -> Self {
        Self {
            primary_key: "pk_%(table_name)s".to_owned(),
            unique: "uq_%(table_name)s_%(column_0_N_name)s".to_owned(),
            foreign_key: "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s".to_owned(),
            check: "ck_%(table_name)s_%(constraint_name)s".to_owned(),
            index: "ix_%(table_name)s_%(column_0_N_name)s".to_owned(),
        }
    }
}

impl NamingConvention {
    /// The default convention with other templates for some of the keys.
    ///
    /// ```
    /// use aludel::schema::NamingConvention;
    ///
    /// let convention = NamingConvention::new([("ix", "%(column_0_label)s_idx")])?;
    /// assert_eq!(convention.index("users", &["email".to_owned()]), "users_email_idx");
    ///
    /// let error = NamingConvention::new([("uk", "%(table_name)s_key")]).unwrap_err();
    /// assert_eq!(error.what(), "a naming convention has no key `uk`");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a key or a token that there is not.
    pub fn new<'a>(templates: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut convention = Self::default();
        for (key, template) in templates {
            let slot = match key {
                "pk" => &mut convention.primary_key,
                "uq" => &mut convention.unique,
                "fk" => &mut convention.foreign_key,
                "ck" => &mut convention.check,
                "ix" => &mut convention.index,
                other => {
                    return Err(Error::new(
                        ErrorKind::Schema,
                        format!("a naming convention has no key `{other}`"),
                    )
                    .help("the keys are `pk`, `uq`, `fk`, `ck` and `ix`"));
                }
            };
            // With two columns on either side every token has something to stand for.
            let probe = Named {
                table: "t",
                columns: &["a".to_owned(), "b".to_owned()],
                referred_table: "p",
                referred_columns: &["c".to_owned(), "d".to_owned()],
                constraint: "n",
            };
            probe.write(template)?;
            template.clone_into(slot);
        }
        Ok(convention)
    }

    /// Returns the name of a primary key.
    ///
    /// ```
    /// use aludel::schema::NamingConvention;
    ///
    /// assert_eq!(NamingConvention::default().primary_key("users", &["id".to_owned()]), "pk_users");
    /// ```
    #[must_use]
    pub fn primary_key(&self, table: &str, columns: &[String]) -> String {
        Named { table, columns, ..Named::default() }.name(&self.primary_key)
    }

    /// Returns the name of a unique constraint.
    ///
    /// ```
    /// use aludel::schema::NamingConvention;
    ///
    /// let columns = ["first".to_owned(), "last".to_owned()];
    /// assert_eq!(NamingConvention::default().unique("users", &columns), "uq_users_first_last");
    /// ```
    #[must_use]
    pub fn unique(&self, table: &str, columns: &[String]) -> String {
        Named { table, columns, ..Named::default() }.name(&self.unique)
    }

    /// Returns the name of an index.
    ///
    /// ```
    /// use aludel::schema::NamingConvention;
    ///
    /// assert_eq!(NamingConvention::default().index("users", &["email".to_owned()]), "ix_users_email");
    /// ```
    #[must_use]
    pub fn index(&self, table: &str, columns: &[String]) -> String {
        Named { table, columns, ..Named::default() }.name(&self.index)
    }

    /// Returns the name of a CHECK, from the name it was given or that of its column.
    ///
    /// ```
    /// use aludel::schema::NamingConvention;
    ///
    /// assert_eq!(NamingConvention::default().check("users", "age"), "ck_users_age");
    /// ```
    #[must_use]
    pub fn check(&self, table: &str, constraint: &str) -> String {
        Named { table, constraint, ..Named::default() }.name(&self.check)
    }

    /// Returns the name of a foreign key.
    ///
    /// ```
    /// use aludel::schema::NamingConvention;
    ///
    /// let (columns, parent) = (["owner_id".to_owned()], ["id".to_owned()]);
    /// let name = NamingConvention::default().foreign_key("documents", &columns, ("users", &parent));
    /// assert_eq!(name, "fk_documents_owner_id_users");
    /// ```
    #[must_use]
    pub fn foreign_key(&self, table: &str, columns: &[String], parent: (&str, &[String])) -> String {
        let (referred_table, referred_columns) = parent;
        Named { table, columns, referred_table, referred_columns, constraint: "" }.name(&self.foreign_key)
    }
}

/// What the tokens of a template stand for.
#[derive(Default)]
struct Named<'a> {
    table: &'a str,
    columns: &'a [String],
    referred_table: &'a str,
    referred_columns: &'a [String],
    constraint: &'a str,
}

impl Named<'_> {
    /// Fills in a template that was tried when the convention was made.
    fn name(&self, template: &str) -> String {
        shorten_identifier(self.write(template).unwrap_or_else(|_| template.to_owned()))
    }

    fn write(&self, template: &str) -> Result<String> {
        let wrong = |what: String| {
            Error::new(ErrorKind::Schema, format!("the naming convention `{template}` {what}"))
                .help("the tokens are listed in the documentation of `NamingConvention`")
        };
        let mut name = String::new();
        let mut rest = template;
        while let Some(at) = rest.find('%') {
            name.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                name.push('%');
                rest = after;
                continue;
            }
            let Some((token, after)) = rest.strip_prefix('(').and_then(|it| it.split_once(")s")) else {
                return Err(wrong("has a `%` that begins no token `%(…)s`".to_owned()));
            };
            let text = self.token(token).ok_or_else(|| wrong(format!("has an unknown token `{token}`")))?;
            name.push_str(&text);
            rest = after;
        }
        name.push_str(rest);
        Ok(name)
    }

    fn token(&self, token: &str) -> Option<String> {
        match token {
            "table_name" => return Some(self.table.to_owned()),
            "referred_table_name" => return Some(self.referred_table.to_owned()),
            "constraint_name" => return Some(self.constraint.to_owned()),
            _ => {}
        }
        let (columns, label, token) = match token.strip_prefix("referred_") {
            Some(token) => (self.referred_columns, self.referred_table, token),
            None => (self.columns, self.table, token),
        };
        let (number, what) = token.strip_prefix("column_")?.rsplit_once('_')?;
        let prefix = match what {
            // The key of a column is what the program calls it; names that the database has are better.
            "name" | "key" => String::new(),
            "label" => format!("{label}_"),
            _ => return None,
        };
        let of = |column: &String| format!("{prefix}{column}");
        match number {
            "0N" => Some(columns.iter().map(of).collect()),
            "0_N" => Some(columns.iter().map(of).collect::<Vec<_>>().join("_")),
            number => {
                let number: usize = number.parse().ok()?;
                Some(columns.get(number).map(of).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unique(template: &str) -> String {
        let convention = NamingConvention::new([("uq", template)]).unwrap();
        convention.unique("users", &["first".to_owned(), "last".to_owned()])
    }

    #[test]
    fn tokens_are_those_of_sqlalchemy() {
        assert_eq!(unique("uq_%(table_name)s_%(column_0_name)s"), "uq_users_first");
        assert_eq!(unique("uq_%(column_0_label)s"), "uq_users_first");
        assert_eq!(unique("%(column_0N_name)s"), "firstlast");
        assert_eq!(unique("%(column_0_N_label)s"), "users_first_users_last");
        assert_eq!(unique("%(column_1_key)s"), "last");
        assert_eq!(unique("100%%_%(column_5_name)s"), "100%_");
        let convention = NamingConvention::new([(
            "fk",
            "%(table_name)s_%(column_0_name)s_%(referred_table_name)s_%(referred_column_0_name)s",
        )])
        .unwrap();
        let names = |name: &str| vec![name.to_owned()];
        assert_eq!(
            convention.foreign_key("books", &names("by"), ("people", &names("id"))),
            "books_by_people_id"
        );
    }

    #[test]
    fn what_there_is_not_is_refused_by_name() {
        let refused = |key, template| NamingConvention::new([(key, template)]).unwrap_err().what().to_owned();
        assert_eq!(refused("uk", "x"), "a naming convention has no key `uk`");
        assert_eq!(
            refused("uq", "%(colum_0_name)s"),
            "the naming convention `%(colum_0_name)s` has an unknown token `colum_0_name`"
        );
        assert_eq!(
            refused("uq", "50% off"),
            "the naming convention `50% off` has a `%` that begins no token `%(…)s`"
        );
    }
}
