//! The tables that the rules speak of: a blog, and folders in folders.

use aludel::prelude::*;

/// Writes posts and comments.
#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(back_populates = Post::AUTHOR)]
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
    #[relation(back_populates = Comment::POST, cascade = "all, delete-orphan")]
    pub comments: HasMany<Comment>,
    #[relation(secondary = POST_TAG, back_populates = Tag::POSTS)]
    pub tags: HasMany<Tag>,
}

/// Belongs to a post; may be without a writer.
#[derive(Entity, Debug)]
#[entity(table = "comments")]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub body: String,
    pub likes: i32,
    #[column(foreign_key = Post::ID)]
    pub post_id: i64,
    #[column(foreign_key = User::ID)]
    pub writer_id: Option<i64>,
    #[relation(back_populates = Post::COMMENTS)]
    pub post: BelongsTo<Post>,
    #[relation(back_populates = User::COMMENTS)]
    pub writer: BelongsTo<User>,
}

/// Has a key that people gave it.
#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key, length = 40)]
    pub name: String,
    pub weight: i32,
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
#[entity(table = "folders")]
pub struct Folder {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 40)]
    pub name: String,
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

/// Ann (with a profile) wrote three posts of five, no and one comment; Bob, Ann's editor, wrote none. The comments have 0 to 4 likes, and every
/// other one is by Bob. The first post has the tags `a`, `b` and `c`, the second `b`.
pub async fn filled(db: &aludel_suite::Db) -> aludel::Result<()> {
    db.create(&blog()).await?;
    let mut session = db.session();
    let ann = session.add(User::builder().name("Ann"));
    session.add(Profile::builder().bio("Writes.").user(ann));
    session.flush().await?;
    let bob = session.add(User::builder().name("Bob"));
    let tags = [("a", 3), ("b", 2), ("c", 1)].map(|(name, weight)| Tag::builder().name(name).weight(weight));
    let tags = tags.map(|it| session.add(it));
    for (title, comments, tags) in [("one", 5, &tags[..]), ("two", 0, &tags[1..2]), ("three", 1, &[])] {
        let post = session.add(Post::builder().title(title).author(ann));
        session[post].editor.set(bob);
        tags.iter().for_each(|tag| session[post].tags.push(*tag));
        for n in 0..comments {
            let comment = session.add(Comment::builder().body(format!("{title} {n}")).likes(n).post(post));
            if n % 2 == 0 {
                session[comment].writer.set(bob);
            }
        }
        session.flush().await?;
    }
    session.commit().await
}

/// The bodies of the comments of a post, as they are loaded.
pub fn bodies(session: &Session, post: Obj<Post>) -> aludel::Result<Vec<String>> {
    Ok(session.view(post).comments()?.map(|it| it.body.clone()).collect())
}

/// The names of the tags of a post, as they are loaded.
pub fn tag_names(session: &Session, post: Obj<Post>) -> aludel::Result<Vec<String>> {
    Ok(session.view(post).tags()?.map(|it| it.name.clone()).collect())
}
