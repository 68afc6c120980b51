//! `#[column(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, LitBool, LitFloat, LitInt, LitStr, Path, Result, Token, parenthesized};

use super::dialect::{DIALECTS, DialectOption};
use super::{Keys, Setting, flag, items, keep, member_path, value, value_with, within};
use crate::errors::Errors;
use crate::suggest::nearest;

const KEYS: Keys = Keys {
    known: &[
        "primary_key",
        "autoincrement",
        "name",
        "length",
        "precision",
        "scale",
        "type",
        "unique",
        "index",
        "default",
        "onupdate",
        "version",
        "validate",
        "server_default",
        "foreign_key",
        "on_delete",
        "on_update",
        "check",
        "collation",
        "comment",
        "computed",
        "persisted",
        "identity",
        "deferrable",
        "renamed_from",
        "sqlite",
        "postgres",
        "mysql",
    ],
    later: &[],
};

/// What `#[column(…)]` says.
#[derive(Default)]
pub(crate) struct ColumnAttr {
    pub(crate) primary_key: Option<Setting<()>>,
    pub(crate) autoincrement: Option<Setting<LitBool>>,
    pub(crate) name: Option<Setting<LitStr>>,
    pub(crate) length: Option<Setting<u32>>,
    pub(crate) precision: Option<Setting<u16>>,
    pub(crate) scale: Option<Setting<u16>>,
    /// `type`
    pub(crate) declared_type: Option<Setting<LitStr>>,
    pub(crate) unique: Option<Setting<()>>,
    pub(crate) index: Option<Setting<()>>,
    pub(crate) default: Option<Setting<Expr>>,
    pub(crate) onupdate: Option<Setting<Expr>>,
    pub(crate) version: Option<Setting<()>>,
    pub(crate) validate: Option<Setting<Expr>>,
    pub(crate) server_default: Option<Setting<ServerDefault>>,
    pub(crate) foreign_key: Option<Setting<Path>>,
    pub(crate) on_delete: Option<Setting<Action>>,
    pub(crate) on_update: Option<Setting<Action>>,
    pub(crate) check: Option<Setting<LitStr>>,
    pub(crate) collation: Option<Setting<LitStr>>,
    pub(crate) comment: Option<Setting<LitStr>>,
    pub(crate) computed: Option<Setting<LitStr>>,
    pub(crate) persisted: Option<Setting<LitBool>>,
    pub(crate) identity: Option<Setting<Identity>>,
    pub(crate) deferrable: Option<Setting<Deferrable>>,
    pub(crate) renamed_from: Option<Setting<LitStr>>,
    pub(crate) options: Vec<DialectOption>,
}

impl ColumnAttr {
    /// Reads one attribute, into what others said.
    pub(crate) fn read(&mut self, attr: &Attribute, errors: &mut Errors) {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "primary_key" => flag(&mut self.primary_key, key, input),
            "autoincrement" => value(&mut self.autoincrement, key, input, "false"),
            "name" => value(&mut self.name, key, input, "\"…\""),
            "length" => value_with(&mut self.length, key, input, "200", length),
            "precision" => value_with(&mut self.precision, key, input, "10", digits),
            "scale" => {
                value_with(&mut self.scale, key, input, "2", |input| input.parse::<LitInt>()?.base10_parse())
            }
            "type" => value(&mut self.declared_type, key, input, "\"…\""),
            "unique" => flag(&mut self.unique, key, input),
            "index" => flag(&mut self.index, key, input),
            "default" => value(&mut self.default, key, input, "…"),
            "onupdate" => value(&mut self.onupdate, key, input, "Utc::now()"),
            "version" => flag(&mut self.version, key, input),
            "validate" => value(&mut self.validate, key, input, "is_polite"),
            "server_default" => value(&mut self.server_default, key, input, "now()"),
            "foreign_key" => value_with(&mut self.foreign_key, key, input, "User::ID", |input| {
                member_path(input, "the column referred to: `User::ID`")
            }),
            "on_delete" => value(&mut self.on_delete, key, input, "\"cascade\""),
            "on_update" => value(&mut self.on_update, key, input, "\"cascade\""),
            "check" => value(&mut self.check, key, input, "\"price >= 0\""),
            "collation" => value(&mut self.collation, key, input, "\"…\""),
            "comment" => value(&mut self.comment, key, input, "\"…\""),
            "computed" => value(&mut self.computed, key, input, "\"price * amount\""),
            "persisted" => value(&mut self.persisted, key, input, "false"),
            "identity" => Identity::parse(&key, input).and_then(|it| keep(&mut self.identity, key, it)),
            "deferrable" => value(&mut self.deferrable, key, input, "\"deferred\""),
            "renamed_from" => value(&mut self.renamed_from, key, input, "\"…\""),
            dialect if DIALECTS.contains(&dialect) => DialectOption::read(&key, input, &mut self.options),
            _ => Err(KEYS.refuse(&key)),
        });
    }
}

pub(super) fn length(input: ParseStream<'_>) -> Result<u32> {
    let literal: LitInt = input.parse()?;
    match literal.base10_parse()? {
        0 => Err(syn::Error::new(literal.span(), "a length of 0 leaves room for nothing")),
        length => Ok(length),
    }
}

pub(super) fn digits(input: ParseStream<'_>) -> Result<u16> {
    let literal: LitInt = input.parse()?;
    match literal.base10_parse()? {
        0 => Err(syn::Error::new(literal.span(), "a precision of 0 leaves room for nothing")),
        digits @ 1..=1000 => Ok(digits),
        _ => Err(syn::Error::new(literal.span(), "no database keeps more than 1000 digits")),
    }
}

