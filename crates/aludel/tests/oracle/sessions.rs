//! What merge, expunge, expire and refresh do to what an object leads to, and what becomes of rows tied many to many: as SQLAlchemy does it.
//!
//! `sessions/record.py` asked SQLAlchemy and wrote `outcomes.json`; here Aludel is asked the same. Where it differs on purpose, the
//! difference stands in [`DIFFERENCES`] with its reason.

use std::collections::BTreeMap;

use aludel_suite::{Db, on_each_database};

use crate::scenarios::{Difference, Recorded, compare};

const DIFFERENCES: &[Difference] = &[
    ("ties", "add_a_tag_that_is_deleted", "a b x y a:x a:y b:y", TIED_AND_DELETED),
    ("ties_with_all", "add_a_tag_that_is_deleted", "a b x y a:x a:y b:y", TIED_AND_DELETED),
    ("usual", "expunge_a_child_of_a_loaded_parent_and_delete_the_parent", "b a1:- a2:- b1:b", READ_AGAIN),
    ("leaves", "expunge_a_child_of_a_loaded_parent_and_delete_the_parent", "b a1:- a2:- b1:b", READ_AGAIN),
    ("expires", "expunge_a_child_of_a_loaded_parent_and_delete_the_parent", "b a1:- a2:- b1:b", READ_AGAIN),
];

const TIED_AND_DELETED: &str = "who ties a row and deletes it wants it gone; SQLAlchemy inserts the row of the association table, and the database \
                                refuses the delete";
const READ_AGAIN: &str = "what is left of a collection is not the collection, so the children of a deleted parent are read again, the expunged \
                          one among them; SQLAlchemy leaves its row to the database, which refuses the delete";

const RECORDED: &str = include_str!("sessions/outcomes.json");

