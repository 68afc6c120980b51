//! What may stand in `options`.

use aludel_sql::TableMeta;

use super::LoaderOption;

/// An option of a statement: a loader, [`undefer`](super::undefer()), or several of them as a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no option of a statement",
    label = "expected a loader such as `selectinload(…)`, or `undefer(…)`"
)]
pub trait SelectOption {
    /// Says what it asks for.
    #[doc(hidden)]
    fn ask(self, asked: &mut Asked);
}

/// What options ask for.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Asked {
    /// To be loaded with the objects.
    pub(crate) relations: Vec<LoaderOption>,
    /// Deferred columns, of their tables.
    pub(crate) columns: Vec<(&'static TableMeta, usize)>,
}

impl Asked {
    pub(crate) fn of(option: impl SelectOption) -> Self {
        let mut asked = Self::default();
        option.ask(&mut asked);
        asked
    }
}

#[diagnostic::do_not_recommend]
impl<L: Into<LoaderOption>> SelectOption for L {
    fn ask(self, asked: &mut Asked) {
        asked.relations.push(self.into());
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: SelectOption),+> SelectOption for ($($name,)+) {
            fn ask(self, asked: &mut Asked) {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                $($name.ask(asked);)+
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
