//! `Mapped`: reading an object, and its fields by index.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};

use super::{groups, table};
use crate::model::{Column, Entity};
use crate::print::{each, index};

/// Prints `impl Mapped`.
pub(super) fn mapped(entity: &Entity, out: &mut TokenStream) {
    let ident = &entity.ident;
    let table::Table { lists, table } = table::table(entity);
    let columns = each(entity.columns.iter().enumerate().map(|(at, it)| {
        let (field, span, at) = (&it.ident, located(it), index(at));
        piece_at!(span=> #field: fields.column(#at),)
    }));
    let groups = each(groups::placed(entity).map(|(group, first)| {
        let (field, ty) = (&group.ident, &group.ty);
        piece_at!(group.ty_span=> #field: <#ty as __a::Columns>::read(fields, #first),)
    }));
    let relations =
        each(entity.relations.iter().map(|it| &it.ident).map(|it| piece!(#it: fields.relation(),)));
    let field = by_index(entity, "field", false);
    let field_mut = by_index(entity, "field_mut", true);
    print_tokens! {out,
        #lists

        impl __a::Mapped for #ident {
            const TABLE: &'static __a::TableMeta = #table;

            #[inline(always)]
            fn make<R: __a::Reader>(fields: &mut __a::Fields<'_, R>) -> Self {
                Self {
                    #columns
                    #groups
                    #relations
                }
            }

            fn field(&self, column: usize) -> &dyn __a::Field {
                #field
            }

            fn field_mut(&mut self, column: usize) -> &mut dyn __a::Field {
                #field_mut
            }
        }
    }
}

fn by_index(entity: &Entity, method: &'static str, mutable: bool) -> impl ToTokens {
    let arms = each(entity.columns.iter().enumerate().map(move |(at, it)| {
        let (at, reference) = (index(at), reference(it, mutable));
        piece!(#at => #reference,)
    }));
    let mutability = mutable.then(|| Ident::new("mut", Span::call_site()));
    let groups = (!entity.groups.is_empty()).then(|| {
        let ways = groups::field(entity, &format_ident!("{method}"), &quote::quote!(&#mutability));
        piece!({ #ways })
    });
    let none = entity.groups.is_empty().then(|| piece!(__a::no_column::<Self>(column),));
    piece! {
        match column {
            #arms
            _ => #groups #none
        }
    }
}

fn reference(column: &Column, mutable: bool) -> impl ToTokens {
    let span = located(column);
    let mut field = column.ident.clone();
    field.set_span(field.span().located_at(column.ty_span));
    // `self` must come from where the function comes from.
    let mutability = mutable.then(|| Ident::new("mut", span));
    piece_at!(span=> &#mutability self.#field)
}

/// What is wrong with the type is said where the type stands.
fn located(column: &Column) -> Span {
    Span::call_site().located_at(column.ty_span)
}