/// Makes a module with parents and children of one cascade, and everything that is done to them.
macro_rules! parents {
    ($module:ident, $($cascade:literal)?) => {
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
                #[relation(back_populates = Child::PARENT $(, cascade = $cascade)?)]
                pub children: HasMany<Child>,
            }

            #[derive(Entity, Debug)]
            #[entity(table = "children")]
            pub struct Child {
                #[column(primary_key)]
                pub id: i64,
                #[column(length = 20)]
                pub name: String,
                #[column(foreign_key = Parent::ID)]
                pub parent_id: Option<i64>,
                #[relation(back_populates = Parent::CHILDREN)]
                pub parent: BelongsTo<Parent>,
            }

            pub fn tables() -> Metadata {
                Metadata::of((Parent, Child))
            }

            fn child(id: i64, name: &'static str) -> impl Related<Child> {
                Child::builder().id(id).name(name)
            }

            /// Keys are far from those that the database generates.
            pub async fn fill(db: &Db) -> aludel::Result<()> {
                let mut s = db.session();
                let children = [(1_001, "a1"), (1_002, "a2")].map(|(id, name)| Child::builder().id(id).name(name));
                s.add(Parent::builder().id(1_001).name("a").children(children));
                s.add(Parent::builder().id(1_002).name("b").children([Child::builder().id(1_003).name("b1")]));
                s.commit().await
            }

            async fn rows(db: &Db) -> aludel::Result<String> {
                let mut all = Vec::new();
                for row in db.rows("SELECT name FROM parents ORDER BY id").await? {
                    all.push(row.at::<String>(0)?);
                }
                // Upper case first, on every database.
                all.sort();
                let sql = "SELECT c.name, p.name FROM children c LEFT JOIN parents p ON p.id = c.parent_id";
                let mut children = Vec::new();
                for row in db.rows(sql).await? {
                    let parent: Option<String> = row.at(1)?;
                    children.push(format!("{}:{}", row.at::<String>(0)?, parent.as_deref().unwrap_or("-")));
                }
                children.sort();
                all.extend(children);
                Ok(all.join(" "))
            }

            /// Plays an operation, and tells what became of the rows, or of the objects.
            pub async fn play(db: &Db, operation: &str) -> aludel::Result<String> {
                let s = &mut db.session();
                if operation.starts_with("merge_") || operation.starts_with("expunge_a_new") {
                    change(s, operation).await?;
                    s.commit().await?;
                    return rows(db).await;
                }
                let a = s.get_one::<Parent>(1_001).await?;
                let b = s.get_one::<Parent>(1_002).await?;
                let a1 = s.get_one::<Child>(1_001).await?;
                let a2 = s.get_one::<Child>(1_002).await?;
                let b1 = s.get_one::<Child>(1_003).await?;
                s.load(a, Parent::CHILDREN).await?;
                match operation {
                    "expunge_a_changed_parent" => {
                        s[a].name = "A".into();
                        s[a1].name = "A1".into();
                        s.expunge(a);
                        s.commit().await?;
                        return rows(db).await;
                    }
                    "expunge_a_child_of_a_loaded_parent_and_delete_the_parent" => {
                        s.expunge(a1);
                        s.delete(a);
                        s.commit().await?;
                        return rows(db).await;
                    }
                    "expunge_a_parent" => _ = s.expunge(a),
                    "expunge_a_child" => _ = s.expunge(a1),
                    _ => return sees(s, operation, (a, b), [a1, a2, b1]).await,
                }
                let parents = [(a, "a"), (b, "b")].map(|(it, name)| s.try_get(it).map(|_| name));
                let children = [(a1, "a1"), (a2, "a2"), (b1, "b1")].map(|(it, name)| s.try_get(it).map(|_| name));
                Ok(parents.into_iter().chain(children).flatten().collect::<Vec<_>>().join(" "))
            }

            async fn change(s: &mut Session, operation: &str) -> aludel::Result<()> {
                let (a1, a2, b1) = (|| child(1_001, "a1"), || child(1_002, "a2"), || child(1_003, "b1"));
                let a = |name: &str| Parent::builder().id(1_001).name(name);
                let c = || Parent::builder().id(1_009).name("c");
                let n = || Child::builder().name("n");
                match operation {
                    "merge_with_renamed_children" => {
                        s.merge(a("A").children([child(1_001, "A1"), a2()])).await?;
                    }
                    "merge_with_one_child_left_out" => _ = s.merge(a("a").children([a1()])).await?,
                    "merge_with_a_new_child" => {
                        let known = a("a").children([a1(), a2()]);
                        s.merge(known.children([n()])).await?;
                    }
                    "merge_with_a_child_of_another" => _ = s.merge(a("a").children([a1(), a2(), b1()])).await?,
                    "merge_without_children" => _ = s.merge(a("A")).await?,
                    "merge_with_no_children" => _ = s.merge(a("a").children(<[Obj<Child>; 0]>::default())).await?,
                    "merge_a_new_parent" => _ = s.merge(c().children([n()])).await?,
                    "merge_a_new_parent_with_a_child_of_another" => _ = s.merge(c().children([a1()])).await?,
                    "merge_a_child_with_its_parent" => {
                        s.merge(Child::builder().id(1_001).name("A1").parent(a("A"))).await?;
                    }
                    "merge_a_child_with_another_parent" => {
                        let b = Parent::builder().id(1_002).name("B");
                        s.merge(Child::builder().id(1_001).name("a1").parent(b)).await?;
                    }
                    "merge_a_child_with_a_new_parent" => {
                        s.merge(Child::builder().id(1_001).name("a1").parent(Parent::builder().name("c"))).await?;
                    }
                    "expunge_a_new_parent_with_a_new_child" => {
                        let new = s.add(Parent::builder().name("c").children([n()]));
                        s.expunge(new);
                    }
                    other => panic!("record.py has a scenario that is not here: {other}"),
                }
                Ok(())
            }

            /// Which objects a query shows as their rows are now.
            async fn sees(
                s: &mut Session,
                operation: &str,
                (a, b): (Obj<Parent>, Obj<Parent>),
                children: [Obj<Child>; 3],
            ) -> aludel::Result<String> {
                for table in ["parents", "children"] {
                    s.execute(text_unchecked(format!("UPDATE {table} SET name = upper(name)"))).await?;
                }
                match operation {
                    "expire_a_parent" => s.expire(a),
                    "expire_a_child" => s.expire(children[0]),
                    "refresh_a_parent" => s.refresh(a).await?,
                    "refresh_a_child" => s.refresh(children[0]).await?,
                    "expire_nothing" => {}
                    other => panic!("record.py has a scenario that is not here: {other}"),
                }
                s.scalars(select(Parent)).all().await?;
                s.scalars(select(Child)).all().await?;
                let parents = [a, b].map(|it| s[it].name.clone());
                Ok(parents.into_iter().chain(children.map(|it| s[it].name.clone())).collect::<Vec<_>>().join(" "))
            }
        }
    };
}

