//! `skip` and `limit` of the query string.

use aludel::Select;
use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::Problem;

/// How many rows a page has when the request does not say.
pub(crate) const USUAL: u32 = 20;

/// A page of a list, from the query string: `?skip=40&limit=20`.
///
/// Without `skip` it is the first page, without `limit` 20 rows. A `limit` above `MOST` (100 unless the type says otherwise: `Page<500>`) is cut down to
/// it. What is not a whole number from 0 up is a [`Problem`] 400 that names the parameter; other parameters are for others.
///
/// ```
/// use aludel::prelude::*;
/// use aludel_axum::{Db, Page, Problem};
/// use axum::Json;
///
/// # #[derive(Entity, Debug)]
/// # #[entity(table = "notes")]
/// # pub struct Note { #[column(primary_key)] pub id: i64, pub text: String }
/// async fn list(mut db: Db, page: Page) -> Result<Json<Vec<String>>, Problem> {
///     let notes = select(Note::TEXT).order_by(Note::ID.desc());
///     Ok(Json(db.scalars(page.of(notes)).all().await?)) // … ORDER BY notes.id DESC LIMIT ? OFFSET ?
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<const MOST: u32 = 100> {
    /// How many rows come before the page.
    pub skip: u64,
    /// How many rows the page has at most.
    pub limit: u32,
}

impl<const MOST: u32> Page<MOST> {
    /// Reads the query string of a URI.
    ///
    /// ```
    /// let page = aludel_axum::Page::<100>::parse("skip=40&limit=1000&sort=title")?;
    /// assert_eq!((page.skip, page.limit), (40, 100));
    /// # Ok::<(), aludel_axum::Problem>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`Problem`] 400 names the parameter that is not a whole number from 0 up.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let mut page = Self { skip: 0, limit: USUAL.min(MOST) };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "skip" => page.skip = number("skip", &value)?,
                "limit" => page.limit = number("limit", &value)?.min(u64::from(MOST)) as u32,
                _ => {}
            }
        }
        Ok(page)
    }

    /// Returns the statement with OFFSET and LIMIT of this page. It should have an order that is total, or pages overlap.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let page = aludel_axum::Page::<100> { skip: 40, limit: 20 };
    /// let stmt = page.of(select(Document::TITLE).order_by(Document::ID));
    /// assert!(stmt.to_sql(&aludel::SqliteDialect).unwrap().0.contains("LIMIT"));
    /// ```
    pub fn of<S: aludel::Shape>(self, stmt: Select<S>) -> Select<S> {
        stmt.offset(self.skip).limit(self.limit)
    }
}

/// The largest OFFSET that every database takes.
const FARTHEST: u64 = i64::MAX as u64;

pub(crate) fn number(name: &str, value: &str) -> Result<u64, Problem> {
    match value.parse() {
        Ok(number) if number <= FARTHEST => Ok(number),
        _ => Err(Problem::bad_request("a page begins and ends at whole numbers")
            .field(name, format!("must be a whole number from 0 to {FARTHEST}"))),
    }
}

impl<S: Send + Sync, const MOST: u32> FromRequestParts<S> for Page<MOST> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

#[cfg(feature = "utoipa")]
impl<const MOST: u32> utoipa::IntoParams for Page<MOST> {
    fn into_params(
        parameter_in_provider: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        let parameter = |name: &str, default: u64, most: u64| {
            let schema = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(0))
                .maximum(Some(most))
                .default(Some(default.into()));
            ParameterBuilder::new()
                .name(name)
                .parameter_in(parameter_in_provider().unwrap_or(ParameterIn::Query))
                .schema(Some(schema))
                .build()
        };
        vec![parameter("skip", 0, FARTHEST), parameter("limit", USUAL.min(MOST).into(), u64::from(u32::MAX))]
    }
}
