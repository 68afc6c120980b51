//! Constructs that this crate, and not Aludel, knows: an expression, a clause, what walks over a statement and what writes it anew.

use std::ops::ControlFlow;

use aludel::prelude::*;
use aludel::{ClausePlace, Operand, Select, Shape, StatementPart};
use aludel_sql::node::{BinaryOp, Node};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{Employee, Task, company, names};

/// How often a text has another one in it.
fn occurrences(text: impl Expression, part: impl Operand<String>) -> Expr<i64> {
    func::custom(
        "occurrences",
        [text.into_node(), part.into_operand()],
        &[
            ("postgres", "((char_length({0}) - char_length(replace({0}, {1}, ''))) / char_length({1}))"),
            ("mysql", "((char_length({0}) - char_length(replace({0}, {1}, ''))) DIV char_length({1}))"),
            ("*", "((length({0}) - length(replace({0}, {1}, ''))) / length({1}))"),
        ],
    )
}

/// Clauses of single databases, as methods of every SELECT.
trait Hints: Sized {
    /// Reads the whole table, or takes its primary key, where the database can be told.
    fn without_index(self) -> Self;

    /// A part of the rows, chosen by chance.
    fn tablesample(self, percent: f64) -> Self;
}

impl<S: Shape> Hints for Select<S> {
    fn without_index(self) -> Self {
        let forms = &[("sqlite", "NOT INDEXED"), ("mysql", "IGNORE INDEX FOR ORDER BY (PRIMARY)"), ("*", "")];
        self.clause(ClausePlace::BehindFrom, "without_index", [], forms)
    }

    fn tablesample(self, percent: f64) -> Self {
        let forms = &[("postgres", "TABLESAMPLE BERNOULLI ({0}) REPEATABLE (7)")];
        self.clause(ClausePlace::BehindFrom, "TABLESAMPLE", [literal(percent).into_node()], forms)
    }
}

/// The tables that a statement reads and those that it writes.
fn tables(statement: &impl ToSql) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    let flow = statement.statement().visit(&mut |part| {
        match part {
            StatementPart::Reads(table) => reads.push(table.name),
            StatementPart::Writes(table) => writes.push(table.name),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    assert_eq!(flow, ControlFlow::Continue(()));
    (reads, writes)
}

/// Compares names without minding case, wherever they stand.
fn names_without_case(node: &mut Node) {
    let Node::Binary(BinaryOp::Eq, operands) = node else { return };
    if operands.contains(&Employee::NAME.into_node()) {
        for operand in operands.iter_mut() {
            *operand = func::call::<String>("lower", [operand.clone()]).into_node();
        }
    }
}

on_each_database! {
    async fn c28_an_expression_of_this_crate(db: Db) {
        let mut conn = company(&db).await?;
        let many = select((Task::TITLE, occurrences(Task::TITLE, "l")))
            .filter(occurrences(Task::TITLE, "l").gt(1))
            .order_by((occurrences(Task::TITLE, "l").desc(), Task::ID));
        let rows = [("build wall", 3), ("sell", 2), ("sell more", 2)].map(|(title, n)| (title.to_owned(), n));
        assert_eq!(conn.execute(many).all().await?, rows);
    }

    async fn c28_a_clause_of_this_crate(db: Db) {
        let mut conn = company(&db).await?;
        let hinted = select(Employee::NAME).without_index().filter(Employee::ID.gt(4)).order_by(Employee::ID);
        let hint = db.pick(" NOT INDEXED WHERE", "employees WHERE", " IGNORE INDEX FOR ORDER BY (PRIMARY) WHERE");
        assert!(hinted.to_sql(db.engine.dialect())?.0.contains(hint));
        assert_eq!(conn.scalars(hinted).all().await?, names(&["Eve", "Fay"]));

        let sample = |percent: f64| select(Employee::ID).tablesample(percent).filter(Employee::ID.gt(1));
        if db.pick(false, true, false) {
            assert_eq!(conn.scalars(sample(100.0)).all().await?.len(), 5);
            assert!(conn.scalars(sample(0.0)).all().await?.is_empty());
        } else {
            let error = refused(conn.scalars(sample(100.0)).all().await, ErrorKind::Unsupported);
            assert!(error.what().ends_with(" has no form of `TABLESAMPLE`"), "{error}");
        }
    }

    async fn c28_a_visitor_sees_every_table(db: Db) {
        company(&db).await?;
        let busy = select(Task::EMPLOYEE_ID).filter(Task::HOURS.gt(10)).cte("busy");
        let stmt = select(Employee::NAME)
            .join_on(&busy, busy.col(Task::EMPLOYEE_ID).eq(Employee::ID))
            .filter(Employee::TASKS.any(Task::DONE));
        assert_eq!(tables(&stmt), (vec!["employees", "tasks", "tasks"], vec![]));
        let stmt = delete(Task).filter(Task::EMPLOYEE_ID.in_(select(Employee::ID).filter(Employee::TEAM.eq("sales"))));
        assert_eq!(tables(&stmt), (vec!["employees"], vec!["tasks"]));
        assert_eq!(tables(&insert(Task).values([Task::builder().title("x").hours(1).done(true).employee_id(1)])), (vec![], vec!["tasks"]));
        let text = db.engine.dialect();
        assert!(stmt.to_sql(text).is_ok());
    }

    async fn c28_a_statement_is_written_anew(db: Db) {
        let mut conn = company(&db).await?;
        let stmt = select(Task::TITLE).join(Task::EMPLOYEE).filter(Employee::NAME.eq("DAN").or(Employee::NAME.eq("fay"))).order_by(Task::ID);
        assert!(conn.scalars(stmt.clone()).all().await?.is_empty());
        let found = conn.scalars(stmt.rewrite(names_without_case)).all().await?;
        assert_eq!(found, names(&["build roof", "paint", "sell", "sell more"]));
        // Within statements in it, too.
        let of_dan = exists(select(Employee::ID).filter(Employee::ID.eq(Task::EMPLOYEE_ID)).filter(Employee::NAME.eq("DAN")));
        let gone = delete(Task).filter(of_dan).rewrite(names_without_case);
        assert_eq!(conn.execute(gone).await?.rows_affected, 2);
        let raised = update(Employee).set(Employee::SALARY, Employee::SALARY + 1).filter(Employee::NAME.eq("ADA")).rewrite(names_without_case);
        assert_eq!(conn.execute(raised).await?.rows_affected, 1);
    }
}
