//! `soft_delete`: rows that are marked as deleted, and stay.

use aludel::association_table;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, Utc};

use crate::log::log;

#[derive(Entity, Debug)]
#[entity(table = "folders", soft_delete = deleted_at)]
pub struct Folder {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(version)]
    pub version: i32,
    pub deleted_at: Option<DateTime<Utc>>,
    #[relation(back_populates = File::FOLDER, cascade = "all, delete-orphan")]
    pub files: HasMany<File>,
    #[relation(back_populates = Share::FOLDER, cascade = "all, delete-orphan")]
    pub shares: HasMany<Share>,
}

#[derive(Entity, Debug)]
#[entity(table = "files", soft_delete = deleted_at)]
pub struct File {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    pub deleted_at: Option<DateTime<Utc>>,
    #[column(foreign_key = Folder::ID)]
    pub folder_id: i64,
    #[relation(back_populates = Folder::FILES)]
    pub folder: BelongsTo<Folder>,
    #[relation(secondary = FILE_LABEL, back_populates = Label::FILES)]
    pub labels: HasMany<Label>,
}

/// Cannot be deleted softly.
#[derive(Entity, Debug)]
#[entity(table = "shares")]
pub struct Share {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Folder::ID)]
    pub folder_id: i64,
    #[relation(back_populates = Folder::SHARES)]
    pub folder: BelongsTo<Folder>,
}

#[derive(Entity, Debug)]
#[entity(table = "labels")]
pub struct Label {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub text: String,
    #[relation(secondary = FILE_LABEL, back_populates = File::LABELS)]
    pub files: HasMany<File>,
}

association_table! {
    pub FILE_LABEL = "file_label" { file_id => File::ID, label_id => Label::ID }
}

/// Two folders with two files each, all of them with one label.
async fn folders(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Folder, File, Share, Label, FILE_LABEL))).await?;
    let mut session = db.session();
    let label = session.add(Label::builder().text("red"));
    for name in ["one", "two"] {
        let files = ["a", "b"].map(|it| File::builder().name(format!("{name} {it}")).labels([label]));
        session.add(Folder::builder().name(name).files(files).shares([Share::builder()]));
    }
    session.commit().await
}

async fn file_names(session: &mut Session) -> aludel::Result<Vec<String>> {
    session.scalars(select(File::NAME).order_by(File::ID)).all().await
}

