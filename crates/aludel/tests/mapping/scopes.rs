//! `engine.scope`: what a tenant sees and may write.

use aludel::association_table;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::texts;

#[derive(Entity, Debug)]
#[entity(table = "tenants")]
pub struct Tenant {
    #[column(primary_key)]
    pub id: i32,
    #[relation(back_populates = Task::TENANT)]
    pub tasks: HasMany<Task>,
}

#[derive(Entity, Debug)]
#[entity(table = "tasks")]
pub struct Task {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub name: String,
    pub done: bool,
    #[column(foreign_key = Tenant::ID)]
    pub tenant_id: i32,
    #[column(foreign_key = Task::ID)]
    pub after_id: Option<i64>,
    #[relation(back_populates = Tenant::TASKS)]
    pub tenant: BelongsTo<Tenant>,
    #[relation(foreign_key = after_id)]
    pub after: BelongsTo<Task>,
    #[relation(secondary = TASK_TOPIC, back_populates = Topic::TASKS)]
    pub topics: HasMany<Topic>,
}

#[derive(Entity, Debug)]
#[entity(table = "topics")]
pub struct Topic {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = TASK_TOPIC, back_populates = Task::TOPICS)]
    pub tasks: HasMany<Task>,
}

association_table! {
    pub TASK_TOPIC = "task_topic" { task_id => Task::ID, topic_id => Topic::ID }
}

/// Two tenants with two tasks each, all about one topic; each task of the first comes after one of the second. Returns the engine of the first.
async fn tenants(db: &Db) -> aludel::Result<Engine> {
    db.create(&Metadata::of((Tenant, Task, Topic, TASK_TOPIC))).await?;
    let mut session = db.session();
    let topic = session.add(Topic::builder());
    for id in [2, 1] {
        let tasks =
            ["a", "b"].map(|it| Task::builder().name(format!("{it}{id}")).done(false).topics([topic]));
        session.add(Tenant::builder().id(id).tasks(tasks));
        session.flush().await?;
    }
    session.commit().await?;
    db.run("UPDATE tasks SET after_id = id - 2 WHERE tenant_id = 1").await?;
    Ok(db.engine.scope(Task, Task::TENANT_ID.eq(1)))
}

