//! `Mapped`: reading an object, and its fields by index.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::groups;
use crate::model::{Column, Entity};

/// Prints `impl Mapped`.
pub(super) fn mapped(entity: &Entity, table: &TokenStream) -> TokenStream {
    let ident = &entity.ident;
    let columns = entity.columns.iter().enumerate().map(|(index, it)| {
        let (field, span) = (&it.ident, located(it));
        quote_spanned!(span=> #field: fields.column(#index))
    });
    let groups = groups::placed(entity).map(|(group, first)| {
        let (field, ty) = (&group.ident, &group.ty);
        quote_spanned!(group.ty_span=> #field: <#ty as __a::Columns>::read(&mut fields, #first))
    });
    let relations = entity.relations.iter().map(|it| &it.ident);
    let other = groups::field(entity, &format_ident!("field"), &quote!(&));
    let other_mut = groups::field(entity, &format_ident!("field_mut"), &quote!(&mut));
    let [other, other_mut] =
        [other, other_mut].map(|it| if entity.groups.is_empty() { it } else { quote!({ #it }) });
    let indexes: Vec<usize> = (0..entity.columns.len()).collect();
    let references = entity.columns.iter().map(|it| reference(it, false));
    let mutable = entity.columns.iter().map(|it| reference(it, true));
    quote! {
        #[automatically_derived]
        impl __a::Mapped for #ident {
            const TABLE: &'static __a::TableMeta = #table;

            fn read<R: __a::Reader>(reader: &mut R) -> __a::StdResult<Self, R::Error> {
                let mut fields = __a::Fields::of(reader);
                let this = Self {
                    #(#columns,)*
                    #(#groups,)*
                    #(#relations: fields.relation(),)*
                };
                fields.finish(this)
            }

            fn field(&self, column: usize) -> &dyn __a::Field {
                match column {
                    #(#indexes => #references,)*
                    _ => #other,
                }
            }

            fn field_mut(&mut self, column: usize) -> &mut dyn __a::Field {
                match column {
                    #(#indexes => #mutable,)*
                    _ => #other_mut,
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
    if mutable { quote_spanned!(span=> &mut #this.#field) } else { quote_spanned!(span=> &#this.#field) }
}

/// What is wrong with the type is said where the type stands.
fn located(column: &Column) -> Span {
    Span::call_site().located_at(column.ty_span)
}
