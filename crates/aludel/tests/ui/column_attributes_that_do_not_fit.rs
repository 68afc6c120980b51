use aludel::prelude::*;

#[derive(Entity)]
pub struct Setting {
    #[column(primary_key, autoincrement = false)]
    pub name: String,
    #[column(name = "")]
    pub value: String,
    #[column(name = "name")]
    pub label: String,
    #[column(length = 0)]
    pub short: String,
    #[column(server_default = 0.5)]
    pub rate: f64,
    #[column(server_default = now)]
    pub since: i64,
    #[column(foreign_key = Setting::NAME, on_delete = "set null")]
    pub parent: String,
    #[column(unique = true, length)]
    pub code: String,
    #[column(comment = "one", comment = "two")]
    pub note: String,
}

fn main() {}
