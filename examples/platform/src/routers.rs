//! The routes, a file for each thing that they are about.

pub mod articles;
pub mod users;

use utoipa::OpenApi;

/// `/openapi.json`.
#[derive(OpenApi)]
#[openapi(
    paths(
        users::list,
        users::create,
        users::read,
        articles::list,
        articles::create,
        articles::read,
        articles::update,
        articles::remove
    ),
    info(title = "Platform")
)]
pub struct Description;
