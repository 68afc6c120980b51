//! Enum types: a name and the values that there are.

/// An enum type.
///
/// PostgreSQL has it as an object of its own, which is created before the tables that use it; MariaDB and MySQL write its values with each
/// column; SQLite keeps a column to them by a CHECK.
///
/// ```
/// use aludel::schema::EnumType;
///
/// let mood = EnumType::new("mood", ["sad", "ok", "happy"]);
/// assert_eq!(mood.values.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnumType {
    /// Its name; empty where the database it was read from has no names for enums.
    pub name: String,
    /// The schema it is in, if not the default one.
    pub schema: Option<String>,
    /// Its values, in order.
    pub values: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// The name that it had before, as a model tells it to migrations. No state of a database has it.
    pub renamed_from: Option<String>,
}

impl EnumType {
    /// An enum type in the default schema.
    ///
    /// ```
    /// use aludel::schema::EnumType;
    ///
    /// let mood = EnumType { schema: Some("app".into()), ..EnumType::new("mood", ["sad", "happy"]) };
    /// assert_eq!(mood.values, ["sad", "happy"]);
    /// ```
    #[must_use]
    pub fn new<V: Into<String>>(name: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self { name: name.into(), values: values.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}
