//! Which schema stands for which: the tables of one declaration, in the schema of each tenant.

/// Which schema stands for which, for the tables of one declaration in several schemas: SQLAlchemy's `schema_translate_map`.
///
/// `Engine::translate_schemas` lets statements read and write in other schemas than those that entities declare, and
/// [`Metadata::translate_schemas`](crate::Metadata::translate_schemas) does it for what creates tables. What the map does not name stays where it is.
///
/// ```
/// # use aludel::prelude::*;
/// use aludel::{Engine, SchemaMap};
///
/// # fn of(engine: &Engine, tenant: u32) -> Engine {
/// let map = SchemaMap::new()
///     .default_to(&format!("tenant_{tenant}")) // entities that are declared without a schema
///     .schema_to("shop", &format!("shop_{tenant}")); // and those with `schema = "shop"`
/// engine.translate_schemas(map) // SELECT … FROM tenant_7.documents
/// # }
/// ```
///
/// Each schema is looked up once: where `a` stands for `b` and `b` for `c`, what is declared in `a` is in `b`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SchemaMap {
    /// From what is declared to where it is, in the order of the former: equal maps are equal however they were built.
    pairs: Vec<(Option<Box<str>>, Option<Box<str>>)>,
}

impl SchemaMap {
    /// A map that leaves everything where it is.
    ///
    /// ```
    /// use aludel::SchemaMap;
    ///
    /// assert_eq!(SchemaMap::new().translate(Some("shop")), Some("shop"));
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    /// Puts what is declared without a schema into this one.
    ///
    /// ```
    /// use aludel::SchemaMap;
    ///
    /// let map = SchemaMap::new().default_to("tenant_7");
    /// assert_eq!(map.translate(None), Some("tenant_7"));
    /// ```
    #[must_use]
    pub fn default_to(self, to: &str) -> Self {
        self.with(None, Some(to))
    }

    /// Puts what is declared in one schema into another.
    ///
    /// ```
    /// use aludel::SchemaMap;
    ///
    /// let map = SchemaMap::new().schema_to("shop", "shop_7");
    /// assert_eq!((map.translate(Some("shop")), map.translate(None)), (Some("shop_7"), None));
    /// ```
    #[must_use]
    pub fn schema_to(self, from: &str, to: &str) -> Self {
        self.with(Some(from), Some(to))
    }

    /// Lets what is declared in a schema be where the connection looks by itself, as if it were declared without one.
    ///
    /// ```
    /// use aludel::SchemaMap;
    ///
    /// let map = SchemaMap::new().schema_to_default("shop"); // SELECT … FROM orders, not shop.orders
    /// assert_eq!(map.translate(Some("shop")), None);
    /// ```
    #[must_use]
    pub fn schema_to_default(self, from: &str) -> Self {
        self.with(Some(from), None)
    }

    /// Returns the schema in which that is which is declared in this one.
    ///
    /// SQL that is written by hand is not translated; this tells a layer that knows only the engine what to write into it.
    ///
    /// ```
    /// use aludel::SchemaMap;
    ///
    /// let map = SchemaMap::new().default_to("a").schema_to("a", "b");
    /// assert_eq!((map.translate(None), map.translate(Some("a"))), (Some("a"), Some("b")));
    /// assert_eq!(map.translate(Some("elsewhere")), Some("elsewhere"));
    /// ```
    #[must_use]
    pub fn translate<'a>(&'a self, declared: Option<&'a str>) -> Option<&'a str> {
        match self.pairs.iter().find(|(from, _)| from.as_deref() == declared) {
            Some((_, to)) => to.as_deref(),
            None => declared,
        }
    }

    /// Tells whether everything stays where it is.
    ///
    /// ```
    /// use aludel::SchemaMap;
    ///
    /// assert!(SchemaMap::new().schema_to("shop", "shop").is_empty());
    /// assert!(!SchemaMap::new().schema_to("shop", "shop_7").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn with(mut self, from: Option<&str>, to: Option<&str>) -> Self {
        self.pairs.retain(|(it, _)| it.as_deref() != from);
        if from != to {
            let at = self.pairs.partition_point(|(it, _)| it.as_deref() < from);
            self.pairs.insert(at, (from.map(Box::from), to.map(Box::from)));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_maps_are_equal_however_they_were_built() {
        let one = SchemaMap::new().default_to("a").schema_to("x", "y").schema_to_default("b");
        let other =
            SchemaMap::new().schema_to("x", "z").schema_to_default("b").schema_to("x", "y").default_to("a");
        assert_eq!(one, other);
        assert_ne!(one, other.clone().schema_to("b", "b"));
        assert_eq!(SchemaMap::new().schema_to("x", "y").schema_to("x", "x"), SchemaMap::new());
    }
}
