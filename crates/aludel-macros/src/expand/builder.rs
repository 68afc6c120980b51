//! The builder: a draft with a setter for each column and relation, and a type for each required column not given yet.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::groups;
use crate::model::{Column, Entity, Group, Kind, Relation};

/// Prints the builder's types and impls. `required` are the columns that must be given.
pub(super) fn builder(entity: &Entity, required: &[&Column]) -> TokenStream {
    let (vis, ident, name) = (&entity.vis, &entity.ident, name(entity));
    let states: Vec<Ident> = required.iter().map(|it| it.state(entity)).collect();
    let state_types = required.iter().zip(&states).map(|(column, state)| state_type(entity, column, state));
    let missing = entity.groups.iter().map(|it| {
        let ty = &it.ty;
        quote_spanned!(it.ty_span=> <#ty as __a::Columns>::Missing)
    });
    let states: Vec<TokenStream> = states.iter().map(ToTokens::to_token_stream).chain(missing).collect();
    let params: Vec<Ident> = (0..states.len()).map(|at| format_ident!("__S{at}")).collect();
    // What the database computes cannot be given.
    let settable = entity.columns.iter().filter(|it| it.attr.computed.is_none());
    let columns = settable.map(|column| {
        let given = required.iter().position(|it| it.ident == column.ident);
        setter(entity, column, given, &params)
    });
    let groups = groups::placed(entity).enumerate().map(|(at, (group, first))| {
        let Group { ident: field, ty, .. } = group;
        let next = next_state(entity, Some(required.len() + at), &params);
        let doc = format!("Gives `{field}`.");
        // What is wrong with the type is said where the type stands.
        let set = quote_spanned!(group.ty_span=> set_group(#first, value, |it| &mut it.#field));
        quote! {
            #[doc = #doc]
            #vis fn #field(self, value: #ty) -> #next {
                #name(self.0.#set)
            }
        }
    });
    let written = entity.relations.iter().filter(|it| it.attr.viewonly.is_none());
    let relations = written.map(|it| relation_setter(entity, it));
    // With the span of the name, or the compiler would advise to write the impls by hand where a column is missing.
    let span = ident.span();
    let given = quote_spanned!(span=> <#(#params: __a::Given),*>);
    let (insertable, related) = (
        quote_spanned!(span=> impl #given __a::Insertable<#ident> for #name<#(#params),*>),
        quote_spanned!(span=> impl #given __a::Related<#ident> for #name<#(#params),*>),
    );
    let doc = format!("A new `{}` that is being built.", entity.name());
    quote! {
        #(#state_types)*

        #[doc = #doc]
        #[must_use]
        #vis struct #name<#(#params = #states),*>(__a::Draft<#ident, (#(#params,)*)>);

        impl<#(#params),*> #name<#(#params),*> {
            #(#columns)*
            #(#groups)*
            #(#relations)*
        }

        #insertable {
            fn into_new_row(self) -> __a::NewRow<#ident> {
                self.0.finish().into_new_row()
            }
        }

        #related {
            fn into_related(self) -> __a::RelatedValue<#ident> {
                __a::RelatedValue::New(self.0.finish())
            }
        }
    }
}

/// Prints the type that says that a column is not given yet.
fn state_type(entity: &Entity, column: &Column, state: &Ident) -> TokenStream {
    let doc = format!("`{}` is not given yet.", column.field());
    // The message about a column that was left out shows this item: it stands where the field stands.
    let span = column.ident.span();
    let vis = entity.vis.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    let vis: TokenStream = vis.collect();
    quote_spanned!(span=> #[doc = #doc] #vis enum #state {})
}

/// Prints `builder()`.
pub(super) fn function(entity: &Entity) -> TokenStream {
    let (vis, name) = (&entity.vis, name(entity));
    let defaults = entity.columns.iter().filter_map(|column| {
        let constant = &column.constant;
        let value = groups::preset(column)?;
        Some(quote!(.preset(Self::#constant, #value)))
    });
    let groups = groups::placed(entity).map(|(group, first)| {
        let field = &group.ident;
        quote_spanned!(group.ty_span=> .preset_group(#first, |it| &mut it.#field))
    });
    let doc = format!("Begins a new `{}`.", entity.name());
    quote! {
        #[doc = #doc]
        #vis fn builder() -> #name {
            #name(__a::Draft::<Self, _>::new()#(#defaults)*#(#groups)*)
        }
    }
}

fn setter(entity: &Entity, column: &Column, given: Option<usize>, params: &[Ident]) -> TokenStream {
    let Column { ident, constant, ty, .. } = column;
    let (vis, this, name) = (&entity.vis, &entity.ident, name(entity));
    let next = next_state(entity, given, params);
    let path = constant_path(this, constant);
    let doc = format!("Gives `{}`.", column.field());
    quote! {
        #[doc = #doc]
        #vis fn #ident(self, value: impl __a::IntoValue<#ty>) -> #next {
            #name(self.0.set(#path, value))
        }
    }
}

/// The builder behind a setter: with one more of its states given.
fn next_state(entity: &Entity, given: Option<usize>, params: &[Ident]) -> TokenStream {
    let Some(given) = given else { return quote!(Self) };
    let name = name(entity);
    let states =
        params.iter().enumerate().map(|(at, it)| if given == at { quote!(__a::Set) } else { quote!(#it) });
    quote!(#name<#(#states),*>)
}

fn relation_setter(entity: &Entity, relation: &Relation) -> TokenStream {
    let Relation { ident, constant, target, .. } = relation;
    let (vis, this, name) = (&entity.vis, &entity.ident, name(entity));
    let related = quote_spanned!(relation.ty_span=> impl __a::Related<#target>);
    let (value, method) = match relation.kind {
        Kind::BelongsTo | Kind::HasOne => (related, quote!(relate)),
        Kind::HasMany => (quote!(impl __a::IntoIterator<Item = #related>), quote!(relate_all)),
    };
    let path = constant_path(this, constant);
    let doc = format!("Gives `{}`.", relation.field());
    quote! {
        #[doc = #doc]
        #vis fn #ident(self, value: #value) -> Self {
            #name(self.0.#method(#path, value))
        }
    }
}

/// Prints `Document::TITLE`, all of it where the field stands.
fn constant_path(entity: &Ident, constant: &Ident) -> TokenStream {
    let mut entity = entity.clone();
    entity.set_span(entity.span().located_at(constant.span()));
    quote_spanned!(constant.span()=> #entity::#constant)
}

/// Returns the name of the builder.
fn name(entity: &Entity) -> Ident {
    format_ident!("{}Builder", entity.name(), span = entity.ident.span())
}
