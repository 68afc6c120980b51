//! Sequences, and the identity of columns, which is a sequence that belongs to its column.

use crate::sql_type::SqlType;

/// How a column's values are counted by the database: `GENERATED … AS IDENTITY`, `AUTO_INCREMENT`, SQLite's rowid.
///
/// The default is what every database has: a number is generated unless one is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Whether a number may not be given (`GENERATED ALWAYS`). PostgreSQL only.
    pub always: bool,
    /// How it counts.
    pub options: SequenceOptions,
}

/// How a sequence counts. What is `None` is as the database has it: from 1 in steps of 1, to the end of the type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SequenceOptions {
    /// The first number.
    pub start: Option<i64>,
    /// The step.
    pub increment: Option<i64>,
    /// The least number.
    pub min: Option<i64>,
    /// The greatest number.
    pub max: Option<i64>,
    /// How many numbers a session takes at once.
    pub cache: Option<i64>,
    /// Whether it begins again after its last number.
    pub cycle: bool,
}

impl SequenceOptions {
    /// Tells whether it counts in the usual way.
    ///
    /// ```
    /// use aludel::schema::SequenceOptions;
    ///
    /// assert!(SequenceOptions::default().is_default());
    /// assert!(!SequenceOptions { start: Some(1000), ..SequenceOptions::default() }.is_default());
    /// ```
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the same options without those that say what goes without saying, for a sequence of this type.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::SequenceOptions;
    ///
    /// let read = SequenceOptions { start: Some(1), increment: Some(1), max: Some(32_767), ..Default::default() };
    /// assert!(read.canonical(SqlType::SmallInt).is_default());
    /// ```
    #[must_use]
    pub fn canonical(&self, sql_type: SqlType) -> Self {
        let (least, greatest) = match sql_type {
            SqlType::SmallInt => (i64::from(i16::MIN), i64::from(i16::MAX)),
            SqlType::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let up = self.increment.unwrap_or(1) > 0;
        let (min, max) = if up { (1, greatest) } else { (least, -1) };
        let start = if up { self.min.unwrap_or(min) } else { self.max.unwrap_or(max) };
        let unless = |value: Option<i64>, usual: i64| value.filter(|it| *it != usual);
        Self {
            start: unless(self.start, start),
            increment: unless(self.increment, 1),
            min: unless(self.min, min),
            max: unless(self.max, max),
            cache: unless(self.cache, 1),
            cycle: self.cycle,
        }
    }
}

/// A sequence of its own, which belongs to no column. SQLite and MySQL have none.
///
/// ```
/// use aludel::prelude::*;
/// use aludel::schema::Sequence;
///
/// let metadata = Metadata::default().sequence(Sequence::new("invoice_numbers").start(1000));
/// // `engine.create_all(&metadata)`: CREATE SEQUENCE invoice_numbers START WITH 1000
/// assert_eq!(metadata.sequences()[0].options.start, Some(1000));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name.
    pub name: String,
    /// The schema it is in, if not the default one.
    pub schema: Option<String>,
    /// The type of its numbers: `SmallInt`, `Integer` or `BigInt`.
    pub sql_type: SqlType,
    /// How it counts.
    pub options: SequenceOptions,
    /// Its comment.
    pub comment: Option<String>,
}

impl Sequence {
    /// A sequence of 64 bits, from 1 in steps of 1.
    ///
    /// ```
    /// use aludel::schema::Sequence;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let tickets = Sequence::new("tickets");
    /// assert_eq!(PostgresDialect.create_sequence(&tickets)?, ["CREATE SEQUENCE tickets"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            schema: None,
            sql_type: SqlType::BigInt,
            options: SequenceOptions::default(),
            comment: None,
        }
    }

    /// Puts it into a schema.
    ///
    /// ```
    /// use aludel::schema::Sequence;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let tickets = Sequence::new("tickets").schema("shop");
    /// assert_eq!(PostgresDialect.create_sequence(&tickets)?, ["CREATE SEQUENCE shop.tickets"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Sets the first number.
    ///
    /// ```
    /// use aludel::schema::Sequence;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let invoices = Sequence::new("invoices").start(1000);
    /// assert_eq!(PostgresDialect.create_sequence(&invoices)?, ["CREATE SEQUENCE invoices START WITH 1000"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn start(mut self, start: i64) -> Self {
        self.options.start = Some(start);
        self
    }

    /// Sets the step.
    ///
    /// ```
    /// use aludel::schema::Sequence;
    ///
    /// // Two nodes that never give the same number.
    /// let (odd, even) = (Sequence::new("odd").increment(2), Sequence::new("even").start(2).increment(2));
    /// assert_eq!((odd.options.start, even.options.start), (None, Some(2)));
    /// assert_eq!(even.options.increment, Some(2));
    /// ```
    #[must_use]
    pub fn increment(mut self, increment: i64) -> Self {
        self.options.increment = Some(increment);
        self
    }
}
