//! Rows that statements do not see: those that were deleted softly, and those outside of a scope. Each construct that can name a table
//! is here.

use aludel::association_table;
use aludel::prelude::*;
use aludel_sql::{Compiled, Criterion, Structure};
use chrono::{DateTime, Utc};

use crate::check::{Sql, check, sqlite};

#[derive(Entity, Debug)]
#[entity(table = "people")]
pub struct Person {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[relation(back_populates = Paper::PERSON)]
    pub papers: HasMany<Paper>,
}

#[derive(Entity, Debug)]
#[entity(table = "papers", soft_delete = gone)]
pub struct Paper {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    pub tenant: i32,
    pub gone: Option<DateTime<Utc>>,
    #[column(foreign_key = Person::ID)]
    pub person_id: i64,
    #[column(foreign_key = Paper::ID)]
    pub cites_id: Option<i64>,
    #[relation(back_populates = Person::PAPERS)]
    pub person: BelongsTo<Person>,
    #[relation(secondary = PAPER_WORD, back_populates = Word::PAPERS)]
    pub words: HasMany<Word>,
    #[relation(foreign_key = cites_id)]
    pub cites: BelongsTo<Paper>,
}

#[derive(Entity, Debug)]
#[entity(table = "words")]
pub struct Word {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub text: String,
    #[relation(secondary = PAPER_WORD, back_populates = Paper::WORDS)]
    pub papers: HasMany<Paper>,
}

association_table! {
    pub PAPER_WORD = "paper_word" { paper_id => Paper::ID, word_id => Word::ID }
}

/// The text of a statement within the scope `tenant = 7`, without what was deleted softly.
#[track_caller]
pub fn check_scoped(statement: impl ToSql, expected: &str) {
    let scopes = [Criterion::new(Paper, Paper::TENANT.eq(7))];
    let structure = Structure::within(statement.statement(), false, &scopes);
    let compiled =
        Compiled::with_structure(statement.statement(), &structure, &sqlite()).expect("it can be compiled");
    assert_eq!(compiled.text, expected);
    let places = compiled.slots.iter().map(|slot| slot.param).max();
    assert!(places < Some(structure.params.len()));
}

#[test]
fn the_first_table_of_from() {
    check(select(Paper::ID), "SELECT papers.id FROM papers WHERE papers.gone IS NULL");
    check(
        select(Paper::ID).filter(Paper::ID.eq(1) | Paper::ID.eq(2)),
        "SELECT papers.id FROM papers WHERE (papers.id = ? OR papers.id = ?) AND papers.gone IS NULL",
    );
    check(
        select(Paper::ID).filter(Paper::ID.gt(1)).filter(Paper::ID.eq(5) | Paper::ID.lt(3)),
        "SELECT papers.id FROM papers WHERE papers.id > ? AND (papers.id = ? OR papers.id < ?) AND papers.gone IS NULL",
    );
    check(
        select(func::count_star()).select_from(Paper),
        "SELECT count(*) FROM papers WHERE papers.gone IS NULL",
    );
    check(
        select(Paper::TITLE).group_by(Paper::TITLE).having(func::count_star().gt(1)).order_by(Paper::TITLE),
        "SELECT papers.title FROM papers WHERE papers.gone IS NULL GROUP BY papers.title HAVING count(*) > ? ORDER BY papers.title",
    );
}

#[test]
fn joins() {
    check(
        select(Person::NAME).join(Person::PAPERS),
        "SELECT people.name FROM people JOIN papers ON people.id = papers.person_id AND papers.gone IS NULL",
    );
    check(
        select(Paper::TITLE).join(Paper::PERSON),
        "SELECT papers.title FROM papers JOIN people ON papers.person_id = people.id WHERE papers.gone IS NULL",
    );
    check(
        select((Person::NAME, optional(Paper))).outer_join(Person::PAPERS),
        "SELECT people.name, papers.id, papers.title, papers.tenant, papers.gone, papers.person_id, papers.cites_id FROM people \
         LEFT JOIN papers ON people.id = papers.person_id AND papers.gone IS NULL",
    );
    check(
        select(Person::NAME).join_on(Paper, Paper::TITLE.eq(Person::NAME) | Paper::ID.eq(1)),
        "SELECT people.name FROM people JOIN papers ON (papers.title = people.name OR papers.id = ?) AND papers.gone IS NULL",
    );
}

