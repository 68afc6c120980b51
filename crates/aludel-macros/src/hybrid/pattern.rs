//! Patterns: of `match`, `if let` and `matches!`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, Pat, RangeLimits, Result, Token};

use super::translate::{Translator, literal, untranslated};

/// An arm: when it is taken, and its value.
pub(super) struct Arm {
    /// `None` for every value.
    condition: Option<TokenStream>,
    value: TokenStream,
}

/// The name of what a `match` looks at.
fn subject() -> Ident {
    Ident::new("__subject", Span::mixed_site())
}

/// Writes an arm.
pub(super) fn arm(translator: &Translator<'_>, pat: &Pat, value: &Expr) -> Result<Arm> {
    let subject = subject();
    let mut it = Test { translator, conditions: Vec::new(), bound: Vec::new(), lets: TokenStream::new() };
    it.pattern(pat, &quote!(::std::clone::Clone::clone(&#subject)))?;
    let value = translator.with_terms(&it.bound, value)?;
    let (lets, conditions) = (&it.lets, it.conditions);
    let condition = (!conditions.is_empty()).then(|| all(conditions, pat.span()));
    Ok(Arm { condition, value: quote!({ #lets #value }) })
}

/// Writes arms, each for the values that none before it has taken. The last one takes all others.
pub(super) fn chain(
    subject_value: &TokenStream,
    arms: Vec<Arm>,
    otherwise: Option<TokenStream>,
    span: Span,
) -> TokenStream {
    let mut rest = otherwise;
    for Arm { condition, value } in arms.into_iter().rev() {
        rest = Some(match (condition, rest) {
            (Some(condition), Some(rest)) => {
                quote_spanned!(span=> ::aludel::hybrid::when(#condition, #value, #rest))
            }
            (_, _) => value,
        });
    }
    let subject = subject();
    quote_spanned!(span=> { let #subject = #subject_value; #rest })
}

/// AND of conditions; of none it is true.
pub(super) fn all(conditions: Vec<TokenStream>, span: Span) -> TokenStream {
    let all = conditions.into_iter().reduce(|a, b| quote_spanned!(span=> ::aludel::hybrid::and(#a, #b)));
    all.unwrap_or_else(|| quote_spanned!(span=> ::aludel::hybrid::value(&true)))
}

/// `matches!(self.status, Status::Draft | Status::Review)`
pub(super) fn matches(translator: &Translator<'_>, mac: &syn::Macro) -> Result<TokenStream> {
    let Matches { value, pat } = mac.parse_body()?;
    let subject = subject();
    let mut it = Test { translator, conditions: Vec::new(), bound: Vec::new(), lets: TokenStream::new() };
    it.pattern(&pat, &quote!(::std::clone::Clone::clone(&#subject)))?;
    let value = translator.expression(&value)?;
    let condition = all(it.conditions, pat.span());
    Ok(quote_spanned!(mac.path.span()=> { let #subject = #value; #condition }))
}

struct Matches {
    value: Expr,
    pat: Pat,
}

impl Parse for Matches {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let value = input.parse()?;
        input.parse::<Token![,]>()?;
        let pat = Pat::parse_multi_with_leading_vert(input)?;
        if let Some(token) = input.parse::<Option<Token![if]>>()? {
            let message = "`matches!` of a hybrid has no `if`: put it behind, with `&&`";
            return Err(syn::Error::new(token.span(), message));
        }
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { value, pat })
    }
}

/// Returns the name that a pattern gives to the whole value; `Some(None)` for `_`, `None` if it is no such pattern.
pub(super) fn name(pat: &Pat) -> Option<Option<&Ident>> {
    match pat {
        Pat::Ident(it) if it.subpat.is_none() && it.mutability.is_none() => Some(Some(&it.ident)),
        Pat::Reference(it) if it.mutability.is_none() => name(&it.pat),
        Pat::Paren(it) => name(&it.pat),
        Pat::Wild(_) => Some(None),
        _ => None,
    }
}

/// What a pattern asks of a value.
struct Test<'t, 'a> {
    translator: &'t Translator<'a>,
    conditions: Vec<TokenStream>,
    bound: Vec<Ident>,
    lets: TokenStream,
}

impl Test<'_, '_> {
    fn pattern(&mut self, pat: &Pat, value: &TokenStream) -> Result<()> {
        let span = pat.span();
        match pat {
            Pat::Paren(it) => self.pattern(&it.pat, value),
            Pat::Reference(it) if it.mutability.is_none() => self.pattern(&it.pat, value),
            Pat::Wild(_) => Ok(()),
            Pat::Ident(it) if it.subpat.is_none() && it.mutability.is_none() => {
                let name = &it.ident;
                if name == "None" {
                    self.conditions.push(quote_spanned!(span=> #value.is_none()));
                } else if name.to_string().starts_with(char::is_uppercase) {
                    self.conditions.push(
                        quote_spanned!(span=> ::aludel::hybrid::eq(#value, ::aludel::hybrid::value(&#name))),
                    );
                } else {
                    self.lets.extend(quote_spanned!(span=> #[allow(unused_variables)] let #name = #value;));
                    self.bound.push(name.clone());
                }
                Ok(())
            }
            Pat::TupleStruct(it) if it.path.segments.last().is_some_and(|it| it.ident == "Some") => {
                self.conditions.push(quote_spanned!(span=> #value.is_some()));
                let inside = quote_spanned!(span=> ::aludel::hybrid::inside(#value));
                it.elems.iter().try_for_each(|pat| self.pattern(pat, &inside))
            }
            Pat::Or(it) => {
                let mut any = Vec::new();
                for case in &it.cases {
                    let mut test = Test {
                        translator: self.translator,
                        conditions: Vec::new(),
                        bound: Vec::new(),
                        lets: TokenStream::new(),
                    };
                    test.pattern(case, value)?;
                    if let Some(name) = test.bound.first() {
                        return Err(syn::Error::new(
                            name.span(),
                            "`|` in a pattern of a hybrid binds no names",
                        ));
                    }
                    any.push(all(test.conditions, case.span()));
                }
                let any = any.into_iter().reduce(|a, b| quote_spanned!(span=> ::aludel::hybrid::or(#a, #b)));
                self.conditions.extend(any);
                Ok(())
            }
            Pat::Lit(it) => {
                let constant = self.constant(&Expr::Lit(it.clone()))?;
                self.conditions.push(quote_spanned!(span=> ::aludel::hybrid::eq(#value, #constant)));
                Ok(())
            }
            Pat::Path(it) => {
                self.conditions
                    .push(quote_spanned!(span=> ::aludel::hybrid::eq(#value, ::aludel::hybrid::value(&#it))));
                Ok(())
            }
            Pat::Range(it) => {
                if let Some(start) = &it.start {
                    let start = self.constant(start)?;
                    self.conditions.push(quote_spanned!(span=> ::aludel::hybrid::ge(#value, #start)));
                }
                if let Some(end) = &it.end {
                    let end = self.constant(end)?;
                    let name = if matches!(it.limits, RangeLimits::Closed(_)) { "le" } else { "lt" };
                    let name = Ident::new(name, span);
                    self.conditions.push(quote_spanned!(span=> ::aludel::hybrid::#name(#value, #end)));
                }
                Ok(())
            }
            other => Err(untranslated(span, &format!("the pattern `{}`", other.to_token_stream()))),
        }
    }

    fn constant(&self, expr: &Expr) -> Result<TokenStream> {
        match expr {
            Expr::Lit(it) => literal(it, false),
            other => self.translator.expression(other),
        }
    }
}
