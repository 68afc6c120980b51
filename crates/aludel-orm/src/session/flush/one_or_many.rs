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
        match (items.next(), items.next()) {
            (Some(only), None) => Self::One([only]),
            (first, second) => Self::Many(first.into_iter().chain(second).chain(items).collect()),
        }
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
        }
    }
}
