//! Statements within statements: as a value, as a list, as a test.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused};
use crate::models::{Document, Employee, Tag, User};

#[derive(Entity, Debug)]
#[entity(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = POST_TOPIC, back_populates = Topic::POSTS)]
    pub topics: HasMany<Topic>,
}

#[derive(Entity, Debug)]
#[entity(table = "topics")]
pub struct Topic {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[relation(secondary = POST_TOPIC, back_populates = Post::TOPICS)]
    pub posts: HasMany<Post>,
}

aludel::association_table! {
    pub POST_TOPIC = "post_topic" { post_id => Post::ID, topic_id => Topic::ID }
}

#[test]
fn one_value() {
    check(
        select(Document::ID).filter(Document::VIEWS.eq(select(func::max(Document::VIEWS)).scalar_subquery())),
        "SELECT documents.id FROM documents WHERE documents.views = (SELECT max(documents.views) FROM documents)",
    );
}

#[test]
fn one_value_for_each_row_around() {
    let documents = select(func::count_star())
        .select_from(Document)
        .filter(Document::OWNER_ID.eq(User::ID))
        .filter(Document::VIEWS.gt(7));
    check(
        select((User::EMAIL, documents.scalar_subquery().label("documents")))
            .filter(User::AGE.gt(30))
            .order_by(desc("documents")),
        Sql {
            sqlite: "SELECT users.email, (SELECT count(*) FROM documents WHERE documents.owner_id = users.id AND documents.views > ?1) AS documents \
                     FROM users WHERE users.age > ?2 ORDER BY documents DESC",
            // It may be NULL, for all that the statement says.
            postgres: "SELECT users.email, (SELECT count(*) FROM documents WHERE documents.owner_id = users.id AND documents.views > $1) AS documents \
                       FROM users WHERE users.age > $2 ORDER BY documents DESC NULLS LAST",
            mariadb: "SELECT users.email, (SELECT count(*) FROM documents WHERE documents.owner_id = users.id AND documents.views > ?) AS documents \
                      FROM users WHERE users.age > ? ORDER BY documents DESC",
        },
    );
}

#[test]
fn what_is_in_from_of_the_inner_statement_is_not_of_the_one_around() {
    // A table that is only named is that of the statement around.
    let older = alias(User, "older");
    let of_owner = select(func::count(Document::ID)).filter(Document::OWNER_ID.eq(User::ID));
    check(
        select(User::EMAIL).filter(of_owner.scalar_subquery().gt(1)),
        "SELECT users.email FROM users WHERE (SELECT count(documents.id) FROM documents WHERE documents.owner_id = users.id) > ?",
    );
    // `select_from` makes a column of it the value of each row around, instead of the first table of the inner FROM …
    let email = select(User::EMAIL).select_from(Document).filter(Document::OWNER_ID.eq(User::ID));
    check(
        select(User::ID).filter(exists(email)),
        "SELECT users.id FROM users WHERE EXISTS (SELECT users.email FROM documents WHERE documents.owner_id = users.id)",
    );
    // … and, where it names the table itself, one of all users: nothing is correlated.
    let any = select(func::count_star()).select_from(User).filter(User::AGE.gt(30));
    check(
        select(User::ID).filter(any.scalar_subquery().gt(5)),
        "SELECT users.id FROM users WHERE (SELECT count(*) FROM users WHERE users.age > ?) > ?",
    );
    // Both at once need two names.
    let elders = select(func::count_star()).select_from(older).filter(older.col(User::AGE).gt(User::AGE));
    check(
        select(User::ID).filter(elders.scalar_subquery().eq(0)),
        "SELECT users.id FROM users WHERE (SELECT count(*) FROM users AS older WHERE older.age > users.age) = ?",
    );
    // However deep, a name is that of the nearest statement that has it.
    let deep = select(Tag::ID).filter(Tag::DOCUMENT_ID.eq(Document::ID)).filter(Tag::LABEL.eq(User::EMAIL));
    let documents = select(Document::ID).filter(Document::OWNER_ID.eq(User::ID)).filter(exists(deep));
    check(
        select(User::ID).filter(exists(documents)),
        "SELECT users.id FROM users WHERE EXISTS (SELECT documents.id FROM documents WHERE documents.owner_id = users.id \
         AND EXISTS (SELECT tags.id FROM tags WHERE tags.document_id = documents.id AND tags.label = users.email))",
    );
}

