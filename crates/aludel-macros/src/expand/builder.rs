//! The builder: a draft with a setter for each column and relation, and a type for each required column not given yet.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Visibility;

use super::groups;
use crate::model::{Column, Entity, Group, Kind, Relation};
use crate::print::{Piece, angles, each, index};

/// Prints the builder's types and impls. `required` are the columns that must be given.
pub(super) fn builder(entity: &Entity, required: &[&Column], out: &mut TokenStream) {
    let (vis, ident, name) = (&entity.vis, &entity.ident, &name(entity));
    let state_types = each(required.iter().map(|it| state_type(entity, it)));
    let params: Vec<Ident> = (0..required.len() + entity.groups.len())
        .map(|at| Ident::new(&format!("_{at}"), Span::call_site()))
        .collect();
    let call = Span::call_site();
    let states = angles(
        call,
        params.iter().enumerate().map(|(at, param)| {
            let column = required.get(at).map(|it| it.state(entity));
            let missing = at.checked_sub(required.len()).map(|at| {
                let Group { ty, ty_span, .. } = &entity.groups[at];
                piece_at!(*ty_span=> <#ty as __a::Columns>::Missing)
            });
            piece!(#param = #column #missing)
        }),
    );
    let [open, of] = [(); 2].map(|()| angles(call, params.iter()));
    let listed = each(params.iter().map(|it| piece!(#it,)));
    // What the database computes cannot be given.
    let settable = entity.columns.iter().enumerate().filter(|(_, it)| it.attr.computed.is_none());
    let columns = each(settable.map(|(at, column)| {
        let given = required.iter().position(|it| std::ptr::eq(*it, column));
        setter(entity, name, at, column, next_state(name, given, &params))
    }));
    let groups = each(groups::placed(entity).enumerate().map(|(at, (group, first))| {
        let Group { ident: field, ty, .. } = group;
        let next = next_state(name, Some(required.len() + at), &params);
        let doc = format!("Gives `{field}`.");
        // What is wrong with the type is said where the type stands.
        let set = piece_at!(group.ty_span=> set_group(#first, value, |it| &mut it.#field));
        piece! {
            #[doc = #doc]
            #vis fn #field(self, value: #ty) -> #next {
                #name(self.0 .#set)
            }
        }
    }));
    let written = entity.relations.iter().enumerate().filter(|(_, it)| it.attr.viewonly.is_none());
    let relations = each(written.map(|(at, it)| relation_setter(entity, name, at, it)));
    // With the span of the name, or the compiler would advise to write the impls by hand where a column is missing.
    let span = ident.span();
    let given = angles(span, params.iter().map(|it| piece_at!(span=> #it: __a::Given)));
    let of_given = angles(span, params.iter());
    let drafted = piece_at!(span=> impl #given __a::Drafted<#ident> for #name #of_given);
    let doc = format!("A new `{}` that is being built.", entity.name());
    print_tokens! {out,
        #state_types

        #[doc = #doc]
        #[must_use]
        #vis struct #name #states(__a::Draft<#ident, (#listed)>);

        impl #open #name #of {
            #columns
            #groups
            #relations
        }

        #drafted {
            type New = __a::NewObject<#ident>;

            fn finish(self) -> Self::New {
                self.0.finish()
            }
        }
    }
}

/// Prints the type that says that a column is not given yet.
fn state_type(entity: &Entity, column: &Column) -> impl ToTokens {
    let state = column.state(entity);
    let doc = format!("`{}` is not given yet.", column.field);
    // The message about a column that was left out shows this item: it stands where the field stands.
    let (span, mut vis) = (column.ident.span(), entity.vis.clone());
    match &mut vis {
        Visibility::Public(it) => it.span = it.span.located_at(span),
        Visibility::Restricted(it) => it.pub_token.span = it.pub_token.span.located_at(span),
        Visibility::Inherited => {}
    }
    piece_at!(span=> #[doc = #doc] #vis enum #state {})
}

/// Prints `builder()`.
pub(super) fn function(entity: &Entity) -> impl ToTokens {
    let (vis, name) = (&entity.vis, name(entity));
    let defaults = each(entity.columns.iter().filter_map(|column| {
        let constant = &column.constant;
        let value = groups::preset(column)?;
        Some(piece!(.preset(Self::#constant, #value)))
    }));
    let groups = each(groups::placed(entity).map(|(group, first)| {
        let field = &group.ident;
        piece_at!(group.ty_span=> .preset_group(#first, |it| &mut it.#field))
    }));
    let doc = format!("Begins a new `{}`.", entity.name());
    piece! {
        #[doc = #doc]
        #vis fn builder() -> #name {
            #name(__a::Draft::<Self, _>::new() #defaults #groups)
        }
    }
}

fn setter(entity: &Entity, name: &Ident, at: usize, column: &Column, next: impl ToTokens) -> impl ToTokens {
    let Column { ident, ty, .. } = column;
    let (vis, at) = (&entity.vis, index(at));
    let doc = format!("Gives `{}`.", column.field);
    piece! {
        #[doc = #doc]
        #vis fn #ident(self, value: impl __a::IntoValue<#ty>) -> #next {
            #name(__a::given(self.0, #at, value))
        }
    }
}

/// The builder behind a setter: with one more of its states given.
fn next_state(name: &Ident, given: Option<usize>, params: &[Ident]) -> impl ToTokens {
    Piece::new(move |out| {
        let Some(given) = given else { return print_tokens!(out, Self) };
        let states = angles(
            Span::call_site(),
            params.iter().enumerate().map(|(at, param)| {
                let (set, param) = ((at == given).then(|| piece!(__a::Set)), (at != given).then_some(param));
                piece!(#set #param)
            }),
        );
        print_tokens!(out, #name #states);
    })
}

fn relation_setter(entity: &Entity, name: &Ident, at: usize, relation: &Relation) -> impl ToTokens {
    let Relation { ident, target, .. } = relation;
    let (vis, at) = (&entity.vis, index(at));
    let (value, method) = match relation.kind {
        Kind::BelongsTo | Kind::HasOne => {
            (quote_spanned!(relation.ty_span=> impl __a::Related<#target>), "related")
        }
        Kind::HasMany => (quote_spanned!(relation.ty_span=> impl __a::AllRelated<#target>), "all_related"),
    };
    let method = Ident::new(method, Span::call_site());
    let doc = format!("Gives `{}`.", relation.field);
    piece! {
        #[doc = #doc]
        #vis fn #ident(self, value: #value) -> Self {
            #name(__a::#method(self.0, #at, value))
        }
    }
}

/// Returns the name of the builder.
fn name(entity: &Entity) -> Ident {
    Ident::new(&format!("{}Builder", entity.name()), entity.ident.span())
}
