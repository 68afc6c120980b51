//! What is printed for a struct whose attributes are wrong: the mistakes, and items of the right names and types that do nothing, so
//! that what uses the entity is not wrong as well.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{builder, constants, hidden, relations, value, view};
use crate::model::{Entity, Shape};
use crate::print::index;

/// Prints the mistakes and the placeholder.
pub(crate) fn placeholder(entity: &Entity, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    if entity.shape == Shape::Generic {
        return error;
    }
    let out = &mut TokenStream::new();
    error.to_tokens(out);
    // A tuple struct is a value of this name itself.
    if entity.shape != Shape::Value {
        value(entity, out);
    }
    hidden(out, |out| {
        constants::constants(entity, out);
        mapped(entity, out);
        relations::entity(entity, out);
        builder::builder(entity, &[], out);
        view::view(entity, out);
    });
    std::mem::take(out)
}

fn mapped(entity: &Entity, out: &mut TokenStream) {
    let (ident, name, none) = (&entity.ident, entity.name(), index(0));
    print_tokens! {out,
        impl __a::Mapped for #ident {
            const TABLE: &'static __a::TableMeta = &__a::table(#name, "", &[], &[]);

            fn make<R: __a::Reader>(_: &mut __a::Fields<'_, R>) -> Self {
                __a::no_column::<Self>(#none)
            }

            fn field(&self, column: usize) -> &dyn __a::Field {
                __a::no_column::<Self>(column)
            }

            fn field_mut(&mut self, column: usize) -> &mut dyn __a::Field {
                __a::no_column::<Self>(column)
            }
        }
    }
}