#[test]
fn a_row_exists_or_does_not() {
    let documents = select(Document::ID).filter(Document::OWNER_ID.eq(User::ID));
    check(
        select(User::ID).filter(exists(documents.clone()).or(User::ACTIVE)),
        "SELECT users.id FROM users WHERE EXISTS (SELECT documents.id FROM documents WHERE documents.owner_id = users.id) OR users.active",
    );
    check(
        select(User::ID).filter(!exists(documents)),
        "SELECT users.id FROM users WHERE NOT EXISTS (SELECT documents.id FROM documents WHERE documents.owner_id = users.id)",
    );
    check(select(exists(select(User::ID))), "SELECT EXISTS (SELECT users.id FROM users)");
}

#[test]
fn a_list_that_is_selected() {
    let popular = select(Document::OWNER_ID).filter(Document::VIEWS.gt(100));
    check(
        select(User::ID).filter(User::ID.in_(popular.clone())).filter(User::ID.not_in(popular)),
        "SELECT users.id FROM users WHERE users.id IN (SELECT documents.owner_id FROM documents WHERE documents.views > ?) \
         AND users.id NOT IN (SELECT documents.owner_id FROM documents WHERE documents.views > ?)",
    );
}

#[test]
fn a_list_that_is_selected_with_a_limit() {
    let newest = select(Document::OWNER_ID).order_by(Document::ID.desc()).limit(3);
    check(
        select(User::ID).filter(User::ID.in_(newest)),
        Sql {
            sqlite: "SELECT users.id FROM users WHERE users.id IN (SELECT documents.owner_id FROM documents ORDER BY documents.id DESC LIMIT ?1 + 0)",
            postgres: "SELECT users.id FROM users WHERE users.id IN (SELECT documents.owner_id FROM documents ORDER BY documents.id DESC LIMIT $1)",
            mariadb: "SELECT users.id FROM users WHERE users.id IN (SELECT * FROM (SELECT documents.owner_id FROM documents ORDER BY documents.id DESC LIMIT ?) AS limited)",
        },
    );
    let newest = select(Document::ID).filter(Document::OWNER_ID.eq(User::ID)).limit(1);
    check(
        select(User::ID).filter(User::AGE.in_([1])).filter(User::ID.in_(newest)),
        Sql {
            sqlite: "SELECT users.id FROM users WHERE users.age IN (SELECT value FROM json_each(?1)) AND users.id IN (SELECT documents.id FROM documents WHERE documents.owner_id = users.id LIMIT ?2 + 0)",
            postgres: "SELECT users.id FROM users WHERE users.age = ANY($1) AND users.id IN (SELECT documents.id FROM documents WHERE documents.owner_id = users.id LIMIT $2)",
            mariadb: "unsupported: `users.id` is of a statement around a query with LIMIT within IN on MariaDB, which cannot see it
  help: join the table in that query, or compare the column outside of it",
        },
    );
}

#[test]
fn not_in_values_that_may_be_null_is_refused() {
    check_refused(
        select(Employee::ID).filter(Employee::ID.not_in(select(Employee::MANAGER_ID))),
        "the statement cannot be compiled: NOT IN (SELECT …) of values that may be NULL: with one NULL among them it is never true
  help: use `not_(exists(…))`, or select with `coalesce`",
    );
    check(
        select(Employee::ID).filter(Employee::ID.not_in(select(func::coalesce(Employee::MANAGER_ID, 0)))),
        "SELECT employees.id FROM employees WHERE employees.id NOT IN (SELECT coalesce(employees.manager_id, ?) FROM employees)",
    );
}

#[test]
fn any_of_the_rows_of_a_relation() {
    check(
        select(User::ID).filter(User::DOCUMENTS.any(Document::VIEWS.gt(7).or(Document::PUBLISHED))),
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM documents WHERE users.id = documents.owner_id AND (documents.views > ? OR documents.published))",
    );
    check(
        select(User::ID).filter(User::DOCUMENTS.exists() & !User::DOCUMENTS.any(Document::PUBLISHED)),
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM documents WHERE users.id = documents.owner_id) \
         AND NOT EXISTS (SELECT 1 FROM documents WHERE users.id = documents.owner_id AND documents.published)",
    );
}

#[test]
fn the_one_row_of_a_relation_has_something() {
    check(
        select(Document::ID).filter(Document::OWNER.has(User::ACTIVE)),
        "SELECT documents.id FROM documents WHERE EXISTS (SELECT 1 FROM users WHERE documents.owner_id = users.id AND users.active)",
    );
}

