//! What is random, as a list of numbers: whoever shrinks the list shrinks what was made of it.

/// Reads choices off a list. Behind its end every choice is the first one, which is the simplest.
pub struct Choices<'a> {
    rest: &'a [u16],
}

impl<'a> Choices<'a> {
    pub fn new(numbers: &'a [u16]) -> Self {
        Self { rest: numbers }
    }

    /// Chooses a number below this one.
    pub fn pick(&mut self, below: usize) -> usize {
        match self.rest.split_first() {
            Some((first, rest)) => {
                self.rest = rest;
                usize::from(*first) % below
            }
            None => 0,
        }
    }

    /// Chooses one of these.
    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.pick(all.len())].clone()
    }

    /// Makes something.
    pub fn make<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        make(self)
    }

    /// Makes something, or in one case of four nothing.
    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.pick(4) == 3 { None } else { Some(make(self)) }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
