//! `Entity`: the relations by index, and the check that both sides of a relation name each other.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

use crate::model::{Entity, Relation};
use crate::print::{each, index, start};

/// Prints `impl Entity`.
pub(super) fn entity(entity: &Entity, out: &mut TokenStream) {
    let ident = &entity.ident;
    let view = super::view::name(entity);
    let relations = (!entity.relations.is_empty()).then(|| {
        let (relation, relation_mut) = (by_index(entity, "state"), by_index(entity, "state_mut"));
        piece! {
            fn relation(&self, index: usize) -> __a::RelationRef<'_> {
                #relation
            }

            fn relation_mut(&mut self, index: usize) -> __a::RelationMut<'_> {
                #relation_mut
            }
        }
    });
    print_tokens! {out,
        impl __a::Entity for #ident {
            type View<'s> = #view<'s>;

            const VIEW: fn(__a::Lens<'_, Self>) -> #view<'_> = |lens| #view(lens);

            fn lens<'s>(view: &Self::View<'s>) -> __a::Lens<'s, Self> {
                view.0
            }

            #relations
        }
    }
}

fn by_index(entity: &Entity, method: &'static str) -> impl ToTokens {
    let arms = each(entity.relations.iter().enumerate().map(move |(at, it)| {
        // What is wrong with the type is said where the type stands.
        let span = Span::call_site().located_at(it.ty_span);
        let (at, mut field, method) = (index(at), it.ident.clone(), Ident::new(method, span));
        field.set_span(field.span().located_at(it.ty_span));
        piece_at!(span=> #at => self.#field.#method(),)
    }));
    piece! {
        match index {
            #arms
            _ => __a::no_relation::<Self>(index),
        }
    }
}

/// Prints the checks of `back_populates` and `passive_deletes`: a constant each, or the compiler would stop at the first mistake.
pub(super) fn agreements(entity: &Entity, out: &mut TokenStream) {
    let ident = &entity.ident;
    let checks = each(entity.relations.iter().enumerate().filter_map(move |(at, relation)| {
        let Relation { target, attr, .. } = relation;
        let back = &attr.back_populates.as_ref()?.value;
        // From the first word of the path to the last: the compiler underlines all of it.
        let (first, last) = (start(back), back.segments.last()?.ident.span());
        let at = index(at);
        let at = piece_at!(last=> (#at));
        Some(piece_at!(first=> const _: () = __a::agree::<#ident, #target> #at;))
    }));
    let left_to_database = each(entity.relations.iter().enumerate().filter_map(move |(at, relation)| {
        let (target, span) = (&relation.target, relation.attr.passive_deletes.as_ref()?.span());
        let at = index(at);
        Some(piece_at!(span=> const _: () = __a::left_to_database::<#ident, #target>(#at);))
    }));
    print_tokens!(out, #checks #left_to_database);
}
