//! Collations: how text is compared and ordered.

/// How text is compared and ordered; see [`Expression::collate`](crate::Expression::collate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Collation {
    /// By code point, on every database as Rust compares `str`: `Z` is before `a`, `é` behind both.
    CodePoint,
    /// What a database knows by a name: the keys of dialects (`sqlite`, `postgres`, `mariadb`, `mysql` for both of them, `*` for all others) and
    /// the name on each. A dialect without a name is an error before anything is sent.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// use aludel::Collation;
    ///
    /// const GERMAN: Collation = Collation::Named(&[("postgres", "de-x-icu"), ("mysql", "utf8mb4_german2_ci")]);
    /// assert_eq!(on_postgres(Book::TITLE.collate(GERMAN)), "(title COLLATE \"de-x-icu\")");
    /// assert_eq!(on_mariadb(Book::TITLE.collate(GERMAN)), "(title COLLATE utf8mb4_german2_ci)");
    /// let refused = select(Book::TITLE.collate(GERMAN)).to_sql(&aludel_sqlite::SqliteDialect).unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::Unsupported);
    /// ```
    Named(&'static [(&'static str, &'static str)]),
}
