//! What comes in and what goes out. A field that is not named here can neither be set nor be seen.

use aludel::prelude::*;
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::{Article, User};

/// A new user.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserCreate {
    /// An e-mail address.
    #[garde(email, length(max = 255))]
    #[schema(format = Email, max_length = 255)]
    pub email: String,
    /// At least 8 characters.
    #[garde(length(chars, min = 8, max = 1000))]
    #[schema(min_length = 8, max_length = 1000, format = Password)]
    pub password: String,
}

/// A user, as everybody may see it.
#[derive(Projection, Serialize, ToSchema)]
#[projection(User)]
pub struct UserOut {
    id: i64,
    email: String,
    is_active: bool,
    #[projection(column = User::TIMESTAMPS.created_at)]
    created_at: DateTime<Utc>,
}

/// A user in a list.
#[derive(Projection, Serialize, ToSchema)]
#[projection(User)]
pub struct UserListed {
    id: i64,
    email: String,
    is_active: bool,
    #[projection(column = User::TIMESTAMPS.created_at)]
    created_at: DateTime<Utc>,
    /// How many articles the user has written and not deleted.
    #[projection(expr = func::count(Article::ID))]
    article_count: i64,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct Listed<T> {
    /// How many there are in all.
    pub total: i64,
    /// Those on this page.
    pub items: Vec<T>,
}

/// A new article.
#[derive(Insertable, Deserialize, Validate, ToSchema)]
#[insertable(Article)]
#[serde(deny_unknown_fields)]
pub struct ArticleCreate {
    /// At most 200 characters.
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// The text.
    #[garde(skip)]
    pub content: String,
    /// Who writes it.
    #[garde(skip)]
    pub owner_id: i64,
}

/// What changes; a field that is not sent stays as it is. The owner is not among them.
#[derive(Changeset, Deserialize, Default, Validate, ToSchema)]
#[changeset(Article)]
#[serde(default, deny_unknown_fields)]
pub struct ArticleUpdate {
    /// At most 200 characters.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub title: Change<String>,
    /// The text.
    #[garde(skip)]
    #[schema(value_type = String, required = false)]
    pub content: Change<String>,
    /// `true` publishes it.
    #[garde(skip)]
    #[schema(value_type = bool, required = false)]
    pub is_published: Change<bool>,
}

/// An article and the address of its owner.
#[derive(Projection, Serialize, ToSchema)]
#[projection(Article)]
pub struct ArticleOut {
    id: i64,
    title: String,
    content: String,
    is_published: bool,
    owner_id: i64,
    #[projection(path = owner.email)]
    owner_email: String,
    #[projection(column = Article::TIMESTAMPS.created_at)]
    created_at: DateTime<Utc>,
    #[projection(column = Article::TIMESTAMPS.updated_at)]
    updated_at: DateTime<Utc>,
}