#[test]
fn joins_through_an_association_table() {
    check(
        select(Word::TEXT).join(Word::PAPERS),
        "SELECT words.text FROM words JOIN paper_word ON words.id = paper_word.word_id \
         JOIN papers ON paper_word.paper_id = papers.id AND papers.gone IS NULL",
    );
    check(
        select((Word::TEXT, Paper::TITLE.nullable())).outer_join(Word::PAPERS),
        "SELECT words.text, papers.title FROM words LEFT JOIN (paper_word \
         JOIN papers ON paper_word.paper_id = papers.id AND papers.gone IS NULL) ON words.id = paper_word.word_id",
    );
}

#[test]
fn aliases() {
    let cited = alias(Paper, "cited");
    check(
        select((Paper::TITLE, cited.col(Paper::TITLE))).join(Paper::CITES.to(cited)),
        "SELECT papers.title, cited.title FROM papers JOIN papers AS cited ON papers.cites_id = cited.id AND cited.gone IS NULL \
         WHERE papers.gone IS NULL",
    );
}

#[test]
fn what_relations_lead_to() {
    check(
        select(Person::ID).filter(Person::PAPERS.exists()),
        "SELECT people.id FROM people WHERE EXISTS (SELECT 1 FROM papers WHERE people.id = papers.person_id AND papers.gone IS NULL)",
    );
    check(
        select(Person::ID).filter(!Person::PAPERS.any(Paper::ID.eq(1) | Paper::ID.eq(2))),
        "SELECT people.id FROM people WHERE NOT EXISTS (SELECT 1 FROM papers WHERE people.id = papers.person_id AND papers.gone IS NULL \
         AND (papers.id = ? OR papers.id = ?))",
    );
    check(
        select(Word::ID).filter(Word::PAPERS.exists()),
        "SELECT words.id FROM words WHERE EXISTS (SELECT 1 FROM paper_word \
         JOIN papers ON paper_word.paper_id = papers.id AND papers.gone IS NULL WHERE words.id = paper_word.word_id)",
    );
    let cited = alias(Paper, "cited");
    check(
        select(Paper::ID).filter(Paper::CITES.to(cited).has(cited.col(Paper::ID).eq(1))),
        "SELECT papers.id FROM papers WHERE EXISTS (SELECT 1 FROM papers AS cited WHERE papers.cites_id = cited.id AND cited.gone IS NULL \
         AND cited.id = ?) AND papers.gone IS NULL",
    );
}

#[test]
fn statements_within_statements() {
    let papers = || select(Paper::PERSON_ID);
    check(
        select(Person::ID).filter(Person::ID.in_(papers())),
        "SELECT people.id FROM people WHERE people.id IN (SELECT papers.person_id FROM papers WHERE papers.gone IS NULL)",
    );
    check(
        select(Person::ID).filter(exists(papers().filter(Paper::PERSON_ID.eq(Person::ID)))),
        "SELECT people.id FROM people WHERE EXISTS (SELECT papers.person_id FROM papers WHERE papers.person_id = people.id \
         AND papers.gone IS NULL)",
    );
    check(
        select((Person::ID, select(func::max(Paper::ID)).scalar_subquery())),
        "SELECT people.id, (SELECT max(papers.id) FROM papers WHERE papers.gone IS NULL) FROM people",
    );
    let from = papers().subquery("p");
    check(
        select(from.col(Paper::PERSON_ID)),
        "SELECT p.person_id FROM (SELECT papers.person_id FROM papers WHERE papers.gone IS NULL) AS p",
    );
    let cte = papers().cte("p");
    check(
        select(cte.col(Paper::PERSON_ID)),
        "WITH p AS (SELECT papers.person_id FROM papers WHERE papers.gone IS NULL) SELECT p.person_id FROM p",
    );
    check(
        papers().union(select(Person::ID)),
        "SELECT papers.person_id FROM papers WHERE papers.gone IS NULL UNION SELECT people.id FROM people",
    );
}

