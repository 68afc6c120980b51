//! Association tables: the bare tables of many-to-many relations.

use std::fmt;
use std::marker::PhantomData;

use super::TableMeta;

/// A table that ties rows of `A` to rows of `B` and has nothing to say about them. Made by `association_table!`.
///
/// A tie with columns of its own (when it was made, by whom) is an entity with two `BelongsTo`.
pub struct Association<A, B> {
    name: &'static str,
    columns: [&'static str; 2],
    table: fn() -> &'static TableMeta,
    marker: Marker<A, B>,
}

type Marker<A, B> = PhantomData<fn() -> (A, B)>;

impl<A, B> Association<A, B> {
    /// Names a table and its columns. For `association_table!`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        columns: [&'static str; 2],
        table: fn() -> &'static TableMeta,
    ) -> Self {
        Self { name, columns, table, marker: PhantomData }
    }

    /// Returns the name of the table.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # #[derive(Entity)]
    /// # #[entity(table = "posts")]
    /// # pub struct Post {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// #     #[relation(secondary = POST_TAG)]
    /// #     pub tags: HasMany<Tag>,
    /// # }
    /// # #[derive(Entity)]
    /// # #[entity(table = "tags")]
    /// # pub struct Tag {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// # }
    /// aludel::association_table! {
    ///     pub POST_TAG = "post_tag" { post_id => Post::ID, tag_id => Tag::ID }
    /// }
    /// # fn main() {
    /// assert_eq!(POST_TAG.name(), "post_tag");
    /// # }
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the names of its columns: the key of `A`, and the key of `B`.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # #[derive(Entity)]
    /// # #[entity(table = "posts")]
    /// # pub struct Post {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// #     #[relation(secondary = POST_TAG)]
    /// #     pub tags: HasMany<Tag>,
    /// # }
    /// # #[derive(Entity)]
    /// # #[entity(table = "tags")]
    /// # pub struct Tag {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// # }
    /// aludel::association_table! {
    ///     pub POST_TAG = "post_tag" { post_id => Post::ID, tag_id => Tag::ID }
    /// }
    /// # fn main() {
    /// assert_eq!(POST_TAG.columns(), ["post_id", "tag_id"]);
    /// # }
    /// ```
    #[must_use]
    pub const fn columns(self) -> [&'static str; 2] {
        self.columns
    }

    /// Returns what is known about the table.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # #[derive(Entity)]
    /// # #[entity(table = "posts")]
    /// # pub struct Post {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// #     #[relation(secondary = POST_TAG)]
    /// #     pub tags: HasMany<Tag>,
    /// # }
    /// # #[derive(Entity)]
    /// # #[entity(table = "tags")]
    /// # pub struct Tag {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// # }
    /// aludel::association_table! {
    ///     pub POST_TAG = "post_tag" { post_id => Post::ID, tag_id => Tag::ID }
    /// }
    /// # fn main() {
    /// // Its primary key are both columns: a tie is there once.
    /// assert_eq!(POST_TAG.table().primary_key().collect::<Vec<_>>(), [0, 1]);
    /// # }
    /// ```
    #[must_use]
    pub fn table(self) -> &'static TableMeta {
        (self.table)()
    }

    /// Says how a relation goes through the table: which of its two columns holds the key of the side that the relation starts from.
    #[doc(hidden)]
    #[must_use]
    pub const fn secondary(self, local: usize) -> Secondary {
        Secondary { name: self.name, table: self.table, local }
    }
}

impl<A, B> Clone for Association<A, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, B> Copy for Association<A, B> {}

impl<A, B> fmt::Debug for Association<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// How a many-to-many relation goes through its association table (`secondary`).
#[derive(Clone, Copy)]
pub struct Secondary {
    /// The name of the table.
    pub name: &'static str,
    /// The table. A function, because it refers to both sides.
    pub table: fn() -> &'static TableMeta,
    /// Which of its two columns holds the key of the side that the relation starts from; the other one holds the other's.
    pub local: usize,
}

impl Secondary {
    /// Returns the column that holds the key of the side that the relation leads to.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # #[derive(Entity)]
    /// # #[entity(table = "posts")]
    /// # pub struct Post {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// #     #[relation(secondary = POST_TAG)]
    /// #     pub tags: HasMany<Tag>,
    /// # }
    /// # #[derive(Entity)]
    /// # #[entity(table = "tags")]
    /// # pub struct Tag {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// # }
    /// aludel::association_table! {
    ///     pub POST_TAG = "post_tag" { post_id => Post::ID, tag_id => Tag::ID }
    /// }
    /// # fn main() {
    /// // `Post::TAGS` starts from the posts: `post_id` holds its key, `tag_id` leads on.
    /// let secondary = Post::TAGS.meta().secondary.unwrap();
    /// assert_eq!((secondary.local, secondary.remote()), (0, 1));
    /// # }
    /// ```
    #[must_use]
    pub const fn remote(&self) -> usize {
        1 - self.local
    }
}
