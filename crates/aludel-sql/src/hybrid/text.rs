//! Text: by characters and code points, as Rust sees it.

use super::compare::by_code_point;
use super::length::characters;
use super::literal::LENGTH;
use super::{Scalar, Term, converted};
use crate::column_type::ColumnType;
use crate::node::{BinaryOp, MatchOp, Node, Param};
use crate::sql_type::SqlType;
use crate::value::Value;

/// The characters of a text: `s.chars()`.
#[derive(Clone, Debug)]
pub struct Chars(Node);

/// As the methods of `Chars` of the same names.
#[allow(clippy::should_implement_trait)]
impl Chars {
    /// `self.name.chars().count()`: characters, where `len` counts bytes.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn letters(&self) -> i64 {
    ///         self.name.chars().count() as i64
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::LETTERS), "CAST(length(name) AS INTEGER)");
    /// assert_eq!(on_mariadb(Player::LETTERS), "CAST(char_length(name) AS SIGNED)");
    /// assert_eq!(Player { name: "ß😀".into(), ..Player::default() }.letters(), 2);
    /// ```
    pub fn count(self) -> Term<usize> {
        Term::new(characters(self.0))
    }

    /// `self.name.chars().rev()`: from the last character to the first.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn mirrored(&self) -> String {
    ///         self.name.chars().rev().collect()
    ///     }
    /// }
    /// // SQLite has none: the driver gives it one.
    /// assert_eq!(on_sqlite(Player::MIRRORED), "aludel_reverse(name)");
    /// assert_eq!(on_postgres(Player::MIRRORED), "reverse(name)");
    /// ```
    #[must_use]
    pub fn rev(self) -> Self {
        Self(super::scalar(Scalar::Reverse, vec![self.0]))
    }

    /// `self.name.chars().skip(2)`: without the first characters.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn tail(&self) -> String {
    ///         self.name.chars().skip(2).collect()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::TAIL), "substr(name, ?1 + 1)");
    /// assert_eq!(Player { name: "é😀abc".into(), ..Player::default() }.tail(), "abc");
    /// ```
    #[must_use]
    pub fn skip(self, count: Term<usize>) -> Self {
        Self(super::scalar(Scalar::Skip, vec![self.0, count.node]))
    }

    /// `self.name.chars().take(2)`: the first characters.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn short(&self) -> String {
    ///         self.name.chars().take(8).collect()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::SHORT), "substr(name, 1, ?1)");
    /// ```
    #[must_use]
    pub fn take(self, count: Term<usize>) -> Self {
        Self(super::scalar(Scalar::Take, vec![self.0, count.node]))
    }

    /// `self.name.chars().take(1).collect()`: characters as text again.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn initial(&self) -> String {
    ///         self.name.chars().take(1).collect::<String>().to_ascii_uppercase()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::INITIAL), "upper(substr(name, 1, ?1))");
    /// ```
    pub fn collect(self) -> Term<String> {
        Term::new(self.0)
    }
}

/// As the methods of `str` of the same names.
impl Term<String> {
    /// `self.name.len()`: bytes, as in Rust.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn bytes(&self) -> i64 {
    ///         self.name.len() as i64
    ///     }
    /// }
    /// // The `length` of MariaDB counts bytes, that of the others characters; `octet_length` is bytes on each.
    /// assert_eq!(on_mariadb(Player::BYTES), "CAST(octet_length(name) AS SIGNED)");
    /// assert_eq!(Player { name: "ß😀".into(), ..Player::default() }.bytes(), 6);
    /// ```
    pub fn len(self) -> Term<usize> {
        Self::call(Scalar::OctetLength, vec![self.node])
    }

    /// `self.name.is_empty()`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_nameless(&self) -> bool {
    ///         self.name.is_empty()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::IS_NAMELESS), "name = ?1");
    /// ```
    pub fn is_empty(self) -> Term<bool> {
        let empty = Node::Param(Param::of(Value::Text(String::new()), SqlType::Text));
        Term::new(Node::binary(BinaryOp::Eq, self.exact(), empty))
    }

    /// `self.name.chars()`: to be counted, cut, or turned around; see [`Chars`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn middle(&self) -> String {
    ///         self.name.chars().skip(1).take(3).collect()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::MIDDLE), "substr(substr(name, ?1 + 1), 1, ?2)");
    /// ```
    pub fn chars(self) -> Chars {
        Chars(self.node)
    }

