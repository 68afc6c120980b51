//! Enums and newtypes: a type of the program is a column like any other.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

#[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
#[db_enum(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    InReview,
    #[db_enum(rename = "it's live")]
    Published,
}

#[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
#[db_enum(integer)]
pub enum Priority {
    Low = -1,
    Usual = 0,
    High = 100_000,
}

#[derive(ColumnType, Clone, Copy, Debug, PartialEq)]
pub struct TaskId(i64);

#[derive(ColumnType, Clone, Debug, PartialEq)]
pub struct Title {
    text: String,
}

#[derive(Entity, Debug)]
#[entity(table = "tasks")]
pub struct Task {
    #[column(primary_key, autoincrement = true)]
    pub id: TaskId,
    pub title: Title,
    // A name that has to be quoted in the CHECK.
    #[column(name = "order", default = Status::Draft)]
    pub status: Status,
    pub priority: Option<Priority>,
    #[column(foreign_key = Task::ID)]
    pub after_id: Option<TaskId>,
}

#[derive(Entity, Debug)]
#[entity(table = "counters")]
pub struct Counter {
    #[column(primary_key)]
    pub id: u64,
    pub tiny: i8,
    pub byte: u8,
    pub port: u16,
    pub large: u64,
}

fn task(title: &str) -> impl aludel::Insertable<Task> + aludel::Related<Task> + use<> {
    Task::builder().title(Title { text: title.to_owned() }).status(Status::InReview)
}

on_each_database! {
    async fn an_enum_is_stored_by_name_or_number(db: Db) {
        db.create(&Metadata::of((Task,))).await?;
        let mut session = db.session();
        let first = session.add(task("first"));
        session.add(
            Task::builder()
                .title(Title { text: "second".into() })
                .status(Status::Published)
                .priority(Priority::High),
        );
        session.commit().await?;
        session[first].priority = Some(Priority::Low);
        session.commit().await?;
        let order = db.pick("\"order\"", "\"order\"", "`order`");
        assert_eq!(db.value::<String>(&format!("SELECT {order} FROM tasks WHERE id = 2")).await?, "it's live");
        assert_eq!(db.value::<i32>("SELECT priority FROM tasks WHERE id = 1").await?, -1);

        let open = select(Task).filter(Task::STATUS.in_([Status::Draft, Status::InReview]));
        let mut conn = db.engine.connect().await?;
        let open = conn.scalars(open).all().await?;
        assert_eq!((open.len(), open[0].status, open[0].priority), (1, Status::InReview, Some(Priority::Low)));
        // Numbers have the order that they are written with.
        let urgent = conn.scalars(select(Task::ID).filter(Task::PRIORITY.gt(Priority::Usual))).all().await?;
        assert_eq!(urgent, [TaskId(2)]);
    }

    async fn a_value_that_the_enum_does_not_have_is_refused_and_named(db: Db) {
        db.create(&Metadata::of((Task,))).await?;
        let order = db.pick("\"order\"", "\"order\"", "`order`");
        let insert = |value: &str| format!("INSERT INTO tasks (title, {order}) VALUES ('x', '{value}')");
        refused(db.run(&insert("archived")).await, ErrorKind::CheckViolation);
        // As a newer program may have stored it.
        let drop = "ALTER TABLE tasks DROP CONSTRAINT ck_tasks_order_values";
        let unchecked = db.pick("PRAGMA ignore_check_constraints = ON", drop, drop);
        db.other().connect().await?.run_plain(&[unchecked, &insert("archived")]).await?;
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.scalars(select(Task)).all().await, ErrorKind::Decode);
        assert!(
            error.to_string().contains("`tasks.order`: `archived` is not a `Status`; there are draft, in-review, it's live"),
            "{error}"
        );
    }

    async fn a_newtype_is_a_key_that_the_database_generates(db: Db) {
        db.create(&Metadata::of((Task,))).await?;
        let mut session = db.session();
        let first = session.add(task("first"));
        let second = session.add(task("second"));
        session[second].after_id = Some(session[first].id);
        session.commit().await?;
        assert_eq!((session[first].id, session[second].after_id), (TaskId(1), Some(TaskId(1))));
        let mut other = db.session();
        let found = other.get_one::<Task>(TaskId(2)).await?;
        assert_eq!(other[found].title.text, "second");
    }

    async fn integers_keep_their_whole_range_or_are_refused(db: Db) {
        db.create(&Metadata::of((Counter,))).await?;
        let mut session = db.session();
        let extremes = [(i8::MIN, u8::MIN, u16::MIN, u64::MIN), (i8::MAX, u8::MAX, u16::MAX, i64::MAX as u64)];
        for (tiny, byte, port, large) in extremes {
            session.add(Counter::builder().tiny(tiny).byte(byte).port(port).large(large));
        }
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        let found = conn.scalars(select(Counter).order_by(Counter::ID)).all().await?;
        let found: Vec<_> = found.iter().map(|it| (it.tiny, it.byte, it.port, it.large)).collect();
        assert_eq!(found, extremes);
        assert_eq!(conn.scalars(select(Counter::ID).order_by(Counter::ID)).all().await?, [1, 2]);

        session.add(Counter::builder().tiny(0).byte(0).port(0).large(u64::MAX));
        let error = refused(session.commit().await, ErrorKind::Encode);
        assert!(error.to_string().contains("a u64 above 9223372036854775807"), "{error}");
        for (column, too_much) in [("tiny", "128"), ("tiny", "-129"), ("byte", "256"), ("port", "-1"), ("large", "-1")] {
            db.run("UPDATE counters SET tiny = 0, byte = 0, port = 0, large = 0").await?;
            db.run(&format!("UPDATE counters SET {column} = {too_much}")).await?;
            let error = refused(conn.scalars(select(Counter)).all().await, ErrorKind::Decode);
            assert!(error.to_string().contains(&format!("{too_much} does not fit")), "{error}");
        }
    }
}

#[test]
fn a_key_is_quoted_in_a_check_as_the_database_quotes_it() {
    let checks = Task::table().checks;
    assert_eq!(checks[0].name, "ck_tasks_order_values");
    assert_eq!(checks[0].condition, "\"order\" IN ('draft', 'in-review', 'it''s live')");
    assert_eq!(checks[1].condition, "priority IN (-1, 0, 100000)");
    assert_eq!(Priority::SQL_TYPE, aludel::SqlType::Integer);
    assert_eq!(Status::VARIANTS, [Status::Draft, Status::InReview, Status::Published]);
}
