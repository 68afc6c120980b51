//! Articles with an owner and perhaps an editor, and comments on them.

use aludel::prelude::*;
use aludel_suite::Db;

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100, unique)]
    pub email: String,
    #[column(length = 100)]
    pub name: Option<String>,
    #[column(foreign_key = Team::ID)]
    pub team_id: Option<i64>,
    #[relation(back_populates = Team::MEMBERS)]
    pub team: BelongsTo<Team>,
    #[relation(back_populates = Article::OWNER, foreign_key = Article::OWNER_ID)]
    pub articles: HasMany<Article>,
}

#[derive(Entity, Debug)]
#[entity(table = "teams")]
pub struct Team {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    #[column(length = 100)]
    pub motto: Option<String>,
    #[relation(back_populates = User::TEAM)]
    pub members: HasMany<User>,
}

#[derive(Entity, Debug)]
#[entity(table = "articles")]
pub struct Article {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    pub content: Option<String>,
    #[column(default = false)]
    pub is_published: bool,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[column(foreign_key = User::ID)]
    pub editor_id: Option<i64>,
    #[relation(back_populates = User::ARTICLES, foreign_key = owner_id)]
    pub owner: BelongsTo<User>,
    #[relation(foreign_key = editor_id)]
    pub editor: BelongsTo<User>,
    #[relation(back_populates = Comment::ARTICLE)]
    pub comments: HasMany<Comment>,
}

#[derive(Entity, Debug)]
#[entity(table = "comments")]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    #[column(foreign_key = Article::ID)]
    pub article_id: i64,
    #[column(foreign_key = User::ID)]
    pub author_id: i64,
    #[relation(back_populates = Article::COMMENTS)]
    pub article: BelongsTo<Article>,
    pub author: BelongsTo<User>,
}

/// Sam (of the kitchen) owns the articles 1 and 2, Ada edits article 1, which has two comments; Ada (of no team) owns article 3.
pub async fn fill(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((User, Team, Article, Comment))).await?;
    let mut session = db.session();
    let kitchen = session.add(Team::builder().title("Kitchen"));
    let sam = session.add(User::builder().email("sam@example.org").name("Sam").team(kitchen));
    let ada = session.add(User::builder().email("ada@example.org"));
    session.flush().await?;
    let comments =
        [Comment::builder().text("First!").author(ada), Comment::builder().text("Thanks").author(sam)];
    session.add(Article::builder().title("Bread").content("Flour").owner(sam).editor(ada).comments(comments));
    session.flush().await?;
    session.add(Article::builder().title("Butter").owner(sam).is_published(true));
    session.flush().await?;
    session.add(
        Article::builder().title("Salt").owner(ada).comments([Comment::builder().text("Why?").author(sam)]),
    );
    session.commit().await
}
