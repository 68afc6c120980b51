//! A set of columns of one table.

use std::hash::{Hash, Hasher};

/// The number of columns that a mapped table may have.
pub const MAX_COLUMNS: usize = 256;

/// A set of columns of one table, by index. It is small, `Copy`, and the key of statements made for it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ColumnSet([u64; MAX_COLUMNS / 64]);

impl ColumnSet {
    /// The empty set.
    pub const EMPTY: Self = Self([0; MAX_COLUMNS / 64]);

    /// Adds a column.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::ColumnSet;
    ///
    /// let mut changed = ColumnSet::EMPTY;
    /// changed.insert(Book::YEAR.index());
    /// changed.insert(Book::YEAR.index());
    /// assert_eq!(changed.len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the index is not below [`MAX_COLUMNS`]; the derive refuses such tables.
    pub const fn insert(&mut self, column: usize) {
        self.0[column / 64] |= 1 << (column % 64);
    }

    /// Removes a column.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::ColumnSet;
    ///
    /// let mut given: ColumnSet = [Book::ID.index(), Book::TITLE.index()].into_iter().collect();
    /// given.remove(Book::ID.index());
    /// assert!(!given.contains(Book::ID.index()));
    /// ```
    pub fn remove(&mut self, column: usize) {
        self.0[column / 64] &= !(1 << (column % 64));
    }

    /// Tells whether a column is in the set.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    /// use aludel_sql::ColumnSet;
    ///
    /// let key: ColumnSet = Book::TABLE.primary_key().collect();
    /// assert!(key.contains(Book::ID.index()) && !key.contains(Book::TITLE.index()));
    /// ```
    #[must_use]
    pub fn contains(&self, column: usize) -> bool {
        self.0[column / 64] & (1 << (column % 64)) != 0
    }

    /// Returns the columns of both sets.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::ColumnSet;
    ///
    /// let (given, keys) = (ColumnSet::from_iter([Book::TITLE.index()]), ColumnSet::from_iter([Book::ID.index()]));
    /// assert_eq!(given.union(keys), ColumnSet::from_iter([Book::ID.index(), Book::TITLE.index()]));
    /// ```
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// Tells whether a column is in both sets.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::ColumnSet;
    ///
    /// let (given, keys) = (ColumnSet::from_iter([Book::TITLE.index()]), ColumnSet::from_iter([Book::ID.index()]));
    /// assert!(given.intersects(given) && !given.intersects(keys));
    /// ```
    #[must_use]
    pub fn intersects(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(word, other)| word & other != 0)
    }

    /// Tells whether there is no column in the set.
    ///
    /// ```
    /// use aludel_sql::ColumnSet;
    ///
    /// assert!(ColumnSet::EMPTY.is_empty());
    /// assert!(!ColumnSet::from_iter([3]).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; MAX_COLUMNS / 64]
    }

    /// Returns the number of columns in the set.
    ///
    /// ```
    /// use aludel_sql::ColumnSet;
    ///
    /// assert_eq!(ColumnSet::from_iter([3, 1, 3]).len(), 2);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        // Most tables have one word of columns; counting the ones of a word takes as long as walking over a few columns.
        self.0.iter().filter(|word| **word != 0).map(|word| word.count_ones() as usize).sum()
    }

    /// Returns the columns in order.
    ///
    /// ```
    /// use aludel_sql::ColumnSet;
    ///
    /// // In the order of the table, whatever the order in which they were put in.
    /// assert_eq!(ColumnSet::from_iter([70, 3, 64]).iter().collect::<Vec<_>>(), [3, 64, 70]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = usize> + use<> {
        // Most tables have one word of columns, and most sets are walked over again and again.
        let [_, others @ ..] = self.0;
        let words = if others == [0; MAX_COLUMNS / 64 - 1] { 1 } else { self.0.len() };
        Columns { left: *self, word: 0, words }
    }
}

impl Hash for ColumnSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Word by word: as bytes they would take several times as long.
        self.0.iter().for_each(|word| state.write_u64(*word));
    }
}

/// The columns of a set that are left, in order.
struct Columns {
    left: ColumnSet,
    /// Before this word there is nothing left.
    word: usize,
    /// From this word on there is nothing.
    words: usize,
}

impl Iterator for Columns {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.word < self.words {
            let word = &mut self.left.0[self.word];
            if *word != 0 {
                let column = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(self.word * 64 + column);
            }
            self.word += 1;
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let columns = self.left.len();
        (columns, Some(columns))
    }
}

impl FromIterator<usize> for ColumnSet {
    fn from_iter<I: IntoIterator<Item = usize>>(columns: I) -> Self {
        let mut set = Self::EMPTY;
        columns.into_iter().for_each(|column| set.insert(column));
        set
    }
}

impl std::fmt::Debug for ColumnSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_back_in_order() {
        let mut set: ColumnSet = [200, 3, 64, 0].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 64, 200]);
        set.remove(64);
        assert_eq!((set.len(), set.contains(64), set.contains(200)), (3, false, true));
    }
}