#[test]
fn tests_of_relations_are_nested() {
    let writer = alias(User, "writer");
    check(
        select(User::ID)
            .filter(User::DOCUMENTS.any(Document::OWNER.to(writer).has(writer.col(User::ACTIVE)))),
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM documents WHERE users.id = documents.owner_id \
         AND EXISTS (SELECT 1 FROM users AS writer WHERE documents.owner_id = writer.id AND writer.active))",
    );
}

#[test]
fn a_relation_with_itself_needs_a_name_for_the_other_side() {
    let report = alias(Employee, "report");
    check(
        select(Employee::ID).filter(Employee::REPORTS.to(report).any(report.col(Employee::NAME).eq("Eve"))),
        "SELECT employees.id FROM employees WHERE EXISTS (SELECT 1 FROM employees AS report WHERE employees.id = report.manager_id AND report.name = ?)",
    );
    check_refused(
        select(Employee::ID).filter(Employee::MANAGER.has(Employee::NAME.eq("Eve"))),
        "the statement cannot be compiled: `employees` is on both sides of `Employee::MANAGER`
  help: give the other side a name: `let manager = alias(Employee, \"manager\")`, and ask `Employee::MANAGER.to(manager)`",
    );
}

#[test]
fn a_relation_through_a_table_is_tested_through_it() {
    check(
        select(Post::ID).filter(Post::TOPICS.any(Topic::NAME.eq("rust"))),
        "SELECT posts.id FROM posts WHERE EXISTS (SELECT 1 FROM post_topic JOIN topics ON post_topic.topic_id = topics.id \
         WHERE posts.id = post_topic.post_id AND topics.name = ?)",
    );
    check(
        select(Post::ID).filter(!Post::TOPICS.exists()),
        "SELECT posts.id FROM posts WHERE NOT EXISTS (SELECT 1 FROM post_topic WHERE posts.id = post_topic.post_id)",
    );
}

#[test]
fn changes_take_statements_too() {
    let documents = select(func::count_star()).select_from(Document).filter(Document::OWNER_ID.eq(User::ID));
    check(
        update(User)
            .set(User::AGE, select(func::max(Document::VIEWS)).scalar_subquery())
            .filter(User::ID.eq(1)),
        "UPDATE users SET age = (SELECT max(documents.views) FROM documents) WHERE id = ?",
    );
    check(
        delete(User).filter(documents.scalar_subquery().eq(0)).filter(!User::ACTIVE),
        "DELETE FROM users WHERE (SELECT count(*) FROM documents WHERE documents.owner_id = users.id) = ? AND NOT active",
    );
    check(
        delete(User).filter(!User::DOCUMENTS.exists()),
        "DELETE FROM users WHERE NOT EXISTS (SELECT 1 FROM documents WHERE users.id = documents.owner_id)",
    );
}

#[test]
fn a_column_of_neither_statement_names_the_join() {
    check_refused(
        select(User::ID).filter(exists(select(Document::ID).filter(Tag::LABEL.eq("x")))),
        "the statement cannot be compiled: `tags.label` is used, but `tags` is not in FROM (documents)
  help: add `.join_on(Tag, Tag::DOCUMENT_ID.eq(Document::ID))`",
    );
}

#[test]
fn a_name_that_hides_another_table_is_refused() {
    let users = alias(Document, "users");
    check_refused(
        select(User::ID).filter(exists(select(users.col(Document::ID)).filter(users.col(Document::OWNER_ID).eq(User::ID)))),
        "the statement cannot be compiled: `users.id` is of a statement around this one, but here `users` is another table
  help: give one of them another name: `alias(Entity, \"…\")`",
    );
}

#[test]
fn a_grouped_select_may_only_lend_what_is_grouped() {
    let of_owner = |column: Expr<i64>| {
        select(func::count_star()).select_from(User).filter(User::ID.eq(column)).scalar_subquery()
    };
    check(
        select((Document::OWNER_ID, of_owner(Document::OWNER_ID * 1))).group_by(Document::OWNER_ID),
        "SELECT documents.owner_id, (SELECT count(*) FROM users WHERE users.id = (documents.owner_id * ?)) FROM documents GROUP BY documents.owner_id",
    );
    check_refused(
        select((Document::OWNER_ID, of_owner(Document::ID * 1))).group_by(Document::OWNER_ID),
        "the statement cannot be compiled: `documents.id` has many values in a group: it is neither grouped by nor within an aggregate
  help: add `Document::ID` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
}
