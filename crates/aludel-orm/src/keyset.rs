//! Keyset pagination: pages that begin behind the last row of the one before, however many rows come and go before it.

mod cursor;
mod seek;

use std::future::IntoFuture;

use aludel_engine::driver::BoxFuture;
use aludel_sql::{Error, ErrorKind, Result, Value, ValueRef};

use crate::loading::spread_over_rows;
use crate::page_reader::PageReader;
use crate::session::{Rows, Scalars, SessionItem, SessionPlan, SessionShape};
use seek::Seek;

pub use cursor::CursorKey;

/// Some rows of a list, and where those around them begin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeysetPage<T> {
    /// The rows, in the order of the statement.
    pub items: Vec<T>,
    /// The cursor of the page behind this one; `None` where there is none.
    pub next: Option<String>,
    /// The cursor of the page before this one; `None` where there is none.
    pub previous: Option<String>,
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PageAt {
    /// At the beginning of the list.
    #[default]
    First,
    /// Behind the row of this cursor.
    After(String),
    /// It ends before the row of this cursor.
    Before(String),
    /// It ends where the list ends.
    Last,
}

/// A page of a list, about to be read; await it. Made by `page`.
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Paging<'k, R> {
    rows: R,
    key: &'k CursorKey,
    limit: u32,
    at: PageAt,
}

impl<R> Paging<'_, R> {
    /// The page behind a cursor: `next` of the page before.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// # let key = aludel::CursorKey::new("32 bytes or more, from where the program keeps its secrets")?;
    /// let list = || select(Document).order_by(Document::TITLE);
    /// let mut page = session.scalars(list()).page(&key, 1).await?;
    /// let mut seen = page.items;
    /// while let Some(next) = page.next {
    ///     page = session.scalars(list()).page(&key, 1).after(next).await?; // … WHERE documents.title >= ? AND … LIMIT ?
    ///     seen.append(&mut page.items);
    /// }
    /// assert_eq!(seen.len(), 3);
    /// # Ok(()) });
    /// ```
    pub fn after(self, cursor: impl Into<String>) -> Self {
        self.at(PageAt::After(cursor.into()))
    }

    /// The page before a cursor: `previous` of the page behind.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// # let key = aludel::CursorKey::new("32 bytes or more, from where the program keeps its secrets")?;
    /// let list = || select(Document::TITLE).order_by(Document::TITLE);
    /// let last = session.scalars(list()).page(&key, 1).last().await?;
    /// let before = last.previous.expect("there are more");
    /// let page = session.scalars(list()).page(&key, 2).before(before).await?; // … ORDER BY documents.title DESC, … LIMIT ?
    /// assert_eq!(page.items, ["Draft", "Notes"]); // in the order of the list
    /// # Ok(()) });
    /// ```
    pub fn before(self, cursor: impl Into<String>) -> Self {
        self.at(PageAt::Before(cursor.into()))
    }

    /// The last page.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// # let key = aludel::CursorKey::new("32 bytes or more, from where the program keeps its secrets")?;
    /// let list = select(Document::TITLE).order_by(Document::TITLE);
    /// let page = session.scalars(list).page(&key, 2).last().await?; // … ORDER BY documents.title DESC, documents.id DESC LIMIT ?
    /// assert_eq!((page.items, page.next), (vec!["Notes".to_owned(), "Plan".to_owned()], None));
    /// # Ok(()) });
    /// ```
    pub fn last(self) -> Self {
        self.at(PageAt::Last)
    }

    /// The page at this place.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// # let key = aludel::CursorKey::new("32 bytes or more, from where the program keeps its secrets")?;
    /// use aludel::PageAt;
    ///
    /// /// From `?after=…` and `?before=…`.
    /// fn place(after: Option<String>, before: Option<String>) -> PageAt {
    ///     match (after, before) {
    ///         (Some(cursor), _) => PageAt::After(cursor),
    ///         (None, Some(cursor)) => PageAt::Before(cursor),
    ///         (None, None) => PageAt::First,
    ///     }
    /// }
    ///
    /// let list = select(Document::TITLE).order_by(Document::TITLE);
    /// let page = session.scalars(list).page(&key, 20).at(place(None, None)).await?;
    /// assert_eq!(page.items.len(), 3);
    /// # Ok(()) });
    /// ```
    pub fn at(mut self, at: PageAt) -> Self {
        self.at = at;
        self
    }

    async fn read(self) -> Result<KeysetPage<R::Row>>
    where
        R: FetchPage,
    {
        let Self { rows, key, limit, at } = self;
        let limit = limit.max(1);
        let backwards = matches!(at, PageAt::Before(_) | PageAt::Last);
        let mut order = String::new();
        let mut keys: Vec<Vec<Value>> = Vec::new();
        let mut more = false;
        let prepare = |plan: &mut SessionPlan| {
            let several = spread_over_rows(&plan.options);
            let Some(node) = plan.plan.select_mut() else {
                return Err(refused(
                    "nothing can be added to several queries as one, nor to one that is prepared",
                ));
            };
            if several {
                return Err(refused("with `contains_eager` of a collection an object is in several rows")
                    .help("load the collection with `selectinload`"));
            }
            let seek = Seek::of(node)?;
            order = seek.describe();
            let values = match &at {
                PageAt::First | PageAt::Last => None,
                PageAt::After(cursor) | PageAt::Before(cursor) => Some(key.open(&order, cursor)?),
            };
            let seek = if backwards { seek.reversed() } else { seek };
            let width = seek.width();
            seek.apply(node, values.as_deref(), limit.saturating_add(1))?;
            Ok(width)
        };
        let note = |cells: &[ValueRef<'_>]| {
            keys.push(cells.iter().map(|cell| value(*cell)).collect::<Result<_>>()?);
            Ok(())
        };
        let found = |rows: usize| {
            more = rows > limit as usize;
            limit as usize
        };
        let reader =
            PageReader { prepare: Some(Box::new(prepare)), note: Box::new(note), found: Box::new(found) };
        let mut items = rows.fetch_page(reader).await?;
        keys.truncate(limit as usize);
        if backwards {
            items.reverse();
            keys.reverse();
        }
        let (behind, before) = match at {
            PageAt::First => (more, false),
            PageAt::After(_) => (more, true),
            PageAt::Before(_) => (true, more),
            PageAt::Last => (false, more),
        };
        let seal = |there: bool, keys: Option<&Vec<Value>>| {
            keys.filter(|_| there).map(|keys| key.seal(&order, keys)).transpose()
        };
        let (next, previous) = (seal(behind, keys.last())?, seal(before, keys.first())?);
        Ok(KeysetPage { items, next, previous })
    }
}