/// `on_delete = "cascade"`: the variant of `ReferentialAction`.
pub(crate) struct Action {
    /// The variant.
    pub(crate) variant: Ident,
    /// Where it was written.
    pub(crate) span: Span,
}

const ACTIONS: [(&str, &str); 5] = [
    ("cascade", "Cascade"),
    ("restrict", "Restrict"),
    ("set null", "SetNull"),
    ("set default", "SetDefault"),
    ("no action", "NoAction"),
];

impl Parse for Action {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let literal: LitStr = input.parse()?;
        let (words, span) = (literal.value().to_lowercase(), literal.span());
        let Some((_, variant)) = ACTIONS.iter().find(|(it, _)| *it == words) else {
            let meant = nearest(&words, ACTIONS.map(|it| it.0));
            let meant = meant.map(|it| format!("did you mean \"{it}\"? ")).unwrap_or_default();
            let known = ACTIONS.map(|it| format!("\"{}\"", it.0)).join(", ");
            return Err(syn::Error::new(
                span,
                format!("unknown action; {meant}(the known ones are {known})"),
            ));
        };
        Ok(Self { variant: Ident::new(variant, span), span })
    }
}

/// `deferrable = "deferred"`: the variant of `Deferrable`.
pub(crate) struct Deferrable(pub(crate) Ident);

impl Parse for Deferrable {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let literal: LitStr = input.parse()?;
        let variant = match literal.value().as_str() {
            "deferred" => "Deferred",
            "immediate" => "Immediate",
            _ => {
                let message =
                    "a constraint is checked \"immediate\", until a transaction puts it off, or \"deferred\"";
                return Err(syn::Error::new(literal.span(), message));
            }
        };
        Ok(Self(Ident::new(variant, literal.span())))
    }
}

/// `identity(always, start = 1000, increment = 10)`.
#[derive(Default)]
pub(crate) struct Identity {
    pub(crate) always: bool,
    pub(crate) start: Option<LitInt>,
    pub(crate) increment: Option<LitInt>,
}

impl Identity {
    fn parse(key: &Ident, input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(syn::token::Paren) {
            return Err(syn::Error::new(
                key.span(),
                "`identity` says how to count: `identity(start = 1000)`",
            ));
        }
        within(input, |inside| {
            let mut identity = Self::default();
            while !inside.is_empty() {
                identity.read(inside)?;
            }
            Ok(identity)
        })
    }

    fn read(&mut self, input: ParseStream<'_>) -> Result<()> {
        let key: Ident = input.parse()?;
        let slot = match key.to_string().as_str() {
            "always" => {
                self.always = true;
                None
            }
            "start" => Some(&mut self.start),
            "increment" => Some(&mut self.increment),
            _ => {
                let message =
                    format!("an identity has no `{key}`; it takes `always`, `start` and `increment`");
                return Err(syn::Error::new(key.span(), message));
            }
        };
        if let Some(slot) = slot {
            input.parse::<Token![=]>()?;
            let number: LitInt = input.parse()?;
            number.base10_parse::<i64>()?;
            *slot = Some(number);
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        Ok(())
    }
}

/// What the database fills in.
pub(crate) struct ServerDefault {
    /// Its kind.
    pub(crate) kind: ServerDefaultKind,
    /// Where it was written.
    pub(crate) span: Span,
}

/// The kinds of server defaults.
pub(crate) enum ServerDefaultKind {
    Now,
    Text(LitStr),
    /// With its sign.
    Int(TokenStream),
    Bool(LitBool),
    Sql(LitStr),
}

impl Parse for ServerDefault {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let span = input.span();
        Ok(Self { kind: server_default(input)?, span })
    }
}

fn server_default(input: ParseStream<'_>) -> Result<ServerDefaultKind> {
    const EXPECTED: &str = "expected `now()`, \"text\", a whole number, `true`, `false` or `sql(\"…\")`";

    let span = input.span();
    if input.peek(LitStr) {
        return input.parse().map(ServerDefaultKind::Text);
    }
    if input.peek(LitBool) {
        return input.parse().map(ServerDefaultKind::Bool);
    }
    let minus: Option<Token![-]> = input.parse()?;
    if input.peek(LitInt) {
        let digits: LitInt = input.parse()?;
        format!("{}{}", if minus.is_some() { "-" } else { "" }, digits.base10_digits())
            .parse::<i64>()
            .map_err(|_| syn::Error::new(digits.span(), "the number does not fit into 64 bits"))?;
        let digits = LitInt::new(digits.base10_digits(), digits.span());
        return Ok(ServerDefaultKind::Int(quote!(#minus #digits)));
    }
    if input.peek(LitFloat) {
        let number: LitFloat = input.parse()?;
        let sign = if minus.is_some() { "-" } else { "" };
        let message = format!("a fraction is written as SQL: `sql(\"{sign}{number}\")`");
        return Err(syn::Error::new(number.span(), message));
    }
    let name: Ident = input.parse().map_err(|_| syn::Error::new(span, EXPECTED))?;
    if !input.peek(syn::token::Paren) || minus.is_some() {
        return Err(syn::Error::new(span, EXPECTED));
    }
    let inside;
    parenthesized!(inside in input);
    if name == "now" {
        if !inside.is_empty() {
            let error = inside.error("`now()` takes nothing");
            inside.parse::<TokenStream>()?;
            return Err(error);
        }
        Ok(ServerDefaultKind::Now)
    } else if name == "sql" {
        let sql = inside
            .parse()
            .map_err(|it| syn::Error::new(it.span(), "expected SQL in quotes: `sql(\"…\")`"))?;
        Ok(ServerDefaultKind::Sql(sql))
    } else {
        Err(syn::Error::new(span, EXPECTED))
    }
}
