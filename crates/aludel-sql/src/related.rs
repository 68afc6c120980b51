//! Tests of what a relation leads to: `User::DOCUMENTS.any(…)`, `Document::OWNER.has(…)`.

use crate::alias::{AliasedRelation, JoinPath};
use crate::column::Source;
use crate::expression::Expr;
use crate::mapping::{Many, Mapped, One, Relation, RelationMeta};
use crate::node::Node;
use crate::operand::Operand;

/// EXISTS a row that a relation leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedNode {
    /// The table that the relation starts from.
    pub from: Source,
    /// The relation.
    pub relation: &'static RelationMeta,
    /// The table that it leads to.
    pub target: Source,
    /// What must hold for the row there, if anything.
    pub condition: Option<Node>,
}

fn related(path: impl JoinPath, condition: Option<Node>) -> Expr<bool> {
    let (from, relation, target) = path.into_path();
    Expr::new(Node::Related(Box::new(RelatedNode { from, relation, target, condition })))
}

macro_rules! tests {
    ($($relation:ident),*) => {$(
        impl<E: Mapped, T: Mapped> $relation<E, T, Many> {
            /// True where the condition holds for at least one of the rows that the relation leads to.
            ///
            /// ```
            /// # use {aludel::prelude::*, library::{Author, Book}};
            /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
            ///
            /// assert_eq!(
            ///     sql(select(Author::NAME).filter(Author::BOOKS.any(Book::YEAR.lt(1900)))),
            ///     "SELECT authors.name FROM authors \
            ///      WHERE EXISTS (SELECT 1 FROM books WHERE authors.id = books.author_id AND books.year < ?1)"
            /// );
            /// ```
            ///
            /// A relation of an entity with itself needs a name for the rows it leads to: `let report = alias(Employee, "report")`,
            /// `Employee::REPORTS.to(report).any(report.col(Employee::NAME).eq("Eve"))`.
            pub fn any(self, condition: impl Operand<bool>) -> Expr<bool> {
                related(self, Some(condition.into_operand()))
            }
        }

        impl<E: Mapped, T: Mapped> $relation<E, T, One> {
            /// True where the relation leads to a row for which the condition holds.
            ///
            /// ```
            /// # use {aludel::prelude::*, library::{Author, Book}};
            /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
            ///
            /// assert_eq!(
            ///     sql(select(Book::TITLE).filter(Book::AUTHOR.has(Author::NAME.eq("Jane Austen")))),
            ///     "SELECT books.title FROM books \
            ///      WHERE EXISTS (SELECT 1 FROM authors WHERE books.author_id = authors.id AND authors.name = ?1)"
            /// );
            /// ```
            pub fn has(self, condition: impl Operand<bool>) -> Expr<bool> {
                related(self, Some(condition.into_operand()))
            }
        }

        impl<E: Mapped, T: Mapped, K> $relation<E, T, K> {
            /// True where the relation leads to a row.
            ///
            /// ```
            /// # use {aludel::prelude::*, library::{Author, Book}};
            /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
            ///
            /// assert_eq!(
            ///     sql(select(Author::NAME).filter(!Author::BOOKS.exists())),
            ///     "SELECT authors.name FROM authors \
            ///      WHERE NOT EXISTS (SELECT 1 FROM books WHERE authors.id = books.author_id)"
            /// );
            /// ```
            pub fn exists(self) -> Expr<bool> {
                related(self, None)
            }
        }
    )*};
}

tests! { Relation, AliasedRelation }
