//! Authors and their books, and a shop that sells music: the tables of `record.py`.

use aludel::prelude::*;
use aludel_suite::Db;
use chrono::NaiveDate;
use serde_json::Value;

#[derive(Entity, Clone, Debug)]
#[entity(table = "authors")]
pub struct Author {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    pub born: Option<i32>,
    #[relation(back_populates = Book::AUTHOR)]
    pub books: HasMany<Book>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "books")]
pub struct Book {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    pub year: i32,
    pub rating: Option<f64>,
    #[column(foreign_key = Author::ID)]
    pub author_id: i64,
    #[relation(back_populates = Author::BOOKS)]
    pub author: BelongsTo<Author>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "artists")]
pub struct Artist {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(back_populates = Album::ARTIST)]
    pub albums: HasMany<Album>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "albums")]
pub struct Album {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    #[column(foreign_key = Artist::ID)]
    pub artist_id: i64,
    #[relation(back_populates = Artist::ALBUMS)]
    pub artist: BelongsTo<Artist>,
    #[relation(back_populates = Track::ALBUM)]
    pub tracks: HasMany<Track>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "genres")]
pub struct Genre {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(back_populates = Track::GENRE)]
    pub tracks: HasMany<Track>,
}

aludel::association_table! {
    pub PLAYLIST_TRACKS = "playlist_tracks" { playlist_id => Playlist::ID, track_id => Track::ID }
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "tracks")]
pub struct Track {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[column(foreign_key = Album::ID)]
    pub album_id: i64,
    #[column(foreign_key = Genre::ID)]
    pub genre_id: Option<i64>,
    #[column(length = 100)]
    pub composer: Option<String>,
    pub milliseconds: i64,
    pub cents: i64,
    #[relation(back_populates = Album::TRACKS)]
    pub album: BelongsTo<Album>,
    #[relation(back_populates = Genre::TRACKS)]
    pub genre: BelongsTo<Genre>,
    #[relation(back_populates = Line::TRACK)]
    pub lines: HasMany<Line>,
    #[relation(secondary = PLAYLIST_TRACKS, back_populates = Playlist::TRACKS)]
    pub playlists: HasMany<Playlist>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "playlists")]
pub struct Playlist {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[relation(secondary = PLAYLIST_TRACKS, back_populates = Track::PLAYLISTS)]
    pub tracks: HasMany<Track>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "employees")]
pub struct Employee {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[column(length = 100)]
    pub title: String,
    pub hired: NaiveDate,
    #[column(foreign_key = Employee::ID)]
    pub reports_to: Option<i64>,
    #[relation(back_populates = Employee::REPORTS)]
    pub manager: BelongsTo<Employee>,
    #[relation(back_populates = Employee::MANAGER)]
    pub reports: HasMany<Employee>,
    #[relation(back_populates = Customer::SUPPORT)]
    pub customers: HasMany<Customer>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "customers")]
pub struct Customer {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub first_name: String,
    #[column(length = 100)]
    pub last_name: String,
    #[column(length = 100)]
    pub country: String,
    #[column(length = 100)]
    pub company: Option<String>,
    pub active: bool,
    #[column(foreign_key = Employee::ID)]
    pub support_id: Option<i64>,
    #[relation(back_populates = Employee::CUSTOMERS)]
    pub support: BelongsTo<Employee>,
    #[relation(back_populates = Invoice::CUSTOMER)]
    pub invoices: HasMany<Invoice>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "invoices")]
pub struct Invoice {
    #[column(primary_key)]
    pub id: i64,
    pub day: NaiveDate,
    pub cents: i64,
    #[column(foreign_key = Customer::ID)]
    pub customer_id: i64,
    #[relation(back_populates = Customer::INVOICES)]
    pub customer: BelongsTo<Customer>,
    #[relation(back_populates = Line::INVOICE)]
    pub lines: HasMany<Line>,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "invoice_lines")]
