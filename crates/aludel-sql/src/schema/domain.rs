//! Domains: a type under a name of its own, with what its values keep to.

use super::constraint::Check;
use super::types::Type;
use crate::column_type::Choices;
use crate::mapping::ServerDefault;
use crate::sql_type::SqlType;

/// A domain: a type under a name of its own, with a default, NOT NULL and conditions that all columns of it share.
///
/// PostgreSQL has it as an object of its own, which is created before the tables that use it. On other databases a column of a domain is one of the
/// type under it, with the conditions as CHECKs of its table: [`Table::without_domains`](super::Table::without_domains).
///
/// ```
/// use aludel::SqlType;
/// use aludel::schema::{Check, Domain};
///
/// let email = Domain {
///     checks: vec![Check::new("has_at", "VALUE LIKE '%@%'")],
///     ..Domain::new("email", SqlType::Varchar(255))
/// };
/// assert!(email.nullable);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// The schema it is in, if not the default one.
    pub schema: Option<String>,
    /// The type under it; another domain, perhaps.
    pub sql_type: Type,
    /// Whether its values may be NULL.
    pub nullable: bool,
    /// The default of columns that have none of their own.
    pub server_default: Option<ServerDefault<String>>,
    /// Its conditions, in SQL that calls the value `VALUE`; PostgreSQL looks at them in the order of their names.
    pub checks: Vec<Check>,
    /// Its collation, if not the usual one.
    pub collation: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// The name that it had before, as a model tells it to migrations. No state of a database has it.
    pub renamed_from: Option<String>,
}

impl Domain {
    /// A domain in the default schema, of which nothing is asked yet.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{Domain, Type};
    ///
    /// let year = Domain { nullable: false, ..Domain::new("year", SqlType::Integer) };
    /// assert_eq!(Type::from(year).to_string(), "domain year integer");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, sql_type: impl Into<Type>) -> Self {
        Self {
            name: name.into(),
            schema: None,
            sql_type: sql_type.into(),
            nullable: true,
            server_default: None,
            checks: Vec::new(),
            collation: None,
            comment: None,
            renamed_from: None,
        }
    }

    /// Makes the domain that a type of a program describes.
    ///
    /// ```
    /// use aludel::ColumnType;
    /// use aludel::schema::Domain;
    ///
    /// #[derive(ColumnType, Clone)]
    /// #[domain(name = "percent", check = "VALUE BETWEEN 0 AND 100")]
    /// struct Percent(i16);
    ///
    /// let percent = Domain::of(Percent::DOMAIN.unwrap());
    /// assert_eq!(percent.checks[0].name, "percent_check"); // as PostgreSQL would call it
    /// ```
    #[must_use]
    pub fn of(meta: &DomainMeta) -> Self {
        let owned = |text: Option<&'static str>| text.map(str::to_owned);
        let number = |at: usize| if at == 0 { String::new() } else { at.to_string() };
        let said = meta.checks.iter().filter(|(name, _)| !name.is_empty());
        let unnamed = meta.checks.iter().filter(|(name, _)| name.is_empty()).enumerate();
        let mut checks: Vec<Check> = said.map(|(name, condition)| Check::new(*name, *condition)).collect();
        checks.extend(unnamed.map(|(at, (_, condition))| {
            Check::new(format!("{}_check{}", meta.name, number(at)), *condition)
        }));
        checks.extend(
            meta.choices.condition("VALUE").map(|it| Check::new(format!("{}_values", meta.name), it)),
        );
        checks.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            schema: owned(meta.schema),
            nullable: !meta.not_null,
            server_default: meta.server_default.as_ref().map(ServerDefault::to_owned),
            checks,
            collation: owned(meta.collation),
            comment: owned(meta.comment),
            renamed_from: owned(meta.renamed_from),
            ..Self::new(meta.name, meta.base.map_or(Type::Sql(meta.sql_type), |it| Self::of(it).into()))
        }
    }
}

/// What a type of a program says of the domain of its columns: `#[domain(…)]`.
#[derive(Clone, Copy, Debug)]
pub struct DomainMeta {
    /// Its name.
    pub name: &'static str,
    /// The schema it is in.
    pub schema: Option<&'static str>,
    /// The SQL type of its values.
    pub sql_type: SqlType,
    /// The domain under it, if there is one.
    pub base: Option<&'static DomainMeta>,
    /// The values that the type under it has.
    pub choices: Choices,
    /// Whether its values are never NULL.
    pub not_null: bool,
    /// The default of its columns.
    pub server_default: Option<ServerDefault>,
    /// Its conditions, with their names; an empty one is made.
    pub checks: &'static [(&'static str, &'static str)],
    /// Its collation.
    pub collation: Option<&'static str>,
    /// Its comment.
    pub comment: Option<&'static str>,
    /// The name that it had before.
    pub renamed_from: Option<&'static str>,
}

impl DomainMeta {
    /// A domain of which nothing is asked yet.
    ///
    /// ```
    /// use aludel_sql::SqlType;
    /// use aludel_sql::schema::DomainMeta;
    ///
    /// // What the derive writes.
    /// const YEAR: DomainMeta = DomainMeta { not_null: true, ..DomainMeta::new("year", SqlType::Integer) };
    /// assert!(YEAR.checks.is_empty());
    /// ```
    #[must_use]
    pub const fn new(name: &'static str, sql_type: SqlType) -> Self {
        Self {
            name,
            schema: None,
            sql_type,
            base: None,
            choices: Choices::Any,
            not_null: false,
            server_default: None,
            checks: &[],
            collation: None,
            comment: None,
            renamed_from: None,
        }
    }
}
