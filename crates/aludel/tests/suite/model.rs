//! The session against a model: plain maps that are told the same things.
//!
//! A run is a random sequence of adds, changes, moves, deletes, flushes, commits and rollbacks. After every commit and rollback the
//! database, as another program reads it, and the objects in memory must be what the maps say. A failure prints the seed and what was
//! done; `cargo xtask test --long` makes many and longer runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Db, Outcome, on_each_database};

/// Numbers of the model; the database has keys of its own.
type Id = u32;

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    authors: BTreeMap<Id, String>,
    books: BTreeMap<Id, ModelBook>,
    shelves: BTreeMap<Id, String>,
}

#[derive(Clone, Debug, PartialEq)]
struct ModelBook {
    title: String,
    author: Id,
    shelf: Option<Id>,
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }

    fn pick<T: Copy>(&mut self, from: impl IntoIterator<Item = T>) -> Option<T> {
        let all: Vec<T> = from.into_iter().collect();
        if all.is_empty() { None } else { Some(all[self.below(all.len())]) }
    }
}

struct World<'a> {
    db: &'a Db,
    session: Session,
    random: Random,
    now: State,
    committed: State,
    next: Id,
    authors: HashMap<Id, Obj<Author>>,
    books: HashMap<Id, Obj<Book>>,
    shelves: HashMap<Id, Obj<Shelf>>,
    /// Books whose author or shelf was set since the last flush: each is told once, for two tellings have no order.
    told: BTreeSet<Id>,
    log: Vec<String>,
}

/// Compares, and tells how it came to that.
macro_rules! same {
    ($world:expr, $found:expr, $expected:expr, $what:expr) => {
        let (found, expected) = ($found, $expected);
        assert!(
            found == expected,
            "{}: found {found:?}, expected {expected:?}\n{}",
            $what,
            $world.log.join("\n")
        );
    };
}

impl<'a> World<'a> {
    fn new(db: &'a Db, seed: u64) -> Self {
        Self {
            db,
            session: db.session(),
            random: Random::new(seed),
            now: State::default(),
            committed: State::default(),
            next: 0,
            authors: HashMap::new(),
            books: HashMap::new(),
            shelves: HashMap::new(),
            told: BTreeSet::new(),
            log: vec![format!("seed {seed}")],
        }
    }

