//! What is printed for a struct whose attributes are wrong: the mistakes, and items of the right names and types that do nothing, so
//! that what uses the entity is not wrong as well.

use proc_macro2::TokenStream;
use quote::quote;

use super::{builder, constants, hidden, relations, value, view};
use crate::model::{Entity, Shape};

/// Prints the mistakes and the placeholder.
pub(crate) fn placeholder(entity: &Entity, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    if entity.shape == Shape::Generic {
        return error;
    }
    let body = hidden(&[
        constants::constants(entity),
        mapped(entity),
        relations::entity(entity),
        builder::builder(entity, &[]),
        view::view(entity),
    ]);
    // A tuple struct is a value of this name itself.
    let value = if entity.shape == Shape::Value { TokenStream::new() } else { value(entity) };
    quote!(#error #value #body)
}

fn mapped(entity: &Entity) -> TokenStream {
    let (ident, name) = (&entity.ident, entity.name());
    quote! {
        #[automatically_derived]
        impl __a::Mapped for #ident {
            const TABLE: &'static __a::TableMeta = &__a::table(#name, "", &[], &[]);

            fn read<R: __a::Reader>(_: &mut R) -> __a::StdResult<Self, R::Error> {
                __a::no_column::<Self>(0)
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
