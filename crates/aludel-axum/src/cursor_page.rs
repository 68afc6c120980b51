//! `after`, `before` and `limit` of the query string.

use aludel::PageAt;
use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::Problem;
use crate::page::{USUAL, number};

/// A page of a list, from the query string, by the cursor of the page beside it: `?after=…&limit=20`, `?before=…`, and `?before=` for the
/// last page.
///
/// Without a cursor it is the first page, without `limit` 20 rows. A `limit` above `MOST` (100 unless the type says otherwise) is cut down to it.
/// A cursor that was not made for the list is a [`Problem`] 422, when the page is read.
///
/// ```
/// use aludel::CursorKey;
/// use aludel::prelude::*;
/// use aludel_axum::{CursorPage, Db, Problem};
/// use axum::{Extension, Json};
///
/// # #[derive(Entity, Debug)]
/// # #[entity(table = "notes")]
/// # pub struct Note { #[column(primary_key)] pub id: i64, pub text: String }
/// async fn list(
///     mut db: Db,
///     page: CursorPage,
///     Extension(key): Extension<CursorKey>,
/// ) -> Result<Json<(Vec<String>, Option<String>)>, Problem> {
///     let notes = select(Note::TEXT).order_by(Note::TEXT);
///     let page = db.scalars(notes).page(&key, page.limit).at(page.at).await?;
///     Ok(Json((page.items, page.next)))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorPage<const MOST: u32 = 100> {
    /// Where the page begins.
    pub at: PageAt,
    /// How many rows the page has at most.
    pub limit: u32,
}

impl<const MOST: u32> CursorPage<MOST> {
    /// Reads the query string of a URI.
    ///
    /// ```
    /// use aludel::PageAt;
    ///
    /// let page = aludel_axum::CursorPage::<100>::parse("after=AbC&limit=1000&sort=title")?;
    /// assert_eq!((page.at, page.limit), (PageAt::After("AbC".into()), 100));
    /// # Ok::<(), aludel_axum::Problem>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`Problem`] 400 where `limit` is not a whole number from 1 up, or where there are both `after` and `before`.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let mut page = Self { at: PageAt::First, limit: USUAL.min(MOST) };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let at = match &*name {
                "limit" => {
                    page.limit = number("limit", &value)?.clamp(1, u64::from(MOST)) as u32;
                    continue;
                }
                "after" => PageAt::After(value.into_owned()),
                "before" if value.is_empty() => PageAt::Last,
                "before" => PageAt::Before(value.into_owned()),
                _ => continue,
            };
            if std::mem::replace(&mut page.at, at) != PageAt::First {
                return Err(Problem::bad_request("a page begins at one place")
                    .field(&*name, "must be the only cursor: `after` or `before`"));
            }
        }
        Ok(page)
    }
}

impl<S: Send + Sync, const MOST: u32> FromRequestParts<S> for CursorPage<MOST> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}
