//! Prints an entity: constants, and calls of the ordinary code in `aludel::derive`.
//!
//! Everything but the value that has the entity's name sits in one `const _`, so that the names of the builder and of the view stay
//! free for the program. Nothing is imported there by glob, and `__a` is the only name that could hide one of the program's.

mod builder;
mod constants;
mod fields;
mod groups;
mod placeholder;
mod relations;
pub(crate) mod table;
mod view;

pub(crate) use groups::columns;
pub(crate) use placeholder::placeholder;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Column, Entity};

/// Prints the expansion.
pub(crate) fn entity(entity: &Entity) -> TokenStream {
    let table = table::table(entity);
    let required: Vec<&Column> = entity.columns.iter().filter(|it| entity.is_required(it)).collect();
    let body = [
        constants::constants(entity),
        fields::mapped(entity, &table),
        relations::entity(entity),
        builder::builder(entity, &required),
        view::view(entity),
        relations::agreements(entity),
        linked(entity),
    ];
    let value = value(entity);
    let body = hidden(&body);
    quote!(#value #body)
}

/// Prints the value beside the type.
fn value(entity: &Entity) -> TokenStream {
    let (vis, ident) = (&entity.vis, &entity.ident);
    let doc =
        format!("The table of [`{}`](struct@{ident}), for statements: `select({ident})`.", entity.name());
    quote! {
        #[doc = #doc]
        #[allow(dead_code, non_upper_case_globals)]
        #vis const #ident: ::aludel::derive::Of<#ident> = ::aludel::derive::Of::new();
    }
}

/// Tells the program of the table.
fn linked(entity: &Entity) -> TokenStream {
    let ident = &entity.ident;
    quote!(__a::link_table!(__a::LinkedTable::of::<#ident>());)
}

/// Puts items where their names are in nobody's way.
fn hidden(items: &[TokenStream]) -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            deprecated,
            missing_copy_implementations,
            missing_debug_implementations,
            non_camel_case_types,
            private_bounds,
            private_interfaces,
            unreachable_pub,
            unused_qualifications
        )]
        const _: () = {
            use ::aludel::derive as __a;
            #(#items)*
        };
    }
}
