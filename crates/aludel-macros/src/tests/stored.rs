//! What the derives of enums and newtypes refuse.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{db_enum, newtype};

fn refusal(expansion: TokenStream) -> String {
    let text = expansion.to_string();
    assert!(text.contains("compile_error"), "{text}");
    text
}

#[track_caller]
fn refused(expansion: TokenStream, message: &str) {
    let text = refusal(expansion);
    assert!(text.contains(&message.escape_default().to_string()) || text.contains(message), "{text}");
}

fn enumeration(item: TokenStream) -> TokenStream {
    db_enum::derive(&syn::parse2(item).expect("it is an item"))
}

fn wrapped(item: TokenStream) -> TokenStream {
    newtype::derive(&syn::parse2(item).expect("it is an item"))
}

#[test]
fn an_enum_that_cannot_be_stored_by_its_variants() {
    refused(
        enumeration(quote!(
            struct Status;
        )),
        "only an enum can be stored by its variants",
    );
    refused(
        enumeration(quote!(
            enum Status {}
        )),
        "an enum without variants has no values to store",
    );
    refused(
        enumeration(quote!(
            enum Status {
                A(i64),
            }
        )),
        "a variant with fields cannot be stored by its name",
    );
    refused(
        enumeration(quote!(
            enum Status<T> {
                A,
                B(T),
            }
        )),
        "no type parameters and no lifetimes",
    );
}

#[test]
fn names_that_cannot_be_told_apart() {
    refused(
        enumeration(quote!(
            enum Status {
                A,
                #[db_enum(rename = "a")]
                B,
            }
        )),
        "another variant is stored as",
    );
    refused(
        enumeration(quote!(
            enum Status {
                #[db_enum(rename = "")]
                A,
            }
        )),
        "at least one character",
    );
    let case = enumeration(quote!(
        #[db_enum(rename_all = "snake-case")]
        enum Status {
            A,
        }
    ));
    refused(case, "unknown case; did you mean");
    let numbered = enumeration(quote!(
        #[db_enum(integer)]
        enum Status {
            #[db_enum(rename = "a")]
            A,
        }
    ));
    refused(numbered, "with `integer`, variants are stored by number");
    refused(
        enumeration(quote!(
            #[db_enum(colour)]
            enum Status {
                A,
            }
        )),
        "unknown attribute `colour`",
    );
}

#[test]
fn a_newtype_is_around_one_value_that_is_there() {
    refused(
        wrapped(quote!(
            struct Id(i64, i64);
        )),
        "derived for a struct around one value",
    );
    refused(
        wrapped(quote!(
            enum Id {
                A,
            }
        )),
        "derived for a struct around one value",
    );
    refused(
        wrapped(quote!(
            struct Id(Option<i64>);
        )),
        "the column is an `Option` of the newtype",
    );
    refused(
        wrapped(quote!(
            struct Id<T>(T);
        )),
        "no type parameters",
    );
}

#[test]
fn a_domain_says_what_its_type_can_have() {
    let domain = |attribute: TokenStream, ty: TokenStream| {
        wrapped(quote!(
            #[domain(#attribute)]
            struct Word(#ty);
        ))
    };
    refused(domain(quote!(nam = "word"), quote!(String)), "did you mean `name`?");
    refused(domain(quote!(name), quote!(String)), "`name` needs a value: `name = \"email\"`");
    refused(domain(quote!(length = 0), quote!(String)), "a length of 0 leaves room for nothing");
    refused(
        domain(quote!(scale = 2), quote!(Decimal)),
        "`scale` needs `precision`: how many digits there are in all",
    );
    refused(
        domain(quote!(length = 9, precision = 9), quote!(Decimal)),
        "a text has a `length`, and a decimal a `precision`",
    );
    refused(domain(quote!(server_default = true), quote!(String)), "this is not a `String`");
    refused(domain(quote!(check = "VALUE > 0", check = "VALUE < 9"), quote!(i64)), "`check` is given twice");
    let accepted = domain(quote!(check = "VALUE > 0", checks("VALUE < 9", name = "low")), quote!(i64));
    assert!(!accepted.to_string().contains("compile_error"));
}
