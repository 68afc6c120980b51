//! `#[derive(Insertable)]`: a struct whose fields are given to the entity's builder.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::DeriveInput;

use crate::attr::{Keys, Setting, flag, items, value_with};
use crate::errors::Errors;
use crate::record::{Field, Record};

const KEYS: Keys = Keys { known: &["column", "default"], later: &[] };

/// What `#[insertable(…)]` says of a field.
#[derive(Default)]
struct Attr {
    /// The field of the entity, where it has another name.
    column: Option<Setting<Ident>>,
    /// `None` leaves the column out.
    default: Option<Setting<()>>,
}

/// Prints the expansion.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let record = Record::parse(input, "insertable", &mut errors);
    let attrs = record.iter().flat_map(|it| &it.fields).map(|it| read(it, &mut errors)).collect::<Vec<_>>();
    match (errors.finish(), record) {
        (Ok(()), Some(record)) => expand(&record, &attrs),
        (Err(error), _) => error.to_compile_error(),
        (Ok(()), None) => TokenStream::new(),
    }
}

fn read(field: &Field<'_>, errors: &mut Errors) -> Attr {
    let mut read = Attr::default();
    for attr in &field.attrs {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "column" => value_with(&mut read.column, key, input, "title", |input| input.parse()),
            "default" => flag(&mut read.default, key, input),
            _ => Err(KEYS.refuse(&key)),
        });
    }
    read
}

fn expand(record: &Record<'_>, attrs: &[Attr]) -> TokenStream {
    let Record { ident, generics, entity, fields } = record;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let give = fields.iter().zip(attrs).map(|(field, attr)| {
        let (field, setter) = (field.ident, attr.column.as_ref().map_or(field.ident, |it| &it.value));
        if attr.default.is_some() {
            quote_spanned!(setter.span()=> let new = match self.#field {
                __a::Some(value) => new.#setter(value),
                __a::None => new,
            };)
        } else {
            quote_spanned!(setter.span()=> let new = new.#setter(self.#field);)
        }
    });
    Record::hidden(&[quote! {
        #[automatically_derived]
        impl #impl_generics __a::Drafted<#entity> for #ident #type_generics #where_clause {
            type New = __a::NewObject<#entity>;

            fn finish(self) -> Self::New {
                let new = <#entity>::builder();
                #(#give)*
                __a::Drafted::<#entity>::finish(new)
            }
        }
    }])
}
