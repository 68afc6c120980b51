//! `#[derive(Changeset)]`: a struct that says which columns change.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use syn::spanned::Spanned;

use crate::attr::{Keys, Setting, items, value_with};
use crate::errors::Errors;
use crate::record::{Field, Record, constant};

const KEYS: Keys = Keys { known: &["column"], later: &[] };

/// Prints the expansion.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let record = Record::parse(input, "changeset", &mut errors);
    let columns =
        record.iter().flat_map(|it| &it.fields).map(|it| column(it, &mut errors)).collect::<Vec<_>>();
    match (errors.finish(), record) {
        (Ok(()), Some(record)) => expand(&record, &columns),
        (Err(error), _) => error.to_compile_error(),
        (Ok(()), None) => TokenStream::new(),
    }
}

/// Returns the name of the column's field.
fn column(field: &Field<'_>, errors: &mut Errors) -> Ident {
    let mut column: Option<Setting<Ident>> = None;
    for attr in &field.attrs {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "column" => value_with(&mut column, key, input, "title", |input| input.parse()),
            _ => Err(KEYS.refuse(&key)),
        });
    }
    column.map_or_else(|| field.ident.clone(), |it| it.value)
}

fn expand(record: &Record<'_>, columns: &[Ident]) -> TokenStream {
    let Record { ident, generics, entity, fields } = record;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let with = fields.iter().zip(columns).map(|(field, column)| {
        let (field, column, span) = (field.ident, constant(entity, column), field.ty.span());
        quote_spanned!(span=> .with(#column, self.#field))
    });
    Record::hidden(&[quote! {
        #[automatically_derived]
        impl #impl_generics __a::Changeset<#entity> for #ident #type_generics #where_clause {
            fn into_changes(self) -> __a::Changes<#entity> {
                __a::Changes::new()#(#with)*
            }
        }
    }])
}
