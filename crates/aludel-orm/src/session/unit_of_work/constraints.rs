//! The keys of a table as lists of columns, whether they were said with a column or with the table.

use aludel_sql::schema::Deferrable;
use aludel_sql::{ColumnSet, IndexOfMeta, ReferentialAction, RelationKind, TableMeta};

/// A foreign key.
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
            })
        });
        let of_table = table.foreign_keys.iter().map(|key| Self {
            columns: key.columns.to_vec(),
            parent: (key.table)(),
            parent_columns: key.parent_columns.to_vec(),
            on_update: key.on_update,
            match_full: key.match_full,
            post_update: false,
        });
        of_columns.chain(of_table).collect()
    }

    /// Tells whether it follows a changed key by itself.
    pub(super) fn follows(&self) -> bool {
        !matches!(self.on_update, ReferentialAction::NoAction | ReferentialAction::Restrict)
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
