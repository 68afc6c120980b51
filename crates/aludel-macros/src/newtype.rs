//! `#[derive(ColumnType)]`: a struct around one value, stored as that value; perhaps in a domain of its own.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Index, LitStr, Member};

use crate::attr::DomainAttr;
use crate::errors::Errors;
use crate::expand::table::server_default;
use crate::model::Written;
use crate::record::Record;
use crate::validate;
use crate::word_case::WordCase;

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
    let domain = DomainAttr::of(&input.attrs, &mut errors);
    if let (Some(field), Some(default)) = (field, domain.as_ref().and_then(|it| it.server_default.as_ref())) {
        validate::server_default(&Written::of(&field.ty), &default.value, &mut errors);
    }
    match (errors.finish(), field) {
        (Ok(()), Some(field)) => expand(&input.ident, field, domain.as_ref()),
        (Err(error), _) => error.to_compile_error(),
        (Ok(()), None) => TokenStream::new(),
    }
}

fn expand(ident: &Ident, field: &Field, domain: Option<&DomainAttr>) -> TokenStream {
    let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(0)), Member::Named);
    let ty = &field.ty;
    let inner = quote_spanned!(ty.span()=> <#ty as __a::ColumnType>);
    let said = match domain {
        None => quote! {
            const SQL_TYPE: __a::SqlType = #inner::SQL_TYPE;
            const CHOICES: __a::Choices = #inner::CHOICES;
            const DOMAIN: __a::Option<&'static __a::DomainMeta> = #inner::DOMAIN;
        },
        Some(domain) => {
            let sql_type = sql_type(domain, &inner);
            let meta = meta(ident, domain, &inner);
            quote! {
                const SQL_TYPE: __a::SqlType = #sql_type;
                const DOMAIN: __a::Option<&'static __a::DomainMeta> = {
                    const META: __a::DomainMeta = #meta;
                    __a::Some(&META)
                };
            }
        }
    };
    Record::hidden(&[quote! {
        #[automatically_derived]
        impl __a::ColumnType for #ident {
            type Base = Self;
            #said

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

/// Prints the type under the domain, with the length or the digits that the domain says.
fn sql_type(domain: &DomainAttr, inner: &TokenStream) -> TokenStream {
    if let Some(length) = &domain.length {
        let (span, length) = (length.span(), length.value);
        return quote_spanned!(span=> __a::domain_length(#inner::SQL_TYPE, #length));
    }
    if let Some(precision) = &domain.precision {
        let (span, precision) = (precision.span(), precision.value);
        let scale = domain.scale.as_ref().map_or(0, |it| it.value);
        return quote_spanned!(span=> __a::domain_numeric(#inner::SQL_TYPE, #precision, #scale));
    }
    quote!(#inner::SQL_TYPE)
}

/// Prints what the schema knows of the domain. The values of an enum are a condition of it, as they are of a column elsewhere.
fn meta(ident: &Ident, domain: &DomainAttr, inner: &TokenStream) -> TokenStream {
    let own_name = || WordCase::Snake.apply(&ident.unraw().to_string());
    let name = domain.name.as_ref().map_or_else(own_name, |it| it.value.value());
    let texts = [
        ("schema", &domain.schema),
        ("collation", &domain.collation),
        ("comment", &domain.comment),
        ("renamed_from", &domain.renamed_from),
    ];
    let texts = texts.into_iter().filter_map(|(name, it)| {
        let (name, value) = (format_ident!("{name}"), &it.as_ref()?.value);
        Some(quote!(#name: __a::Some(#value),))
    });
    let one = domain.check.iter().map(|it| (String::new(), &it.value));
    let more = domain
        .checks
        .iter()
        .map(|it| (it.name.as_ref().map(LitStr::value).unwrap_or_default(), &it.condition));
    let checks = one.chain(more).map(|(name, condition)| quote!((#name, #condition)));
    let default = domain.server_default.as_ref().map(|it| {
        let default = server_default(&it.value.kind);
        quote!(server_default: __a::Some(#default),)
    });
    let not_null = domain.not_null.is_some();
    quote! {
        __a::DomainMeta {
            base: #inner::DOMAIN,
            choices: #inner::CHOICES,
            not_null: #not_null,
            checks: &[#(#checks),*],
            #default
            #(#texts)*
            ..__a::DomainMeta::new(#name, <#ident as __a::ColumnType>::SQL_TYPE)
        }
    }
}
