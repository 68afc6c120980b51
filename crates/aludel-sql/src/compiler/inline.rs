//! Values written into the text: for people who read it, never to be run.

use std::fmt::Write;

use super::{Compiler, standard};
use crate::value::spelled::{date, time_of_day, timestamp, uuid};
use crate::value::{Value, ValueRef};

impl Compiler<'_> {
    /// Writes a value as a literal. What is secret stays so.
    pub(super) fn literal(&mut self, value: &Value) {
        if let Value::Secret(_) | Value::Refused(_) | Value::Placeholder(_) = value {
            self.push("'…'");
            return;
        }
        let sql = &mut self.sql;
        // Writing to a String does not fail.
        let _ = match value.as_ref() {
            ValueRef::Null => write!(sql, "NULL"),
            ValueRef::Bool(it) => write!(sql, "{}", if it { "TRUE" } else { "FALSE" }),
            ValueRef::Int(it) => write!(sql, "{it}"),
            ValueRef::Real(it) => write!(sql, "{it:?}"),
            ValueRef::Decimal(it) => write!(sql, "{it}"),
            ValueRef::Text(it) => {
                standard::text_literal(sql, it);
                Ok(())
            }
            ValueRef::Blob(bytes) | ValueRef::Wire { bytes, .. } => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
                write!(sql, "X'{hex}'")
            }
            ValueRef::Timestamp(micros) => {
                write!(sql, "'{}'", timestamp(micros, ' '))
            }
            ValueRef::Date(day) => write!(sql, "'{}'", date(day.into())),
            ValueRef::Time(micros) => write!(sql, "'{}'", time_of_day(micros)),
            ValueRef::Uuid(bytes) => write!(sql, "'{}'", uuid(bytes)),
            ValueRef::Refused(_) => Ok(()),
            ValueRef::List(values) => {
                let (open, close) = self.dialect.list_literal();
                self.push(open);
                for (at, value) in values.iter().enumerate() {
                    self.push(if at == 0 { "" } else { ", " }).literal(value);
                }
                self.push(close);
                Ok(())
            }
        };
    }
}
