//! The expansion is small: it is most of what a program with many entities compiles.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, parse_quote};

/// Returns the lines of code and the impls of the expansion; with `SHOW_EXPANSION` it is printed, too.
///
/// Counted are the lines of prettyplease, which breaks them at 89 columns, without comments and blank ones. What rustfmt makes of a
/// `Document`, at 100 columns, is 14 lines less.
fn measure(input: &DeriveInput) -> (usize, usize) {
    let file = syn::parse2(crate::entity(input)).expect("the expansion is Rust");
    let text = prettyplease::unparse(&file);
    if std::env::var_os("SHOW_EXPANSION").is_some() {
        println!("{text}");
    }
    let lines = text.lines().map(str::trim_start);
    let code = lines.clone().filter(|it| !it.is_empty() && !it.starts_with("///"));
    (code.count(), lines.filter(|it| it.starts_with("impl")).count())
}

#[test]
fn a_document() {
    let (lines, impls) = measure(&parse_quote! {
        #[entity(table = "documents")]
        pub struct Document {
            #[column(primary_key)]
            pub id: i64,
            #[column(length = 200)]
            pub title: String,
            pub body: String,
            #[column(foreign_key = User::ID)]
            pub owner_id: i64,
            #[column(server_default = now())]
            pub created_at: DateTime<Utc>,
            #[relation(back_populates = User::DOCUMENTS)]
            pub owner: BelongsTo<User>,
            #[relation(back_populates = Chunk::DOCUMENT)]
            pub chunks: HasMany<Chunk>,
            #[relation(back_populates = Note::DOCUMENT)]
            pub notes: HasMany<Note>,
        }
    });
    assert_eq!((lines, impls), (169, 7));
}

#[test]
fn each_column_and_relation_costs_little() {
    let entity = |columns: usize, relations: usize| {
        let fields = (0..columns).map(|at| {
            let name = format_ident!("column_{at}");
            quote!(pub #name: Option<i64>)
        });
        let related = (0..relations).map(|at| {
            let name = format_ident!("relation_{at}");
            quote!(#[relation(back_populates = Other::BACK)] pub #name: HasMany<Other>)
        });
        let all: TokenStream =
            quote!(pub struct Thing { #[column(primary_key)] pub id: i64, #(#fields,)* #(#related,)* });
        measure(&syn::parse2(all).expect("it is a struct")).0
    };
    // With the key, which costs what a column costs.
    let base = entity(0, 0);
    let column = entity(10, 0).abs_diff(base) / 10;
    // The first one brings what is there once for all of them.
    let relation = entity(0, 11).abs_diff(entity(0, 1)) / 10;
    let related = entity(0, 1).abs_diff(base) - relation;
    let found = format!("{base} + {column} a column + {relation} a relation, {related} where there is one");
    println!("{found}");
    assert!(base <= 71 && column <= 8 && relation <= 12 && related <= 16, "{found}");
}
