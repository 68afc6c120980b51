//! A tie that has something to say is an entity: the association object.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[relation(back_populates = Tagging::DOCUMENT)]
    pub taggings: HasMany<Tagging>,
}

#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[relation(back_populates = Tagging::TAG)]
    pub taggings: HasMany<Tagging>,
}

#[derive(Entity, Debug)]
#[entity(table = "taggings")]
pub struct Tagging {
    #[column(primary_key, foreign_key = Document::ID)]
    pub document_id: i64,
    #[column(primary_key, foreign_key = Tag::ID)]
    pub tag_id: i64,
    #[column(length = 50)]
    pub added_by: String,
    #[relation(back_populates = Document::TAGGINGS)]
    pub document: BelongsTo<Document>,
    #[relation(back_populates = Tag::TAGGINGS)]
    pub tag: BelongsTo<Tag>,
}

on_each_database! {
    async fn a_tie_has_columns_of_its_own_and_is_navigated_through(db: Db) {
        db.create(&Metadata::of((Document, Tag, Tagging))).await?;
        let mut session = db.session();
        let tag = session.add(Tag::builder().name("finance"));
        let document = session.add(
            Document::builder().title("Q2 Report").taggings([Tagging::builder().added_by("sam").tag(tag)]),
        );
        session.commit().await?;
        let tagging = session.get_one::<Tagging>((session[document].id, session[tag].id)).await?;
        assert_eq!(session[tagging].added_by, "sam");

        let mut other = db.session();
        let stmt = select(Document).options(selectinload(Document::TAGGINGS).then(selectinload(Tagging::TAG)));
        let document = other.scalars(stmt).one().await?;
        let mut said = Vec::new();
        for tagging in other.view(document).taggings()? {
            said.push(format!("{} by {}", tagging.tag()?.name, tagging.added_by));
        }
        assert_eq!(said, ["finance by sam"]);
    }
}
