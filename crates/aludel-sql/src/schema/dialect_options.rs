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
    ///
    /// ```
    /// use aludel::schema::DialectOptions;
    ///
    /// let options = DialectOptions::default().with("mysql", "engine", "Aria").with("mysql", "engine", "InnoDB");
    /// assert_eq!(options.get("mysql", "engine"), Some("InnoDB"));
    /// ```
    #[must_use]
    pub fn with(mut self, dialect: &str, name: &str, value: &str) -> Self {
        self.set(dialect, name, value);
        self
    }

    /// Sets an option.
    ///
    /// ```
    /// use aludel::schema::{DialectOptions, Table};
    ///
    /// let mut table = Table::new("events");
    /// table.options.set("sqlite", "strict", "true");
    /// assert!(table.options.flag("sqlite", "strict"));
    /// ```
    pub fn set(&mut self, dialect: &str, name: &str, value: &str) {
        self.0.entry(dialect.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Returns the value of an option.
    ///
    /// ```
    /// use aludel::schema::DialectOptions;
    ///
    /// let options = DialectOptions::default().with("postgres", "using", "gin");
    /// assert_eq!(options.get("postgres", "using"), Some("gin"));
    /// assert_eq!(options.get("mysql", "using"), None);
    /// ```
    #[must_use]
    pub fn get(&self, dialect: &str, name: &str) -> Option<&str> {
        self.0.get(dialect)?.get(name).map(String::as_str)
    }

    /// Tells whether a flag is set.
    ///
    /// ```
    /// use aludel::schema::DialectOptions;
    ///
    /// let options = DialectOptions::default().with("sqlite", "strict", "true").with("sqlite", "without_rowid", "false");
    /// assert!(options.flag("sqlite", "strict") && !options.flag("sqlite", "without_rowid"));
    /// ```
    #[must_use]
    pub fn flag(&self, dialect: &str, name: &str) -> bool {
        self.get(dialect, name) == Some("true")
    }

    /// Returns the options of a dialect, by name.
    ///
    /// ```
    /// use aludel::schema::DialectOptions;
    ///
    /// let options = DialectOptions::default().with("mysql", "engine", "Aria").with("sqlite", "strict", "true");
    /// assert_eq!(options.of_dialect("mysql").collect::<Vec<_>>(), [("engine", "Aria")]);
    /// ```
    pub fn of_dialect<'a>(&'a self, dialect: &str) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let options = self.0.get(dialect).into_iter().flatten();
        options.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns all options: dialect, name, value.
    ///
    /// ```
    /// use aludel::schema::DialectOptions;
    ///
    /// let options = DialectOptions::default().with("sqlite", "strict", "true").with("mysql", "engine", "Aria");
    /// assert_eq!(options.iter().collect::<Vec<_>>(), [("mysql", "engine", "Aria"), ("sqlite", "strict", "true")]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0.iter().flat_map(|(dialect, options)| {
            options.iter().map(|(name, value)| (dialect.as_str(), name.as_str(), value.as_str()))
        })
    }

    /// Returns the options of one dialect only.
    ///
    /// ```
    /// use aludel::schema::DialectOptions;
    ///
    /// // Two models are the same on one database if what differs concerns the others.
    /// let a = DialectOptions::default().with("mysql", "engine", "Aria");
    /// let b = a.clone().with("sqlite", "strict", "true");
    /// assert_eq!(a.only("mysql"), b.only("mysql"));
    /// ```
    #[must_use]
    pub fn only(&self, dialect: &str) -> Self {
        Self(self.0.iter().filter(|(it, _)| *it == dialect).map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    /// Tells whether there are none.
    ///
    /// ```
    /// use aludel::schema::DialectOptions;
    ///
    /// let options = DialectOptions::default().with("sqlite", "strict", "true");
    /// assert!(!options.is_empty() && options.only("postgres").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
