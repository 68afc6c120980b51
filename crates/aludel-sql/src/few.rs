//! Lists that need no memory of their own while they are short.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// A list whose first `N` entries lie in place: most statements have a few parameters, and an allocation costs as much as all that is done
/// with them.
#[derive(Clone)]
pub struct Few<T, const N: usize> {
    first: [T; N],
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
        if let Some(place) = self.first.get_mut(self.len) {
            *place = entry;
            self.len += 1;
        } else {
            self.push_to_all(entry);
        }
    }

    #[cold]
    fn push_to_all(&mut self, entry: T) {
        if self.all.is_empty() {
            self.all.extend_from_slice(&self.first);
        }
        self.all.push(entry);
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
}
