//! The keys of a table: sets of columns that no two rows have the same values in.

use super::{IndexOfMeta, TableMeta};

/// A key of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueKey {
    /// The indexes of its columns.
    pub columns: Vec<usize>,
    /// The condition of the rows that it holds for, if not for all.
    pub condition: Option<&'static str>,
}

impl TableMeta {
    /// Returns the keys that are declared: the primary key, unique columns, unique constraints, unique indexes of columns.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::Mapped;
    ///
    /// // What an upsert can be about: the primary key, and the e-mail.
    /// let keys: Vec<_> = User::TABLE.unique_keys().into_iter().map(|key| key.columns).collect();
    /// assert_eq!(keys, [[User::ID.index()], [User::EMAIL.index()]]);
    /// ```
    #[must_use]
    pub fn unique_keys(&self) -> Vec<UniqueKey> {
        let whole = |columns| UniqueKey { columns, condition: None };
        let primary_key = whole(self.primary_key().collect());
        let columns = self.columns.iter().enumerate().filter(|(_, column)| column.unique);
        let columns = columns.map(|(at, _)| whole(vec![at]));
        let constraints = self.uniques.iter().map(|unique| whole(unique.columns.to_vec()));
        let indexes = self.indexes.iter().filter(|index| index.unique).filter_map(|index| {
            let column = |of: &IndexOfMeta| match of {
                IndexOfMeta::Column(column) => Some(*column),
                IndexOfMeta::Expression(_) => None,
            };
            let columns = index.parts.iter().map(|part| column(&part.of)).collect::<Option<_>>()?;
            Some(UniqueKey { columns, condition: index.condition })
        });
        let mut keys: Vec<_> =
            std::iter::once(primary_key).chain(columns).chain(constraints).chain(indexes).collect();
        keys.retain(|key| !key.columns.is_empty());
        keys
    }

    /// Returns the key of these columns, in whatever order; rather one that holds for all rows.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::Mapped;
    ///
    /// assert!(User::TABLE.unique_key(&[User::EMAIL.index()]).is_some());
    /// assert!(User::TABLE.unique_key(&[User::NAME.index()]).is_none());
    /// ```
    #[must_use]
    pub fn unique_key(&self, columns: &[usize]) -> Option<UniqueKey> {
        let is_it = |key: &&UniqueKey| {
            key.columns.len() == columns.len() && key.columns.iter().all(|column| columns.contains(column))
        };
        let keys = self.unique_keys();
        let mut found = keys.iter().filter(is_it);
        found.clone().find(|key| key.condition.is_none()).or_else(|| found.next()).cloned()
    }
}
