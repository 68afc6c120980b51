//! A list that is most often of one: a flush of one step takes no memory for it.

use std::ops::{Deref, DerefMut};

/// A list. Of one it is that one.
pub(super) enum OneOrMany<T> {
    One([T; 1]),
    Many(Vec<T>),
}

impl<T> FromIterator<T> for OneOrMany<T> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut items = items.into_iter();
        // What comes of a slice knows how many it is.
        if items.size_hint() == (1, Some(1))
            && let Some(only) = items.next()
        {
            return Self::One([only]);
        }
        Self::Many(items.collect())
    }
}

impl<T> OneOrMany<T> {
    /// Makes an empty list.
    pub(super) fn new() -> Self {
        Self::Many(Vec::new())
    }

    /// Adds an item.
    pub(super) fn push(&mut self, item: T) {
        if let Self::Many(many) = self
            && many.capacity() > 0
        {
            return many.push(item);
        }
        *self = match std::mem::replace(self, Self::new()) {
            Self::Many(_) => Self::One([item]),
            Self::One([first]) => Self::Many(vec![first, item]),
        };
    }
}

impl<T> Deref for OneOrMany<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::One(only) => only,
            Self::Many(many) => many,
        }
    }
}

impl<T> DerefMut for OneOrMany<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::One(only) => only,
            Self::Many(many) => many,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_it_was_made_of() {
        for count in 0..4 {
            let numbers: Vec<i32> = (0..count).collect();
            assert_eq!(*numbers.iter().copied().collect::<OneOrMany<_>>(), *numbers);
            assert_eq!(*numbers.iter().copied().filter(|_| true).collect::<OneOrMany<_>>(), *numbers);
            let mut pushed = OneOrMany::new();
            numbers.iter().for_each(|number| pushed.push(*number));
            assert_eq!(*pushed, *numbers);
        }
    }
}
