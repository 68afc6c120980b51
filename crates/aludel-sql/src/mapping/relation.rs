//! How two mapped tables belong together: what `#[relation]` says, as data.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use super::{Cascade, Mapped, Secondary, TableMeta};
use crate::column::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::order::OrderBy;

/// A relation from entity `E` to entity `T`, of a kind `K` ([`One`] or [`Many`]): `User::DOCUMENTS`.
///
/// It joins (`.join(User::DOCUMENTS)`), and the ORM loads along it (`selectinload(User::DOCUMENTS)`).
pub struct Relation<E, T, K> {
    index: usize,
    marker: Marker<E, T, K>,
}

/// Neither owns nor borrows anything, so a relation is `Send` and `Sync` whatever the entities are.
type Marker<E, T, K> = PhantomData<fn() -> (E, T, K)>;

/// The kind of a relation that leads to at most one object.
#[derive(Clone, Copy, Debug)]
pub struct One;

/// The kind of a relation that leads to any number of objects.
#[derive(Clone, Copy, Debug)]
pub struct Many;

/// A relation to at most one object: `Document::OWNER`.
pub type ToOne<E, T> = Relation<E, T, One>;

/// A relation to any number of objects: `User::DOCUMENTS`.
pub type ToMany<E, T> = Relation<E, T, Many>;

impl<E, T, K> Relation<E, T, K> {
    /// Names the relation at this index of the entity's relations. For the derive.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self { index, marker: PhantomData }
    }

    /// Returns the index among the entity's relations.
    ///
    /// ```
    /// # use library::{Author, Book};
    /// use aludel::Mapped;
    ///
    /// assert_eq!(Author::TABLE.relations[Author::BOOKS.index()].name, "books");
    /// ```
    #[must_use]
    pub const fn index(self) -> usize {
        self.index
    }
}

impl<E: Mapped, T: Mapped, K> Relation<E, T, K> {
    /// Returns what is known about the relation.
    ///
    /// ```
    /// # use library::{Author, Book};
    /// use aludel_sql::RelationKind;
    ///
    /// let books = Author::BOOKS.meta();
    /// assert_eq!((books.name, books.kind), ("books", RelationKind::HasMany));
    /// assert_eq!((books.target)().name, "books");
    /// ```
    #[must_use]
    pub fn meta(self) -> &'static RelationMeta {
        &E::TABLE.relations[self.index]
    }
}

impl<E, T, K> Clone for Relation<E, T, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T, K> Copy for Relation<E, T, K> {}

impl<E: Mapped, T: Mapped, K> fmt::Debug for Relation<E, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", E::TABLE.entity, self.meta().name)
    }
}

/// How a relation is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationKind {
    /// A foreign key of this table leads to the other.
    BelongsTo,
    /// A foreign key of the other table leads here, from at most one row.
    HasOne,
    /// A foreign key of the other table leads here, from any number of rows.
    HasMany,
    /// Rows of an association table lead to both.
    ManyToMany,
}

/// How a relation is loaded with every query of its entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LoadStrategy {
    /// Not at all: only when it is asked for.
    #[default]
    OnRequest,
    /// With one more statement, whatever the number of objects: `load = "selectin"`.
    SelectIn,
    /// By a join with the statement, where that is possible: `load = "joined"`.
    Joined,
}

/// What is known about a relation when compiling.
#[derive(Clone, Copy)]
pub struct RelationMeta {
    /// The name of the field.
    pub name: &'static str,
    /// How it is built.
    pub kind: RelationKind,
    /// The table it leads to. A function, so that two tables may lead to each other.
    pub target: fn() -> &'static TableMeta,
    /// The column that holds the foreign key, where `foreign_key = …` chose one: of this table for `BelongsTo`, of the target for
    /// the others.
    pub foreign_key: Option<usize>,
    /// The index of the relation of the target that leads back (`back_populates`).
    pub inverse: Option<usize>,
    /// The association table of a `ManyToMany`.
    pub secondary: Option<Secondary>,
    /// What goes on to the objects that it leads to.
    pub cascade: Cascade,
    /// Whether the children of a deleted object that are not in memory are left to the database.
    pub passive_deletes: bool,
    /// The order in which the database gives the objects.
    pub order_by: Option<fn() -> Vec<OrderBy>>,
    /// Whether its foreign key is written by an UPDATE of its own where both rows come or go in one flush.
    pub post_update: bool,
    /// Whether it is read only: its changes are never written.
    pub viewonly: bool,
    /// Whether it is written only: it is never loaded as a whole.
    pub write_only: bool,
    /// How it is loaded with every query.
    pub load: LoadStrategy,
    /// What the layer above knows of the types of both sides. This one only hands it through.
    pub types: fn() -> &'static (dyn Any + Send + Sync),
}

impl fmt::Debug for RelationMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?} {})", self.name, self.kind, (self.target)().entity)
    }
}

impl PartialEq for RelationMeta {
    /// A constant may live at several addresses.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || (self.name == other.name && self.kind == other.kind && (self.target)() == (other.target)())
    }
}

impl Eq for RelationMeta {}

