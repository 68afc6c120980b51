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

use crate::model::{Column, Entity};
use crate::print::Piece;
use proc_macro2::TokenStream;

/// Prints the expansion.
pub(crate) fn entity(entity: &Entity) -> TokenStream {
    let required: Vec<&Column> = entity.columns.iter().filter(|it| entity.is_required(it)).collect();
    let out = &mut TokenStream::new();
    value(entity, out);
    hidden(out, |out| {
        constants::constants(entity, out);
        fields::mapped(entity, out);
        relations::entity(entity, out);
        builder::builder(entity, &required, out);
        view::view(entity, out);
        relations::agreements(entity, out);
        linked(entity, out);
    });
    std::mem::take(out)
}

/// Prints the value beside the type.
fn value(entity: &Entity, out: &mut TokenStream) {
    let (vis, ident) = (&entity.vis, &entity.ident);
    let doc =
        format!("The table of [`{}`](struct@{ident}), for statements: `select({ident})`.", entity.name());
    print_tokens! {out,
        #[doc = #doc]
        #[allow(dead_code, non_upper_case_globals)]
        #vis const #ident: ::aludel::derive::Of<#ident> = ::aludel::derive::Of::new();
    }
}

/// Tells the program of the table.
fn linked(entity: &Entity, out: &mut TokenStream) {
    let ident = &entity.ident;
    print_tokens!(out, __a::link_table!(__a::LinkedTable::of::<#ident>()););
}

/// Puts items where their names are in nobody's way.
fn hidden(out: &mut TokenStream, items: impl FnOnce(&mut TokenStream)) {
    let items = Piece::new(items);
    print_tokens! {out,
        #[allow(dead_code, deprecated, non_camel_case_types, unreachable_pub)]
        #[allow(missing_copy_implementations, missing_debug_implementations)]
        const _: () = {
            use ::aludel::derive as __a;
            #items
        };
    }
}
