//! A small company, and the rows that the rules ask about.

use aludel::prelude::*;
use aludel_suite::Db;
use chrono::{DateTime, Utc};

/// Works for a manager, unless nobody is above.
#[derive(Entity, Clone, Debug)]
#[entity(table = "employees")]
pub struct Employee {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(length = 20)]
    pub team: String,
    pub salary: i64,
    pub bonus: Option<i64>,
    pub hired: DateTime<Utc>,
    #[column(foreign_key = Employee::ID)]
    pub manager_id: Option<i64>,
    #[relation(back_populates = Employee::REPORTS)]
    pub manager: BelongsTo<Employee>,
    #[relation(back_populates = Employee::MANAGER)]
    pub reports: HasMany<Employee>,
    #[relation(back_populates = Task::EMPLOYEE)]
    pub tasks: HasMany<Task>,
}

/// Something that an employee does.
#[derive(Entity, Clone, Debug)]
#[entity(table = "tasks")]
pub struct Task {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    pub hours: i32,
    pub done: bool,
    pub weight: Option<f64>,
    #[column(foreign_key = Employee::ID)]
    pub employee_id: i64,
    #[relation(back_populates = Employee::TASKS)]
    pub employee: BelongsTo<Employee>,
}

/// Something in stock, known by its number and by its name.
#[derive(Entity, Clone, Debug, PartialEq)]
#[entity(table = "articles")]
pub struct Article {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20, unique)]
    pub sku: String,
    #[column(length = 50)]
    pub name: Option<String>,
    #[column(server_default = 1)]
    pub quantity: i64,
}

/// Has two keys beside the primary one.
#[derive(Entity, Clone, Debug)]
#[entity(table = "seats")]
pub struct Seat {
    #[column(primary_key, autoincrement = false)]
    pub id: i64,
    #[column(length = 5, unique)]
    pub label: String,
    #[column(length = 20)]
    pub guest: Option<String>,
}

/// An employee of the company: id, name, team, salary, bonus, manager.
type Row = (i64, &'static str, &'static str, i64, Option<i64>, Option<i64>);

const EMPLOYEES: [Row; 6] = [
    (1, "Ada", "board", 300, None, None),
    (2, "Bob", "build", 200, Some(20), Some(1)),
    (3, "Cyd", "sales", 200, Some(10), Some(1)),
    (4, "Dan", "build", 100, None, Some(2)),
    (5, "Eve", "build", 120, Some(5), Some(2)),
    (6, "Fay", "sales", 90, None, Some(3)),
];

/// A task: id, title, hours, done, weight, employee.
const TASKS: [(i64, &str, i32, bool, Option<f64>, i64); 7] = [
    (1, "plan", 8, true, Some(1.5), 1),
    (2, "build wall", 30, false, None, 2),
    (3, "build roof", 20, true, Some(2.5), 4),
    (4, "paint", 5, false, Some(0.5), 4),
    (5, "sell", 12, true, None, 6),
    (6, "sell more", 3, false, Some(1.0), 6),
    (7, "count", 7, true, Some(0.25), 3),
];

/// Creates the tables with their rows. Ada manages Bob and Cyd, Bob manages Dan and Eve, Cyd manages Fay; Eve has no task.
pub async fn company(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of((Employee, Task, Article, Seat))).await?;
    let mut conn = db.engine.connect().await?;
    let employees = EMPLOYEES.map(|(id, name, team, salary, bonus, manager)| {
        let hired = format!("20{id:02}-0{id}-15T10:20:30.123456Z").parse::<DateTime<Utc>>().expect("a date");
        Employee::builder()
            .id(id)
            .name(name)
            .team(team)
            .salary(salary)
            .bonus(bonus)
            .hired(hired)
            .manager_id(manager)
    });
    conn.execute(insert(Employee).values(employees)).await?;
    let tasks = TASKS.map(|(id, title, hours, done, weight, employee)| {
        Task::builder().id(id).title(title).hours(hours).done(done).weight(weight).employee_id(employee)
    });
    conn.execute(insert(Task).values(tasks)).await?;
    Ok(conn)
}

/// Makes owned text of a row's text.
pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
