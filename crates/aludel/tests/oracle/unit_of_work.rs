//! What becomes of rows, for each setting of a relation and each operation: as SQLAlchemy does it.
//!
//! `unit_of_work/record.py` asked SQLAlchemy and wrote `outcomes.json`; here Aludel is asked the same. Where it differs on purpose, the
//! difference stands in [`DIFFERENCES`] with its reason.

use std::collections::BTreeMap;

use aludel_suite::{Db, on_each_database};

use crate::scenarios::{Difference, Recorded, compare};

const DIFFERENCES: &[Difference] = &[
    ("plain", "move_by_key_and_delete_old_parent", "b a1:b a2:- b1:b", MOVED_BY_KEY),
    ("plain", "add_child_to_a_deleted_parent", "b a1:- a2:- b1:b n:-", NEW_CHILD),
    ("all", "add_child_to_a_deleted_parent", "b b1:b", NEW_CHILD),
    ("all_required", "add_child_to_a_deleted_parent", "b b1:b", NEW_CHILD),
    ("orphan", "add_child_to_a_deleted_parent", "b b1:b", NEW_CHILD),
    ("orphan_required", "add_child_to_a_deleted_parent", "b b1:b", NEW_CHILD),
];

const MOVED_BY_KEY: &str = "a child whose foreign key was set to another parent is that one's; SQLAlchemy goes by the collection that it \
                            read, and sets the new key to NULL";
const NEW_CHILD: &str = "a new child of a deleted parent shares the fate of the old ones; SQLAlchemy inserts it with the key of the row that \
                         goes, and the database refuses that";
const RECORDED: &str = include_str!("unit_of_work/outcomes.json");

/// Makes a module with parents and children of one setting, and everything that is done to them.
macro_rules! setting {
    ($module:ident, [$($relation:tt)*], [$($column:tt)*], $($key:tt)+) => {
        mod $module {
            use aludel::prelude::*;
            use aludel_suite::Db;

            #[derive(Entity, Debug)]
            #[entity(table = "parents")]
            pub struct Parent {
                #[column(primary_key)]
                pub id: i64,
                #[column(length = 20)]
                pub name: String,
                #[relation(back_populates = Child::PARENT $($relation)*)]
                pub children: HasMany<Child>,
            }

            #[derive(Entity, Debug)]
            #[entity(table = "children")]
            pub struct Child {
                #[column(primary_key)]
                pub id: i64,
                #[column(length = 20)]
                pub name: String,
                #[column(foreign_key = Parent::ID $($column)*)]
                pub parent_id: $($key)+,
                #[relation(back_populates = Parent::CHILDREN)]
                pub parent: BelongsTo<Parent>,
            }

            pub fn tables() -> Metadata {
                Metadata::of((Parent, Child))
            }

            fn child(name: &str) -> impl Related<Child> {
                Child::builder().name(name)
            }

            async fn parent_called(s: &mut Session, name: &str) -> aludel::Result<Obj<Parent>> {
                s.scalars(select(Parent).filter(Parent::NAME.eq(name))).one().await
            }

            async fn child_called(s: &mut Session, name: &str) -> aludel::Result<Obj<Child>> {
                s.scalars(select(Child).filter(Child::NAME.eq(name))).one().await
            }

            pub async fn fill(db: &Db) -> aludel::Result<()> {
                let mut s = db.session();
                s.add(Parent::builder().name("a").children([child("a1"), child("a2")]));
                s.add(Parent::builder().name("b").children([child("b1")]));
                s.commit().await
            }

            pub async fn play(db: &Db, operation: &str) -> aludel::Result<()> {
                let s = &mut db.session();
                let (a, b) = (parent_called(s, "a").await?, parent_called(s, "b").await?);
                let (a1, a2) = (child_called(s, "a1").await?, child_called(s, "a2").await?);
                match operation {
                    "delete_parent" => s.delete(a),
                    "delete_loaded_parent" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s.delete(a);
                    }
                    "delete_parent_and_child" => {
                        s.delete(a1);
                        s.delete(a);
                    }
                    "delete_both_parents" => {
                        s.delete(b);
                        s.delete(a);
                    }
                    "delete_child" => s.delete(a1),
                    "delete_child_of_loaded_parent" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s.delete(a1);
                    }
                    "remove_child" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s[a].children.remove(a1);
                    }
                    "remove_all_children" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s[a].children.remove(a1);
                        s[a].children.remove(a2);
                    }
                    "clear_parent" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s[a1].parent.clear();
                    }
                    "move_to_collection" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s.load(b, Parent::CHILDREN).await?;
                        s[b].children.push(a1);
                    }
                    "move_from_collection_to_collection" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s.load(b, Parent::CHILDREN).await?;
                        s[a].children.remove(a1);
                        s[b].children.push(a1);
                    }
                    "move_to_parent" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s[a1].parent.set(b);
                    }
                    "move_by_key" => s[a1].parent_id = s[b].id.into(),
                    "move_and_delete_old_parent" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s.load(b, Parent::CHILDREN).await?;
                        s[a].children.remove(a1);
                        s[b].children.push(a1);
                        s.delete(a);
                    }
                    "move_by_key_and_delete_old_parent" => {
                        s[a1].parent_id = s[b].id.into();
                        s.delete(a);
                    }
                    "remove_and_delete_parent" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s[a].children.remove(a1);
                        s.delete(a);
                    }
                    "remove_and_put_back" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s[a].children.remove(a1);
                        s[a].children.push(a1);
                    }
                    "add_parent_with_children" => {
                        s.add(Parent::builder().name("c").children([child("c1"), child("c2")]));
                    }
                    "add_parent_with_a_child_of_another" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s.add(Parent::builder().name("c").children([a1]));
                    }
                    "add_child_to_collection" => {
                        s.load(a, Parent::CHILDREN).await?;
                        let new = s.add(child("n"));
                        s[a].children.push(new);
                    }
                    "add_child_with_parent" => {
                        s.add(Child::builder().name("n").parent(a));
                    }
                    "add_child_without_parent" => {
                        s.add(child("n"));
                    }
                    "add_child_and_take_it_out_again" => {
                        s.load(a, Parent::CHILDREN).await?;
                        let new = s.add(child("n"));
                        s[a].children.push(new);
                        s[a].children.remove(new);
                    }
                    "add_child_to_a_deleted_parent" => {
                        s.load(a, Parent::CHILDREN).await?;
                        let new = s.add(child("n"));
                        s[a].children.push(new);
                        s.delete(a);
                    }
                    "replace_a_child" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s[a].children.remove(a1);
                        let new = s.add(child("n"));
                        s[a].children.push(new);
                    }
                    "swap_children" => {
                        s.load(a, Parent::CHILDREN).await?;
                        s.load(b, Parent::CHILDREN).await?;
                        let b1 = s[b].children.handles().expect("they are loaded")[0];
                        s[a].children.remove(a1);
                        s[b].children.remove(b1);
                        s[a].children.push(b1);
                        s[b].children.push(a1);
                    }
                    other => panic!("record.py has a scenario that is not here: {other}"),
                }
                s.commit().await
            }
        }
    };
}

