//! What comes in and what goes out. A field that is not named here can neither be set nor be seen.

use aludel::prelude::*;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::Post;

/// A new post.
#[derive(Insertable, Deserialize, ToSchema)]
#[insertable(Post)]
#[serde(deny_unknown_fields)]
pub struct PostCreate {
    /// At most 200 characters.
    #[schema(max_length = 200)]
    pub title: String,
    /// The text.
    pub body: String,
    /// A draft unless it says so.
    #[serde(default)]
    pub published: bool,
}

/// What changes; a field that is not sent stays as it is.
#[derive(Changeset, Deserialize, Default, ToSchema)]
#[changeset(Post)]
#[serde(default, deny_unknown_fields)]
pub struct PostUpdate {
    /// At most 200 characters.
    #[schema(value_type = String, required = false, max_length = 200)]
    pub title: Change<String>,
    /// The text.
    #[schema(value_type = String, required = false)]
    pub body: Change<String>,
    /// Whether readers see it.
    #[schema(value_type = bool, required = false)]
    pub published: Change<bool>,
}

/// A post, as every reader sees it.
#[derive(Projection, Serialize, ToSchema)]
#[projection(Post)]
pub struct PostOut {
    id: i64,
    title: String,
    body: String,
    published: bool,
    created_at: DateTime<Utc>,
}