/// Rows that can be read in pages.
pub(crate) trait FetchPage {
    type Row;

    fn fetch_page(self, reader: PageReader<'_>) -> impl Future<Output = Result<Vec<Self::Row>>> + Send;
}

macro_rules! pages {
    ([$($generics:tt)*] $rows:ty => $row:ty) => {
        impl<'s, $($generics)*> $rows {
            /// Reads at most `limit` rows of the list, from 1 up, and says where the pages around them begin.
            ///
            /// A page begins behind the last row of the one before, and not behind a number of rows: rows that come and go before it move
            /// nothing, and the thousandth page costs what the first one costs. The order is the statement's, with the primary keys of
            /// its tables behind it, so that no two rows are equal; NULL has its place.
            ///
            /// A cursor is signed, and is refused for a list in another order. It is not encrypted: who has it can read the sort keys of
            /// the row.
            ///
            /// ```
            /// # use aludel::doc::*;
            /// use aludel::CursorKey;
            ///
            /// # aludel::doc::run(async |session| {
            /// let key = CursorKey::new("32 bytes or more, from where the program keeps its secrets")?;
            /// let list = || select(Document).order_by(Document::TITLE);
            /// // SELECT … FROM documents ORDER BY documents.title, documents.id LIMIT ?
            /// let first = session.scalars(list()).page(&key, 2).await?;
            /// // … WHERE documents.title >= ? AND (documents.title > ? OR documents.title = ? AND documents.id > ?) ORDER BY …
            /// let second = session.scalars(list()).page(&key, 2).after(first.next.unwrap()).await?;
            /// assert_eq!((first.items.len(), second.items.len(), second.next), (2, 1, None));
            /// let back = session.scalars(list()).page(&key, 2).before(second.previous.unwrap()).await?;
            /// assert_eq!(back.items, first.items);
            /// # Ok(()) });
            /// ```
            ///
            /// # Errors
            ///
            /// Awaited: kind `Validation` where the cursor was not made with this key for this order; kind `Unsupported` where the statement
            /// has a limit, or rows that nothing tells apart; otherwise as [`all`](Self::all).
            pub fn page(self, key: &CursorKey, limit: u32) -> Paging<'_, Self> {
                Paging { rows: self, key, limit, at: PageAt::First }
            }
        }

        impl<'s, $($generics)*> FetchPage for $rows {
            type Row = $row;

            async fn fetch_page(self, reader: PageReader<'_>) -> Result<Vec<$row>> {
                self.fetch(Some(reader)).await
            }
        }

        impl<'k, 's: 'k, $($generics)*> IntoFuture for Paging<'k, $rows> {
            type Output = Result<KeysetPage<$row>>;
            type IntoFuture = BoxFuture<'k, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.read())
            }
        }
    };
}

pages!([I: SessionItem] Scalars<'s, I> => I::Tracked);
pages!([S: SessionShape + 'static] Rows<'s, S> => S::TrackedRow);

/// The key of a row as the database shows it, to be sent to the same database again.
fn value(cell: ValueRef<'_>) -> Result<Value> {
    match cell {
        ValueRef::Wire { .. } | ValueRef::List(_) | ValueRef::Refused(_) => {
            Err(refused("a sort key is of a type that only its column can read"))
        }
        cell => Ok(cell.to_value()),
    }
}

#[cold]
fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the statement cannot be read in pages: {why}"))
}
