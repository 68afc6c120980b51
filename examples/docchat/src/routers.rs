//! The routes, a file for each thing that they are about.

pub mod documents;
pub mod page;
pub mod search;
pub mod users;

use utoipa::OpenApi;

/// What `/docs` shows.
#[derive(OpenApi)]
#[openapi(
    paths(
        users::list,
        users::create,
        users::documents,
        documents::list,
        documents::create,
        documents::read,
        documents::update,
        documents::remove,
        documents::put_tag,
        documents::take_tag,
        documents::shares,
        documents::share,
        search::tags,
        search::search
    ),
    info(title = "DocChat")
)]
pub struct Description;
