//! The keys of a table as lists of columns, whether they were said with a column or with the table.

use aludel_sql::schema::Deferrable;
use aludel_sql::{ColumnSet, IndexOfMeta, ReferentialAction, RelationKind, TableMeta};

/// A foreign key of a table, or one of its parent's that it has the columns of: then a key that changes there changes here as well, through the
/// row of the parent, whether the session knows that or not.
pub(super) struct ForeignKey {
    /// The columns that refer.
    pub(super) columns: Vec<usize>,
    /// The table referred to.
    pub(super) parent: &'static TableMeta,
    /// Its columns that are referred to.
    pub(super) parent_columns: Vec<usize>,
    /// What happens here when the key there changes.
    pub(super) on_update: ReferentialAction,
    /// Whether its columns are all NULL or none of them.
    pub(super) match_full: bool,
    /// Whether a relation asks for an UPDATE of its own: `post_update`.
    pub(super) post_update: bool,
    /// The columns that refer to the parent whose foreign key it is: where one of them is NULL, so is the way there. Empty for a key of the table
    /// itself.
    pub(super) through: ColumnSet,
}

impl ForeignKey {
    /// Returns the foreign keys of a table.
    pub(super) fn all_of(table: &'static TableMeta) -> Vec<Self> {
        let of_columns = table.columns.iter().enumerate().filter_map(|(column, meta)| {
            let key = meta.foreign_key?;
            let is_post_update = |it: &aludel_sql::RelationMeta| {
                it.post_update && it.kind == RelationKind::BelongsTo && it.foreign_key == Some(column)
            };
            Some(Self {
                columns: vec![column],
                parent: (key.table)(),
                parent_columns: vec![key.column],
                on_update: key.on_update,
                match_full: false,
                post_update: table.relations.iter().any(is_post_update),
                through: ColumnSet::EMPTY,
            })
        });
        let of_table = table.foreign_keys.iter().map(|key| Self {
            columns: key.columns.to_vec(),
            parent: (key.table)(),
            parent_columns: key.parent_columns.to_vec(),
            on_update: key.on_update,
            match_full: key.match_full,
            post_update: false,
            through: ColumnSet::EMPTY,
        });
        of_columns.chain(of_table).collect()
    }

    /// Returns the foreign keys of a table, and those that it has by way of its parents.
    pub(super) fn with_inherited(table: &'static TableMeta) -> Vec<Self> {
        let mut keys = Self::all_of(table);
        keys.extend(Self::inherited(table));
        keys
    }

    /// Returns the foreign keys of a table's parents, and of theirs, that it has the columns of and that it follows.
    pub(super) fn inherited(table: &'static TableMeta) -> Vec<Self> {
        if !may_inherit(table) {
            return Vec::new();
        }
        let mut keys = Self::all_of(table);
        let (own, mut at) = (keys.len(), 0);
        while at < keys.len() {
            for of_parent in Self::all_of(keys[at].parent) {
                let inherited = keys[at].inherit(of_parent);
                let inherited = inherited.filter(|it| !keys.iter().any(|known| known.refers_as(it)));
                keys.extend(inherited.filter(|it| *it.parent != *table || it.columns != it.parent_columns));
            }
            at += 1;
        }
        keys.split_off(own)
    }

    /// Returns a foreign key of the parent as one of this table, if all its columns are referred to and it is followed.
    fn inherit(&self, of_parent: Self) -> Option<Self> {
        let here = |column: &usize| {
            let place = self.parent_columns.iter().position(|it| it == column)?;
            Some(self.columns[place])
        };
        let columns = of_parent.columns.iter().map(here).collect::<Option<Vec<_>>>()?;
        let is_followed = self.on_update == ReferentialAction::Cascade && of_parent.follows();
        let through = if self.is_inherited() { self.through } else { self.columns.iter().copied().collect() };
        is_followed.then_some(Self { columns, post_update: false, through, ..of_parent })
    }

    /// Tells whether it is one of the table's parent.
    pub(super) fn is_inherited(&self) -> bool {
        !self.through.is_empty()
    }

    fn refers_as(&self, other: &Self) -> bool {
        *self.parent == *other.parent
            && self.columns == other.columns
            && self.parent_columns == other.parent_columns
    }

    /// Tells whether it follows a changed key by itself.
    pub(super) fn follows(&self) -> bool {
        self.on_update.acts()
    }

    /// Returns the columns that make it refer to nothing when they are NULL, if there are such.
    pub(super) fn clearable(&self, table: &TableMeta) -> Option<ColumnSet> {
        let nullable: ColumnSet =
            self.columns.iter().copied().filter(|column| table.columns[*column].nullable).collect();
        let enough =
            if self.match_full { nullable.len() == self.columns.len() } else { !nullable.is_empty() };
        enough.then_some(nullable)
    }
}

/// Tells whether a foreign key of a table refers to columns that are a foreign key there: most do not.
fn may_inherit(table: &TableMeta) -> bool {
    let refers_on = |parent: &TableMeta, columns: &[usize]| {
        columns.iter().any(|it| parent.columns[*it].foreign_key.is_some())
            || parent.foreign_keys.iter().any(|key| key.columns.iter().all(|it| columns.contains(it)))
    };
    let mut of_columns = table.columns.iter().filter_map(|it| it.foreign_key);
    let mut of_table = table.foreign_keys.iter();
    of_columns.any(|key| refers_on((key.table)(), &[key.column]))
        || of_table.any(|key| refers_on((key.table)(), key.parent_columns))
}

/// Columns whose values no two rows share.
#[derive(Clone, Debug)]
pub(super) struct UniqueKey {
    /// The columns.
    pub(super) columns: Vec<usize>,
    /// Whether two NULLs are equal, too.
    pub(super) nulls_not_distinct: bool,
}

impl UniqueKey {
    /// Returns the unique keys of a table that are checked row by row, the primary key first.
    pub(super) fn all_of(table: &'static TableMeta) -> Vec<Self> {
        let distinct = |columns| Self { columns, nulls_not_distinct: false };
        let mut keys = vec![distinct(table.primary_key().collect())];
        let of_columns = table.columns.iter().enumerate().filter(|(_, column)| column.unique);
        keys.extend(of_columns.map(|(column, _)| distinct(vec![column])));
        let checked = table.uniques.iter().filter(|it| it.deferrable != Deferrable::Deferred);
        keys.extend(
            checked
                .map(|it| Self { columns: it.columns.to_vec(), nulls_not_distinct: it.nulls_not_distinct }),
        );
        for index in table.indexes.iter().filter(|it| it.unique && it.condition.is_none()) {
            let columns = index.parts.iter().map(|part| match part.of {
                IndexOfMeta::Column(column) => Some(column),
                IndexOfMeta::Expression(_) => None,
            });
            if let Some(columns) = columns.collect() {
                keys.push(Self { columns, nulls_not_distinct: index.nulls_not_distinct });
            }
        }
        keys
    }
}
