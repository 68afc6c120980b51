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

/// What the three tables hold, ordered by key. Keys count from 1 without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub items: Vec<Item>,
    pub parents: Vec<Parent>,
    pub children: Vec<Child>,
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
            items: Vec::new(),
            parents: (1..=parents).map(|id| Parent { id, name: name(id) }).collect(),
            children: (1..=parents * children)
                .map(|id| Child { id, parent_id: (id - 1) / children + 1, name: format!("child {id}") })
                .collect(),
        }
    }

    /// The checksum of all items.
    pub fn checksum_items(&self) -> u64 {
        checksum::items(self.items.iter().map(Item::cells))
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
