//! Statements made of others: another list of columns over the same rows, one more column, the number of rows.

use crate::func;
use crate::query::QueryNode;
use crate::select::{Select, SelectNode, SelectValue, select};
use crate::selection::{Item, SelectItem, Selectable, Selected, Shape};
use crate::subquery::Subquery;

impl<S: Shape> Select<S> {
    /// Selects something else from the same rows: FROM, joins and conditions stay. What loaders were to load with the entities is forgotten.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let old = select(Book).join(Book::AUTHOR).filter(Book::YEAR.lt(1900));
    /// assert_eq!(
    ///     sqlite(old.with_only_columns((Author::NAME, Book::TITLE))),
    ///     "SELECT authors.name, books.title FROM books JOIN authors ON books.author_id = authors.id WHERE books.year < ?1"
    /// );
    /// ```
    pub fn with_only_columns<R: Selectable>(self, what: R) -> Select<R::Shape> {
        let mut node = self.into_node();
        node.from = node.first();
        node.items = what.into_items();
        node.undeferred.clear();
        Select::from_node(*node)
    }

    /// Selects one thing more: a row is a tuple with one value more, of 16 at most.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// /// The same list, with the number of books beside each row.
    /// let authors = select((Author::ID, Author::NAME)).order_by(Author::NAME);
    /// let books = select(func::count(Book::ID)).filter(Book::AUTHOR_ID.eq(Author::ID)).scalar_subquery();
    /// let rows = authors.add_column(books.label("books")); // (i64, String, Option<i64>)
    /// assert_eq!(
    ///     sqlite(rows),
    ///     "SELECT authors.id, authors.name, (SELECT count(books.id) FROM books WHERE books.author_id = authors.id) AS books \
    ///      FROM authors ORDER BY authors.name"
    /// );
    /// ```
    pub fn add_column<X: Selected>(self, what: X) -> Select<S::With>
    where
        S: WithItem<X::Item>,
    {
        self.with_item(what.into_item())
    }
}

/// A row with one value more.
#[diagnostic::on_unimplemented(
    message = "a row has at most 16 values",
    label = "this one has as many already",
    note = "select into a struct: `#[derive(Projection)]`"
)]
pub trait WithItem<I: Item>: Shape {
    /// The row.
    type With: Shape;
}

macro_rules! with_item {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Item,)+ I: Item> WithItem<I> for ($($name,)+) {
            type With = ($($name,)+ I);
        }
    )*};
}

with_item! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H J)
    (A B C D E F G H J K)
    (A B C D E F G H J K L)
    (A B C D E F G H J K L M)
    (A B C D E F G H J K L M N)
    (A B C D E F G H J K L M N O)
    (A B C D E F G H J K L M N O P)
}

/// Makes the statement that counts the rows of a query: of the same FROM where that gives as many, and otherwise of the query in FROM.
pub(crate) fn counted(mut query: QueryNode) -> SelectValue<i64> {
    match query {
        QueryNode::Select(mut node) if has_a_row_for_each_of_from(&node) => {
            node.from = node.first();
            node.items = select(func::count_star()).into_node().items;
            node.order_by.clear();
            node.lock = None;
            node.undeferred.clear();
            Select::from_node(*node)
        }
        _ => {
            without_order(&mut query);
            select(func::count_star()).select_from(Subquery::new("counted".into(), query))
        }
    }
}

fn has_a_row_for_each_of_from(node: &SelectNode) -> bool {
    let SelectNode {
        items,
        from: _,
        joins: _,
        filters: _,
        group_by,
        having,
        order_by: _,
        limit,
        offset,
        distinct,
        lock: _,
        limit_per,
        with_deleted: _,
        undeferred: _,
        with_ties,
        ctes: _,
        clauses,
    } = node;
    let is_plain = |item: &SelectItem| match item {
        SelectItem::Entity { .. } => true,
        SelectItem::Expression { node, .. } => !node.any(&mut |it| it.makes_one_of_many()),
    };
    let plain_clauses = group_by.is_empty() && having.is_empty() && clauses.is_empty() && !distinct;
    let all_rows = !with_ties && limit.is_none() && offset.is_none() && limit_per.is_none();
    plain_clauses && all_rows && node.first().is_some() && items.iter().all(is_plain)
}

/// Takes away what does not change how many rows there are.
fn without_order(query: &mut QueryNode) {
    if query.is_limited() {
        return;
    }
    match query {
        QueryNode::Select(node) => {
            node.lock = None;
            if node.limit_per.is_none() {
                node.order_by.clear();
            }
        }
        QueryNode::Compound(node) => node.order_by.clear(),
        QueryNode::Change(_) => {}
    }
}
