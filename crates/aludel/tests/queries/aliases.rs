//! A table under several names.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::{Employee, Task, company, names};

on_each_database! {
    async fn a_table_is_joined_to_itself(db: Db) {
        let mut conn = company(&db).await?;
        let boss = alias(Employee, "boss");
        let pairs = select((Employee::NAME, boss.col(Employee::NAME)))
            .join(Employee::MANAGER.to(boss))
            .order_by(Employee::ID);
        let rows: Vec<(String, String)> = conn.execute(pairs).all().await?;
        let rows: Vec<_> = rows.iter().map(|(name, boss)| (&**name, &**boss)).collect();
        assert_eq!(rows, [("Bob", "Ada"), ("Cyd", "Ada"), ("Dan", "Bob"), ("Eve", "Bob"), ("Fay", "Cyd")]);
    }

    async fn an_aliased_entity_is_selected(db: Db) {
        let mut conn = company(&db).await?;
        let boss = alias(Employee, "boss");
        let bosses = select((Employee, optional(boss)))
            .outer_join(Employee::MANAGER.to(boss))
            .order_by(Employee::ID);
        let rows = conn.execute(bosses).all().await?;
        let rows: Vec<_> = rows.iter().map(|(it, boss)| (it.id, boss.as_ref().map(|it| it.id))).collect();
        assert_eq!(rows, [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(2)), (6, Some(3))]);

        let found: Employee = conn.scalars(select(boss).filter(boss.col(Employee::NAME).eq("Eve"))).one().await?;
        assert_eq!(found.id, 5);
    }

    async fn a_session_knows_an_object_by_whatever_name_it_came(db: Db) {
        company(&db).await?;
        let mut session = db.session();
        let boss = alias(Employee, "boss");
        let rows = session
            .execute(select((Employee, boss)).join(Employee::MANAGER.to(boss)).order_by(Employee::ID))
            .all()
            .await?;
        let bob = rows[0].0;
        assert_eq!(session[bob].name, "Bob");
        // Dan's boss is the object that was selected as Bob.
        assert_eq!(rows[2].1, bob);
    }

    async fn relations_are_followed_from_alias_to_alias(db: Db) {
        let mut conn = company(&db).await?;
        let (boss, grand) = (alias(Employee, "boss"), alias(Employee, "grand"));
        let found = select(Employee::NAME)
            .join(Employee::MANAGER.to(boss))
            .join(boss.rel(Employee::MANAGER).to(grand))
            .join(grand.rel(Employee::TASKS))
            .filter(Task::TITLE.eq("plan"))
            .order_by(Employee::NAME);
        assert_eq!(conn.scalars(found).all().await?, names(&["Dan", "Eve", "Fay"]));
    }

    async fn an_alias_is_joined_on_a_condition(db: Db) {
        let mut conn = company(&db).await?;
        let other = alias(Employee, "other");
        let better_paid = other
            .col(Employee::TEAM)
            .eq(Employee::TEAM)
            .and(other.col(Employee::SALARY).gt(Employee::SALARY));
        let best = select(Employee::NAME)
            .outer_join_on(other, better_paid)
            .filter(other.col(Employee::ID).is_null())
            .order_by(Employee::NAME);
        assert_eq!(conn.scalars(best).all().await?, names(&["Ada", "Bob", "Cyd"]));
    }
}