    fn id(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    async fn step(&mut self) -> Outcome {
        match self.random.below(20) {
            0 | 1 => self.add_author(),
            2..=4 => self.add_book(),
            5 => self.add_shelf(),
            6 | 7 => self.change(),
            8 | 9 => self.move_book(),
            10 => self.shelve(),
            11 => self.delete_book().await?,
            12 => self.delete_author().await?,
            13 => self.flush().await?,
            14 | 15 => self.commit().await?,
            16 => self.rollback().await?,
            17 => self.get().await?,
            18 => self.query().await?,
            _ => self.load().await?,
        }
        Ok(())
    }

    fn add_author(&mut self) {
        let id = self.id();
        let name = format!("author {id}");
        self.log.push(format!("add {name}"));
        let object = self.session.add(Author::builder().name(name.as_str()));
        self.authors.insert(id, object);
        self.now.authors.insert(id, name);
    }

    fn add_shelf(&mut self) {
        let id = self.id();
        let label = format!("shelf {id}");
        self.log.push(format!("add {label}"));
        let object = self.session.add(Shelf::builder().label(label.as_str()));
        self.shelves.insert(id, object);
        self.now.shelves.insert(id, label);
    }

    fn add_book(&mut self) {
        let Some(author) = self.random.pick(self.now.authors.keys().copied()) else { return };
        let id = self.id();
        let title = format!("book {id}");
        let way = self.random.below(3);
        self.log.push(format!("add {title} to author {author}, way {way}"));
        let new = Book::builder().title(title.as_str()).year(2000);
        let writer = self.authors[&author];
        let object = match way {
            0 => self.session.add(new.author(writer)),
            1 => {
                let key = self.session[writer].id;
                self.session.add(new.author_id(key))
            }
            _ => {
                let object = self.session.add(new);
                self.session[writer].books.push(object);
                object
            }
        };
        self.told.insert(id);
        self.books.insert(id, object);
        self.now.books.insert(id, ModelBook { title, author, shelf: None });
    }

    fn change(&mut self) {
        if self.random.below(3) == 0 {
            let Some(id) = self.random.pick(self.now.authors.keys().copied()) else { return };
            let name = format!("author {id} version {}", self.random.below(3));
            self.log.push(format!("rename to {name}"));
            self.session[self.authors[&id]].name = name.clone();
            self.now.authors.insert(id, name);
        } else {
            let Some(id) = self.random.pick(self.now.books.keys().copied()) else { return };
            let title = format!("book {id} version {}", self.random.below(3));
            self.log.push(format!("rename to {title}"));
            self.session[self.books[&id]].title = title.clone();
            self.now.books.get_mut(&id).expect("it was picked").title = title;
        }
    }

    fn move_book(&mut self) {
        let candidates: Vec<Id> =
            self.now.books.keys().copied().filter(|it| !self.told.contains(it)).collect();
        let (Some(id), Some(to)) =
            (self.random.pick(candidates), self.random.pick(self.now.authors.keys().copied()))
        else {
            return;
        };
        let book = self.now.books.get_mut(&id).expect("it was picked");
        let way = self.random.below(4);
        self.log.push(format!("move book {id} from author {} to {to}, way {way}", book.author));
        let (object, from, writer) = (self.books[&id], self.authors[&book.author], self.authors[&to]);
        match way {
            0 => self.session[object].author.set(writer),
            1 => self.session[object].author_id = self.session[writer].id,
            2 => self.session[writer].books.push(object),
            _ if book.author == to => return,
            _ => {
                self.session[from].books.remove(object);
                self.session[writer].books.push(object);
            }
        }
        book.author = to;
        self.told.insert(id);
    }

    fn shelve(&mut self) {
        let candidates: Vec<Id> =
            self.now.books.keys().copied().filter(|it| !self.told.contains(it)).collect();
        let Some(id) = self.random.pick(candidates) else { return };
        let to =
            if self.random.below(3) == 0 { None } else { self.random.pick(self.now.shelves.keys().copied()) };
        let book = self.now.books.get_mut(&id).expect("it was picked");
        let by_key = self.random.below(2) == 0;
        self.log.push(format!("shelve book {id} from {:?} to {to:?}, by key: {by_key}", book.shelf));
        let object = self.books[&id];
        match to.map(|to| self.shelves[&to]) {
            Some(shelf) if by_key => self.session[object].shelf_id = Some(self.session[shelf].id),
            Some(shelf) => self.session[object].shelf.set(shelf),
            None if by_key => self.session[object].shelf_id = None,
            None => self.session[object].shelf.clear(),
        }
        book.shelf = to;
        self.told.insert(id);
    }

    async fn delete_book(&mut self) -> Outcome {
        let Some(id) = self.random.pick(self.now.books.keys().copied()) else { return Ok(()) };
        if self.told.contains(&id) {
            self.flush().await?;
        }
        self.log.push(format!("delete book {id}"));
        self.session.delete(self.books[&id]);
        self.now.books.remove(&id);
        Ok(())
    }

    async fn delete_author(&mut self) -> Outcome {
        let used: BTreeSet<Id> = self.now.books.values().map(|it| it.author).collect();
        let Some(id) = self.random.pick(self.now.authors.keys().copied().filter(|it| !used.contains(it)))
        else {
            return Ok(());
        };
        if !self.told.is_empty() {
            self.flush().await?;
        }
        self.log.push(format!("delete author {id}"));
        self.session.delete(self.authors[&id]);
        self.now.authors.remove(&id);
        Ok(())
    }

    async fn flush(&mut self) -> Outcome {
        self.log.push("flush".into());
        self.session.flush().await.unwrap_or_else(|error| panic!("{error}\n{}", self.log.join("\n")));
        self.told.clear();
        self.check_memory();
        Ok(())
    }

    async fn commit(&mut self) -> Outcome {
        self.log.push("commit".into());
        self.session.commit().await.unwrap_or_else(|error| panic!("{error}\n{}", self.log.join("\n")));
        self.told.clear();
        self.committed = self.now.clone();
        self.check_memory();
        self.check_database().await?;
        let (now, session) = (&self.now, &self.session);
        for (id, object) in &self.books {
            same!(
                self,
                session.try_get(*object).is_some(),
                now.books.contains_key(id),
                format!("book {id} is known")
            );
        }
        for (id, object) in &self.authors {
            same!(
                self,
                session.try_get(*object).is_some(),
                now.authors.contains_key(id),
                format!("author {id} is known")
            );
        }
        self.forget_what_is_gone();
        Ok(())
    }

    async fn rollback(&mut self) -> Outcome {
        self.log.push("rollback".into());
        self.session.rollback().await?;
        self.told.clear();
        self.now = self.committed.clone();
        for (id, object) in &self.books {
            let known = self.session.try_get(*object).is_some();
            same!(self, known, self.now.books.contains_key(id), format!("book {id} is known"));
        }
        self.forget_what_is_gone();
        self.check_memory();
        self.check_database().await
    }

    fn forget_what_is_gone(&mut self) {
        self.authors.retain(|id, _| self.now.authors.contains_key(id));
        self.books.retain(|id, _| self.now.books.contains_key(id));
        self.shelves.retain(|id, _| self.now.shelves.contains_key(id));
    }

    async fn get(&mut self) -> Outcome {
        let Some(id) = self.random.pick(self.committed.books.keys().copied()) else { return Ok(()) };
        let Some(object) = self.books.get(&id).copied() else { return Ok(()) };
        let Some(book) = self.session.try_get(object) else { return Ok(()) };
        let key = book.id;
        self.log.push(format!("get book {id}"));
        let found = self.session.get::<Book>(key).await?;
        // SQLite may have given the key of a deleted row to another.
        let live = self.now.books.keys().map(|id| self.books[id]);
        let expected = live.into_iter().find(|it| self.session[*it].id == key);
        same!(self, found, expected, format!("get of book {id}"));
        Ok(())
    }

    async fn query(&mut self) -> Outcome {
        self.log.push("query".into());
        let found = self
            .session
            .scalars(select(Book))
            .all()
            .await
            .unwrap_or_else(|error| panic!("{error}\n{}", self.log.join("\n")));
        self.told.clear();
        let expected: std::collections::HashSet<Obj<Book>> =
            self.now.books.keys().map(|id| self.books[id]).collect();
        same!(self, found.len(), expected.len(), "number of books");
        same!(self, found.into_iter().collect::<std::collections::HashSet<_>>(), expected, "books");
        self.check_memory();
        Ok(())
    }

    async fn load(&mut self) -> Outcome {
        let Some(id) = self.random.pick(self.now.authors.keys().copied()) else { return Ok(()) };
        let author = self.authors[&id];
        self.log.push(format!("load the books of author {id}"));
        // A collection that is loaded already costs nothing, so it has learnt of deleted books at the last flush only.
        self.flush().await?;
        self.session
            .load(author, Author::BOOKS)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{}", self.log.join("\n")));
        let mut found: Vec<String> = self.session.view(author).books()?.map(|it| it.title.clone()).collect();
        found.sort();
        let of_author = self.now.books.values().filter(|it| it.author == id);
        let mut expected: Vec<String> = of_author.map(|it| it.title.clone()).collect();
        expected.sort();
        same!(self, found, expected, format!("books of author {id}"));
        Ok(())
    }

    /// Memory is as the model says; nothing waits to be flushed.
    fn check_memory(&self) {
        for (id, name) in &self.now.authors {
            same!(self, &self.session[self.authors[id]].name, name, format!("author {id}"));
        }
        for (id, expected) in &self.now.books {
            let book = &self.session[self.books[id]];
            same!(self, &book.title, &expected.title, format!("title of book {id}"));
            let author = &self.session[self.authors[&expected.author]];
            same!(self, book.author_id, author.id, format!("author of book {id}"));
            let shelf = expected.shelf.map(|it| self.session[self.shelves[&it]].id);
            same!(self, book.shelf_id, shelf, format!("shelf of book {id}"));
            if let Ok(author) = self.session.view(self.books[id]).author() {
                same!(self, author.id, book.author_id, format!("the author that book {id} leads to"));
            }
            same!(self, self.session.is_modified(self.books[id]), false, format!("book {id} is modified"));
        }
        // A collection that is loaded agrees with the other side.
        for (id, author) in &self.authors {
            if !self.now.authors.contains_key(id) {
                continue;
            }
            if let Some(books) = self.session[*author].books.handles() {
                let found: std::collections::HashSet<_> = books.into_iter().collect();
                let of_author = self.now.books.iter().filter(|(_, it)| it.author == *id);
                let expected: std::collections::HashSet<_> =
                    of_author.map(|(id, _)| self.books[id]).collect();
                same!(self, found, expected, format!("loaded books of author {id}"));
            }
        }
    }

    /// The database is as the model says.
    async fn check_database(&mut self) -> Outcome {
        let rows = self.db.rows("SELECT id, name FROM authors").await?;
        let mut found = BTreeMap::new();
        for row in rows {
            found.insert(row.get::<i64>("id")?, row.get::<String>("name")?);
        }
        let key = |object: &Obj<Author>| self.session[*object].id;
        let expected: BTreeMap<i64, String> =
            self.committed.authors.iter().map(|(id, name)| (key(&self.authors[id]), name.clone())).collect();
        same!(self, found, expected, "authors in the database");
        let mut found = BTreeMap::new();
        for row in self.db.rows("SELECT id, title, author_id, shelf_id FROM books").await? {
            let shelf: Option<i64> = row.get("shelf_id")?;
            found.insert(
                row.get::<i64>("id")?,
                (row.get::<String>("title")?, row.get::<i64>("author_id")?, shelf),
            );
        }
        let expected: BTreeMap<_, _> = self
            .committed
            .books
            .iter()
            .map(|(id, book)| {
                let shelf = book.shelf.map(|it| self.session[self.shelves[&it]].id);
                (
                    self.session[self.books[id]].id,
                    (book.title.clone(), key(&self.authors[&book.author]), shelf),
                )
            })
            .collect();
        same!(self, found, expected, "books in the database");
        Ok(())
    }
}

on_each_database! {
    async fn a_session_does_what_plain_maps_do(db: Db) {
        db.create(&library()).await?;
        let (runs, steps) = if aludel_testing::long() { (400, 300) } else { (12, 80) };
        for seed in 1..=runs {
            let mut world = World::new(&db, seed);
            for _ in 0..steps {
                world.step().await?;
            }
            world.commit().await?;
            drop(world);
            for sql in ["DELETE FROM books", "DELETE FROM authors", "DELETE FROM shelves"] {
                db.run(sql).await?;
            }
        }
    }
}