on_each_database! {
    async fn a_deleted_object_stays_in_the_database_and_is_seen_no_more(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        let file = session.get_one::<File>(1).await?;
        session.delete(file);
        let sent = log(async { session.commit().await });
        assert_eq!(sent.await?, ["UPDATE files SET deleted_at"]);
        assert!(session.try_get(file).is_none());
        assert!(session.get::<File>(1).await?.is_none());
        assert_eq!(db.count("files").await?, 4);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM files WHERE deleted_at IS NOT NULL").await?, 1);

        let mut other = db.session();
        assert!(other.get::<File>(1).await?.is_none());
        assert_eq!(file_names(&mut other).await?, ["one b", "two a", "two b"]);
        assert_eq!(other.scalar(select(func::count(File::ID))).await?, 3);
        assert_eq!(other.scalar(select(func::count_star()).select_from(File)).await?, 3);
        let all = other.scalars(select(File::ID).with_deleted().order_by(File::ID)).all().await?;
        assert_eq!(all, [1, 2, 3, 4]);
    }

    async fn relations_leave_it_out_however_they_are_loaded(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        session.execute(delete(File).filter(File::NAME.in_(["one a", "two a", "two b"]))).await?;
        session.commit().await?;
        let names = |session: &Session, folder: Obj<Folder>| -> aludel::Result<Vec<String>> {
            Ok(session.view(folder).files()?.map(|it| it.name.clone()).collect())
        };
        for stmt in [
            select(Folder).options(selectinload(Folder::FILES)).order_by(Folder::ID),
            select(Folder).options(joinedload(Folder::FILES)).order_by(Folder::ID),
            select(Folder).options(selectinload(Folder::FILES).limit(2)).order_by(Folder::ID),
        ] {
            let mut session = db.session();
            let found = session.scalars(stmt).all().await?;
            assert_eq!(names(&session, found[0])?, ["one b"]);
            assert_eq!(names(&session, found[1])?, [""; 0]);
        }
        let stmt = select(Folder).join(Folder::FILES).options(contains_eager(Folder::FILES));
        let found = session.scalars(stmt).all().await?;
        assert_eq!((found.len(), names(&session, found[0])?), (1, vec!["one b".to_owned()]));
        let folder = session.get_one::<Folder>(2).await?;
        session.load(folder, Folder::FILES).await?;
        assert_eq!(names(&session, folder)?, [""; 0]);

        // Through the association table, whose rows stay.
        assert_eq!(db.count("file_label").await?, 4);
        let label = session.scalars(select(Label).options(selectinload(Label::FILES))).one().await?;
        assert_eq!(session.view(label).files()?.count(), 1);
        assert_eq!(session.scalar(select(func::count(File::ID)).select_from(Label).join(Label::FILES)).await?, 1);
        let with_files = select(Folder::NAME).filter(Folder::FILES.exists());
        assert_eq!(session.scalars(with_files).all().await?, ["one"]);
        let of_label = select(Folder::NAME).filter(Folder::FILES.any(File::LABELS.any(Label::TEXT.eq("red"))));
        assert_eq!(session.scalars(of_label).all().await?, ["one"]);
        let pairs = select((Folder::NAME, File::NAME.nullable())).outer_join(Folder::FILES).order_by(Folder::ID);
        let pairs = session.execute(pairs).all().await?;
        assert_eq!(pairs, [("one".to_owned(), Some("one b".to_owned())), ("two".to_owned(), None)]);
    }

    async fn the_parent_that_was_deleted_is_no_parent(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        session.execute(delete(Folder).filter(Folder::ID.eq(1))).await?;
        session.commit().await?;
        let mut session = db.session();
        let file = session.scalars(select(File).filter(File::ID.eq(1)).options(selectinload(File::FOLDER))).one().await?;
        refused(session.view(file).folder(), ErrorKind::NotFound);
        // It is here, but was asked for with the deleted ones only.
        let folder = session.get_one::<Folder>(1).with_deleted().await?;
        assert!(session.get::<Folder>(1).await?.is_none());
        assert_eq!(session.get::<Folder>(1).with_deleted().await?, Some(folder));
        let other = session.scalars(select(File).filter(File::ID.eq(2)).options(selectinload(File::FOLDER))).one().await?;
        refused(session.view(other).folder(), ErrorKind::NotFound);
        session.refresh(folder).await?;
        assert!(session[folder].deleted_at.is_some());
    }

    async fn with_deleted_loads_relations_whole(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        session.execute(delete(File).filter(File::ID.eq(1))).await?;
        session.commit().await?;
        for stmt in [
            select(Folder).options(selectinload(Folder::FILES).then(selectinload(File::LABELS))).order_by(Folder::ID),
            select(Folder).options(joinedload(Folder::FILES).then(selectinload(File::LABELS))).order_by(Folder::ID),
        ] {
            let mut session = db.session();
            let found = session.scalars(stmt.with_deleted()).all().await?;
            let files = session.view(found[0]).files()?;
            assert_eq!(files.map(|it| it.deleted_at.is_some()).collect::<Vec<_>>(), [true, false]);
        }
    }

    async fn restoring_brings_it_back(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        session.execute(delete(File).filter(File::ID.le(2))).await?;
        session.commit().await?;
        let file = session.get_one::<File>(1).with_deleted().await?;
        session.restore(file);
        session.commit().await?;
        assert_eq!(session.get::<File>(1).await?, Some(file));
        assert_eq!(file_names(&mut session).await?, ["one a", "two a", "two b"]);
        let back = update(File).filter(File::ID.eq(2)).set(File::DELETED_AT, None::<DateTime<Utc>>);
        assert_eq!(session.execute(back).await?.rows_affected, 0);
        let back = update(File).filter(File::ID.eq(2)).set(File::DELETED_AT, None::<DateTime<Utc>>).with_deleted();
        assert_eq!(session.execute(back).await?.rows_affected, 1);
        assert_eq!(file_names(&mut session).await?.len(), 4);
    }

    async fn what_a_cascade_deletes_is_marked_too_and_what_cannot_be_stays(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        let folder = session.get_one::<Folder>(1).await?;
        session.delete(folder);
        let sent = log(async { session.commit().await });
        assert_eq!(sent.await?, [
            "SELECT FROM files", "UPDATE files SET deleted_at", "UPDATE folders SET version, deleted_at",
        ]);
        assert_eq!((db.count("files").await?, db.count("shares").await?, db.count("file_label").await?), (4, 2, 4));
        assert_eq!(db.value::<i32>("SELECT version FROM folders WHERE id = 1").await?, 2);
        assert_eq!(file_names(&mut session).await?, ["two a", "two b"]);
    }

    async fn purging_deletes_for_good_with_all_that_was_marked_before(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        session.execute(delete(File).filter(File::ID.eq(1))).await?;
        session.commit().await?;
        let folder = session.scalars(select(Folder).filter(Folder::ID.eq(1)).options(selectinload(Folder::FILES))).one().await?;
        session.purge(folder);
        session.commit().await?;
        assert_eq!((db.count("folders").await?, db.count("files").await?), (1, 2));
        assert_eq!((db.count("shares").await?, db.count("file_label").await?), (1, 2));
        assert_eq!(session.execute(delete(Share)).await?.rows_affected, 1);
        session.execute(text!("DELETE FROM file_label")).await?;
        session.execute(delete(File).filter(File::ID.eq(3))).await?;
        assert_eq!(session.execute(delete(File).purge()).await?.rows_affected, 2);
        session.commit().await?;
        assert_eq!(db.count("files").await?, 0);
    }

    async fn a_rollback_takes_it_back(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        let file = session.get_one::<File>(1).await?;
        let mut nested = session.begin_nested().await?;
        nested.delete(file);
        nested.flush().await?;
        assert!(nested.get::<File>(1).await?.is_none());
        nested.rollback().await?;
        assert_eq!(session.get::<File>(1).await?, Some(file));
        assert!(session[file].deleted_at.is_none());
        session.delete(file);
        session.flush().await?;
        session.rollback().await?;
        assert_eq!(session.get::<File>(1).await?, Some(file));
        session[file].name = "changed".into();
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM files WHERE deleted_at IS NULL").await?, 4);
    }

    async fn what_somebody_else_has_changed_is_not_deleted(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        let folder = session.get_one::<Folder>(1).await?;
        db.run("UPDATE folders SET version = 9 WHERE id = 1").await?;
        session.delete(folder);
        refused(session.commit().await, ErrorKind::StaleData);
        session.rollback().await?;
        assert_eq!(file_names(&mut session).await?.len(), 4);
    }

    async fn loaded_objects_follow_a_delete_by_condition(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        let folder = session.scalars(select(Folder).filter(Folder::ID.eq(1)).options(selectinload(Folder::FILES))).one().await?;
        session.execute(delete(File).filter(File::NAME.ends_with("a"))).await?;
        assert_eq!(session.view(folder).files()?.map(|it| it.name.clone()).collect::<Vec<_>>(), ["one b"]);
        assert!(session.get::<File>(1).await?.is_none());
        let all = session.scalars(select(File).with_deleted().order_by(File::ID)).all().await?;
        session.execute(update(File).filter(File::ID.eq(1)).set(File::NAME, "back").with_deleted()).await?;
        assert_eq!(session[all[0]].name, "back");
        session.commit().await?;
        assert_eq!(file_names(&mut session).await?, ["one b", "two b"]);
    }

    async fn orphans_are_marked(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        let folder = session.scalars(select(Folder).filter(Folder::ID.eq(1)).options(selectinload(Folder::FILES))).one().await?;
        let file = session.get_one::<File>(1).await?;
        session[folder].files.remove(file);
        session.commit().await?;
        assert_eq!((db.count("files").await?, file_names(&mut session).await?.len()), (4, 3));
    }

    async fn a_rollback_leaves_one_object_for_a_row_that_was_deleted_and_found_again(db: Db) {
        folders(&db).await?;
        let mut session = db.session();
        let folder = session.get_one::<Folder>(1).await?;
        for nested in [true, false] {
            let again = if nested {
                let mut nested = session.begin_nested().await?;
                nested.delete(folder);
                nested.flush().await?;
                let again = nested.get_one::<Folder>(1).with_deleted().await?;
                nested.restore(again);
                nested.flush().await?;
                nested.rollback().await?;
                again
            } else {
                session.delete(folder);
                session.flush().await?;
                let again = session.get_one::<Folder>(1).with_deleted().await?;
                session.rollback().await?;
                again
            };
            assert!(again != folder && !session.contains(again), "nested: {nested}");
            assert_eq!(session.get::<Folder>(1).await?, Some(folder));
            assert_eq!(session[folder].deleted_at, None);
        }
        session[folder].name = "still there".into();
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT name FROM folders WHERE id = 1").await?, "still there");
    }
}
