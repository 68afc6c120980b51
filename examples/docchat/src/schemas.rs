//! What comes in and what goes out. A field that is not named here can neither be set nor be seen.

use aludel::prelude::*;
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::models::{Document, Share, Tag, User};

/// A new user.
#[derive(Insertable, Deserialize, Validate, ToSchema)]
#[insertable(User)]
#[serde(deny_unknown_fields)]
pub struct UserCreate {
    /// An e-mail address.
    #[garde(email, length(max = 255))]
    #[schema(format = Email, max_length = 255)]
    pub email: String,
    /// How the user wants to be called.
    #[garde(length(chars, max = 100))]
    #[serde(default)]
    pub name: Option<String>,
}

/// A user.
#[derive(Projection, Serialize, ToSchema)]
#[projection(User)]
pub struct UserOut {
    id: i64,
    email: String,
    name: Option<String>,
}

/// A new document.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentCreate {
    /// At most 200 characters.
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// The text.
    #[garde(length(max = 1_000_000))]
    pub body: String,
    /// Who writes it; the first user if it does not say.
    #[garde(skip)]
    #[serde(default = "first_user")]
    #[schema(default = 1)]
    pub owner_id: i64,
    /// What it is about.
    #[garde(length(max = 20), inner(length(chars, max = 50), custom(has_letters)))]
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A name of blanks would be a tag that nobody can name.
fn has_letters(name: &str, _: &()) -> garde::Result {
    if name.trim().is_empty() { Err(garde::Error::new("must not be blank")) } else { Ok(()) }
}

fn first_user() -> i64 {
    1
}

/// What changes; a field that is not sent stays as it is.
#[derive(Changeset, Deserialize, Default, Validate, ToSchema)]
#[changeset(Document)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentUpdate {
    /// At most 200 characters.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub title: Change<String>,
    /// The text.
    #[garde(inner(length(max = 1_000_000)))]
    #[schema(value_type = String, required = false)]
    pub body: Change<String>,
}

/// A document with its tags and the address of its owner.
#[derive(Projection, Serialize, ToSchema)]
#[projection(Document)]
pub struct DocumentOut {
    id: i64,
    title: String,
    body: String,
    owner_id: i64,
    #[projection(path = owner.email)]
    owner_email: String,
    created_at: DateTime<Utc>,
    tags: Vec<TagOut>,
}

/// What documents are about.
#[derive(Projection, Serialize, ToSchema)]
#[projection(Tag)]
pub struct TagOut {
    name: String,
}

/// A tag to be put on a document.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagCreate {
    /// At most 50 characters; its case does not matter.
    #[garde(length(chars, max = 50), custom(has_letters))]
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
}

/// A reader to be given a document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareCreate {
    /// Who may read it.
    pub user_id: i64,
    /// Who says so.
    pub added_by: i64,
}

/// A reader of a document.
#[derive(Projection, Serialize, ToSchema)]
#[projection(Share)]
pub struct ShareOut {
    user_id: i64,
    #[projection(path = user.email)]
    email: String,
    added_at: DateTime<Utc>,
    added_by: i64,
}

/// Which documents are listed.
#[derive(Deserialize, IntoParams, Default)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct Which {
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those that are, or are not, longer than 5,000 characters.
    pub is_long: Option<bool>,
}

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Some words.
    pub q: String,
    /// Only among the documents of this user.
    pub owner_id: Option<i64>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub struct Found {
    /// Documents with these words, the best first.
    pub documents: Vec<DocumentOut>,
    /// Passages that mean something like it, the nearest first.
    pub passages: Vec<PassageOut>,
}

/// A passage of a document.
#[derive(Serialize, ToSchema)]
pub struct PassageOut {
    /// The document.
    pub document_id: i64,
    /// Its title.
    pub title: String,
    /// The passage.
    pub text: String,
    /// The cosine of the angle between passage and question: 1 is the same.
    pub similarity: f32,
}