    /// `self.name.contains("x")`: character for character, case matters.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn mentions(&self, word: &str) -> bool {
    ///         self.name.contains(word)
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::MENTIONS("100%")), "strpos(name, $1) > 0");
    /// // MariaDB's `instr` minds case only by the collation that it is told.
    /// assert_eq!(on_mariadb(Player::MENTIONS("100%")), "instr(name COLLATE utf8mb4_nopad_bin, ?) > 0");
    /// ```
    pub fn contains(self, text: Self) -> Term<bool> {
        self.matches(MatchOp::Contains, text)
    }

    /// `self.name.starts_with("Dr ")`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_doctor(&self) -> bool {
    ///         self.name.starts_with("Dr ")
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::IS_DOCTOR), "starts_with(name, $1)");
    /// ```
    pub fn starts_with(self, text: Self) -> Term<bool> {
        self.matches(MatchOp::StartsWith, text)
    }

    /// `self.name.ends_with(" II")`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_second(&self) -> bool {
    ///         self.name.ends_with(" II")
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::IS_SECOND), "right(name, char_length($1)) = $1");
    /// ```
    pub fn ends_with(self, text: Self) -> Term<bool> {
        self.matches(MatchOp::EndsWith, text)
    }

    /// `self.name.to_ascii_lowercase()`: letters of ASCII only, the same on every database.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn key(&self) -> String {
    ///         self.name.to_ascii_lowercase()
    ///     }
    /// }
    /// // The collation keeps PostgreSQL to ASCII.
    /// assert_eq!(on_postgres(Player::KEY), r#"lower(name COLLATE "C")"#);
    /// assert_eq!(Player { name: "ÄB".into(), ..Player::default() }.key(), "Äb");
    /// ```
    pub fn to_ascii_lowercase(self) -> Self {
        Self::call(Scalar::AsciiLower, vec![self.node])
    }

    /// `self.name.to_ascii_uppercase()`: letters of ASCII only, the same on every database.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn loud(&self) -> String {
    ///         self.name.to_ascii_uppercase()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::LOUD), "upper(name)");
    /// ```
    pub fn to_ascii_uppercase(self) -> Self {
        Self::call(Scalar::AsciiUpper, vec![self.node])
    }

    /// `self.name.eq_ignore_ascii_case("max")`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_called(&self, name: &str) -> bool {
    ///         self.name.eq_ignore_ascii_case(name)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::IS_CALLED("Max")), "lower(name) = lower(?1)");
    /// ```
    pub fn eq_ignore_ascii_case(self, other: Self) -> Term<bool> {
        super::eq(self.to_ascii_lowercase(), other.to_ascii_lowercase())
    }

    /// `self.name.to_lowercase()`, of all letters of Unicode.
    ///
    /// MariaDB has none that is the same: an error when the statement is compiled to SQL.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn folded(&self) -> String {
    ///         self.name.to_lowercase()
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::FOLDED), r#"(lower(name COLLATE "und-x-icu") COLLATE "C")"#);
    /// assert_eq!(on_sqlite(Player::FOLDED), "aludel_lower(name)"); // the driver brings it
    /// let refused = select(Player::FOLDED).to_sql(&aludel::MySqlDialect::default()).unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::Unsupported);
    /// ```
    pub fn to_lowercase(self) -> Self {
        Self::call(Scalar::UnicodeLower, vec![self.node])
    }

    /// `self.name.to_uppercase()`, of all letters of Unicode: `ß` becomes `SS`.
    ///
    /// MariaDB has none that is the same: an error when the statement is compiled to SQL.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn shouted(&self) -> String {
    ///         self.name.to_uppercase()
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::SHOUTED), r#"(upper(name COLLATE "und-x-icu") COLLATE "C")"#);
    /// assert_eq!(Player { name: "Groß".into(), ..Player::default() }.shouted(), "GROSS");
    /// ```
    pub fn to_uppercase(self) -> Self {
        Self::call(Scalar::UnicodeUpper, vec![self.node])
    }

    /// `self.name.trim()`: without all that Unicode calls white space; the `trim` of SQL knows spaces only.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_blank(&self) -> bool {
    ///         self.name.trim().is_empty()
    ///     }
    /// }
    /// assert!(on_sqlite(Player::IS_BLANK).starts_with("trim(name, char(9, 10, 11, 12, 13, 32, 133, 160, "));
    /// assert!(Player { name: "\t\u{a0}".into(), ..Player::default() }.is_blank());
    /// ```
    pub fn trim(self) -> Self {
        Self::call(Scalar::TrimWhiteSpace, vec![self.node])
    }

    /// `self.name.trim_start()`: without white space at the start.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_command(&self) -> bool {
    ///         self.name.trim_start().starts_with("/")
    ///     }
    /// }
    /// assert!(on_sqlite(Player::IS_COMMAND).contains("ltrim(name, char(9, 10, "));
    /// ```
    pub fn trim_start(self) -> Self {
        Self::call(Scalar::TrimWhiteSpaceStart, vec![self.node])
    }

    /// `self.name.trim_end()`: without white space at the end.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_question(&self) -> bool {
    ///         self.name.trim_end().ends_with("?")
    ///     }
    /// }
    /// // On MariaDB a regular expression does it.
    /// assert!(on_mariadb(Player::IS_QUESTION).contains("regexp_replace(name, "));
    /// ```
    pub fn trim_end(self) -> Self {
        Self::call(Scalar::TrimWhiteSpaceEnd, vec![self.node])
    }

    /// `self.name.replace("a", "b")`: each occurrence; what is replaced is not empty.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn slug(&self) -> String {
    ///         self.name.replace(" ", "-")
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::SLUG), "CASE WHEN ?1 IS NOT NULL THEN replace(name, ?2, ?1) END");
    /// ```
    pub fn replace(self, from: Self, to: Self) -> Self {
        let text = self.exact();
        Self::call(Scalar::Replace, vec![text, from.node, to.node])
    }

    /// `self.name.repeat(3)`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn cheer(&self) -> String {
    ///         self.name.repeat(3)
    ///     }
    /// }
    /// assert_eq!(on_mariadb(Player::CHEER), "repeat(name, ?)");
    /// // SQLite has no such function.
    /// assert_eq!(on_sqlite(Player::CHEER), "CASE WHEN ?1 IS NOT NULL THEN replace(hex(zeroblob(?1)), '00', name) END");
    /// ```
    pub fn repeat(self, count: Term<usize>) -> Self {
        Self::call(Scalar::Repeat, vec![self.node, count.node])
    }

    /// `self.name.as_str()`: SQL has values only, so it is the same.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn color(&self) -> i32 {
    ///         match self.name.as_str() {
    ///             "Red" => 1,
    ///             "Blue" => 2,
    ///             _ => 0,
    ///         }
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::COLOR), "CASE WHEN name = ?1 THEN ?2 WHEN name = ?3 THEN ?4 ELSE ?5 END");
    /// ```
    #[must_use]
    pub fn as_str(self) -> Self {
        self
    }

    /// `self.name.to_owned()`: SQL has values only, so it is the same.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn copy_of_name(&self) -> String {
    ///         self.name.to_owned()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::COPY_OF_NAME), "name");
    /// ```
    #[must_use]
    pub fn to_owned(self) -> Self {
        self
    }

    fn matches(self, op: MatchOp, text: Self) -> Term<bool> {
        Term::new(Node::text_match(op, self.exact(), text.node))
    }

    /// The text, by code point if its column has a collation of its own.
    fn exact(self) -> Node {
        if self.node.has_collation() { by_code_point(self.node) } else { self.node }
    }
}

