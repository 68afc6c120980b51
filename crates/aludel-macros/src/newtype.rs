//! `#[derive(ColumnType)]`: a struct around one value, stored as that value.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Index, Member};

use crate::errors::Errors;
use crate::model::Written;
use crate::record::Record;

/// Prints the expansion.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let field = match &input.data {
        Data::Struct(data) if data.fields.len() == 1 => data.fields.iter().next(),
        _ => None,
    };
    if !input.generics.params.is_empty() {
        errors.at(input.generics.span(), "a newtype that is stored has no type parameters and no lifetimes");
    }
    match field {
        None => errors.at(
            input.ident.span(),
            "`ColumnType` is derived for a struct around one value; for an enum derive `DbEnum`, for others implement it",
        ),
        Some(field) if Written::of(&field.ty).optional => errors.at(
            field.ty.span(),
            "a newtype holds a value that is there; where there may be none, the column is an `Option` of the newtype",
        ),
        Some(_) => {}
    }
    match (errors.finish(), field) {
        (Ok(()), Some(field)) => expand(&input.ident, field),
        (Err(error), _) => error.to_compile_error(),
        (Ok(()), None) => TokenStream::new(),
    }
}

fn expand(ident: &Ident, field: &Field) -> TokenStream {
    let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(0)), Member::Named);
    let ty = &field.ty;
    let inner = quote_spanned!(ty.span()=> <#ty as __a::ColumnType>);
    Record::hidden(&[quote! {
        #[automatically_derived]
        impl __a::ColumnType for #ident {
            type Base = Self;
            const SQL_TYPE: __a::SqlType = #inner::SQL_TYPE;
            const CHOICES: __a::Choices = #inner::CHOICES;

            fn unset() -> Self {
                Self { #member: #inner::unset() }
            }

            fn encode(&self) -> __a::Bind<'_> {
                #inner::encode(&self.#member)
            }

            fn decode(cell: __a::ValueRef<'_>) -> __a::StdResult<Self, __a::Mismatch> {
                __a::Ok(Self { #member: #inner::decode(cell)? })
            }

            fn same(&self, other: &Self) -> bool {
                #inner::same(&self.#member, &other.#member)
            }
        }
    }])
}
