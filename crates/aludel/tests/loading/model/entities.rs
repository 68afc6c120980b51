//! A blog, and folders in folders: with rows that are deleted softly, relations with an order of their own, and some that come with every query.

use aludel::prelude::*;
use chrono::{DateTime, Utc};

/// Writes posts and comments.
#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(back_populates = Post::AUTHOR, order_by = Post::TITLE.desc())]
    pub posts: HasMany<Post>,
    #[relation(back_populates = Comment::WRITER)]
    pub comments: HasMany<Comment>,
    #[relation(back_populates = Profile::USER)]
    pub profile: HasOne<Profile>,
}

/// Has an author, may have an editor, comments and tags.
#[derive(Entity, Debug)]
#[entity(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    #[column(foreign_key = User::ID)]
    pub author_id: i64,
    #[column(foreign_key = User::ID)]
    pub editor_id: Option<i64>,
    #[relation(back_populates = User::POSTS, foreign_key = author_id)]
    pub author: BelongsTo<User>,
    #[relation(foreign_key = editor_id)]
    pub editor: BelongsTo<User>,
    #[relation(back_populates = Comment::POST, load = "selectin")]
    pub comments: HasMany<Comment>,
    #[relation(secondary = POST_TAG, back_populates = Tag::POSTS)]
    pub tags: HasMany<Tag>,
}

/// Belongs to a post; may be without a writer.
#[derive(Entity, Debug)]
#[entity(table = "comments", soft_delete = deleted_at)]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub body: String,
    pub likes: i32,
    pub deleted_at: Option<DateTime<Utc>>,
    #[column(foreign_key = Post::ID)]
    pub post_id: i64,
    #[column(foreign_key = User::ID)]
    pub writer_id: Option<i64>,
    #[relation(back_populates = Post::COMMENTS)]
    pub post: BelongsTo<Post>,
    #[relation(back_populates = User::COMMENTS, load = "joined")]
    pub writer: BelongsTo<User>,
}

/// Has a key that people gave it.
#[derive(Entity, Debug)]
#[entity(table = "tags", soft_delete = deleted_at)]
pub struct Tag {
    #[column(primary_key, length = 40)]
    pub name: String,
    pub weight: i32,
    pub deleted_at: Option<DateTime<Utc>>,
    #[relation(secondary = POST_TAG, back_populates = Post::TAGS)]
    pub posts: HasMany<Post>,
}

aludel::association_table! {
    pub POST_TAG = "post_tag" { post_id => Post::ID, tag_name => Tag::NAME }
}

/// At most one for each user.
#[derive(Entity, Debug)]
#[entity(table = "profiles")]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub bio: String,
    #[column(foreign_key = User::ID, unique)]
    pub user_id: i64,
    #[relation(back_populates = User::PROFILE)]
    pub user: BelongsTo<User>,
}

/// Lies in another one.
#[derive(Entity, Debug)]
#[entity(table = "folders", soft_delete = deleted_at)]
pub struct Folder {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 40)]
    pub name: String,
    pub deleted_at: Option<DateTime<Utc>>,
    #[column(foreign_key = Folder::ID)]
    pub parent_id: Option<i64>,
    #[relation(back_populates = Folder::CHILDREN)]
    pub parent: BelongsTo<Folder>,
    #[relation(back_populates = Folder::PARENT)]
    pub children: HasMany<Folder>,
}

pub fn blog() -> Metadata {
    Metadata::of((User, Post, Comment, Tag, POST_TAG, Profile, Folder))
}
