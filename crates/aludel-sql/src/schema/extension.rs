//! Extensions: what a server has that its makers did not build in.

/// An extension of PostgreSQL that a schema needs; other databases have none, and take no notice of it.
///
/// `create_all` and revisions create it before everything else, unless it is there already. `drop_all` leaves it: others may use it.
///
/// ```
/// use aludel::prelude::*;
/// use aludel::schema::Extension;
///
/// let metadata = Metadata::default().extension(Extension::new("citext"));
/// // `engine.create_all(&metadata)` on PostgreSQL: CREATE EXTENSION IF NOT EXISTS citext
/// assert_eq!(metadata.extensions()[0].version, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// Its name. A database has it once, whatever the schema.
    pub name: String,
    /// The schema its objects are in, if that was said.
    pub schema: Option<String>,
    /// Its version, if that was said: any is good enough otherwise.
    pub version: Option<String>,
}

impl Extension {
    /// An extension in the schema and of the version that the server chooses.
    ///
    /// ```
    /// use aludel::schema::Extension;
    ///
    /// let hstore = Extension { version: Some("1.8".into()), ..Extension::new("hstore") };
    /// assert_eq!(hstore.schema, None);
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
