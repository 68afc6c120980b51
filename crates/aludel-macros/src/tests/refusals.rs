//! What the macro refuses, in which words. Where the words point is shown by the cases of `aludel/tests/ui`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::DeriveInput;

use crate::errors::Errors;
use crate::model::Entity;
use crate::validate;

/// Returns the mistakes of an item.
fn mistakes(item: TokenStream) -> Vec<String> {
    let input: DeriveInput = syn::parse2(item).expect("it is an item");
    let mut errors = Errors::default();
    let entity = Entity::parse(&input, &mut errors);
    validate::entity(&entity, &mut errors);
    errors.finish().err().into_iter().flatten().map(|it| it.to_string()).collect()
}

/// Returns the mistakes of an entity with a key and these fields.
fn fields(fields: TokenStream) -> Vec<String> {
    mistakes(quote!(struct Thing { #[column(primary_key)] id: i64, #fields }))
}

#[test]
fn what_is_no_struct_with_named_fields() {
    assert_eq!(
        mistakes(quote!(
            enum Thing {
                A,
            }
        )),
        ["an entity is a struct, not an enum"]
    );
    assert_eq!(mistakes(quote!(union Thing { a: u8 })), ["an entity is a struct, not a union"]);
    assert_eq!(
        mistakes(quote!(
            struct Thing(i64);
        )),
        ["an entity has named fields: each field is a column"]
    );
    assert_eq!(
        mistakes(quote!(
            struct Thing;
        )),
        ["an entity has fields: each field is a column"]
    );
    let parameters = "an entity has no type parameters, lifetimes or constants: each entity is one table";
    assert_eq!(
        mistakes(quote!(
            struct Thing<T> {
                id: T,
            }
        )),
        [parameters]
    );
    assert_eq!(
        mistakes(quote!(
            struct Thing<const N: usize> {
                id: i64,
            }
        )),
        [parameters]
    );
}

#[test]
fn an_entity_that_holds_under_conditions() {
    assert_eq!(
        mistakes(quote!(
            struct Thing
            where
                i64: Copy,
            {
                #[column(primary_key)]
                id: i64,
            }
        )),
        ["an entity has no `where` clause"]
    );
}

#[test]
fn a_table_without_a_key() {
    let unmarked = "`Thing` has no primary key; mark `id` with `#[column(primary_key)]`";
    assert_eq!(
        mistakes(quote!(
            struct Thing {
                id: i64,
            }
        )),
        [unmarked]
    );
    let none = "`Thing` has no primary key; mark a field with `#[column(primary_key)]`";
    assert_eq!(
        mistakes(quote!(
            struct Thing {}
        )),
        [none]
    );
}

#[test]
fn more_columns_than_a_set_holds() {
    let columns = |number: usize| {
        let names = (0..number).map(|at| format_ident!("column_{at}"));
        fields(quote!(#(#names: i64,)*))
    };
    assert_eq!(columns(255), [""; 0]);
    assert_eq!(columns(256), ["a table has at most 256 columns here"]);
}

#[test]
fn attributes_that_nobody_knows() {
    let known = "(the known ones are `back_populates`, `foreign_key`, `secondary`, `cascade`, `passive_deletes`, \
                 `order_by`, `post_update`, `viewonly`, `write_only`, `load`)";
    let far = fields(quote!(#[relation(colour)] a: HasMany<Other>));
    assert_eq!(far, [format!("unknown attribute `colour` {known}")]);
    let near = fields(quote!(#[relation(back_populate = Other::A)] a: HasMany<Other>));
    assert_eq!(near, ["unknown attribute `back_populate`; did you mean `back_populates`?"]);
}

#[test]
fn attributes_that_come_later() {
    let entity = quote! {
        #[entity(inherits = Other)]
        struct Thing {
            #[column(primary_key)] id: i64,
        }
    };
    assert_eq!(mistakes(entity), ["`inherits` is not built yet"]);
}

#[test]
fn a_type_says_all_there_is_to_say() {
    let known = fields(quote!(#[column(type = "smallint")] a: i32, #[column(type = "char(2)")] b: String));
    assert_eq!(known, [""; 0]);
    assert_eq!(
        fields(quote!(#[column(type = "text", length = 20)] a: String)),
        ["`type` says the `length` as well: `type = \"varchar(20)\"`"]
    );
    assert_eq!(fields(quote!(#[column(type = " ")] a: String)), ["a type has a name: `type = \"smallint\"`"]);
    assert_eq!(
        fields(quote!(#[column(type = "text; DROP TABLE users")] a: String)),
        ["only the name of a type stands here, with its numbers: `type = \"char(2)\"`"]
    );
    let generated = quote! {
        struct Thing {
            #[column(primary_key, type = "smallint")] id: i64,
        }
    };
    assert_eq!(
        mistakes(generated),
        [
            "the database generates this key, and its type follows the field; `autoincrement = false` keeps it from that"
        ]
    );
}

#[test]
fn cascades_that_are_none() {
    let known = "(the known ones are \"save-update\", \"merge\", \"delete\", \"delete-orphan\", \"expunge\", \
                 \"refresh-expire\", \"all\", \"none\")";
    let cascade = |words: &str| fields(quote!(#[relation(cascade = #words)] a: HasMany<Other>));
    assert_eq!(
        cascade("all, delet"),
        [format!("unknown cascade \"delet\"; did you mean \"delete\"? {known}")]
    );
    assert_eq!(cascade(""), [format!("unknown cascade \"\" {known}")]);
    assert_eq!(cascade("merge, merge"), ["\"merge\" is named twice"]);
    assert_eq!(cascade("none, merge"), ["\"none\" stands alone"]);
    assert!(cascade("delete-orphan")[0].starts_with("\"delete-orphan\" needs \"delete\""));
    assert!(cascade("delete, delete-orphan").is_empty() && cascade("none").is_empty());
}

#[test]
fn attributes_written_otherwise() {
    assert_eq!(fields(quote!(#[column = "a"] a: i64)), ["write `#[column(…)]`"]);
    assert_eq!(fields(quote!(#[column(length 5)] a: String)), ["`length` needs a value: `length = 200`"]);
    assert_eq!(fields(quote!(#[column(name = "a" unique)] a: String)), ["expected `,`"]);
    let column = "expected the column referred to: `User::ID`";
    assert_eq!(fields(quote!(#[column(foreign_key = ID)] a: i64)), [column]);
    assert_eq!(fields(quote!(#[column(foreign_key = "users.id")] a: i64)), [column]);
    let back = "expected the relation that leads back: `User::DOCUMENTS`";
    assert_eq!(fields(quote!(#[relation(back_populates = "documents")] a: HasMany<Other>)), [back]);
    let unique = "`unique` needs what it is over: `unique(owner_id, title)`";
    let entity = |attr: TokenStream| {
        mistakes(quote!(
            #[entity(#attr)]
            struct Thing {
                #[column(primary_key)]
                id: i64,
            }
        ))
    };
    assert_eq!(entity(quote!(unique)), [unique]);
    assert_eq!(entity(quote!(unique())), [unique]);
    assert_eq!(entity(quote!(checks(name = "a", "b > 0"))), ["`name` names the condition before it"]);
}

#[test]
fn constraints_and_indexes_written_otherwise() {
    let entity = |attr: TokenStream| {
        mistakes(quote!(
            #[entity(#attr)]
            struct Thing {
                #[column(primary_key)]
                id: i64,
                title: String,
            }
        ))
    };
    assert_eq!(
        entity(quote!(index("lower(title)"))),
        ["an index on an expression has no name by convention; give it one: `name = \"…\"`"]
    );
    assert_eq!(
        entity(quote!(index(title.descending()))),
        [
            "a part of an index has no `descending`; it takes `asc()`, `desc()`, `nulls_first()`, `nulls_last()`, \
          `collate(\"…\")` and options of a dialect"
        ]
    );
    assert_eq!(entity(quote!(index(unique))), ["an index is over columns: `index(owner_id, title)`"]);
    assert_eq!(
        entity(quote!(unique(title, wher = "id > 5"))),
        [
            "a unique constraint has no `wher`; it takes columns, `name`, `deferrable` and `nulls_not_distinct`"
        ]
    );
    assert_eq!(
        entity(quote!(unique(title, deferrable = "later"))),
        ["a constraint is checked \"immediate\", until a transaction puts it off, or \"deferred\""]
    );
    assert_eq!(
        entity(quote!(foreign_key((id, title) => (Other::ID)))),
        ["a foreign key has as many columns here as there"]
    );
    assert_eq!(
        entity(quote!(excludes("USING gist (title WITH =)"))),
        ["an exclusion constraint needs a name: `name = \"…\"`"]
    );
    assert_eq!(entity(quote!(mysql)), ["`mysql` needs options: `mysql(option = \"…\")`"]);
    assert_eq!(entity(quote!(sqlite(strict, strict))), ["`strict` is given twice"]);
    assert_eq!(entity(quote!(indexes((title, nam = "x"), (titel)))).len(), 1);
}

#[test]
fn what_the_database_computes_or_counts() {
    assert_eq!(
        fields(quote!(#[column(computed = "1", default = 5)] a: i64)),
        ["a column that the database computes is nothing else: no key, and without a default"]
    );
    assert_eq!(
        fields(quote!(#[column(persisted = false)] a: i64)),
        ["`persisted` belongs to a `computed` column"]
    );
    assert_eq!(
        fields(quote!(#[column(deferrable = "deferred")] a: i64)),
        ["`deferrable` belongs to a `foreign_key`"]
    );
    assert_eq!(
        fields(quote!(#[column(identity(start = 5))] a: i64)),
        ["only a key that the database generates is counted"]
    );
    assert_eq!(
        fields(quote!(#[column(identity(begin = 5))] a: i64)),
        ["an identity has no `begin`; it takes `always`, `start` and `increment`"]
    );
}

#[test]
fn names_of_fields_that_are_no_columns() {
    let entity = quote! {
        #[entity(unique(id, titel), index(others), index(id, id))]
        struct Thing { #[column(primary_key)] id: i64, title: String, others: HasMany<Other> }
    };
    let expected = [
        "`Thing` has no column `titel`; did you mean `title`?",
        "`Thing` has no column `others`",
        "`id` is named twice",
    ];
    assert_eq!(mistakes(entity), expected);
}

#[test]
fn server_defaults_of_another_type() {
    let refused = |ty: &str| vec![format!("this is not a `{ty}`; SQL is written `sql(\"…\")`")];
    assert_eq!(fields(quote!(#[column(server_default = now())] a: String)), refused("String"));
    assert_eq!(fields(quote!(#[column(server_default = true)] a: i64)), refused("i64"));
    assert_eq!(fields(quote!(#[column(server_default = 1)] a: Option<bool>)), refused("bool"));
    assert_eq!(fields(quote!(#[column(server_default = 1)] a: f64)), [""; 0]);
    assert_eq!(fields(quote!(#[column(server_default = sql("random()"))] a: i64)), [""; 0]);
    assert_eq!(fields(quote!(#[column(server_default = "draft")] a: Status)), [""; 0]);
    let too_long = fields(quote!(#[column(server_default = 9223372036854775808)] a: i64));
    assert_eq!(too_long, ["the number does not fit into 64 bits"]);
    assert_eq!(fields(quote!(#[column(server_default = -9223372036854775808)] a: i64)), [""; 0]);
}

#[test]
fn keys_of_relations_that_are_not_there() {
    let several = "several columns refer to `User` (`a`, `b`); choose one: `#[relation(foreign_key = a)]`";
    let two = quote!(#[column(foreign_key = User::ID)] a: i64, #[column(foreign_key = User::ID)] b: i64,);
    assert_eq!(fields(quote!(#two user: BelongsTo<User>)), [several]);
    let path = "the key of a `BelongsTo` is a field of this struct: `owner_id`";
    assert_eq!(fields(quote!(#two #[relation(foreign_key = Thing::A)] user: BelongsTo<User>)), [path]);
    let other = "the key of a `HasOne` is a column of the other entity: `User::THING_ID`";
    assert_eq!(fields(quote!(#[relation(foreign_key = thing_id)] user: HasOne<User>)), [other]);
}

#[test]
fn all_mistakes_are_reported_in_one_go() {
    let all = mistakes(quote! {
        #[entity(tabel = "things", unique(nothing))]
        struct Thing {
            #[column(lenght = 5, unique = 1)] id: Option<i64>,
            #[column(length = 5)] size: i64,
            owner: BelongsTo<User>,
        }
    });
    assert_eq!(all.len(), 7, "{all:#?}");
}

#[test]
fn versions_and_values_by_update_that_do_not_fit() {
    let plain = "a version is a plain integer, that is always there: `version: i32`";
    assert_eq!(fields(quote!(#[column(version)] version: Option<i32>,)), [plain]);
    assert_eq!(fields(quote!(#[column(version)] version: String,)), [plain]);
    assert_eq!(
        fields(quote!(#[column(version)] a: i32, #[column(version)] b: i32,)),
        ["a row has one version"]
    );
    assert_eq!(
        fields(quote!(#[column(version, onupdate = 5)] a: i32,)),
        ["a `version`, which is counted up, has no `onupdate`"]
    );
}

#[test]
fn columns_that_do_not_tell_when_a_row_was_deleted() {
    let entity = |field: TokenStream| {
        mistakes(
            quote!(#[entity(soft_delete = gone_at)] struct Thing { #[column(primary_key)] id: i64, #field }),
        )
    };
    assert_eq!(
        entity(quote!(gone_a: Option<Time>)),
        ["`Thing` has no column `gone_at`; did you mean `gone_a`?"]
    );
    let message = "`gone_at` says when a row was deleted, and NULL while it is not: write its type as an `Option` of a time";
    assert_eq!(entity(quote!(gone_at: Time)), [message]);
}
