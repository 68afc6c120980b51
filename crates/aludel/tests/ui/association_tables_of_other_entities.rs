use aludel::prelude::*;

#[derive(Entity, Debug)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = TAG_GROUP)]
    pub groups: HasMany<Group>,
}

#[derive(Entity, Debug)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
}

#[derive(Entity, Debug)]
pub struct Group {
    #[column(primary_key)]
    pub id: i64,
}

aludel::association_table! {
    pub TAG_GROUP = "tag_group" { tag_id => Tag::ID, group_id => Group::ID }
}

fn main() {}
