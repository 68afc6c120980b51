//! `association_table!`: a constant for the bare table of a many-to-many relation.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, LitStr, Path, Result, Token, Visibility, braced};

/// `pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }`
pub(crate) struct AssociationTable {
    attrs: Vec<Attribute>,
    vis: Visibility,
    ident: Ident,
    name: LitStr,
    columns: [Column; 2],
}

/// `document_id => Document::ID`
struct Column {
    ident: Ident,
    parent: Path,
}

impl Parse for AssociationTable {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let ident = input.parse()?;
        input.parse::<Token![=]>()?;
        let name: LitStr = input.parse()?;
        if name.value().is_empty() {
            return Err(syn::Error::new(name.span(), "the name of the table is empty"));
        }
        let inside;
        let brace = braced!(inside in input);
        let columns = Punctuated::<Column, Token![,]>::parse_terminated(&inside)?;
        let mut columns = columns.into_iter();
        let (Some(first), Some(second)) = (columns.next(), columns.next()) else {
            let message = "an association table has two columns, one for the key of each side: `document_id => Document::ID`";
            return Err(syn::Error::new(brace.span.close(), message));
        };
        if let Some(third) = columns.next() {
            let message =
                "a tie with a column of its own is an entity: derive it, with a `BelongsTo` for each side";
            return Err(syn::Error::new(third.ident.span(), message));
        }
        let mut names = HashSet::new();
        names.insert(first.ident.clone());
        if !names.insert(second.ident.clone()) {
            return Err(syn::Error::new(second.ident.span(), "the other column has the same name"));
        }
        Ok(Self { attrs, vis, ident, name, columns: [first, second] })
    }
}

impl Parse for Column {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ident = Ident::parse_any(input)?;
        input.parse::<Token![=>]>()?;
        let begin = input.span();
        let parent = Path::parse_mod_style(input)?;
        if parent.segments.len() < 2 {
            return Err(syn::Error::new(begin, "expected the key of an entity: `Document::ID`"));
        }
        Ok(Self { ident, parent })
    }
}

/// Prints the constant.
pub(crate) fn expand(table: &AssociationTable) -> TokenStream {
    let AssociationTable { attrs, vis, ident, name, columns } = table;
    let entities = columns.each_ref().map(|it| entity_of(&it.parent));
    let names = columns.each_ref().map(|it| it.ident.unraw().to_string());
    let described = columns.iter().zip(&names).map(|(column, name)| {
        let parent = &column.parent;
        quote_spanned!(parent.span()=> ::aludel::derive::association_column(#name, #parent))
    });
    let entity = ident.unraw().to_string();
    let [first, second] = &entities;
    quote! {
        #(#attrs)*
        #vis const #ident: ::aludel::derive::Association<#first, #second> =
            ::aludel::derive::Association::new(#name, [#(#names),*], || {
                const TABLE: &::aludel::derive::TableMeta =
                    &::aludel::derive::table(#entity, #name, &[#(#described),*], &[]);
                TABLE
            });
        const _: () = {
            ::aludel::derive::link_table!(
                ::aludel::derive::LinkedTable::new(|| #ident.table(), || ::core::module_path!())
            );
        };
    }
}

/// Returns what stands before the last name of a path: `models::Document` of `models::Document::ID`.
pub(crate) fn entity_of(path: &Path) -> Path {
    let mut entity = path.clone();
    entity.segments.pop();
    let last = entity.segments.pop();
    if let Some(last) = last {
        entity.segments.push_value(last);
    }
    entity
}
