//! Lists that need no memory of their own while they are short.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// A list whose first `N` entries lie in place: most statements have a few parameters, and an allocation costs as much as all that is done
/// with them.
#[derive(Clone)]
pub struct Few<T, const N: usize> {
    first: [T; N],
    /// `N` once they are more.
    len: usize,
    /// All entries, once they are more.
    all: Vec<T>,
}

impl<T: Copy, const N: usize> Few<T, N> {
    /// Makes an empty list; `blank` lies where no entry is.
    ///
    /// ```
    /// use aludel_sql::Few;
    ///
    /// let mut few: Few<i64, 2> = Few::new(0);
    /// assert!(few.is_empty());
    /// [1, 2, 3].into_iter().for_each(|it| few.push(it)); // the third needs memory of its own
    /// assert_eq!(*few, [1, 2, 3]);
    /// ```
    #[must_use]
    pub const fn new(blank: T) -> Self {
        Self { first: [blank; N], len: 0, all: Vec::new() }
    }

    /// Adds an entry.
    #[inline]
    pub fn push(&mut self, entry: T) {
        if !self.all.is_empty() {
            self.all.push(entry);
        } else if let Some(place) = self.first.get_mut(self.len) {
            *place = entry;
            self.len += 1;
        } else {
            self.push_to_all(entry);
        }
    }

    #[cold]
    fn push_to_all(&mut self, entry: T) {
        self.all().push(entry);
    }

    /// The vector, with all entries in it.
    fn all(&mut self) -> &mut Vec<T> {
        if self.all.is_empty() {
            self.all.extend_from_slice(&self.first[..self.len]);
            self.len = N;
        }
        &mut self.all
    }

    /// Gives it this length, with `entry` in new places.
    ///
    /// ```
    /// use aludel_sql::Few;
    ///
    /// let mut few: Few<i64, 2> = Few::from_iter([1, 2]);
    /// few.resize(3, 0);
    /// assert_eq!(*few, [1, 2, 0]);
    /// few.resize(1, 0);
    /// assert_eq!(*few, [1]);
    /// ```
    pub fn resize(&mut self, len: usize, entry: T) {
        if len > self.len() { self.all().resize(len, entry) } else { self.truncate(len) }
    }

    /// Keeps the first `len` entries.
    ///
    /// ```
    /// use aludel_sql::Few;
    ///
    /// let mut few: Few<i64, 2> = Few::from_iter([1, 2, 3]);
    /// few.truncate(1);
    /// assert_eq!(*few, [1]);
    /// ```
    pub fn truncate(&mut self, len: usize) {
        if self.all.is_empty() {
            self.len = len.min(self.len);
        } else {
            self.all.truncate(len);
            self.empty_if_all_are_gone();
        }
    }

    /// Keeps the entries of which `keep` says so.
    ///
    /// ```
    /// use aludel_sql::Few;
    ///
    /// let mut few: Few<i64, 2> = Few::from_iter([1, 2, 3]);
    /// few.retain(|it| *it != 2);
    /// assert_eq!(*few, [1, 3]);
    /// ```
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        if !self.is_empty() {
            self.all().retain(keep);
            self.empty_if_all_are_gone();
        }
    }

    /// Takes all entries out.
    ///
    /// ```
    /// use aludel_sql::Few;
    ///
    /// let mut few: Few<i64, 2> = Few::from_iter([1, 2, 3]);
    /// few.clear();
    /// assert!(few.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.all.clear();
        self.len = 0;
    }

    /// Returns the memory that it has beside itself, in bytes.
    ///
    /// ```
    /// use aludel_sql::Few;
    ///
    /// let mut few: Few<i64, 2> = Few::from_iter([1, 2]);
    /// assert_eq!(few.memory(), 0);
    /// few.push(3);
    /// few.clear(); // keeps it
    /// assert!(few.memory() >= 3 * 8);
    /// ```
    #[must_use]
    pub const fn memory(&self) -> usize {
        self.all.capacity() * size_of::<T>()
    }

    fn empty_if_all_are_gone(&mut self) {
        if self.all.is_empty() {
            self.len = 0;
        }
    }
}

impl<T: Copy + Default, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Copy + Default, const N: usize> FromIterator<T> for Few<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        let mut few = Self::default();
        few.extend(entries);
        few
    }
}

impl<T: Copy, const N: usize> Extend<T> for Few<T, N> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, entries: I) {
        let mut entries = entries.into_iter();
        // How many they are is not asked before they are too many: it may cost as much as they do.
        while self.all.is_empty() && self.len < N {
            let Some(entry) = entries.next() else { return };
            self.first[self.len] = entry;
            self.len += 1;
        }
        if let Some(entry) = entries.next() {
            self.all().push(entry);
            self.all.extend(entries);
        }
    }
}

impl<T: Copy + Default, const N: usize> From<Vec<T>> for Few<T, N> {
    /// Takes over a vector as it is.
    fn from(all: Vec<T>) -> Self {
        Self { first: [T::default(); N], len: if all.is_empty() { 0 } else { N }, all }
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a Few<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        if self.all.is_empty() { &self.first[..self.len] } else { &self.all }
    }
}

impl<T, const N: usize> DerefMut for Few<T, N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        if self.all.is_empty() { &mut self.first[..self.len] } else { &mut self.all }
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for Few<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_order_however_many_there_are() {
        let mut list: Few<usize, 3> = Few::new(99);
        for len in 0..10 {
            assert_eq!(*list, (0..len).collect::<Vec<_>>());
            list.push(len);
        }
    }

    #[test]
    fn whatever_is_done_with_it_it_holds_what_a_vector_would() {
        for made in 0..7 {
            for (change, argument) in (0..6).flat_map(|change| (0..8).map(move |argument| (change, argument)))
            {
                let vector: Vec<usize> = (0..made).collect();
                for mut few in [Few::<usize, 3>::from(vector.clone()), vector.iter().copied().collect()] {
                    let mut vector = vector.clone();
                    match change {
                        0 => (few.truncate(argument), vector.truncate(argument)),
                        1 => (few.retain(|it| it % 8 < argument), vector.retain(|it| it % 8 < argument)),
                        2 => (few.retain(|it| *it > argument), vector.retain(|it| *it > argument)),
                        3 => (few.resize(argument, 9), vector.resize(argument, 9)),
                        4 => (few.extend(0..argument), vector.extend(0..argument)),
                        _ => (few.clear(), vector.clear()),
                    };
                    assert_eq!(*few, *vector);
                    few.push(50);
                    vector.push(50);
                    few.iter_mut().chain(&mut vector).for_each(|it| *it += 1);
                    assert_eq!(*few, *vector);
                }
            }
        }
    }
}
