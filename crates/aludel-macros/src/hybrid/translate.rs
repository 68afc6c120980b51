//! The body of a hybrid, written over terms.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    BinOp, Expr, ExprBinary, ExprCall, ExprClosure, ExprIf, ExprLit, ExprMatch, ExprMethodCall, ExprPath,
    Lit, Pat, RangeLimits, Result, Type, UnOp,
};

use super::{format, only_expression, pattern};

/// What a method of a value becomes.
enum Method {
    /// The method of the term with the same name.
    Same,
    /// Nothing: the term is the same.
    Identity,
    /// A remainder or quotient: the divisor is a number that is not zero.
    ByNumber,
}

/// The methods that have terms. Which type each belongs to, the compiler checks.
const METHODS: &[(&str, Method)] = &[
    // Option
    ("is_some", Method::Same),
    ("is_none", Method::Same),
    ("is_some_and", Method::Same),
    ("is_none_or", Method::Same),
    ("unwrap_or", Method::Same),
    ("unwrap_or_default", Method::Same),
    ("or", Method::Same),
    ("and", Method::Same),
    ("xor", Method::Same),
    ("map", Method::Same),
    ("and_then", Method::Same),
    ("map_or", Method::Same),
    ("filter", Method::Same),
    ("as_ref", Method::Same),
    ("as_deref", Method::Same),
    ("copied", Method::Same),
    ("cloned", Method::Same),
    // Numbers
    ("abs", Method::Same),
    ("signum", Method::Same),
    ("min", Method::Same),
    ("max", Method::Same),
    ("clamp", Method::Same),
    ("is_positive", Method::Same),
    ("is_negative", Method::Same),
    ("checked_div", Method::Same),
    ("checked_rem", Method::Same),
    ("rem_euclid", Method::ByNumber),
    ("round", Method::Same),
    ("floor", Method::Same),
    ("ceil", Method::Same),
    ("trunc", Method::Same),
    // Text
    ("len", Method::Same),
    ("is_empty", Method::Same),
    ("chars", Method::Same),
    ("count", Method::Same),
    ("rev", Method::Same),
    ("skip", Method::Same),
    ("take", Method::Same),
    ("collect", Method::Same),
    ("contains", Method::Same),
    ("starts_with", Method::Same),
    ("ends_with", Method::Same),
    ("to_ascii_lowercase", Method::Same),
    ("to_ascii_uppercase", Method::Same),
    ("eq_ignore_ascii_case", Method::Same),
    ("to_lowercase", Method::Same),
    ("to_uppercase", Method::Same),
    ("trim", Method::Same),
    ("trim_start", Method::Same),
    ("trim_end", Method::Same),
    ("replace", Method::Same),
    ("repeat", Method::Same),
    ("as_str", Method::Same),
    ("to_owned", Method::Same),
    // Dates and instants
    ("year", Method::Same),
    ("month", Method::Same),
    ("day", Method::Same),
    ("ordinal", Method::Same),
    ("hour", Method::Same),
    ("minute", Method::Same),
    ("second", Method::Same),
    ("timestamp", Method::Same),
    ("timestamp_micros", Method::Same),
    ("clone", Method::Identity),
];

/// What a name in the body stands for.
#[derive(Clone, Copy, PartialEq)]
enum Name {
    /// A parameter that is lent already.
    Lent,
    /// A parameter.
    Owned,
    /// A term that a closure or a pattern has bound.
    Term,
}

/// Writes expressions over terms.
pub(super) struct Translator<'a> {
    row: &'a Ident,
    names: HashMap<Ident, Name>,
}