parents!(usual,);
parents!(all, "all");
parents!(orphan, "all, delete-orphan");
parents!(leaves, "save-update, merge, expunge");
parents!(expires, "save-update, merge, refresh-expire");

/// Makes a module with documents and tags, and everything that is done to them.
macro_rules! ties {
    ($module:ident, $($cascade:literal)?) => {
        mod $module {
            use aludel::prelude::*;
            use aludel_suite::Db;

            #[derive(Entity, Debug)]
            #[entity(table = "documents")]
            pub struct Document {
                #[column(primary_key)]
                pub id: i64,
                #[column(length = 20)]
                pub name: String,
                #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS $(, cascade = $cascade)?)]
                pub tags: HasMany<Tag>,
            }

            #[derive(Entity, Debug)]
            #[entity(table = "tags")]
            pub struct Tag {
                #[column(primary_key)]
                pub id: i64,
                #[column(length = 20)]
                pub name: String,
                #[relation(secondary = DOCUMENT_TAG, back_populates = Document::TAGS)]
                pub documents: HasMany<Document>,
            }

            aludel::association_table! {
                pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
            }

            pub fn tables() -> Metadata {
                Metadata::of((Document, Tag, DOCUMENT_TAG))
            }

            pub async fn fill(db: &Db) -> aludel::Result<()> {
                let mut s = db.session();
                let [x, y, _] = [(1_001, "x"), (1_002, "y"), (1_003, "z")].map(|(id, name)| s.add(Tag::builder().id(id).name(name)));
                s.add(Document::builder().id(1_001).name("a").tags([x, y]));
                s.add(Document::builder().id(1_002).name("b").tags([y]));
                s.commit().await
            }

            async fn rows(db: &Db) -> aludel::Result<String> {
                let mut all = Vec::new();
                for sql in [
                    "SELECT name FROM documents",
                    "SELECT name FROM tags",
                    "SELECT concat(d.name, ':', t.name) FROM document_tag i JOIN documents d ON d.id = i.document_id \
                     JOIN tags t ON t.id = i.tag_id",
                ] {
                    let sql = db.pick(sql.replace("concat(d.name, ':', t.name)", "d.name || ':' || t.name"), sql.into(), sql.into());
                    let names = db.rows(&sql).await?;
                    let mut names: Vec<String> = names.iter().map(|it| it.at(0)).collect::<aludel::Result<_>>()?;
                    names.sort();
                    all.extend(names);
                }
                Ok(all.join(" "))
            }

            /// Plays an operation, and tells what became of the rows.
            pub async fn play(db: &Db, operation: &str) -> aludel::Result<String> {
                let s = &mut db.session();
                let (a, b) = (s.get_one::<Document>(1_001).await?, s.get_one::<Document>(1_002).await?);
                let (x, y, z) =
                    (s.get_one::<Tag>(1_001).await?, s.get_one::<Tag>(1_002).await?, s.get_one::<Tag>(1_003).await?);
                // SQLAlchemy loads a collection when it is read.
                if !operation.starts_with("delete_a_document") && !operation.starts_with("delete_a_tag") {
                    s.load_all([a, b], Document::TAGS).await?;
                    s.load_all([x, y, z], Tag::DOCUMENTS).await?;
                }
                match operation {
                    "delete_a_document" => s.delete(a),
                    "delete_a_loaded_document" => s.delete(a),
                    "delete_a_tag" => s.delete(y),
                    "delete_a_tag_of_loaded_documents" => {
                        s.load_all([a, b], Document::TAGS).await?;
                        s.delete(y);
                    }
                    "delete_both_sides" => {
                        s.delete(a);
                        s.delete(y);
                    }
                    "remove_a_tag" => s[a].tags.remove(y),
                    "remove_from_the_other_side" => s[y].documents.remove(a),
                    "remove_and_delete_a_tag" => {
                        s[a].tags.remove(y);
                        s.delete(y);
                    }
                    "remove_and_delete_a_document" => {
                        s[a].tags.remove(y);
                        s.delete(a);
                    }
                    "remove_and_put_back" => {
                        s[a].tags.remove(y);
                        s[a].tags.push(y);
                    }
                    "add_a_tag" => s[a].tags.push(z),
                    "add_from_the_other_side" => s[z].documents.push(a),
                    "add_and_remove_again" => {
                        s[a].tags.push(z);
                        s[a].tags.remove(z);
                    }
                    "add_from_one_side_and_remove_from_the_other" => {
                        s.link(a, Document::TAGS, z);
                        s[z].documents.remove(a);
                    }
                    "add_a_tag_that_is_deleted" => {
                        s[a].tags.push(z);
                        s.delete(z);
                    }
                    "add_new_tags" => {
                        let new = s.add(Tag::builder().name("n"));
                        s[a].tags.push(new);
                        s[b].tags.push(new);
                    }
                    "add_a_document_with_tags" => {
                        let new = s.add(Tag::builder().name("n"));
                        s.add(Document::builder().name("c").tags([x, new]));
                    }
                    "replace_tags" => {
                        s[a].tags.remove(x);
                        s[a].tags.push(z);
                    }
                    "swap_tags" => {
                        s[a].tags.remove(x);
                        s[b].tags.push(x);
                    }
                    "clear_tags" => {
                        s[a].tags.remove(x);
                        s[a].tags.remove(y);
                    }
                    "merge_with_other_tags" => {
                        let known = [(1_002, "Y"), (1_003, "z")].map(|(id, name)| Tag::builder().id(id).name(name));
                        let merged = Document::builder().id(1_001).name("A").tags(known);
                        s.merge(merged.tags([Tag::builder().name("n")])).await?;
                    }
                    "merge_without_tags" => _ = s.merge(Document::builder().id(1_001).name("A")).await?,
                    other => panic!("record.py has a scenario that is not here: {other}"),
                }
                s.commit().await?;
                rows(db).await
            }
        }
    };
}

