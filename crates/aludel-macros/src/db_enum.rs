//! `#[derive(DbEnum)]`: an enum that is stored by the names of its variants, or by their numbers.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::attr::{Keys, Setting, flag, items, value_with};
use crate::errors::Errors;
use crate::record::Record;
use crate::word_case::WordCase;

const KEYS: Keys = Keys { known: &["rename_all", "integer"], later: &["native"] };
const VARIANT_KEYS: Keys = Keys { known: &["rename"], later: &[] };

/// What `#[db_enum(…)]` says of the enum.
#[derive(Default)]
struct Attr {
    rename_all: Option<Setting<LitStr>>,
    integer: Option<Setting<()>>,
}

struct Variant<'a> {
    ident: &'a Ident,
    rename: Option<Setting<LitStr>>,
}

/// Prints the expansion.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let mut attr = Attr::default();
    for it in input.attrs.iter().filter(|it| it.path().is_ident("db_enum")) {
        items(it, &mut errors, |key, input| match key.to_string().as_str() {
            "rename_all" => {
                value_with(&mut attr.rename_all, key, input, "\"snake_case\"", |input| input.parse())
            }
            "integer" => flag(&mut attr.integer, key, input),
            _ => Err(KEYS.refuse(&key)),
        });
    }
    let variants = variants(input, &mut errors);
    let names = if attr.integer.is_some() {
        by_number(&attr, &variants, &mut errors);
        Vec::new()
    } else {
        names(&attr, &variants, &mut errors)
    };
    match errors.finish() {
        Ok(()) if attr.integer.is_some() => integers(&input.ident, &variants),
        Ok(()) => texts(&input.ident, &variants, &names),
        Err(error) => error.to_compile_error(),
    }
}

fn variants<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Vec<Variant<'a>> {
    if !input.generics.params.is_empty() {
        errors.at(input.generics.span(), "an enum that is stored has no type parameters and no lifetimes");
    }
    let Data::Enum(data) = &input.data else {
        errors.at(
            input.ident.span(),
            "only an enum can be stored by its variants; for a newtype derive `ColumnType`",
        );
        return Vec::new();
    };
    if data.variants.is_empty() {
        errors.at(input.ident.span(), "an enum without variants has no values to store");
    }
    let mut variants = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            let message =
                "a variant with fields cannot be stored by its name; `Json<T>` can hold such an enum";
            errors.at(variant.fields.span(), message);
        }
        let mut rename = None;
        for it in variant.attrs.iter().filter(|it| it.path().is_ident("db_enum")) {
            items(it, errors, |key, input| match key.to_string().as_str() {
                "rename" => value_with(&mut rename, key, input, "\"…\"", |input| input.parse()),
                _ => Err(VARIANT_KEYS.refuse(&key)),
            });
        }
        variants.push(Variant { ident: &variant.ident, rename });
    }
    variants
}

/// Returns the names that are stored.
fn names(attr: &Attr, variants: &[Variant<'_>], errors: &mut Errors) -> Vec<String> {
    let case = attr.rename_all.as_ref().map_or(Ok(WordCase::Snake), |it| WordCase::parse(&it.value));
    let case = case.unwrap_or_else(|error| {
        errors.push(error);
        WordCase::Snake
    });
    let mut seen = HashSet::new();
    let name = |variant: &Variant<'_>| {
        let (name, span) = match &variant.rename {
            Some(rename) => (rename.value.value(), rename.value.span()),
            None => (case.apply(&variant.ident.unraw().to_string()), variant.ident.span()),
        };
        if name.is_empty() {
            errors.at(span, "a name has at least one character");
        } else if !seen.insert(name.clone()) {
            errors.at(span, format!("another variant is stored as \"{name}\", too"));
        }
        name
    };
    variants.iter().map(name).collect()
}

/// Refuses names for what is stored by number.
fn by_number(attr: &Attr, variants: &[Variant<'_>], errors: &mut Errors) {
    let renames = variants.iter().filter_map(|it| it.rename.as_ref());
    for setting in attr.rename_all.iter().chain(renames) {
        errors.at(setting.span(), "with `integer`, variants are stored by number and have no name to change");
    }
}

fn texts(ident: &Ident, variants: &[Variant<'_>], names: &[String]) -> TokenStream {
    let length = names.iter().map(|it| it.chars().count()).max().unwrap_or(1) as u32;
    let idents: Vec<&Ident> = variants.iter().map(|it| it.ident).collect();
    column_type(
        ident,
        &idents,
        &quote!(__a::SqlType::Varchar(#length)),
        &quote!(__a::Choices::Texts(&[#(#names),*])),
        &quote! {
            __a::Bind::Ref(__a::ValueRef::Text(match self {
                #(Self::#idents => #names,)*
            }))
        },
    )
}

fn integers(ident: &Ident, variants: &[Variant<'_>]) -> TokenStream {
    let idents: Vec<&Ident> = variants.iter().map(|it| it.ident).collect();
    column_type(
        ident,
        &idents,
        &quote!(__a::integer_type(&[#(Self::#idents as i64),*])),
        &quote!(__a::Choices::Ints(&[#(Self::#idents as i64),*])),
        &quote! {
            __a::Bind::Ref(__a::ValueRef::Int(match self {
                #(Self::#idents => Self::#idents as i64,)*
            }))
        },
    )
}

fn column_type(
    ident: &Ident,
    variants: &[&Ident],
    sql_type: &TokenStream,
    choices: &TokenStream,
    encode: &TokenStream,
) -> TokenStream {
    let name = ident.unraw().to_string();
    let first = variants[0];
    Record::hidden(&[quote! {
        #[automatically_derived]
        impl __a::ColumnType for #ident {
            type Base = Self;
            const SQL_TYPE: __a::SqlType = #sql_type;
            const CHOICES: __a::Choices = #choices;

            fn unset() -> Self {
                Self::#first
            }

            fn encode(&self) -> __a::Bind<'_> {
                #encode
            }

            fn decode(cell: __a::ValueRef<'_>) -> __a::StdResult<Self, __a::Mismatch> {
                __a::decode_variant(#name, cell)
            }
        }

        #[automatically_derived]
        impl __a::ArrayElement for #ident {}

        #[automatically_derived]
        impl __a::hybrid::Equal for #ident {
            fn equal(a: __a::hybrid::Term<Self>, b: __a::hybrid::Term<Self>) -> __a::hybrid::Node {
                __a::hybrid::equal_variants(a, b)
            }
        }

        #[automatically_derived]
        impl __a::DbEnum for #ident {
            const VARIANTS: &'static [Self] = &[#(Self::#variants),*];
        }
    }])
}
