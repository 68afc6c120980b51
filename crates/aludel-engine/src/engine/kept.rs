//! What layers above have made once for an engine, by type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::FixedState;

/// What is kept, by the type that it is about.
#[derive(Default)]
pub(super) struct Kept(RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>, FixedState>>);

impl Kept {
    /// Returns what is kept for a type, making it if there is nothing yet.
    pub(super) fn of<T: Any + Send + Sync>(&self, subject: TypeId, make: impl FnOnce() -> T) -> Arc<T> {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&subject).map(Arc::clone);
        if let Some(found) = found.and_then(|it| it.downcast().ok()) {
            return found;
        }
        let made = Arc::new(make());
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(subject, Arc::clone(&made) as Arc<dyn Any + Send + Sync>);
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_made_once_for_each_type() {
        let kept = Kept::default();
        let (number, text) = (TypeId::of::<u32>(), TypeId::of::<String>());
        assert_eq!(*kept.of(number, || 1), 1);
        assert_eq!(*kept.of(number, || 2), 1);
        assert_eq!(*kept.of(text, || 3), 3);
    }
}