ties!(ties,);
ties!(ties_with_all, "all");

macro_rules! settings {
    ($($name:ident $module:ident [$($table:literal),*];)*) => {
        on_each_database! {$(
            async fn $name(db: Db) {
                let theirs = &Recorded::read(RECORDED).outcomes[stringify!($module)];
                db.create(&$module::tables()).await?;
                let mut ours = BTreeMap::new();
                for operation in theirs.keys() {
                    $module::fill(&db).await?;
                    let outcome = $module::play(&db, operation).await.unwrap_or_else(|_| "refused".to_owned());
                    ours.insert(operation.clone(), outcome);
                    for table in [$($table),*] {
                        db.run(&format!("DELETE FROM {table}")).await?;
                    }
                }
                compare(stringify!($module), &ours, theirs, DIFFERENCES);
            }
        )*}
    };
}

settings! {
    what_goes_along_without_cascades usual ["children", "parents"];
    what_goes_along_with_all_cascades all ["children", "parents"];
    what_goes_along_where_orphans_are_deleted orphan ["children", "parents"];
    what_leaves_along leaves ["children", "parents"];
    what_is_read_anew_along expires ["children", "parents"];
    rows_tied_many_to_many ties ["document_tag", "documents", "tags"];
    rows_tied_many_to_many_that_go_along ties_with_all ["document_tag", "documents", "tags"];
}

#[test]
fn the_record_is_as_it_was_written() {
    Recorded::assert_is_as_it_was_written(RECORDED);
}