pub struct Line {
    #[column(primary_key)]
    pub id: i64,
    pub quantity: i64,
    pub cents: i64,
    #[column(foreign_key = Invoice::ID)]
    pub invoice_id: i64,
    #[column(foreign_key = Track::ID)]
    pub track_id: i64,
    #[relation(back_populates = Invoice::LINES)]
    pub invoice: BelongsTo<Invoice>,
    #[relation(back_populates = Track::LINES)]
    pub track: BelongsTo<Track>,
}

/// A row of `data.json`.
struct Cells<'a>(&'a [Value]);

impl Cells<'_> {
    fn int(&self, at: usize) -> i64 {
        self.maybe_int(at).expect("an integer")
    }

    fn maybe_int(&self, at: usize) -> Option<i64> {
        self.0[at].as_i64()
    }

    fn text(&self, at: usize) -> String {
        self.maybe_text(at).expect("text")
    }

    fn maybe_text(&self, at: usize) -> Option<String> {
        self.0[at].as_str().map(str::to_owned)
    }

    fn date(&self, at: usize) -> NaiveDate {
        self.text(at).parse().expect("a date")
    }
}

/// The rows of `data.json`, in a database.
pub async fn shop(db: &Db) -> aludel::Result<Connection> {
    let entities = (Author, Book, Artist, Album, Genre, Track, Playlist, PLAYLIST_TRACKS);
    let metadata = Metadata::of((entities, Employee, Customer, Invoice, Line));
    db.create(&metadata).await?;
    let mut conn = db.engine.connect().await?;
    let data: Value = serde_json::from_str(include_str!("data.json")).expect("JSON");
    let year = |it: i64| i32::try_from(it).expect("a year");

    macro_rules! fill {
        ($table:literal, $entity:ident, |$row:ident| $($column:ident: $value:expr),+) => {
            let rows = data[$table].as_array().expect("rows").iter().map(|row| {
                let $row = Cells(row.as_array().expect("a row"));
                $entity::builder()$(.$column($value))+
            });
            conn.execute(insert($entity).values(rows)).await?;
        };
    }
    fill!("authors", Author, |row| id: row.int(0), name: row.text(1), born: row.maybe_int(2).map(year));
    fill!("books", Book, |row| id: row.int(0), title: row.text(1), year: year(row.int(2)), rating: row.0[3].as_f64(), author_id: row.int(4));
    fill!("artists", Artist, |row| id: row.int(0), name: row.text(1));
    fill!("albums", Album, |row| id: row.int(0), title: row.text(1), artist_id: row.int(2));
    fill!("genres", Genre, |row| id: row.int(0), name: row.text(1));
    fill!("tracks", Track, |row| id: row.int(0), name: row.text(1), album_id: row.int(2), genre_id: row.maybe_int(3),
        composer: row.maybe_text(4), milliseconds: row.int(5), cents: row.int(6));
    fill!("playlists", Playlist, |row| id: row.int(0), name: row.text(1));
    fill!("employees", Employee, |row| id: row.int(0), name: row.text(1), title: row.text(2), hired: row.date(3), reports_to: row.maybe_int(4));
    fill!("customers", Customer, |row| id: row.int(0), first_name: row.text(1), last_name: row.text(2), country: row.text(3),
        company: row.maybe_text(4), active: row.0[5].as_bool().expect("a truth value"), support_id: row.maybe_int(6));
    fill!("invoices", Invoice, |row| id: row.int(0), day: row.date(1), cents: row.int(2), customer_id: row.int(3));
    fill!("invoice_lines", Line, |row| id: row.int(0), quantity: row.int(1), cents: row.int(2), invoice_id: row.int(3), track_id: row.int(4));
    for pair in data["playlist_tracks"].as_array().expect("rows") {
        let (playlist, track) = (pair[0].as_i64().expect("a key"), pair[1].as_i64().expect("a key"));
        let sql = text!(
            "INSERT INTO playlist_tracks (playlist_id, track_id) VALUES (:playlist, :track)",
            playlist = playlist,
            track = track
        );
        conn.execute(sql).all().await?;
    }
    Ok(conn)
}
