use aludel::prelude::*;

#[derive(Entity, Debug)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
    #[relation(secondary = RELATED, foreign_key = from_id, back_populates = Document::RELATED_BY)]
    pub related: HasMany<Document>,
    #[relation(secondary = RELATED, foreign_key = from_id, back_populates = Document::RELATED)]
    pub related_by: HasMany<Document>,
}

#[derive(Entity, Debug)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = OTHER_DOCUMENT_TAG, back_populates = Document::TAGS)]
    pub documents: HasMany<Document>,
}

#[derive(Entity, Debug)]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = PAGE_TAG, foreign_key = tagg_id)]
    pub tags: HasMany<Tag>,
}

#[derive(Entity, Debug)]
pub struct Shelf {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Crate::ID)]
    pub crate_id: i64,
    #[relation(secondary = SHELF_CRATE, back_populates = Crate::SHELVES)]
    pub crates: HasMany<Crate>,
}

#[derive(Entity, Debug)]
pub struct Crate {
    #[column(primary_key)]
    pub id: i64,
    #[relation(foreign_key = Shelf::CRATE_ID, back_populates = Shelf::CRATES)]
    pub shelves: HasMany<Shelf>,
}

aludel::association_table! {
    pub PAGE_TAG = "page_tag" { page_id => Page::ID, tag_id => Tag::ID }
}

aludel::association_table! {
    pub SHELF_CRATE = "shelf_crate" { shelf_id => Shelf::ID, crate_id => Crate::ID }
}

aludel::association_table! {
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

aludel::association_table! {
    pub OTHER_DOCUMENT_TAG = "other_document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

aludel::association_table! {
    pub RELATED = "related" { from_id => Document::ID, to_id => Document::ID }
}

fn main() {}
