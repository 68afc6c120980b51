//! Users.

use aludel::prelude::*;
use aludel_axum::Page;

use crate::models::User;
use crate::schemas::{UserCreate, UserOut};

/// Returns a page of users in the order in which they came.
pub async fn list(session: &mut Session, page: Page) -> aludel::Result<Vec<UserOut>> {
    session.scalars(page.of(select_as::<UserOut>().order_by(User::ID))).all().await
}

/// Stores a user.
pub async fn create(session: &mut Session, mut user: UserCreate) -> aludel::Result<UserOut> {
    user.email = user.email.to_lowercase();
    let user = session.insert(user).await?;
    UserOut::from_view(session.view(user))
}