/// A type whose values are written into text as Rust writes them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not written in SQL as in Rust",
    label = "only text and integers can be made text of in a hybrid"
)]
pub trait Display: Sized {
    /// Returns it as text: of an integer its digits, of a text itself.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn coins_shown(&self) -> String {
    ///         self.coins.to_string()
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::COINS_SHOWN), "CAST(coins AS text)");
    /// assert_eq!(on_mariadb(Player::COINS_SHOWN), "CAST(coins AS CHAR)");
    /// ```
    fn display(term: Term<Self>) -> Term<String>;
}

impl Display for String {
    fn display(term: Term<Self>) -> Term<String> {
        term
    }
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl Display for $ty {
            fn display(term: Term<Self>) -> Term<String> {
                Term::new(converted(term.node, <$ty>::SQL_TYPE, SqlType::Text))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32);

impl Display for usize {
    fn display(term: Term<Self>) -> Term<String> {
        Term::new(converted(term.node, LENGTH, SqlType::Text))
    }
}

/// `a.to_string()`, and `{}` of `format!`
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn shirt(&self) -> String {
///         format!("{}", self.id % 100)
///     }
/// }
/// assert_eq!(on_sqlite(Player::SHIRT), "CAST((id % nullif(?1, 0)) AS TEXT)");
/// ```
pub fn display<T: Display>(term: Term<T>) -> Term<String> {
    T::display(term)
}

/// `format!("…")`: its words and what stands between them.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn card(&self) -> String {
///         format!("{} (level {})", self.name, self.level)
///     }
/// }
/// assert_eq!(on_sqlite(Player::CARD), "((name || ?1) || CAST(level AS TEXT)) || ?2");
/// assert_eq!(on_mariadb(Player::CARD), "concat(concat(concat(name, ?), CAST(level AS CHAR)), ?)");
/// assert_eq!(Player { name: "Max".into(), level: 3, ..Player::default() }.card(), "Max (level 3)");
/// ```
pub fn concat(parts: Vec<Term<String>>) -> Term<String> {
    let whole = parts.into_iter().map(|it| it.node);
    let whole = whole.reduce(|a, b| Node::binary(BinaryOp::Concat, a, b));
    whole.map_or_else(|| super::value(""), Term::new)
}
