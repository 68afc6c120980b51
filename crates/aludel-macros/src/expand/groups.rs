//! Groups of columns: the struct of one, and an entity that embeds some.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::{hidden, table};
use crate::model::{Column, Entity, Group};

/// Prints the expansion of `#[derive(Columns)]`.
pub(crate) fn columns(group: &Entity) -> TokenStream {
    let (vis, ident, name) = (&group.vis, &group.ident, group.name());
    let metas = group.columns.iter().map(|it| table::column(group, it));
    let fields: Vec<&Ident> = group.columns.iter().map(|it| &it.ident).collect();
    let types = group.columns.iter().map(|it| &it.ty);
    let at: Vec<usize> = (0..fields.len()).collect();
    let presets = group.columns.iter().enumerate().filter_map(|(at, it)| {
        let (field, ty, value) = (&it.ident, &it.ty, preset(it)?);
        Some(quote! {
            __a::put::<#ty>(&mut self.#field, #value);
            given.insert(#at);
        })
    });
    let required = group.columns.iter().find(|it| group.is_required(it));
    let (missing, state) = match required {
        None => (quote!(__a::Set), TokenStream::new()),
        Some(column) => {
            let state = column.state(group);
            let doc = format!("`{}` is not given yet.", column.field);
            (state.to_token_stream(), quote!(#[doc = #doc] #vis enum #state {}))
        }
    };
    let typed = format_ident!("{name}Columns", span = ident.span());
    let doc = format!("The columns of a `{name}` in an entity.");
    let items = quote! {
        #state

        #[automatically_derived]
        impl __a::Columns for #ident {
            const COLUMNS: &'static [__a::ColumnMeta] = &[#(#metas),*];

            type Missing = #missing;

            fn read<R: __a::Reader>(fields: &mut __a::Fields<'_, R>, first: usize) -> Self {
                Self { #(#fields: fields.column(first + #at),)* }
            }

            fn field(&self, column: usize) -> &dyn __a::Field {
                match column {
                    #(#at => &self.#fields,)*
                    _ => __a::no_column_of_group(#name, column),
                }
            }

            fn field_mut(&mut self, column: usize) -> &mut dyn __a::Field {
                match column {
                    #(#at => &mut self.#fields,)*
                    _ => __a::no_column_of_group(#name, column),
                }
            }

            fn preset(&mut self) -> __a::ColumnSet {
                #[allow(unused_mut)]
                let mut given = __a::ColumnSet::EMPTY;
                #(#presets)*
                given
            }
        }

        #[doc = #doc]
        #vis struct #typed<E> {
            #(#vis #fields: __a::Column<E, #types>,)*
        }

        #[automatically_derived]
        impl<E, const FIRST: usize> __a::ColumnsOf<E, FIRST> for #ident {
            type Typed = #typed<E>;

            const TYPED: #typed<E> = #typed { #(#fields: __a::Column::new(FIRST + #at),)* };
        }
    };
    let out = &mut TokenStream::new();
    hidden(out, |out| items.to_tokens(out));
    std::mem::take(out)
}

/// The default that the client makes.
pub(super) fn preset(column: &Column) -> Option<TokenStream> {
    match (&column.attr.default, &column.attr.version) {
        (Some(default), _) => Some(default.value.to_token_stream()),
        (None, Some(_)) => Some(quote!(1)),
        (None, None) => None,
    }
}

/// The groups of an entity, each with the index of its first column: they come behind the other columns.
pub(super) fn placed(entity: &Entity) -> impl Iterator<Item = (&Group, TokenStream)> {
    let plain = entity.columns.len();
    entity.groups.iter().enumerate().map(move |(at, group)| {
        let before = entity.groups[..at].iter().map(|it| &it.ty);
        (group, quote!({ #plain #(+ <#before as __a::Columns>::COLUMNS.len())* }))
    })
}

/// Prints `pub const TIMESTAMPS: … = …`.
pub(super) fn constants(entity: &Entity) -> impl Iterator<Item = TokenStream> {
    let (vis, ident) = (&entity.vis, &entity.ident);
    placed(entity).map(move |(group, first)| {
        let Group { constant, ty, .. } = group;
        let doc = format!("The columns of `{}`.", group.ident);
        quote_spanned! {group.ty_span=>
            #[doc = #doc]
            #vis const #constant: <#ty as __a::ColumnsOf<#ident, #first>>::Typed =
                <#ty as __a::ColumnsOf<#ident, #first>>::TYPED;
        }
    })
}

/// Prints the columns of an entity and of its groups as one list.
pub(super) fn joined(entity: &Entity, columns: impl Iterator<Item: ToTokens>) -> TokenStream {
    let plain = entity.columns.len();
    let types = entity.groups.iter().map(|it| &it.ty);
    let groups = entity.groups.iter().map(|group| {
        let ty = &group.ty;
        let columns = quote_spanned!(group.ty_span=> <#ty as __a::Columns>::COLUMNS);
        let Some(prefix) = &group.prefix else { return columns };
        let (prefix, number) = (&prefix.value, quote!({ #columns.len() }));
        quote!(&__a::renamed::<#number>(
            { const NAMES: &[[u8; 64]; #number] = &__a::prefixed_names(#prefix, #columns); NAMES },
            #columns,
        ))
    });
    quote! {
        static __COLUMNS: [__a::ColumnMeta; #plain #(+ <#types as __a::Columns>::COLUMNS.len())*] =
            __a::joined(&[&[#(#columns),*], #(#groups),*]);
    }
}

/// Prints the way to the field of a group's column, or `otherwise`.
pub(super) fn field(entity: &Entity, method: &Ident, lent: &TokenStream) -> TokenStream {
    let ways = placed(entity).map(|(group, first)| {
        let (field, ty) = (&group.ident, &group.ty);
        quote! {
            if let __a::Some(column) = __a::within::<#ty>(column, #first) {
                return __a::Columns::#method(#lent self.#field, column);
            }
        }
    });
    quote!(#(#ways)* __a::no_column::<Self>(column))
}
