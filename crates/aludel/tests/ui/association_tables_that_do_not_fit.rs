use aludel::prelude::*;

#[derive(Entity, Debug)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[relation(secondary = DOCUMENT_TAG)]
    pub tag: HasOne<Tag>,
    #[relation(secondary = RELATED)]
    pub related: HasMany<Document>,
    #[relation(secondary = DOCUMENT_TAG, foreign_key = Tag::ID)]
    pub labels: HasMany<Tag>,
}

#[derive(Entity, Debug)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
}

aludel::association_table! {
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

aludel::association_table! {
    pub RELATED = "related" { document_id => Document::ID, other_id => Document::ID }
}

aludel::association_table! { pub NAMELESS = "" { document_id => Document::ID, tag_id => Tag::ID } }

aludel::association_table! { pub HALF = "half" { document_id => Document::ID } }

aludel::association_table! {
    pub WITH_DATA = "with_data" { document_id => Document::ID, tag_id => Tag::ID, weight => Tag::ID }
}

aludel::association_table! { pub TWICE = "twice" { id => Document::ID, id => Tag::ID } }

aludel::association_table! { pub OF_TABLES = "of_tables" { document_id => Document, tag_id => Tag::ID } }

fn main() {}
