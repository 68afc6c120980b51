//! Prints tokens into one stream.
//!
//! `quote!` makes a stream of each piece of code, and the next larger piece copies it: the compiler, which holds the streams, is asked
//! for each of these steps. A [`Piece`] writes into the stream that is there, with a quarter of the questions. This counts: to print its
//! expansion is most of what a derive costs, as programs seldom optimize their macros.

use std::cell::Cell;

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};
use syn::spanned::Spanned;
use syn::{Path, Type};

/// Returns a [`Piece`]: tokens as they are, `#name` what a variable prints. What `quote!` repeats is [`each`] here.
macro_rules! piece {
    ($($token:tt)*) => { piece_at!(::proc_macro2::Span::call_site()=> $($token)*) };
}

/// Returns a [`Piece`] whose own tokens stand at a place.
macro_rules! piece_at {
    ($span:expr=> $($token:tt)*) => {
        $crate::print::Piece::new(move |out: &mut ::proc_macro2::TokenStream| {
            #[allow(unused_variables, reason = "a piece may have no tokens of its own")]
            let at = $span;
            tokens!(out at $($token)*);
        })
    };
}

/// Prints at once what `piece!` would print later.
macro_rules! print_tokens {
    ($out:ident, $($token:tt)*) => {{
        #[allow(unused_variables, reason = "all tokens may be another's")]
        let at = ::proc_macro2::Span::call_site();
        tokens!($out at $($token)*);
    }};
}

/// Prints tokens, each known with the one before and the one behind it; `@` is where there is none.
macro_rules! tokens {
    ($out:ident $at:ident) => {};
    ($out:ident $at:ident ($($before:tt)*) ($($token:tt)*) ($($behind:tt)*) @) => {
        $(token!($out $at $before $token $behind);)*
    };
    ($out:ident $at:ident $first:tt $($more:tt)*) => {
        tokens!($out $at (@ $first $($more)*) ($first $($more)* @) ($($more)* @ @) @)
    };
}

/// Prints the token in the middle.
macro_rules! token {
    ($out:ident $at:ident $before:tt @ $behind:tt) => {};
    ($out:ident $at:ident $before:tt # $name:ident) => {};
    ($out:ident $at:ident # $name:ident $behind:tt) => { ::quote::ToTokens::to_tokens(&$name, $out) };
    ($out:ident $at:ident $before:tt ($($token:tt)*) $behind:tt) => { group!($out $at Parenthesis $($token)*) };
    ($out:ident $at:ident $before:tt [$($token:tt)*] $behind:tt) => { group!($out $at Bracket $($token)*) };
    ($out:ident $at:ident $before:tt {$($token:tt)*} $behind:tt) => { group!($out $at Brace $($token)*) };
    ($out:ident $at:ident $before:tt $name:ident $behind:tt) => { $crate::print::word($out, $at, stringify!($name)) };
    ($out:ident $at:ident $before:tt _ $behind:tt) => { $crate::print::word($out, $at, "_") };
    ($out:ident $at:ident $before:tt $name:lifetime $behind:tt) => {
        $crate::print::lifetime($out, $at, stringify!($name))
    };
    ($out:ident $at:ident $before:tt $value:literal $behind:tt) => { $crate::print::literal($out, $at, $value.into()) };
    ($out:ident $at:ident $before:tt $sign:tt $behind:tt) => { $crate::print::sign($out, $at, stringify!($sign)) };
}

/// Prints what is in brackets.
macro_rules! group {
    ($out:ident $at:ident $delimiter:ident $($token:tt)*) => {{
        let inner = &mut ::proc_macro2::TokenStream::new();
        tokens!(inner $at $($token)*);
        $crate::print::group($out, $at, ::proc_macro2::Delimiter::$delimiter, inner);
    }};
}

/// A piece of code, to be printed once.
pub(crate) struct Piece<F>(Cell<Option<F>>);

impl<F: FnOnce(&mut TokenStream)> Piece<F> {
    pub(crate) fn new(print: F) -> Self {
        Self(Cell::new(Some(print)))
    }
}

impl<F: FnOnce(&mut TokenStream)> ToTokens for Piece<F> {
    fn to_tokens(&self, out: &mut TokenStream) {
        let print = self.0.take().expect("a piece is printed once");
        print(out);
    }
}

/// Returns pieces, one behind the other.
pub(crate) fn each<T: ToTokens>(pieces: impl IntoIterator<Item = T>) -> impl ToTokens {
    Piece::new(move |out| pieces.into_iter().for_each(|it| it.to_tokens(out)))
}

/// Returns `<…>` around pieces, its own tokens at a place, or nothing where there are none.
pub(crate) fn angles<T: ToTokens>(at: Span, pieces: impl ExactSizeIterator<Item = T>) -> impl ToTokens {
    let pieces = (pieces.len() > 0).then(|| each(pieces.map(move |it| piece_at!(at=> #it,))));
    pieces.map(move |it| piece_at!(at=> <#it>))
}

pub(crate) fn group(out: &mut TokenStream, at: Span, delimiter: Delimiter, inner: &mut TokenStream) {
    let mut group = Group::new(delimiter, std::mem::take(inner));
    group.set_span(at);
    out.append(group);
}

pub(crate) fn word(out: &mut TokenStream, at: Span, name: &str) {
    out.append(Ident::new(name, at));
}

pub(crate) fn lifetime(out: &mut TokenStream, at: Span, name: &str) {
    out.append(spanned(Punct::new('\'', Spacing::Joint), at));
    word(out, at, &name[1..]);
}

pub(crate) fn literal(out: &mut TokenStream, at: Span, value: Value) {
    let mut literal = match value {
        Value::Text(text) => Literal::string(text),
        Value::Number(number) => Literal::i32_unsuffixed(number),
    };
    literal.set_span(at);
    out.append(literal);
}

/// What a literal says.
pub(crate) enum Value {
    Text(&'static str),
    Number(i32),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

pub(crate) fn sign(out: &mut TokenStream, at: Span, sign: &str) {
    let (last, first) = sign.as_bytes().split_last().expect("a sign has a character");
    for it in first {
        out.append(spanned(Punct::new(char::from(*it), Spacing::Joint), at));
    }
    out.append(spanned(Punct::new(char::from(*last), Spacing::Alone), at));
}

fn spanned(mut sign: Punct, at: Span) -> Punct {
    sign.set_span(at);
    sign
}

/// Returns where a path begins. To ask the path itself is to print it first.
pub(crate) fn start(path: &Path) -> Span {
    match (path.leading_colon, path.segments.first()) {
        (None, Some(first)) => first.ident.span(),
        _ => path.span(),
    }
}

/// Returns where a type begins.
pub(crate) fn start_of(ty: &Type) -> Span {
    match ty {
        Type::Path(it) if it.qself.is_none() => start(&it.path),
        other => other.span(),
    }
}

/// Returns an index as one writes it, without a suffix.
pub(crate) fn index(index: usize) -> Literal {
    Literal::usize_unsuffixed(index)
}
