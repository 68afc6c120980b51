use aludel::prelude::*;
use aludel_axum::Page;

use crate::models::User;
use crate::schemas::{Listed, UserListed, UserOut};

/// The users, through one session.
pub struct UserRepository<'s>(pub &'s mut Session);

impl UserRepository<'_> {
    /// Returns a page of users, the newest first, each with the number of articles, and how many users there are.
    pub async fn list(&mut self, page: Page) -> aludel::Result<Listed<UserListed>> {
        let total = self.0.scalar(select(func::count(User::ID))).await?;
        let users = select_as::<UserListed>()
            .outer_join(User::ARTICLES)
            .group_by(User::ID)
            .order_by((User::TIMESTAMPS.created_at.desc(), User::ID.desc()));
        Ok(Listed { total, items: self.0.scalars(page.of(users)).all().await? })
    }

    /// Returns a user, if there is one.
    pub async fn get_by_id(&mut self, id: i64) -> aludel::Result<Option<UserOut>> {
        self.0.scalars(select_as::<UserOut>().filter(User::ID.eq(id))).one_or_none().await
    }

    /// Stores a user and returns it with what the database filled in.
    pub async fn create(&mut self, email: &str, hashed_password: String) -> aludel::Result<UserOut> {
        let user = User::builder().email(email.to_lowercase()).hashed_password(hashed_password);
        let user = self.0.insert(user).await?;
        UserOut::from_view(self.0.view(user))
    }
}
