use aludel::prelude::*;
use aludel_axum::Page;

use crate::models::Article;
use crate::schemas::{ArticleCreate, ArticleOut, ArticleUpdate};

/// The articles, through one session.
pub struct ArticleRepository<'s>(pub &'s mut Session);

impl ArticleRepository<'_> {
    /// Returns a page of articles, the newest first: all of them, or only those that are (not) published.
    pub async fn list(&mut self, is_published: Option<bool>, page: Page) -> aludel::Result<Vec<ArticleOut>> {
        let mut articles =
            select_as::<ArticleOut>().order_by((Article::TIMESTAMPS.created_at.desc(), Article::ID.desc()));
        if let Some(is_published) = is_published {
            articles = articles.filter(Article::IS_PUBLISHED.eq(is_published));
        }
        self.0.scalars(page.of(articles)).all().await
    }

    /// Returns an article, if there is one.
    pub async fn get_by_id(&mut self, id: i64) -> aludel::Result<Option<ArticleOut>> {
        self.0.scalars(select_as::<ArticleOut>().filter(Article::ID.eq(id))).one_or_none().await
    }

    /// Stores an article and returns it, or the error of a foreign key if it has no such owner.
    pub async fn create(&mut self, article: ArticleCreate) -> aludel::Result<ArticleOut> {
        let article = self.0.insert(article).await?;
        self.0.load(article, Article::OWNER).await?;
        ArticleOut::from_view(self.0.view(article))
    }

    /// Changes what was sent, and returns the article, if there is one.
    pub async fn update(&mut self, id: i64, changes: ArticleUpdate) -> aludel::Result<Option<ArticleOut>> {
        let Some(article) = self.0.get::<Article>(id).await? else { return Ok(None) };
        self.0.apply(article, changes);
        self.0.flush().await?;
        self.0.load(article, Article::OWNER).await?;
        ArticleOut::from_view(self.0.view(article)).map(Some)
    }

    /// Deletes an article; tells whether there was one.
    pub async fn delete(&mut self, id: i64) -> aludel::Result<bool> {
        let Some(article) = self.0.get::<Article>(id).await? else { return Ok(false) };
        self.0.delete(article);
        Ok(true)
    }
}
