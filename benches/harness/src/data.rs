use crate::checksum;

/// A row of `aludel_bench_item`: `id` generated integer key, `name` text, `note` text or NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub id: i64,
    pub name: String,
    pub note: Option<String>,
}

/// An item before the database has given it a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    pub name: String,
    pub note: Option<String>,
}

/// A row of `aludel_bench_parent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    pub id: i64,
    pub name: String,
}

/// A row of `aludel_bench_child`: `parent_id` refers to a parent and is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    pub id: i64,
    pub parent_id: i64,
    pub name: String,
}

/// A row of `aludel_bench_grandchild`: `child_id` refers to a child and is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grandchild {
    pub id: i64,
    pub child_id: i64,
    pub name: String,
}

/// A row of `aludel_bench_book`, which has twelve columns: no column is NULL.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    pub id: i64,
    pub title: String,
    pub author: String,
    pub publisher: String,
    pub isbn: String,
    pub language: String,
    pub summary: String,
    pub pages: i64,
    pub stock: i64,
    pub weight: i64,
    pub rating: f64,
    pub available: bool,
}

/// What the tables hold, ordered by key. Keys count from 1 without a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    pub items: Vec<Item>,
    pub parents: Vec<Parent>,
    pub children: Vec<Child>,
    pub grandchildren: Vec<Grandchild>,
    pub books: Vec<Book>,
}

impl NewItem {
    /// The item that will get the key `id`. Every `turn` has other names, every third item has no note.
    pub fn nth(id: i64, turn: u64) -> Self {
        NewItem {
            name: format!("item {id} of turn {turn}"),
            note: (id % 3 != 0).then(|| format!("a note about item {id}")),
        }
    }
}

impl Contents {
    /// Items 1 to `n`, and nothing else.
    pub fn items(n: i64) -> Self {
        let items = (1..=n).map(|id| {
            let NewItem { name, note } = NewItem::nth(id, 0);
            Item { id, name, note }
        });
        Contents { items: items.collect(), ..Contents::default() }
    }

    /// Parents 1 to `parents` with so many children each, and nothing else.
    pub fn families(parents: i64, children: i64) -> Self {
        let name = |id| format!("parent {id}");
        Contents {
            parents: (1..=parents).map(|id| Parent { id, name: name(id) }).collect(),
            children: (1..=parents * children)
                .map(|id| Child { id, parent_id: (id - 1) / children + 1, name: format!("child {id}") })
                .collect(),
            ..Contents::default()
        }
    }

    /// Families with so many grandchildren for each child, and nothing else.
    pub fn dynasties(parents: i64, children: i64, grandchildren: i64) -> Self {
        let grandchild =
            |id| Grandchild { id, child_id: (id - 1) / grandchildren + 1, name: format!("grandchild {id}") };
        Contents {
            grandchildren: (1..=parents * children * grandchildren).map(grandchild).collect(),
            ..Contents::families(parents, children)
        }
    }

    /// Books 1 to `n`, and nothing else.
    pub fn books(n: i64) -> Self {
        let book = |id: i64| Book {
            id,
            title: format!("The title of book {id}"),
            author: format!("Author {}", id % 100),
            publisher: format!("Publisher {}", id % 10),
            isbn: format!("978-0-{id:08}"),
            language: "English".to_owned(),
            summary: format!("What book {id} is about, in a few words that nobody reads to the end."),
            pages: 100 + id % 900,
            stock: id % 50,
            weight: 200 + id % 800,
            rating: (id % 50) as f64 / 10.0,
            available: id % 7 != 0,
        };
        Contents { books: (1..=n).map(book).collect(), ..Contents::default() }
    }

    /// The checksum of all items.
    pub fn checksum_items(&self) -> u64 {
        checksum::items(self.items.iter().map(Item::cells))
    }

    /// The checksum of all parents with their children and grandchildren.
    pub fn checksum_dynasties(&self) -> u64 {
        let mut rest = self.grandchildren.as_slice();
        let mut children = self.children.iter().map(|child| {
            let (own, others) = rest.split_at(rest.partition_point(|it| it.child_id <= child.id));
            rest = others;
            (child, checksum::children(own.iter().map(Grandchild::cells)))
        });
        let mut next = children.next();
        checksum::families(self.parents.iter().map(|parent| {
            let own = std::iter::from_fn(|| {
                let (child, below) = next.take_if(|(child, _)| child.parent_id == parent.id)?;
                next = children.next();
                Some((child.cells(), below))
            });
            (parent.id, parent.name.as_str(), checksum::children_with_their_own(own))
        }))
    }

    /// The checksum of all parents with their children.
    pub fn checksum_families(&self) -> u64 {
        let mut rest = self.children.as_slice();
        checksum::families(self.parents.iter().map(|parent| {
            let (own, others) = rest.split_at(rest.partition_point(|child| child.parent_id <= parent.id));
            rest = others;
            (parent.id, parent.name.as_str(), checksum::children(own.iter().map(Child::cells)))
        }))
    }
}

impl Item {
    /// As [`checksum::items`] takes it.
    pub fn cells(&self) -> (i64, &str, Option<&str>) {
        (self.id, &self.name, self.note.as_deref())
    }
}

impl Child {
    /// As [`checksum::children`] takes it.
    pub fn cells(&self) -> (i64, i64, &str) {
        (self.id, self.parent_id, &self.name)
    }
}

impl Grandchild {
    /// As [`checksum::children`] takes it.
    pub fn cells(&self) -> (i64, i64, &str) {
        (self.id, self.child_id, &self.name)
    }
}

impl Book {
    /// As [`checksum::books`] takes it.
    pub fn cells(&self) -> BookCells<'_> {
        let texts =
            [self.title.as_str(), &self.author, &self.publisher, &self.isbn, &self.language, &self.summary];
        let numbers = [self.id, self.pages, self.stock, self.weight, i64::from(self.available)];
        BookCells { texts, numbers, rating: self.rating }
    }
}

/// The cells of a book.
#[derive(Clone, Copy, Debug)]
pub struct BookCells<'a> {
    /// Title, author, publisher, ISBN, language, summary.
    pub texts: [&'a str; 6],
    /// Key, pages, stock, weight, and 1 for what is available.
    pub numbers: [i64; 5],
    pub rating: f64,
}