impl<'a> Translator<'a> {
    pub(super) fn new<'p>(row: &'a Ident, parameters: impl Iterator<Item = (&'p Ident, &'p Type)>) -> Self {
        let names = parameters.map(|(ident, ty)| {
            (ident.clone(), if matches!(ty, Type::Reference(_)) { Name::Lent } else { Name::Owned })
        });
        Self { row, names: names.collect() }
    }

    /// Writes an expression with more names that stand for terms.
    pub(super) fn with_terms(&self, terms: &[Ident], expr: &Expr) -> Result<TokenStream> {
        let mut names = self.names.clone();
        names.extend(terms.iter().map(|it| (it.clone(), Name::Term)));
        Translator { row: self.row, names }.expression(expr)
    }

    /// Writes an expression.
    pub(super) fn expression(&self, expr: &Expr) -> Result<TokenStream> {
        let span = expr.span();
        match expr {
            Expr::Paren(it) => self.expression(&it.expr),
            Expr::Group(it) => self.expression(&it.expr),
            Expr::Reference(it) if it.mutability.is_none() => self.expression(&it.expr),
            Expr::Block(it) if it.label.is_none() => self.expression(only_expression(&it.block)?),
            Expr::Field(it) if is_self(&it.base) => {
                let syn::Member::Named(field) = &it.member else {
                    return Err(syn::Error::new(it.member.span(), "a column has a name"));
                };
                let constant = upper(field);
                let row = self.row;
                Ok(quote_spanned!(field.span()=> #row.field(Self::#constant)))
            }
            Expr::Field(it) => Err(syn::Error::new(
                it.member.span(),
                "a hybrid reads columns of its own row only: `self.title`",
            )),
            Expr::Lit(it) => literal(it, false),
            Expr::Unary(it) => match (&it.op, &*it.expr) {
                (UnOp::Deref(_), inner) => self.expression(inner),
                (UnOp::Neg(_), Expr::Lit(number)) => literal(number, true),
                (UnOp::Neg(op), inner) => self.function("neg", op.span(), &[inner]),
                (UnOp::Not(op), inner) => self.function("not", op.span(), &[inner]),
                _ => Err(untranslated(span, "this operator")),
            },
            Expr::Binary(it) => self.binary(it),
            Expr::Cast(it) => {
                let (inner, ty) = (self.expression(&it.expr)?, &it.ty);
                Ok(quote_spanned!(it.as_token.span()=> ::aludel::hybrid::cast::<_, #ty>(#inner)))
            }
            Expr::If(it) => self.condition(it),
            Expr::Match(it) => self.cases(it),
            Expr::MethodCall(it) => self.method(it),
            Expr::Call(it) => self.call(it),
            Expr::Path(it) => self.path(it),
            Expr::Macro(it) if it.mac.path.is_ident("matches") => pattern::matches(self, &it.mac),
            Expr::Macro(it) if it.mac.path.is_ident("format") => format::format(self, &it.mac),
            Expr::Macro(it) => {
                let name = it.mac.path.to_token_stream();
                Err(untranslated(it.mac.path.span(), &format!("`{name}!`")))
            }
            Expr::Closure(it) => Err(syn::Error::new(
                it.span(),
                "a closure stands in a hybrid only as the argument of a method of `Option`: `.is_some_and(|age| age > 17)`",
            )),
            Expr::Let(it) => Err(syn::Error::new(
                it.let_token.span(),
                "`let` stands in a hybrid only right after `if`: `if let Some(age) = self.age { … } else { … }`",
            )),
            Expr::Try(it) => Err(syn::Error::new(
                it.question_token.span(),
                "`?` is not translated to SQL: `map` and `and_then` of `Option` say the same in one expression",
            )),
            Expr::Index(_) => Err(untranslated(span, "an index, which counts bytes and panics,")),
            Expr::Return(it) => {
                Err(syn::Error::new(it.return_token.span(), "a hybrid is one expression: leave out `return`"))
            }
            _ => Err(untranslated(span, "this expression")),
        }
    }

    fn function(&self, name: &str, span: Span, arguments: &[&Expr]) -> Result<TokenStream> {
        let name = Ident::new(name, span);
        let arguments = arguments.iter().map(|it| self.expression(it)).collect::<Result<Vec<_>>>()?;
        Ok(quote_spanned!(span=> ::aludel::hybrid::#name(#(#arguments),*)))
    }

    fn binary(&self, it: &ExprBinary) -> Result<TokenStream> {
        let name = match &it.op {
            BinOp::Add(_) => "add",
            BinOp::Sub(_) => "sub",
            BinOp::Mul(_) => "mul",
            BinOp::Div(_) => "div",
            BinOp::Rem(_) => "rem",
            BinOp::And(_) => "and",
            BinOp::Or(_) => "or",
            BinOp::Eq(_) => "eq",
            BinOp::Ne(_) => "ne",
            BinOp::Lt(_) => "lt",
            BinOp::Le(_) => "le",
            BinOp::Gt(_) => "gt",
            BinOp::Ge(_) => "ge",
            other => return Err(untranslated(other.span(), &format!("`{}`", other.to_token_stream()))),
        };
        if matches!(name, "div" | "rem") {
            not_zero(&it.right)?;
        }
        self.function(name, it.op.span(), &[&it.left, &it.right])
    }

    fn condition(&self, it: &ExprIf) -> Result<TokenStream> {
        let Some((_, otherwise)) = &it.else_branch else {
            return Err(syn::Error::new(it.if_token.span(), "`if` of a hybrid has an `else`"));
        };
        let then = only_expression(&it.then_branch)?;
        let otherwise = self.expression(otherwise)?;
        if let Expr::Let(condition) = &*it.cond {
            let subject = self.expression(&condition.expr)?;
            let arm = pattern::arm(self, &condition.pat, then)?;
            return Ok(pattern::chain(&subject, vec![arm], Some(otherwise), it.if_token.span()));
        }
        let condition = self.expression(&it.cond)?;
        let then = self.expression(then)?;
        Ok(quote_spanned!(it.if_token.span()=> ::aludel::hybrid::when(#condition, #then, #otherwise)))
    }

    fn cases(&self, it: &ExprMatch) -> Result<TokenStream> {
        let subject = self.expression(&it.expr)?;
        let mut arms = Vec::new();
        for arm in &it.arms {
            if let Pat::Guard(guard) = &arm.pat {
                let message = "a `match` of a hybrid has no `if` behind a pattern: use `if` in the arm";
                return Err(syn::Error::new(guard.if_token.span(), message));
            }
            arms.push(pattern::arm(self, &arm.pat, &arm.body)?);
        }
        Ok(pattern::chain(&subject, arms, None, it.match_token.span()))
    }

    fn method(&self, it: &ExprMethodCall) -> Result<TokenStream> {
        let name = it.method.to_string();
        if is_self(&it.receiver) {
            return self.hybrid(it);
        }
        match (&*it.receiver, name.as_str()) {
            (Expr::Array(array), "contains") if it.args.len() == 1 => {
                let value = self.expression(&it.args[0])?;
                let list = array.elems.iter().map(|it| self.expression(it)).collect::<Result<Vec<_>>>()?;
                return Ok(quote_spanned!(it.method.span()=>
                    ::aludel::hybrid::in_list(#value, ::std::vec![#(#list),*])
                ));
            }
            (Expr::Paren(paren), "contains") if it.args.len() == 1 => {
                if let Expr::Range(range) = &*paren.expr {
                    return self.within(range, &it.args[0]);
                }
            }
            (_, "to_string") => {
                return self.function("display", it.method.span(), &[&it.receiver]);
            }
            (_, "replace") if it.args.first().is_some_and(|it| !is_text(it)) => {
                let message = "what is replaced in a hybrid is a text that is written out: an empty one would mean something else in SQL";
                return Err(syn::Error::new(it.args[0].span(), message));
            }
            _ => {}
        }
        let Some((_, method)) = METHODS.iter().find(|(known, _)| *known == name) else {
            return Err(untranslated(it.method.span(), &format!("`{name}`")));
        };
        let receiver = self.expression(&it.receiver)?;
        if let Method::Identity = method {
            return Ok(receiver);
        }
        if let Method::ByNumber = method {
            it.args.iter().try_for_each(not_zero)?;
        }
        let arguments = it.args.iter().map(|it| self.argument(it)).collect::<Result<Vec<_>>>()?;
        let method = &it.method;
        Ok(quote_spanned!(method.span()=> #receiver.#method(#(#arguments),*)))
    }

    fn argument(&self, argument: &Expr) -> Result<TokenStream> {
        match argument {
            Expr::Closure(it) => self.closure(it),
            // `.map(length)`
            Expr::Path(it) if it.path.segments.last().is_some_and(|it| is_length(&it.ident)) => {
                Ok(quote_spanned!(it.span()=> |it| #it(&it)))
            }
            other => self.expression(other),
        }
    }

    /// `|age| age > 17`
    fn closure(&self, it: &ExprClosure) -> Result<TokenStream> {
        let mut terms = Vec::new();
        let inputs = it
            .inputs
            .iter()
            .map(|pat| match pattern::name(pat) {
                Some(Some(name)) => {
                    terms.push(name.clone());
                    Ok(name.to_token_stream())
                }
                Some(None) => Ok(quote!(_)),
                None => Err(syn::Error::new(pat.span(), "a parameter of a closure in a hybrid is a name")),
            })
            .collect::<Result<Vec<_>>>()?;
        let body = self.with_terms(&terms, &it.body)?;
        Ok(quote_spanned!(it.inputs_begin.span()=> |#(#inputs),*| #body))
    }

    /// `(1..=5).contains(&self.stars)`
    fn within(&self, range: &syn::ExprRange, value: &Expr) -> Result<TokenStream> {
        let value = self.expression(value)?;
        let span = range.span();
        let subject = Ident::new("__value", Span::mixed_site());
        let mut conditions = Vec::new();
        if let Some(start) = &range.start {
            let start = self.expression(start)?;
            conditions.push(quote_spanned!(span=> ::aludel::hybrid::ge(#subject.clone(), #start)));
        }
        if let Some(end) = &range.end {
            let end = self.expression(end)?;
            let name = if matches!(range.limits, RangeLimits::Closed(_)) { "le" } else { "lt" };
            let name = Ident::new(name, span);
            conditions.push(quote_spanned!(span=> ::aludel::hybrid::#name(#subject.clone(), #end)));
        }
        let condition = pattern::all(conditions, span);
        Ok(quote_spanned!(span=> { let #subject = #value; #condition }))
    }

    /// `self.is_long()`, `self.longer_than(5000)`
    fn hybrid(&self, it: &ExprMethodCall) -> Result<TokenStream> {
        let constant = upper(&it.method);
        let row = self.row;
        if it.args.is_empty() {
            return Ok(quote_spanned!(it.method.span()=> Self::#constant.of(#row)));
        }
        for argument in &it.args {
            if let Some(found) = self.of_the_row(argument.to_token_stream()) {
                let message = "a parameter of a hybrid is a value of the program, not one of the row";
                return Err(syn::Error::new(found, message));
            }
        }
        let arguments = it.args.iter().map(|it| match it {
            // The other hybrid keeps what it is given, and this one may be asked again.
            Expr::Path(path)
                if path.path.get_ident().is_some_and(|it| self.names.get(it) == Some(&Name::Owned)) =>
            {
                quote!(::std::clone::Clone::clone(&#path))
            }
            other => other.to_token_stream(),
        });
        Ok(quote_spanned!(it.method.span()=> Self::#constant(#(#arguments),*).of(#row)))
    }

    /// Finds something of the row in what is to be a value of the program.
    fn of_the_row(&self, tokens: TokenStream) -> Option<Span> {
        tokens.into_iter().find_map(|token| match token {
            proc_macro2::TokenTree::Ident(it) if it == "self" || self.names.get(&it) == Some(&Name::Term) => {
                Some(it.span())
            }
            proc_macro2::TokenTree::Group(it) => self.of_the_row(it.stream()),
            _ => None,
        })
    }

    fn call(&self, it: &ExprCall) -> Result<TokenStream> {
        let Expr::Path(path) = &*it.func else {
            return Err(untranslated(it.func.span(), "this call"));
        };
        let segments = &path.path.segments;
        let name = segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
        match (name.as_str(), it.args.first()) {
            ("Some", Some(value)) => self.function("some", path.span(), &[value]),
            // The function of the prelude is for terms as well; if the name means another one here, that does not compile.
            (_, Some(text)) if segments.last().is_some_and(|it| is_length(&it.ident)) => {
                let text = self.expression(text)?;
                let function = &path.path;
                Ok(quote_spanned!(path.span()=> #function(&#text)))
            }
            // `i64::from(x)`
            ("from", Some(value)) if segments.len() == 2 => {
                let (value, ty) = (self.expression(value)?, &segments[0]);
                Ok(quote_spanned!(path.span()=> ::aludel::hybrid::cast::<_, #ty>(#value)))
            }
            _ => Err(untranslated(path.span(), &format!("the function `{name}`"))
                .also("a value that does not depend on the row can be a parameter of the hybrid")),
        }
    }

    fn path(&self, it: &ExprPath) -> Result<TokenStream> {
        let span = it.span();
        if let Some(ident) = it.path.get_ident() {
            match self.names.get(ident) {
                Some(Name::Term) => return Ok(quote_spanned!(span=> ::std::clone::Clone::clone(&#ident))),
                Some(Name::Lent) => return Ok(quote_spanned!(span=> ::aludel::hybrid::value(#ident))),
                Some(Name::Owned) => return Ok(quote_spanned!(span=> ::aludel::hybrid::value(&#ident))),
                None if ident == "None" => return Ok(quote_spanned!(span=> ::aludel::hybrid::none())),
                None if ident == "self" => {
                    return Err(syn::Error::new(
                        span,
                        "a row is not a value: name one of its columns, `self.title`",
                    ));
                }
                None => {}
            }
        }
        Ok(quote_spanned!(span=> ::aludel::hybrid::value(&#it)))
    }
}

/// Writes a literal.
pub(super) fn literal(it: &ExprLit, negative: bool) -> Result<TokenStream> {
    let minus = negative.then(|| quote!(-));
    match &it.lit {
        Lit::Int(_) | Lit::Float(_) => Ok(quote_spanned!(it.span()=> ::aludel::hybrid::literal(#minus #it))),
        Lit::Bool(_) | Lit::Str(_) | Lit::Char(_) => {
            Ok(quote_spanned!(it.span()=> ::aludel::hybrid::value(&#it)))
        }
        _ => Err(untranslated(it.span(), "this literal")),
    }
}

/// The error for what has no meaning in SQL.
#[cold]
pub(super) fn untranslated(span: Span, what: &str) -> syn::Error {
    let message = format!(
        "{what} is not translated to SQL; a method that is only for Rust belongs into an `impl` without `#[hybrid]`"
    );
    syn::Error::new(span, message)
}

trait Also {
    fn also(self, note: &str) -> Self;
}

impl Also for syn::Error {
    fn also(self, note: &str) -> Self {
        syn::Error::new(self.span(), format!("{self}; {note}"))
    }
}

/// Refuses a divisor that may be zero: Rust panics there, and SQL has NULL.
fn not_zero(divisor: &Expr) -> Result<()> {
    let literal = match divisor {
        Expr::Lit(it) => Some(&it.lit),
        Expr::Unary(it) if matches!(it.op, UnOp::Neg(_)) => match &*it.expr {
            Expr::Lit(it) => Some(&it.lit),
            _ => None,
        },
        _ => None,
    };
    let is_other = match literal {
        Some(Lit::Int(it)) => it.base10_parse::<u128>().is_ok_and(|it| it != 0),
        Some(Lit::Float(it)) => it.base10_parse::<f64>().is_ok_and(|it| it != 0.0),
        _ => false,
    };
    if is_other {
        return Ok(());
    }
    Err(syn::Error::new(
        divisor.span(),
        "a divisor in a hybrid is a number that is written out, and not zero; `checked_div` and `checked_rem` take any",
    ))
}

/// Tells whether it is a text that is written out and not empty.
fn is_text(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(ExprLit { lit: Lit::Str(it), .. }) if !it.value().is_empty())
        || matches!(expr, Expr::Lit(ExprLit { lit: Lit::Char(_), .. }))
}

fn is_self(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(it) if it.path.is_ident("self"))
}

/// Tells whether it is one of the functions that exist in both worlds.
fn is_length(name: &Ident) -> bool {
    name == "length" || name == "octet_length"
}

/// The name of the constant: `is_long` → `IS_LONG`.
fn upper(name: &Ident) -> Ident {
    use syn::ext::IdentExt;
    Ident::new(&name.unraw().to_string().to_uppercase(), name.span())
}
