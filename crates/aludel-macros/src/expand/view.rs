//! The view: a lens on one object, with a method for each relation.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::model::{Entity, Kind, Relation};
use crate::print::each;

/// Prints the view's type and impls.
pub(super) fn view(entity: &Entity, out: &mut TokenStream) {
    let (vis, ident, name) = (&entity.vis, &entity.ident, &name(entity));
    let navigation = (!entity.relations.is_empty()).then(|| {
        let relations = each(entity.relations.iter().map(|it| navigation(entity, it)));
        piece!(impl<'s> #name<'s> { #relations })
    });
    let doc = format!("A read-only view of a `{}` that follows its relations.", entity.name());
    print_tokens! {out,
        #[doc = #doc]
        #vis struct #name<'s>(__a::Lens<'s, #ident>);

        #navigation

        impl __a::Deref for #name<'_> {
            type Target = #ident;

            fn deref(&self) -> &#ident {
                &self.0
            }
        }
    }
}

fn navigation(entity: &Entity, relation: &Relation) -> impl ToTokens {
    let Relation { ident, constant, target, .. } = relation;
    let (vis, this) = (&entity.vis, &entity.ident);
    let optional = match relation.kind {
        Kind::BelongsTo => entity.key_of(relation).is_ok_and(|it| it.written.optional),
        Kind::HasOne | Kind::HasMany => true,
    };
    let one = quote_spanned!(relation.ty_span=> __a::ViewOf<'s, #target>);
    let (value, method) = match (relation.kind, optional) {
        (Kind::HasMany, _) => (quote!(__a::Views<'s, #target>), "to_many"),
        (_, true) => (quote!(__a::Option<#one>), "to_optional"),
        (_, false) => (one, "to_one"),
    };
    let method = Ident::new(method, Span::call_site());
    let doc = format!("Follows `{}`; an error if it is not loaded.", relation.field);
    piece! {
        #[doc = #doc]
        #vis fn #ident(&self) -> __a::Result<#value> {
            self.0 .#method(#this::#constant)
        }
    }
}

/// Returns the name of the view.
pub(super) fn name(entity: &Entity) -> Ident {
    Ident::new(&format!("{}View", entity.name()), entity.ident.span())
}
