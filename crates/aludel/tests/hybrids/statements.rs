//! Where hybrids stand in statements.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

#[derive(Entity, Debug)]
#[entity(table = "employees")]
pub struct Employee {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub first: String,
    #[column(length = 50)]
    pub last: String,
    pub salary: Option<i64>,
    #[column(foreign_key = Employee::ID)]
    pub boss_id: Option<i64>,
    #[relation]
    pub boss: BelongsTo<Employee>,
}

#[hybrid]
impl Employee {
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    pub fn earns_above(&self, limit: i64) -> bool {
        self.salary.is_some_and(|it| it > limit)
    }

    pub fn shouted(&self) -> String {
        self.last.to_uppercase()
    }
}

#[derive(Entity, Debug)]
#[entity(table = "words")]
pub struct Word {
    #[column(primary_key, length = 20, collation = "NOCASE")]
    pub word: String,
}

/// The same table, for a database that has collations of other names.
pub mod other {
    use aludel::prelude::*;

    #[derive(Entity, Debug)]
    #[entity(table = "words")]
    pub struct Word {
        #[column(primary_key, length = 20, collation = "utf8mb4_general_ci")]
        pub word: String,
    }

    #[hybrid]
    impl Word {
        pub fn is(&self, other: &str) -> bool {
            self.word == other
        }

        pub fn begins(&self, with: &str) -> bool {
            self.word.starts_with(with) && self.word.as_str() < "a"
        }
    }
}

#[hybrid]
impl Word {
    pub fn is(&self, other: &str) -> bool {
        self.word == other
    }

    pub fn begins(&self, with: &str) -> bool {
        self.word.starts_with(with) && self.word.as_str() < "a"
    }
}

async fn employees(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Employee,))).await?;
    let mut session = db.session();
    let ada = session.add(Employee::builder().first("Ada").last("Lovelace").salary(90));
    session.add(Employee::builder().first("Alan").last("Turing").salary(70).boss(ada));
    session.add(Employee::builder().first("Grace").last("Hopper").boss(ada));
    session.commit().await
}

on_each_database! {
    async fn a_hybrid_is_selected_named_filtered_and_ordered_by(db: Db) {
        employees(&db).await?;
        let mut conn = db.engine.connect().await?;
        let names: Vec<(String, bool)> = conn
            .execute(select((Employee::FULL_NAME.label("who"), Employee::EARNS_ABOVE(80))).order_by(Employee::FULL_NAME.desc()))
            .all()
            .await?;
        let expected = [("Grace Hopper", false), ("Alan Turing", false), ("Ada Lovelace", true)];
        assert_eq!(names, expected.map(|(name, above)| (name.to_owned(), above)));
        let alone: Vec<String> = conn.scalars(select(Employee::FULL_NAME).filter(Employee::EARNS_ABOVE(80))).all().await?;
        assert_eq!(alone, ["Ada Lovelace"]);
    }

    async fn not_of_a_hybrid_keeps_rows_that_not_of_an_expression_loses(db: Db) {
        employees(&db).await?;
        let mut conn = db.engine.connect().await?;
        let follows_rust = select(Employee::FIRST).filter(!Employee::EARNS_ABOVE(80)).order_by(Employee::ID);
        assert_eq!(conn.scalars(follows_rust).all().await?, ["Alan", "Grace"]);
        let follows_sql = select(Employee::FIRST).filter(!Employee::SALARY.gt(80)).order_by(Employee::ID);
        assert_eq!(conn.scalars(follows_sql).all().await?, ["Alan"]);
    }

    async fn a_table_under_another_name_has_its_hybrids(db: Db) {
        employees(&db).await?;
        let boss = alias(Employee, "boss");
        let pairs = select((Employee::FULL_NAME, boss.col(Employee::FULL_NAME)))
            .join(Employee::BOSS.to(boss))
            .filter(boss.col(Employee::EARNS_ABOVE(80)))
            .order_by(Employee::ID);
        let pairs: Vec<(String, String)> = db.engine.connect().await?.execute(pairs).all().await?;
        assert_eq!(pairs[1], ("Grace Hopper".to_owned(), "Ada Lovelace".to_owned()));
        assert_eq!(pairs.len(), 2);
    }

    async fn rows_are_grouped_by_a_hybrid_and_changed_to_one(db: Db) {
        employees(&db).await?;
        let mut conn = db.engine.connect().await?;
        let groups: Vec<(bool, i64)> = conn
            .execute(
                select((Employee::EARNS_ABOVE(80).label("above"), func::count_star()))
                    .group_by(Employee::EARNS_ABOVE(80))
                    .order_by(func::count_star()),
            )
            .all()
            .await?;
        assert_eq!(groups, [(true, 1), (false, 2)]);
        let mut tx = conn.begin().await?;
        tx.execute(update(Employee).filter(Employee::EARNS_ABOVE(80)).set(Employee::LAST, Employee::FULL_NAME)).await?;
        tx.commit().await?;
        let changed: String = conn.scalars(select(Employee::LAST).filter(Employee::ID.eq(1))).one().await?;
        assert_eq!(changed, "Ada Lovelace");
    }

    async fn the_session_filters_by_hybrids(db: Db) {
        employees(&db).await?;
        let mut session = db.session();
        let found = session.scalars(select(Employee).filter(Employee::EARNS_ABOVE(80))).one().await?;
        assert!(session[found].earns_above(80));
        assert_eq!(session[found].full_name(), "Ada Lovelace");
    }

    #[only(sqlite, "the name of a collation belongs to one database")]
    async fn text_is_compared_by_code_point_whatever_its_collation(db: Db) {
        db.create(&Metadata::of((Word,))).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(Word).values([Word::builder().word("Emma")])).await?;
        assert_eq!(conn.scalars(select(Word::WORD).filter(Word::WORD.eq("EMMA"))).all().await?.len(), 1, "its own way");
        for (condition, expected) in [(Word::IS("EMMA") & true, 0), (Word::IS("Emma") & true, 1), (Word::BEGINS("Em") & true, 1)] {
            assert_eq!(conn.scalars(select(Word::WORD).filter(condition)).all().await?.len(), expected);
        }
    }

    #[only(mariadb, "the name of a collation belongs to one database")]
    async fn text_that_a_collation_takes_as_equal_is_compared_by_code_point(db: Db) {
        use other::Word;
        db.create(&Metadata::of((Word,))).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(Word).values([Word::builder().word("Emma")])).await?;
        assert_eq!(conn.scalars(select(Word::WORD).filter(Word::WORD.eq("EMMA"))).all().await?.len(), 1, "its own way");
        for (condition, expected) in [(Word::IS("EMMA") & true, 0), (Word::IS("Emma") & true, 1), (Word::BEGINS("Em") & true, 1)] {
            assert_eq!(conn.scalars(select(Word::WORD).filter(condition)).all().await?.len(), expected);
        }
    }

    #[only(mariadb, "the others have it")]
    async fn what_a_database_cannot_do_is_an_error_before_anything_is_sent(db: Db) {
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.scalars(select(Employee::SHOUTED)).all().await, ErrorKind::Unsupported);
        assert_eq!(error.to_string(), "unsupported: MariaDB has no case of letters as Rust has it (`to_lowercase`, `to_uppercase`)\n  help: store the text in the case that you ask for\n  more: aludel explain unsupported");
    }
}