#[test]
fn changes() {
    check(
        update(Paper).filter(Paper::ID.eq(1)).set(Paper::TITLE, "a"),
        "UPDATE papers SET title = ? WHERE id = ? AND gone IS NULL",
    );
    check(delete(Paper).filter(Paper::ID.eq(1)), "UPDATE papers SET gone = ? WHERE id = ? AND gone IS NULL");
    check(
        delete(Paper).join(Paper::PERSON).filter(Person::NAME.eq("Ada")),
        Sql {
            sqlite: "UPDATE papers SET gone = ?1 FROM people WHERE papers.person_id = people.id AND people.name = ?2 AND papers.gone IS NULL",
            postgres: "UPDATE papers SET gone = $1 FROM people WHERE papers.person_id = people.id AND people.name = $2 AND papers.gone IS NULL",
            mariadb: "UPDATE papers JOIN people ON papers.person_id = people.id SET papers.gone = ? WHERE people.name = ? AND papers.gone IS NULL",
        },
    );
    check(
        update(Person).join(Person::PAPERS).set(Person::NAME, Paper::TITLE),
        Sql {
            sqlite: "UPDATE people SET name = papers.title FROM papers WHERE people.id = papers.person_id AND papers.gone IS NULL",
            postgres: "UPDATE people SET name = papers.title FROM papers WHERE people.id = papers.person_id AND papers.gone IS NULL",
            mariadb: "UPDATE people JOIN papers ON people.id = papers.person_id AND papers.gone IS NULL SET people.name = papers.title",
        },
    );
    check(
        delete(Person).filter(Person::PAPERS.exists()),
        "DELETE FROM people WHERE EXISTS (SELECT 1 FROM papers WHERE people.id = papers.person_id AND papers.gone IS NULL)",
    );
}

#[test]
fn with_deleted_is_about_the_whole_statement() {
    check(select(Paper::ID).with_deleted(), "SELECT papers.id FROM papers");
    check(
        select(Word::ID).join(Word::PAPERS).filter(Word::PAPERS.exists()).with_deleted(),
        "SELECT words.id FROM words JOIN paper_word ON words.id = paper_word.word_id JOIN papers ON paper_word.paper_id = papers.id \
         WHERE EXISTS (SELECT 1 FROM paper_word WHERE words.id = paper_word.word_id)",
    );
    check(
        select(Paper::ID).filter(Paper::ID.in_(select(Paper::CITES_ID.nullable()).with_deleted())),
        "SELECT papers.id FROM papers WHERE papers.id IN (SELECT papers.cites_id FROM papers) AND papers.gone IS NULL",
    );
    let cte = select(Paper::ID).cte("p");
    check(
        select(cte.col(Paper::ID)).with_deleted(),
        "WITH p AS (SELECT papers.id FROM papers) SELECT p.id FROM p",
    );
    check(update(Paper).set(Paper::TENANT, 1).with_deleted(), "UPDATE papers SET tenant = ?");
    check(delete(Paper).purge(), "DELETE FROM papers");
}

