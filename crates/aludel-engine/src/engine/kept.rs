//! What layers above have made once for an engine, by type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use foldhash::fast::FixedState;

/// What is kept, by the type that it is about.
#[derive(Default)]
pub(super) struct Kept(RwLock<HashMap<TypeId, Box<dyn Any + Send + Sync>, FixedState>>);

impl Kept {
    /// Shows what is kept for a type, making it if there is nothing yet.
    pub(super) fn of<T: Any + Send + Sync, R>(
        &self,
        subject: TypeId,
        make: impl FnOnce() -> T,
        read: impl FnOnce(&T) -> R,
    ) -> R {
        // Shown and not shared: whoever asks many times a second would pay for counting.
        if let Some(found) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&subject)
            && let Some(found) = found.downcast_ref()
        {
            return read(found);
        }
        let made = make();
        let answer = read(&made);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(subject, Box::new(made));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_made_once_for_each_type() {
        let kept = Kept::default();
        let (number, text) = (TypeId::of::<u32>(), TypeId::of::<String>());
        assert_eq!(kept.of(number, || 1, |it| *it), 1);
        assert_eq!(kept.of(number, || 2, |it| *it), 1);
        assert_eq!(kept.of(text, || 3, |it| *it), 3);
    }
}
