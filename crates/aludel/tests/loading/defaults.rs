//! Relations that are loaded with every query, and how a query says otherwise.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

/// Has albums, which come with every query.
#[derive(Entity, Debug)]
#[entity(table = "artists")]
pub struct Artist {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[relation(back_populates = Album::ARTIST, load = "selectin")]
    pub albums: HasMany<Album>,
    #[relation(back_populates = Track::SINGER)]
    pub tracks: HasMany<Track>,
}

/// Comes with its artist and its tracks, by joins.
#[derive(Entity, Debug)]
#[entity(table = "albums")]
pub struct Album {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    #[column(foreign_key = Artist::ID)]
    pub artist_id: i64,
    #[relation(back_populates = Artist::ALBUMS, load = "joined")]
    pub artist: BelongsTo<Artist>,
    #[relation(back_populates = Track::ALBUM, load = "joined")]
    pub tracks: HasMany<Track>,
}

/// Comes with nothing.
#[derive(Entity, Debug)]
#[entity(table = "tracks")]
pub struct Track {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    #[column(foreign_key = Album::ID)]
    pub album_id: i64,
    #[column(foreign_key = Artist::ID)]
    pub singer_id: Option<i64>,
    #[relation(back_populates = Album::TRACKS)]
    pub album: BelongsTo<Album>,
    #[relation(back_populates = Artist::TRACKS)]
    pub singer: BelongsTo<Artist>,
}

/// One artist, two albums of two tracks each.
async fn filled(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Artist, Album, Track))).await?;
    let mut session = db.session();
    let album = |title| {
        Album::builder()
            .title(title)
            .tracks(["1", "2"].map(|n| Track::builder().title(format!("{title} {n}"))))
    };
    session.add(Artist::builder().name("Nina").albums([album("a"), album("b")]));
    session.commit().await
}

/// The titles of the tracks of an album.
fn tracks(session: &Session, album: Obj<Album>) -> aludel::Result<Vec<String>> {
    Ok(session.view(album).tracks()?.map(|it| it.title.clone()).collect())
}

on_each_database! {
    async fn joined_relations_come_in_the_same_statement(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let albums = session.scalars(select(Album).order_by(Album::ID)).all().await?;
        // The artist comes with albums, which are asked for in turn: they are another statement, and have their tracks joined.
        assert_eq!(session.query_count(), 2);
        assert_eq!(tracks(&session, albums[1])?, ["b 1", "b 2"]);
        let artist = session[albums[0]].artist.handle().expect("an artist");
        assert_eq!(session[artist].albums.handles(), Some(albums));
        refused(session.view(artist).tracks().map(|_| ()), ErrorKind::NotLoaded);
    }

    async fn objects_behind_a_loader_and_those_of_get_bring_theirs(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let artist = session.get_one::<Artist>(1).await?;
        assert_eq!(session.query_count(), 2, "the albums bring their tracks, and know their artist");
        let albums = session[artist].albums.handles().expect("they are loaded");
        assert_eq!(tracks(&session, albums[0])?, ["a 1", "a 2"]);
        assert_eq!(session.view(albums[0]).artist()?.name, "Nina");

        let mut session = db.session();
        let stmt = select(Track).filter(Track::TITLE.eq("b 2")).options(joinedload(Track::ALBUM));
        let track = session.scalars(stmt).one().await?;
        let album = session[track].album.handle().expect("an album");
        assert_eq!(tracks(&session, album)?, ["b 1", "b 2"]);
        assert_eq!(session.view(album).artist()?.name, "Nina");
    }

    async fn what_is_loaded_is_not_loaded_again(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        session.scalars(select(Artist)).all().await?;
        let before = session.query_count();
        session.scalars(select(Artist)).all().await?;
        assert_eq!(session.query_count() - before, 1);
    }

    async fn what_the_query_asks_for_in_part_is_not_made_whole(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let one = selectinload(Artist::ALBUMS).limit(1);
        let back = one.then(selectinload(Album::TRACKS).then(selectinload(Track::ALBUM).then(selectinload(Album::ARTIST))));
        let artist = session.scalars(select(Artist).options(back)).one().await?;
        assert!(session[artist].albums.is_partial());
        // Another query that asks for nothing has the whole.
        session.scalars(select(Artist)).one().await?;
        assert!(!session[artist].albums.is_partial());
    }

    async fn a_query_may_load_otherwise_or_not_at_all(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Artist).options(raiseload(Artist::ALBUMS));
        let artist = session.scalars(stmt).one().await?;
        assert_eq!(session.query_count(), 1);
        refused(session.view(artist).albums().map(|_| ()), ErrorKind::NotLoaded);

        let mut session = db.session();
        let albums = joinedload(Artist::ALBUMS).filter(Album::TITLE.eq("b")).then(raiseload(Album::TRACKS));
        let artist = session.scalars(select(Artist).options(albums)).one().await?;
        assert_eq!(session.query_count(), 2, "`one` limits the rows, so that the albums are not joined");
        let albums = session[artist].albums.handles().expect("they are loaded");
        assert_eq!(albums.len(), 1);
        refused(session.view(albums[0]).tracks().map(|_| ()), ErrorKind::NotLoaded);
    }

    async fn inserted_rows_that_come_back_bring_theirs(db: Db) {
        filled(&db).await?;
        if db.database == aludel_suite::Database::MariaDb {
            return Ok(()); // it has no UPDATE … RETURNING
        }
        let mut session = db.session();
        let renamed = update(Artist).filter(Artist::ID.eq(1)).set(Artist::NAME, "Simone").returning(Artist);
        let artist = session.scalars(renamed).one().await?;
        assert_eq!(session.view(artist).albums()?.count(), 2);
    }
}
