//! Several expressions as one.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::{Employee, Task, company, names};

on_each_database! {
    async fn tuples_are_compared(db: Db) {
        let mut conn = company(&db).await?;
        let key = || tuple((Employee::SALARY, Employee::ID));
        let after = select(Employee::NAME).filter(key().gt((200_i64, 2_i64))).order_by(Employee::ID);
        assert_eq!(conn.scalars(after).all().await?, names(&["Ada", "Cyd"]));
        let up_to = select(Employee::NAME).filter(key().le((120_i64, 5_i64))).order_by(Employee::ID);
        assert_eq!(conn.scalars(up_to).all().await?, names(&["Dan", "Eve", "Fay"]));
        let same = select(Employee::NAME).filter(key().eq((90_i64, 6_i64)));
        assert_eq!(conn.scalars(same).all().await?, names(&["Fay"]));
    }

    async fn tuples_are_looked_for(db: Db) {
        let mut conn = company(&db).await?;
        let pair = || tuple((Employee::TEAM, Employee::SALARY));
        let found = select(Employee::NAME).filter(pair().in_([("build", 100), ("sales", 200), ("sales", 100)])).order_by(Employee::ID);
        assert_eq!(conn.scalars(found).all().await?, names(&["Cyd", "Dan"]));
        let others = select(func::count_star()).select_from(Employee).filter(pair().not_in([("build", 100), ("board", 300)]));
        assert_eq!(conn.scalars(others).one().await?, 4);
        let many = (0..500).map(|it| ("build".to_owned(), it));
        let found = select(Employee::NAME).filter(pair().in_(many)).order_by(Employee::ID);
        assert_eq!(conn.scalars(found).all().await?, names(&["Bob", "Dan", "Eve"]));
        let none = select(Employee::NAME).filter(pair().in_(Vec::<(String, i64)>::new()));
        assert_eq!(conn.scalars(none).all().await?, names(&[]));
    }

    /// MariaDB would make an inner join of the outer one.
    async fn a_tuple_that_is_null_in_part_can_be_none_of_a_list(db: Db) {
        let mut conn = company(&db).await?;
        // Ada is nobody's report: her boss is NULL, which is no reason not to differ from those of Bob's.
        let boss = alias(Employee, "boss");
        let key = || tuple((Employee::ID, boss.col(Employee::ID)));
        let list = [(4_i64, 2_i64), (5, 2)];
        for others in [key().not_in(list), !key().in_(list), key().in_(list).eq(false)] {
            let found = select(Employee::NAME)
                .outer_join_on(boss, boss.col(Employee::ID).eq(Employee::MANAGER_ID))
                .filter(others)
                .order_by(Employee::ID);
            assert_eq!(conn.scalars(found).all().await?, names(&["Ada", "Bob", "Cyd", "Fay"]));
        }
    }

    async fn tuples_are_looked_for_in_what_is_selected(db: Db) {
        let mut conn = company(&db).await?;
        let longest = select((Task::EMPLOYEE_ID, func::coalesce(func::max(Task::HOURS), 0))).group_by(Task::EMPLOYEE_ID);
        let found = select(Task::TITLE).filter(tuple((Task::EMPLOYEE_ID, Task::HOURS)).in_(longest)).order_by(Task::ID);
        assert_eq!(
            conn.scalars(found).all().await?,
            names(&["plan", "build wall", "build roof", "sell", "count"])
        );
    }
}
