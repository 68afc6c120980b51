//! Reading TOML with messages that name the line and the key.

use std::borrow::Cow;

use aludel_sql::{Error, ErrorKind, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The keys of one table, taken one by one; what is left at the end is a mistake.
pub struct Fields<'t> {
    text: &'t str,
    /// Where the table begins.
    start: usize,
    rest: Vec<(Spanned<Cow<'t, str>>, Spanned<DeValue<'t>>)>,
    asked: Vec<&'static str>,
}

impl<'t> Fields<'t> {
    /// Parses a file.
    pub fn parse(text: &'t str) -> Result<Self> {
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            mistake(text, at, error.message().to_owned())
        })?;
        Ok(Self::new(text, 0, table.into_inner()))
    }

    fn new(text: &'t str, start: usize, table: DeTable<'t>) -> Self {
        Self { text, start, rest: table.into_iter().collect(), asked: Vec::new() }
    }

    /// Makes an error at this table.
    pub fn wrong(&self, what: impl Into<String>) -> Error {
        mistake(self.text, self.start, what.into())
    }

    /// Returns the first of these keys that is there.
    pub fn which(&mut self, keys: &[&'static str]) -> Option<&'static str> {
        self.asked.extend(keys);
        keys.iter().copied().find(|key| self.rest.iter().any(|(name, _)| name.get_ref() == *key))
    }

    /// Looks at a value that is taken later.
    pub fn peek(&self, key: &str) -> Option<&DeValue<'t>> {
        self.rest.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value.get_ref())
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'t>>> {
        self.asked.push(key);
        let at = self.rest.iter().position(|(name, _)| name.get_ref() == key)?;
        Some(self.rest.remove(at).1)
    }

    /// Takes a value and reads it.
    pub fn value<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(DeValue<'t>, usize) -> Option<Result<T>>,
    ) -> Result<Option<T>> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let start = value.span().start;
        match read(value.into_inner(), start) {
            Some(value) => value.map(Some),
            None => Err(mistake(self.text, start, format!("`{key}` must be {expected}"))),
        }
    }

    /// Takes text.
    pub fn string(&mut self, key: &'static str) -> Result<Option<String>> {
        self.value(key, "text", |value, _| match value {
            DeValue::String(text) => Some(Ok(text.into_owned())),
            _ => None,
        })
    }

    /// Takes text that must be there.
    pub fn required(&mut self, key: &'static str) -> Result<String> {
        self.string(key)?.ok_or_else(|| self.wrong(format!("`{key}` is missing here")))
    }

    /// Takes `true` or `false`; what is not there is `false`.
    pub fn flag(&mut self, key: &'static str) -> Result<bool> {
        let value = self.value(key, "`true` or `false`", |value, _| match value {
            DeValue::Boolean(value) => Some(Ok(value)),
            _ => None,
        })?;
        Ok(value.unwrap_or(false))
    }

    /// Takes a whole number.
    pub fn number(&mut self, key: &'static str) -> Result<Option<i64>> {
        self.value(key, "a whole number", |value, _| match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(Ok),
            _ => None,
        })
    }

    /// Takes a list of texts; what is not there is empty.
    pub fn strings(&mut self, key: &'static str) -> Result<Vec<String>> {
        let value = self.value(key, "a list of texts", |value, _| {
            let DeValue::Array(items) = value else { return None };
            let text = |item: Spanned<DeValue<'t>>| match item.into_inner() {
                DeValue::String(text) => Some(text.into_owned()),
                _ => None,
            };
            items.into_iter().map(text).collect::<Option<_>>().map(Ok)
        })?;
        Ok(value.unwrap_or_default())
    }

    /// Takes a table.
    pub fn table(&mut self, key: &'static str) -> Result<Option<Fields<'t>>> {
        let text = self.text;
        self.value(key, "a table: `{ … }`", |value, start| match value {
            DeValue::Table(table) => Some(Ok(Fields::new(text, start, table))),
            _ => None,
        })
    }

    /// Takes a list of tables and reads each; what is not there is empty.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Fields<'t>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let text = self.text;
        let tables = self.value(key, "a list of tables: `[{ … }, { … }]`", |value, _| {
            let DeValue::Array(items) = value else { return None };
            let table = |item: Spanned<DeValue<'t>>| {
                let start = item.span().start;
                match item.into_inner() {
                    DeValue::Table(table) => Some(Fields::new(text, start, table)),
                    _ => None,
                }
            };
            items.into_iter().map(table).collect::<Option<Vec<_>>>().map(Ok)
        })?;
        tables
            .unwrap_or_default()
            .into_iter()
            .map(|mut fields| {
                let item = read(&mut fields)?;
                fields.finish()?;
                Ok(item)
            })
            .collect()
    }

    /// Reads what is left of this table as one value per key, in the order of the keys.
    pub fn each<T>(
        mut self,
        read: impl Fn(&DeValue<'t>) -> Option<T>,
        expected: &str,
    ) -> Result<Vec<(String, T)>> {
        std::mem::take(&mut self.rest)
            .into_iter()
            .map(|(key, value)| {
                let read = read(value.get_ref()).ok_or_else(|| {
                    mistake(self.text, value.span().start, format!("`{}` must be {expected}", key.get_ref()))
                })?;
                Ok((key.into_inner().into_owned(), read))
            })
            .collect()
    }

    /// Refuses keys that nobody asked for.
    pub fn finish(&self) -> Result<()> {
        let Some((key, _)) = self.rest.first() else { return Ok(()) };
        let known: Vec<_> = self.asked.iter().map(|it| format!("`{it}`")).collect();
        Err(mistake(self.text, key.span().start, format!("there is no key `{}` here", key.get_ref()))
            .help(format!("known keys are {}", known.join(", "))))
    }
}

fn mistake(text: &str, at: usize, what: String) -> Error {
    let line = text[..at.min(text.len())].matches('\n').count() + 1;
    Error::new(ErrorKind::Migration, format!("line {line}: {what}"))
}
