//! The entities of the blog: what conditions and orders are about, and the relations by their names.

use aludel::prelude::*;
use aludel::{Loader, LoadsFrom, OrderBy, SelectEntity};
use aludel_orm::{Asks, Follows};
use aludel_sql::Many;

use super::entities::*;
use super::trees::{Branch, Condition, Order, Relation, Strategy};
use super::world::Kind;

/// What takes loaders of relations of `E`: a statement, or the loader of a relation that leads there.
pub trait Takes<E: Entity>: Sized {
    fn take(self, loader: impl LoadsFrom<E>) -> Self;
}

impl<E: Entity> Takes<E> for SelectEntity<E> {
    fn take(self, loader: impl LoadsFrom<E>) -> Self {
        self.options(loader)
    }
}

impl<F: Entity, E: Entity, K, S: Follows> Takes<E> for Loader<F, E, K, S> {
    fn take(self, loader: impl LoadsFrom<E>) -> Self {
        self.then(loader)
    }
}

/// An entity of the blog.
pub trait Table: Entity {
    const KIND: Kind;

    fn all() -> SelectEntity<Self>;

    fn key(&self) -> String;

    fn by_key() -> OrderBy;

    fn condition(condition: Condition) -> Expr<bool>;

    fn order(order: Order) -> OrderBy;

    /// Adds the loader of a relation of this entity.
    fn follow<L: Takes<Self>>(to: L, branch: &Branch) -> L;

    /// What a relation of an object leads to, as text.
    fn led_to(session: &Session, object: Obj<Self>, branch: &Branch) -> aludel::Result<Vec<String>>;

    /// An object and what it leads to, as text.
    fn shown(session: &Session, object: Obj<Self>, then: &[Branch]) -> aludel::Result<String> {
        let mut relations = Vec::new();
        for branch in then {
            let led = Self::led_to(session, object, branch)?;
            relations.push(format!("{:?} [{}]", branch.relation, led.join(", ")));
        }
        let key = session[object].key();
        Ok(format!("{:?} {key} {}", Self::KIND, relations.join(" ")))
    }
}

/// Says of a loader what its branch says.
fn many<E: Entity, T: Table, S: Asks>(
    mut loader: Loader<E, T, Many, S>,
    branch: &Branch,
) -> Loader<E, T, Many, S> {
    if let Some(condition) = branch.condition {
        loader = loader.filter(T::condition(condition));
    }
    if let Some(order) = branch.order {
        loader = loader.order_by(T::order(order));
    }
    if let Some(limit) = branch.limit {
        loader = loader.limit(limit);
    }
    loader
}

/// Loads a relation as a branch says, and what is behind it.
macro_rules! load {
    ($to:ident, $branch:ident, $relation:expr, $target:ident, $($way:ident)+) => {
        match $branch.strategy {
            Strategy::SelectIn => $to.take(load!(@ $branch, selectinload($relation), $target, $($way)+)),
            Strategy::Joined => $to.take(load!(@ $branch, joinedload($relation), $target, $($way)+)),
            Strategy::Subquery => $to.take(load!(@ $branch, subqueryload($relation), $target, $($way)+)),
        }
    };
    (@ $branch:ident, $loader:expr, $target:ident, $($way:ident)+) => {
        $branch.then.iter().fold(load!(@ $branch, $loader, $($way)+), $target::follow)
    };
    (@ $branch:ident, $loader:expr, many) => { many($loader, $branch) };
    (@ $branch:ident, $loader:expr, many own) => { many($loader, $branch).depth($branch.depth) };
    (@ $branch:ident, $loader:expr, one own) => { $loader.depth($branch.depth) };
    (@ $branch:ident, $loader:expr, $one:ident) => { $loader };
}

/// The objects that a relation leads to: `many`, `one` or none, or `always` one.
macro_rules! led_to {
    ($led:expr, many $($own:ident)?) => {
        $led.map(|it| it.handle()).collect::<Vec<_>>()
    };
    ($led:expr, one $($own:ident)?) => {
        $led.iter().map(|it| it.handle()).collect::<Vec<_>>()
    };
    ($led:expr, always) => {
        vec![$led.handle()]
    };
}

macro_rules! table {
    ($entity:ident: $key:ident $key_column:ident, $text:ident, $number:ident;
     $($relation:ident: $($way:ident)+, $constant:ident $field:ident $target:ident;)*) => {
        impl Table for $entity {
            const KIND: Kind = Kind::$entity;

            fn all() -> SelectEntity<Self> {
                select($entity)
            }

            fn key(&self) -> String {
                self.$key.to_string()
            }

            fn by_key() -> OrderBy {
                $entity::$key_column.asc()
            }

            fn condition(condition: Condition) -> Expr<bool> {
                match condition {
                    Condition::TextFrom(text) => $entity::$text.ge(text),
                    Condition::NumberOver(least) => $entity::$number.cast::<i64>().gt(least),
                }
            }

            fn order(order: Order) -> OrderBy {
                match (order.of_text, order.descending) {
                    (true, false) => $entity::$text.asc(),
                    (true, true) => $entity::$text.desc(),
                    (false, false) => $entity::$number.asc(),
                    (false, true) => $entity::$number.desc(),
                }
            }

            fn follow<L: Takes<Self>>(to: L, branch: &Branch) -> L {
                match branch.relation {
                    $(Relation::$relation => load!(to, branch, $entity::$constant, $target, $($way)+),)*
                    other => unreachable!("{other:?} starts from another entity"),
                }
            }

            fn led_to(session: &Session, object: Obj<Self>, branch: &Branch) -> aludel::Result<Vec<String>> {
                let (view, behind) = (session.view(object), branch.behind());
                match branch.relation {
                    $(Relation::$relation => {
                        let led = led_to!(view.$field()?, $($way)+);
                        led.into_iter().map(|it| $target::shown(session, it, &behind)).collect()
                    })*
                    other => unreachable!("{other:?} starts from another entity"),
                }
            }
        }
    };
}

table! {
    User: id ID, NAME, ID;
    UserPosts: many, POSTS posts Post;
    UserComments: many, COMMENTS comments Comment;
    UserProfile: one, PROFILE profile Profile;
}

table! {
    Post: id ID, TITLE, EDITOR_ID;
    PostAuthor: always, AUTHOR author User;
    PostEditor: one, EDITOR editor User;
    PostComments: many, COMMENTS comments Comment;
    PostTags: many, TAGS tags Tag;
}

table! {
    Comment: id ID, BODY, LIKES;
    CommentPost: always, POST post Post;
    CommentWriter: one, WRITER writer User;
}

table! {
    Tag: name NAME, NAME, WEIGHT;
    TagPosts: many, POSTS posts Post;
}

table! {
    Profile: id ID, BIO, USER_ID;
    ProfileUser: always, USER user User;
}

table! {
    Folder: id ID, NAME, PARENT_ID;
    FolderChildren: many own, CHILDREN children Folder;
    FolderParent: one own, PARENT parent Folder;
}
