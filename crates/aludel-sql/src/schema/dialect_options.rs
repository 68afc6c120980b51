//! What only one database understands: `sqlite(strict)`, `postgres(using = "gin")`, `mysql(engine = "InnoDB")`.

use std::collections::BTreeMap;

/// Options of one dialect, as attributes give them: dialect, name, value. A flag has the value `"true"`.
pub type DialectOptionsMeta = &'static [(&'static str, &'static str, &'static str)];

/// Options for databases by their [`option_key`](crate::Dialect::option_key). Each dialect reads its own and refuses those it does not know; the others
/// are not its business, so that one model serves several databases.
///
/// ```
/// use aludel::schema::DialectOptions;
///
/// let options = DialectOptions::default().with("mysql", "engine", "Aria").with("sqlite", "strict", "true");
/// assert_eq!(options.get("mysql", "engine"), Some("Aria"));
/// assert!(options.flag("sqlite", "strict") && !options.flag("postgres", "unlogged"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialectOptions(BTreeMap<String, BTreeMap<String, String>>);

impl DialectOptions {
    pub(crate) fn of(meta: DialectOptionsMeta) -> Self {
        meta.iter().fold(Self::default(), |all, (dialect, name, value)| all.with(dialect, name, value))
    }

    /// Adds an option, or replaces its value.
    #[must_use]
    pub fn with(mut self, dialect: &str, name: &str, value: &str) -> Self {
        self.set(dialect, name, value);
        self
    }

    /// Sets an option.
    pub fn set(&mut self, dialect: &str, name: &str, value: &str) {
        self.0.entry(dialect.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Returns the value of an option.
    #[must_use]
    pub fn get(&self, dialect: &str, name: &str) -> Option<&str> {
        self.0.get(dialect)?.get(name).map(String::as_str)
    }

    /// Tells whether a flag is set.
    #[must_use]
    pub fn flag(&self, dialect: &str, name: &str) -> bool {
        self.get(dialect, name) == Some("true")
    }

    /// Returns the options of a dialect, by name.
    pub fn of_dialect<'a>(&'a self, dialect: &str) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let options = self.0.get(dialect).into_iter().flatten();
        options.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns all options: dialect, name, value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0.iter().flat_map(|(dialect, options)| {
            options.iter().map(|(name, value)| (dialect.as_str(), name.as_str(), value.as_str()))
        })
    }

    /// Returns the options of one dialect only.
    #[must_use]
    pub fn only(&self, dialect: &str) -> Self {
        Self(self.0.iter().filter(|(it, _)| *it == dialect).map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