setting!(plain, [], [], Option<i64>);
setting!(required, [], [], i64);
setting!(all, [, cascade = "all"], [], Option<i64>);
setting!(all_required, [, cascade = "all"], [], i64);
setting!(orphan, [, cascade = "all, delete-orphan"], [], Option<i64>);
setting!(orphan_required, [, cascade = "all, delete-orphan"], [], i64);
setting!(passive, [, cascade = "all, delete-orphan", passive_deletes], [, on_delete = "cascade"], i64);

/// Plays every operation of a setting, and tells what became of the rows of each.
macro_rules! play {
    ($db:ident, $module:ident, $operations:expr) => {{
        $db.create(&$module::tables()).await?;
        let mut outcomes = BTreeMap::new();
        for operation in $operations {
            $module::fill(&$db).await?;
            let outcome = match $module::play(&$db, operation).await {
                Ok(()) => rows(&$db).await?,
                Err(_) => "refused".to_owned(),
            };
            outcomes.insert(operation.clone(), outcome);
            $db.run("DELETE FROM children").await?;
            $db.run("DELETE FROM parents").await?;
        }
        outcomes
    }};
}

/// What another program reads: the parents, and the children with their parents.
async fn rows(db: &Db) -> aludel::Result<String> {
    let mut all = Vec::new();
    for row in db.rows("SELECT name FROM parents ORDER BY name").await? {
        all.push(row.at::<String>(0)?);
    }
    let sql =
        "SELECT c.name, p.name FROM children c LEFT JOIN parents p ON p.id = c.parent_id ORDER BY c.name";
    for row in db.rows(sql).await? {
        let parent: Option<String> = row.at(1)?;
        all.push(format!("{}:{}", row.at::<String>(0)?, parent.as_deref().unwrap_or("-")));
    }
    Ok(all.join(" "))
}

macro_rules! settings {
    ($($name:ident $module:ident;)*) => {
        on_each_database! {$(
            async fn $name(db: Db) {
                let theirs = &Recorded::read(RECORDED).outcomes[stringify!($module)];
                let ours = play!(db, $module, theirs.keys());
                compare(stringify!($module), &ours, theirs, DIFFERENCES);
            }
        )*}
    };
}

settings! {
    children_without_a_cascade plain;
    children_without_a_cascade_that_need_their_parent required;
    children_that_are_deleted_with_their_parent all;
    children_that_are_deleted_with_the_parent_they_need all_required;
    orphans_are_deleted orphan;
    orphans_that_need_their_parent_are_deleted orphan_required;
    the_database_deletes_the_children passive;
}

#[test]
fn the_record_is_as_it_was_written() {
    Recorded::assert_is_as_it_was_written(RECORDED);
}