on_each_database! {
    async fn a_session_sees_the_rows_of_its_scope_only(db: Db) {
        let engine = tenants(&db).await?;
        let mut session = engine.session();
        assert_eq!(session.scalars(select(Task::NAME).order_by(Task::ID)).all().await?, ["a1", "b1"]);
        assert!(session.get::<Task>(1).await?.is_none());
        let task = session.get_one::<Task>(3).await?;
        assert_eq!(session.scalar(select(func::count_star()).select_from(Task)).await?, 2);
        let tenants = session.scalars(select(Tenant).options(selectinload(Tenant::TASKS)).order_by(Tenant::ID)).all().await?;
        let counts: Vec<usize> = tenants.iter().map(|it| session.view(*it).tasks().map(Iterator::count)).collect::<Result<_, _>>()?;
        assert_eq!(counts, [2, 0]);
        let topic = session.scalars(select(Topic).options(selectinload(Topic::TASKS))).one().await?;
        assert_eq!(session.view(topic).tasks()?.count(), 2);
        let busy = select(Tenant::ID).filter(Tenant::TASKS.exists());
        assert_eq!(session.scalars(busy).all().await?, [1]);
        let joined = select(Task::NAME).select_from(Tenant).join(Tenant::TASKS).order_by(Task::ID);
        assert_eq!(session.scalars(joined).all().await?, ["a1", "b1"]);
        // What lies outside is not there, even where a row within refers to it.
        let before = alias(Task, "before");
        assert_eq!(session.scalars(select(before.col(Task::NAME)).select_from(Task).join(Task::AFTER.to(before))).all().await?, [""; 0]);
        session.load(task, Task::AFTER).await?;
        assert!(session.view(task).after()?.is_none());
        let mut session = engine.session();
        let task = session.scalars(select(Task).filter(Task::ID.eq(3)).options(joinedload(Task::AFTER))).one().await?;
        assert!(session.view(task).after()?.is_none());
    }

    async fn a_connection_has_the_scope_too_and_others_do_not(db: Db) {
        let engine = tenants(&db).await?;
        let mut conn = engine.connect().await?;
        assert_eq!(conn.scalars(select(Task::ID).order_by(Task::ID)).all().await?, [3, 4]);
        assert_eq!(conn.execute(update(Task).set(Task::DONE, true)).await?.rows_affected, 2);
        assert_eq!(conn.execute(delete(Task).filter(Task::ID.eq(1))).await?.rows_affected, 0);
        let mut streamed = Vec::new();
        let mut stream = conn.scalars(select(Task::ID).order_by(Task::ID)).stream();
        while let Some(id) = stream.next().await? {
            streamed.push(id);
        }
        assert_eq!(streamed, [3, 4]);
        drop(stream);
        let together = conn.together((select(Task::ID).order_by(Task::ID).scalars(), select(Tenant::ID).order_by(Tenant::ID).scalars()));
        assert_eq!(together.await?, (vec![3, 4], vec![1, 2]));
        let mut whole = db.engine.connect().await?;
        assert_eq!(whole.scalars(select(Task::ID).filter(!Task::DONE).order_by(Task::ID)).all().await?, [1, 2]);
        let done = engine.scope(Task, Task::NAME.eq("b1"));
        assert_eq!(done.connect().await?.scalars(select(Task::ID)).all().await?, [4], "scopes add up");
    }

    async fn rows_outside_of_the_scope_are_not_written(db: Db) {
        let engine = tenants(&db).await?;
        let mut session = engine.session();
        session.add(Task::builder().name("c").done(false).tenant_id(2));
        let error = refused(session.flush().await, ErrorKind::Scope);
        assert!(error.to_string().contains("a row of `tasks` would lie outside of the scope"), "{error}");
        session.rollback().await?;
        let task = session.get_one::<Task>(3).await?;
        session[task].tenant_id = 2;
        let sent = texts(async { refused(session.commit().await, ErrorKind::Scope); Ok(()) });
        assert_eq!(sent.await?, [""; 0]);
        session.rollback().await?;
        refused(session.execute(update(Task).set(Task::TENANT_ID, 2)).await, ErrorKind::Scope);
        session.rollback().await?;
        let new = || Task::builder().name("c").done(false);
        refused(session.execute(insert(Task).values([new().tenant_id(1), new().tenant_id(2)])).await, ErrorKind::Scope);
        session.rollback().await?;
        refused(session.insert_all::<Task, _>([new().tenant_id(2)]).await, ErrorKind::Scope);
        session.rollback().await?;
        session.add(new().tenant_id(1));
        session[task].done = true;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM tasks WHERE tenant_id = 1").await?, 3);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM tasks WHERE tenant_id = 2").await?, 2);
    }

    async fn rows_are_updated_by_key_within_the_scope_only(db: Db) {
        let engine = tenants(&db).await?;
        let mut session = engine.session();
        let done = || TaskUpdate { done: Some(true), tenant_id: None };
        assert_eq!(session.bulk_update::<Task, _, _>([(3, done()), (4, done())]).await?.rows_affected, 2);
        session.commit().await?;
        let error = refused(session.bulk_update::<Task, _, _>([(1, done()), (3, done())]).await, ErrorKind::StaleData);
        assert!(error.to_string().contains("1 of 2 rows of `tasks` are not there, or lie outside of the scope"), "{error}");
        session.rollback().await?;
        let moved = TaskUpdate { done: None, tenant_id: Some(2) };
        refused(session.bulk_update::<Task, _, _>([(3, moved)]).await, ErrorKind::Scope);
        session.rollback().await?;
        let stays = TaskUpdate { done: Some(false), tenant_id: Some(1) };
        session.bulk_update::<Task, _, _>([(3, stays)]).await?;
        session.commit().await?;
        let rows = db.rows("SELECT id FROM tasks WHERE done ORDER BY id").await?;
        assert_eq!(rows.iter().map(|it| it.at::<i64>(0)).collect::<Result<Vec<_>, _>>()?, [4]);
    }

    #[except(mariadb, "an upsert by one key where another can be hit is refused there")]
    async fn an_upsert_leaves_a_row_outside_of_the_scope_as_it_is(db: Db) {
        let engine = tenants(&db).await?;
        let mut session = engine.session();
        let new = |name: &str| Task::builder().name(name).done(true).tenant_id(1);
        let upsert = |tasks: [&str; 3]| insert(Task).values(tasks.map(new)).on_conflict(Task::NAME);
        // One is there within the scope, one outside of it, one nowhere.
        session.execute(upsert(["a1", "a2", "c"]).do_update(|row| row.set(Task::DONE, excluded(Task::DONE)))).await?;
        session.commit().await?;
        let rows = db.rows("SELECT name FROM tasks WHERE done ORDER BY name").await?;
        assert_eq!(rows.iter().map(|it| it.at::<String>(0)).collect::<Result<Vec<_>, _>>()?, ["a1", "c"]);
        // With a condition of its own as well.
        let of_b = || Task::NAME.eq("b1").or(Task::NAME.eq("b2"));
        session.execute(upsert(["a1", "b1", "b2"]).do_update(|row| row.set(Task::DONE, true).filter(of_b()))).await?;
        session.commit().await?;
        let rows = db.rows("SELECT name FROM tasks WHERE done ORDER BY name").await?;
        assert_eq!(rows.iter().map(|it| it.at::<String>(0)).collect::<Result<Vec<_>, _>>()?, ["a1", "b1", "c"]);
        // No row leaves the scope.
        let moves = |value: i32| upsert(["a1", "a2", "c"]).do_update(move |row| row.set(Task::TENANT_ID, value));
        refused(session.execute(moves(2)).await, ErrorKind::Scope);
        session.rollback().await?;
        session.execute(moves(1)).await?;
        session.execute(upsert(["a1", "a2", "c"]).do_update(|row| row.set(Task::TENANT_ID, excluded(Task::TENANT_ID)))).await?;
        session.execute(upsert(["a1", "a2", "c"]).do_nothing()).await?;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM tasks WHERE tenant_id = 2").await?, 2);
    }

    #[only(mariadb, "the condition is in each assignment there")]
    async fn an_upsert_by_the_only_key_leaves_a_row_outside_of_the_scope_as_it_is(db: Db) {
        db.create(&Metadata::of(Price)).await?;
        let mut session = db.session();
        session.execute(insert(Price).values([("a", 1, 10), ("b", 2, 20)].map(price))).await?;
        session.commit().await?;
        let engine = db.engine.scope(Price, Price::TENANT_ID.eq(1));
        let mut session = engine.session();
        let upsert = insert(Price).values([("a", 1, 11), ("b", 1, 21), ("c", 1, 31)].map(price)).on_conflict(Price::CODE);
        let both = upsert.do_update(|row| row.set(Price::TENANT_ID, 1).set(Price::AMOUNT, excluded(Price::AMOUNT)));
        session.execute(both).await?;
        session.commit().await?;
        let rows = db.rows("SELECT amount FROM prices ORDER BY code").await?;
        assert_eq!(rows.iter().map(|it| it.at::<i32>(0)).collect::<Result<Vec<_>, _>>()?, [11, 20, 31]);
    }

    async fn rows_of_a_query_are_inserted_where_they_are_known_to_lie_within_the_scope(db: Db) {
        let engine = tenants(&db).await?;
        let mut session = engine.session();
        let columns = (Task::NAME, Task::DONE, Task::TENANT_ID);
        let copy = |name: &'static str| select((Task::NAME.concat(name), Task::DONE, Task::TENANT_ID)).order_by(Task::ID);
        // What is copied lies within, as does what it is copied from.
        assert_eq!(session.execute(insert(Task).from_select(columns, copy("x"))).await?.rows_affected, 2);
        // A value is known as well.
        let ours = select((Task::NAME.concat("y"), Task::DONE, literal(1))).filter(Task::NAME.eq("a1"));
        assert_eq!(session.execute(insert(Task).from_select(columns, ours)).await?.rows_affected, 1);
        session.commit().await?;
        let theirs = select((Task::NAME.concat("z"), Task::DONE, literal(2)));
        refused(session.execute(insert(Task).from_select(columns, theirs)).await, ErrorKind::Scope);
        session.rollback().await?;
        let others = select((Task::NAME.concat("z"), Task::DONE, Tenant::ID)).join(Task::TENANT);
        refused(session.execute(insert(Task).from_select(columns, others)).await, ErrorKind::Scope);
        session.rollback().await?;
        let unknown = select((Task::NAME.concat("z"), Task::DONE, Task::TENANT_ID + 0));
        refused(session.execute(insert(Task).from_select(columns, unknown)).await, ErrorKind::Scope);
        session.rollback().await?;
        let rows = db.rows("SELECT name FROM tasks WHERE tenant_id = 1 ORDER BY name").await?;
        let names = rows.iter().map(|it| it.at::<String>(0)).collect::<Result<Vec<_>, _>>()?;
        assert_eq!(names, ["a1", "a1x", "a1y", "b1", "b1x"]);
    }

    async fn projections_and_cascades_keep_to_the_scope(db: Db) {
        let engine = tenants(&db).await?;
        let mut session = engine.session();
        let found = session.scalars(select_as::<TenantOut>().order_by(Tenant::ID)).all().await?;
        let counts: Vec<usize> = found.iter().map(|it| it.tasks.len()).collect();
        assert_eq!(counts, [2, 0]);
    }
}

#[derive(Projection)]
#[projection(Tenant)]
struct TenantOut {
    tasks: Vec<TaskOut>,
}

#[derive(Projection)]
#[projection(Task)]
#[allow(dead_code)]
struct TaskOut {
    id: i64,
}

#[derive(Changeset)]
#[changeset(Task)]
struct TaskUpdate {
    done: Option<bool>,
    tenant_id: Option<i32>,
}

/// Has no key but its code.
#[derive(Entity, Debug)]
#[entity(table = "prices")]
pub struct Price {
    #[column(primary_key, length = 10)]
    pub code: String,
    pub tenant_id: i32,
    pub amount: i32,
}

fn price((code, tenant, amount): (&str, i32, i32)) -> impl Insertable<Price> {
    Price::builder().code(code).tenant_id(tenant).amount(amount)
}
