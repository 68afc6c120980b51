//! The inherent items: typed columns and relations, `builder()` and `table()`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

use super::{builder, groups};
use crate::model::{Column, Entity, Kind, Relation};
use crate::print::{each, index};

/// Prints the inherent `impl`.
pub(super) fn constants(entity: &Entity, out: &mut TokenStream) {
    let (vis, ident) = (&entity.vis, &entity.ident);
    let columns = each(entity.columns.iter().enumerate().map(|(at, it)| column(entity, at, it)));
    let relations = each(entity.relations.iter().enumerate().map(|(at, it)| relation(entity, at, it)));
    let groups = each(groups::constants(entity));
    let builder = builder::function(entity);
    print_tokens! {out,
        impl #ident {
            #columns
            #relations
            #groups
            #builder

            /// Returns the table as an object of the schema.
            #vis fn table() -> __a::Table {
                __a::schema_of::<Self>()
            }
        }
    }
}

fn column(entity: &Entity, at: usize, column: &Column) -> impl ToTokens {
    let Column { constant, ty, .. } = column;
    let (vis, at) = (&entity.vis, index(at));
    let doc = format!("The column `{}`.", column.field);
    piece! {
        #[doc = #doc]
        #vis const #constant: __a::Column<Self, #ty> = __a::column_at(#at);
    }
}

fn relation(entity: &Entity, at: usize, relation: &Relation) -> impl ToTokens {
    let Relation { constant, target, .. } = relation;
    let (vis, at) = (&entity.vis, index(at));
    let doc = format!("The relation `{}`.", relation.field);
    let to_one = matches!(relation.kind, Kind::BelongsTo | Kind::HasOne);
    let ty = Ident::new(if to_one { "ToOne" } else { "ToMany" }, Span::call_site());
    piece! {
        #[doc = #doc]
        #vis const #constant: __a::#ty<Self, #target> = __a::relation_at(#at);
    }
}
