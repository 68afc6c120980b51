//! `Entity`: the relations by index, and the check that both sides of a relation name each other.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::model::{Entity, Relation};

/// Prints `impl Entity`.
pub(super) fn entity(entity: &Entity) -> TokenStream {
    let ident = &entity.ident;
    let view = super::view::name(entity);
    let relations = (!entity.relations.is_empty()).then(|| {
        let (relation, relation_mut) = (by_index(entity, "state"), by_index(entity, "state_mut"));
        quote! {
            fn relation(&self, index: usize) -> __a::RelationRef<'_> {
                #relation
            }

            fn relation_mut(&mut self, index: usize) -> __a::RelationMut<'_> {
                #relation_mut
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl __a::Entity for #ident {
            type View<'s> = #view<'s>;

            fn view(lens: __a::Lens<'_, Self>) -> #view<'_> {
                #view(lens)
            }

            fn lens<'s>(view: &<Self as __a::Entity>::View<'s>) -> __a::Lens<'s, Self> {
                view.0
            }

            #relations
        }
    }
}

fn by_index(entity: &Entity, method: &str) -> TokenStream {
    let arms = entity.relations.iter().enumerate().map(|(index, it)| {
        // What is wrong with the type is said where the type stands.
        let span = Span::call_site().located_at(it.ty_span);
        let (this, mut field) = (Ident::new("self", span), it.ident.clone());
        field.set_span(field.span().located_at(it.ty_span));
        let method = Ident::new(method, span);
        quote_spanned!(span=> #index => #this.#field.#method())
    });
    quote! {
        match index {
            #(#arms,)*
            _ => __a::no_relation::<Self>(index),
        }
    }
}

/// Prints the checks of `back_populates` and `passive_deletes`.
pub(super) fn agreements(entity: &Entity) -> TokenStream {
    let ident = &entity.ident;
    let checks = entity.relations.iter().enumerate().filter_map(|(index, relation)| {
        let Relation { target, attr, .. } = relation;
        let back = &attr.back_populates.as_ref()?.value;
        // From the first word of the path to the last: the compiler underlines all of it.
        let (first, last) = (back.span(), back.segments.last()?.ident.span());
        let index = quote_spanned!(last=> (#index));
        Some(quote_spanned!(first=> const _: () = __a::agree::<#ident, #target> #index;))
    });
    let left_to_database = entity.relations.iter().enumerate().filter_map(|(index, relation)| {
        let (target, span) = (&relation.target, relation.attr.passive_deletes.as_ref()?.span());
        Some(quote_spanned!(span=> const _: () = __a::left_to_database::<#ident, #target>(#index);))
    });
    quote!(#(#checks)* #(#left_to_database)*)
}
