use crate::{Book, Contents, Contestant, Database, Outcome, Row, Targets, checksum};

const BOOKS: i64 = 2_000;

/// An entity of twelve columns, all of them read.
pub struct Books;

impl Row for Books {
    fn key(&self) -> &'static str {
        "books"
    }

    fn title(&self, _: Database) -> String {
        "2,000 rows of 12 columns, the entity".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        // The design has no figure of its own: as with rows of three columns.
        match database {
            Database::Sqlite => Targets::new(0.90, 0.78),
            Database::Postgres => Targets::new(0.90, 0.70),
        }
    }

    fn before(&self) -> Contents {
        Contents::books(BOOKS)
    }

    fn checksum(&self, _: u64) -> u64 {
        checksum::books(self.before().books.iter().map(Book::cells))
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.books()
    }
}

/// What a list on a page needs of it. The bare driver reads all columns, so that this row and [`Books`] have the same 1.
pub struct Titles;

impl Row for Titles {
    fn key(&self) -> &'static str {
        "titles"
    }

    fn title(&self, _: Database) -> String {
        "2,000 rows, a projection of 3 of the 12 columns (all 12 = 1)".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        Books.targets(database)
    }

    fn faster_than(&self) -> Option<&'static str> {
        Some("books")
    }

    fn before(&self) -> Contents {
        Contents::books(BOOKS)
    }

    fn checksum(&self, _: u64) -> u64 {
        let contents = self.before();
        checksum::titles(contents.books.iter().map(|book| (book.id, book.title.as_str(), book.stock)))
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.titles()
    }
}
