//! The tables of the model: all keys are natural, and what refers to them follows them.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "bands")]
pub struct Band {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[column(length = 20)]
    pub style: String,
    #[column(version)]
    pub version: i32,
    /// One of the singers, mostly of this band: a circle.
    #[column(foreign_key = Singer::NAME, on_update = "cascade", length = 20)]
    pub leader_name: Option<String>,
    #[relation(foreign_key = leader_name, back_populates = Singer::LEADS, post_update)]
    pub leader: BelongsTo<Singer>,
    #[relation(back_populates = Singer::BAND)]
    pub singers: HasMany<Singer>,
    #[relation(back_populates = Album::BAND, cascade = "all, delete-orphan")]
    pub albums: HasMany<Album>,
    #[relation(secondary = BAND_TAG, back_populates = Tag::BANDS)]
    pub tags: HasMany<Tag>,
}

/// Loses a band that is deleted.
#[derive(Entity, Debug)]
#[entity(table = "singers")]
pub struct Singer {
    #[column(primary_key, length = 20)]
    pub name: String,
    pub voice: i32,
    #[column(foreign_key = Band::NAME, on_update = "cascade", length = 20)]
    pub band_name: Option<String>,
    #[relation(foreign_key = band_name, back_populates = Band::SINGERS)]
    pub band: BelongsTo<Band>,
    #[relation(foreign_key = Band::LEADER_NAME, back_populates = Band::LEADER)]
    pub leads: HasMany<Band>,
}

/// Goes with its band, of whose key its own is made.
#[derive(Entity, Debug)]
#[entity(table = "albums")]
pub struct Album {
    #[column(primary_key, foreign_key = Band::NAME, on_update = "cascade", length = 20)]
    pub band_name: String,
    #[column(primary_key)]
    pub number: i32,
    #[column(length = 20)]
    pub title: String,
    #[relation(back_populates = Band::ALBUMS)]
    pub band: BelongsTo<Band>,
}

#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key, length = 20)]
    pub name: String,
    #[relation(secondary = BAND_TAG, back_populates = Band::TAGS)]
    pub bands: HasMany<Band>,
}

aludel::association_table! {
    /// Which tags a band has.
    pub BAND_TAG = "band_tag" { band_name => Band::NAME, tag_name => Tag::NAME }
}

pub fn tables() -> Metadata {
    Metadata::of((Band, Singer, Album, Tag, BAND_TAG))
}
