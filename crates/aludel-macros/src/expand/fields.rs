//! `Mapped`: reading an object, and its fields by index.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::model::{Column, Entity};

/// Prints `impl Mapped`.
pub(super) fn mapped(entity: &Entity, table: &TokenStream) -> TokenStream {
    let ident = &entity.ident;
    let columns = entity.columns.iter().enumerate().map(|(index, it)| {
        let (field, span) = (&it.ident, located(it));
        quote_spanned!(span=> #field: reader.column(#index)?)
    });
    let relations = entity.relations.iter().map(|it| &it.ident);
    let indexes: Vec<usize> = (0..entity.columns.len()).collect();
    let references = entity.columns.iter().map(|it| reference(it, false));
    let mutable = entity.columns.iter().map(|it| reference(it, true));
    quote! {
        #[automatically_derived]
        impl __a::Mapped for #ident {
            const TABLE: &'static __a::TableMeta = #table;

            fn read<R: __a::Reader>(reader: &mut R) -> __a::StdResult<Self, R::Error> {
                __a::Ok(Self {
                    #(#columns,)*
                    #(#relations: reader.relation(),)*
                })
            }

            fn field(&self, column: usize) -> &dyn __a::Field {
                match column {
                    #(#indexes => #references,)*
                    _ => __a::no_column::<Self>(column),
                }
            }

            fn field_mut(&mut self, column: usize) -> &mut dyn __a::Field {
                match column {
                    #(#indexes => #mutable,)*
                    _ => __a::no_column::<Self>(column),
                }
            }
        }
    }
}

fn reference(column: &Column, mutable: bool) -> TokenStream {
    let span = located(column);
    let mut field = column.ident.clone();
    field.set_span(field.span().located_at(column.ty_span));
    // `self` must come from where the function comes from.
    let this = Ident::new("self", span);
    if mutable {
        quote_spanned!(span=> __a::field_mut(&mut #this.#field))
    } else {
        quote_spanned!(span=> __a::field(&#this.#field))
    }
}

/// What is wrong with the type is said where the type stands.
fn located(column: &Column) -> Span {
    Span::call_site().located_at(column.ty_span)
}
