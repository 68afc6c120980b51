//! The inherent items: typed columns and relations, `builder()` and `table()`.

use proc_macro2::TokenStream;
use quote::quote;

use super::{builder, groups};
use crate::model::{Column, Entity, Kind, Relation};

/// Prints the inherent `impl`.
pub(super) fn constants(entity: &Entity) -> TokenStream {
    let (vis, ident) = (&entity.vis, &entity.ident);
    let columns = entity.columns.iter().enumerate().map(|(index, it)| column(entity, index, it));
    let relations = entity.relations.iter().enumerate().map(|(index, it)| relation(entity, index, it));
    let groups = groups::constants(entity);
    let builder = builder::function(entity);
    quote! {
        impl #ident {
            #(#columns)*
            #(#relations)*
            #(#groups)*
            #builder

            /// Returns the table as an object of the schema.
            #[must_use]
            #vis fn table() -> __a::Table {
                __a::Table::of(<Self as __a::Mapped>::TABLE)
            }
        }
    }
}

fn column(entity: &Entity, index: usize, column: &Column) -> TokenStream {
    let Column { constant, ty, .. } = column;
    let vis = &entity.vis;
    let doc = format!("The column `{}`.", column.field());
    quote! {
        #[doc = #doc]
        #vis const #constant: __a::Column<Self, #ty> = __a::Column::new(#index);
    }
}

fn relation(entity: &Entity, index: usize, relation: &Relation) -> TokenStream {
    let Relation { constant, target, .. } = relation;
    let vis = &entity.vis;
    let doc = format!("The relation `{}`.", relation.field());
    let ty = match relation.kind {
        Kind::BelongsTo | Kind::HasOne => quote!(ToOne),
        Kind::HasMany => quote!(ToMany),
    };
    quote! {
        #[doc = #doc]
        #vis const #constant: __a::#ty<Self, #target> = __a::#ty::new(#index);
    }
}