#[test]
fn a_scope_is_wherever_its_entity_is() {
    check_scoped(select(Person::ID), "SELECT people.id FROM people");
    check_scoped(
        select(Paper::ID).filter(Paper::ID.eq(1)),
        "SELECT papers.id FROM papers WHERE papers.id = ?1 AND papers.gone IS NULL AND papers.tenant = ?2",
    );
    check_scoped(select(Paper::ID).with_deleted(), "SELECT papers.id FROM papers WHERE papers.tenant = ?1");
    check_scoped(
        select((Person::NAME, Paper::TITLE.nullable())).outer_join(Person::PAPERS),
        "SELECT people.name, papers.title FROM people LEFT JOIN papers ON people.id = papers.person_id AND papers.gone IS NULL \
         AND papers.tenant = ?1",
    );
    check_scoped(
        select(Word::ID).filter(Word::PAPERS.exists()).with_deleted(),
        "SELECT words.id FROM words WHERE EXISTS (SELECT 1 FROM paper_word JOIN papers ON paper_word.paper_id = papers.id \
         AND papers.tenant = ?1 WHERE words.id = paper_word.word_id)",
    );
    check_scoped(
        update(Paper).set(Paper::TITLE, "a"),
        "UPDATE papers SET title = ?1 WHERE gone IS NULL AND tenant = ?2",
    );
    check_scoped(delete(Paper).purge(), "DELETE FROM papers WHERE tenant = ?1");
    check_scoped(
        insert(Word).from_select(Word::TEXT, select(Paper::TITLE)),
        "INSERT INTO words (text) SELECT papers.title FROM papers WHERE papers.gone IS NULL AND papers.tenant = ?1",
    );
}

#[test]
fn a_scope_speaks_of_the_alias_where_its_entity_has_one() {
    let cited = alias(Paper, "cited");
    check_scoped(
        select(cited.col(Paper::TITLE)).filter(cited.col(Paper::ID).eq(1)).with_deleted(),
        "SELECT cited.title FROM papers AS cited WHERE cited.id = ?1 AND cited.tenant = ?2",
    );
    check_scoped(
        select(Paper::TITLE).join(Paper::CITES.to(cited)).with_deleted(),
        "SELECT papers.title FROM papers JOIN papers AS cited ON papers.cites_id = cited.id AND cited.tenant = ?1 WHERE papers.tenant = ?1",
    );
    check_scoped(
        select(Paper::ID).filter(Paper::CITES.to(cited).exists()).with_deleted(),
        "SELECT papers.id FROM papers WHERE EXISTS (SELECT 1 FROM papers AS cited WHERE papers.cites_id = cited.id \
         AND cited.tenant = ?1) AND papers.tenant = ?1",
    );
}

#[test]
fn a_scope_may_be_a_condition_on_other_tables() {
    let scopes = [Criterion::new(Paper, Paper::PERSON.has(Person::NAME.eq("Ada")))];
    let cited = alias(Paper, "cited");
    let statement = select(cited.col(Paper::ID)).with_deleted();
    let structure = Structure::within(statement.statement(), false, &scopes);
    let compiled =
        Compiled::with_structure(statement.statement(), &structure, &sqlite()).expect("it can be compiled");
    assert_eq!(
        compiled.text,
        "SELECT cited.id FROM papers AS cited WHERE EXISTS (SELECT 1 FROM people WHERE cited.person_id = people.id AND people.name = ?1)"
    );
}

#[test]
fn one_statement_has_another_key_within_another_scope() {
    let statement = select(Paper::ID);
    let key = |scopes: &[Criterion]| Structure::within(statement.statement(), false, scopes).key;
    let tenant = |tenant: i32| [Criterion::new(Paper, Paper::TENANT.eq(tenant))];
    assert_ne!(key(&[]), key(&tenant(7)));
    assert_eq!(key(&tenant(7)), key(&tenant(8)), "only the value differs");
    assert_ne!(key(&tenant(7)), key(&[Criterion::new(Paper, Paper::ID.eq(7))]));
    let with_deleted = select(Paper::ID).with_deleted();
    assert_ne!(key(&[]), Structure::of(with_deleted.statement(), false).key);
}