/// The two columns that a relation compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The column of the table that the relation starts from.
    pub local: usize,
    /// The column of the table that the relation leads to.
    pub remote: usize,
}

/// The columns that a many-to-many relation compares: those of both sides with those of the table between them.
#[derive(Clone, Copy, Debug)]
pub struct Through {
    /// The association table.
    pub table: &'static TableMeta,
    /// From the side that the relation starts from to the association table.
    pub near: Link,
    /// From the association table to the side that the relation leads to.
    pub far: Link,
}

impl RelationMeta {
    /// Returns the order of the objects: that of `order_by`, and where it leaves two equal that of their keys. Nothing if none was asked for.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # #[derive(Entity)]
    /// # #[entity(table = "books")]
    /// # pub struct Book {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// #     pub year: i32,
    /// #     #[column(foreign_key = Author::ID)]
    /// #     pub author_id: i64,
    /// # }
    /// #[derive(Entity)]
    /// #[entity(table = "authors")]
    /// pub struct Author {
    ///     #[column(primary_key)]
    ///     pub id: i64,
    ///     #[relation(order_by = Book::YEAR.desc())]
    ///     pub books: HasMany<Book>,
    /// }
    /// # fn main() {
    /// // Books of one year are in the order of their keys: the order is the same each time.
    /// assert_eq!(Author::BOOKS.meta().order().len(), 2);
    /// # }
    /// ```
    #[must_use]
    pub fn order(&self) -> Vec<OrderBy> {
        let Some(order_by) = self.order_by else { return Vec::new() };
        let target = (self.target)();
        let key = |column| OrderBy::of_column(Source::of(target), column);
        order_by().into_iter().chain(target.primary_key().map(key)).collect()
    }

    /// Returns the columns that the relation compares if it is many-to-many.
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
    /// let through = Post::TAGS.meta().through().unwrap();
    /// assert_eq!((through.table.name, through.near.remote, through.far.local), ("post_tag", 0, 1));
    /// # }
    /// ```
    #[must_use]
    pub fn through(&self) -> Option<Through> {
        let secondary = self.secondary?;
        let table = (secondary.table)();
        let referenced = |column: usize| Some(table.columns[column].foreign_key?.column);
        let (local, remote) = (secondary.local, secondary.remote());
        Some(Through {
            table,
            near: Link { local: referenced(local)?, remote: local },
            far: Link { local: remote, remote: referenced(remote)? },
        })
    }

    /// Finds the two columns that the relation compares: from `foreign_key`, from the other side, or from the only foreign key between
    /// the tables.
    ///
    /// ```
    /// # use library::{Author, Book};
    /// use aludel::Mapped;
    ///
    /// // authors.id = books.author_id
    /// let link = Author::BOOKS.meta().link(Author::TABLE)?;
    /// assert_eq!((link.local, link.remote), (Author::ID.index(), Book::AUTHOR_ID.index()));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where there is no foreign key between the tables, or several to choose from; for a many-to-many relation, see
    /// [`through`](Self::through).
    pub fn link(&self, from: &'static TableMeta) -> Result<Link> {
        let target = (self.target)();
        let (holder, parent) = match self.kind {
            RelationKind::BelongsTo => (from, target),
            RelationKind::HasOne | RelationKind::HasMany => (target, from),
            RelationKind::ManyToMany => {
                return Err(self.broken(from, "a table lies between both sides".to_owned()));
            }
        };
        let back = self.inverse.and_then(|index| target.relations.get(index)).and_then(|it| it.foreign_key);
        let child = match self.foreign_key.or(back) {
            Some(column) => column,
            None => self.only_foreign_key(from, holder, parent)?,
        };
        let reference = holder.columns[child].foreign_key.ok_or_else(|| {
            self.broken(from, format!("its foreign_key `{}` refers to nothing", holder.columns[child].field))
                .help("give that column `#[column(foreign_key = …)]`")
        })?;
        Ok(match self.kind {
            RelationKind::BelongsTo => Link { local: child, remote: reference.column },
            _ => Link { local: reference.column, remote: child },
        })
    }

    fn only_foreign_key(&self, from: &TableMeta, holder: &TableMeta, parent: &TableMeta) -> Result<usize> {
        let mut candidates = holder.columns.iter().enumerate().filter(|(_, column)| {
            column.foreign_key.is_some_and(|reference| *(reference.table)() == *parent)
        });
        match (candidates.next(), candidates.next()) {
            (Some((only, _)), None) => Ok(only),
            (None, _) => Err(self
                .broken(from, format!("`{}` has no foreign key to `{}`", holder.name, parent.name))
                .help(format!(
                    "give a column of `{}` `#[column(foreign_key = {}::…)]`",
                    holder.entity, parent.entity
                ))),
            (Some(_), Some(_)) => Err(self
                .broken(from, format!("`{}` has several foreign keys to `{}`", holder.name, parent.name))
                .help("choose one with `#[relation(foreign_key = …)]`")),
        }
    }

    #[cold]
    fn broken(&self, from: &TableMeta, why: String) -> Error {
        Error::new(
            ErrorKind::Schema,
            format!("relation `{}.{}` cannot be followed: {why}", from.entity, self.name),
        )
    }
}
