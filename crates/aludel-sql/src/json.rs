//! Values within JSON documents: found by a path, read with a type.

use crate::column_type::{ColumnType, Json};
use crate::expression::{Expr, Expression};
use crate::node::{Call, Function, JsonOp, JsonStep, Node, Param};
use crate::sql_type::SqlType;
use crate::value::Value;

/// A way into a document: a key, an index, or a tuple or list of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no path into a JSON document",
    label = "expected a key, an index, or a tuple of them: `(\"address\", \"lines\", 0)`"
)]
pub trait JsonPath {
    /// Returns the steps.
    ///
    /// ```
    /// use aludel::JsonPath;
    /// use aludel_sql::node::JsonStep;
    ///
    /// assert_eq!("state".steps(), [JsonStep::Key("state".into())]);
    /// // Up to six steps in a tuple; -1 is the last element of an array.
    /// assert_eq!(("lines", -1, "price").steps().len(), 3);
    /// // A path that is known at run time only.
    /// let path: Vec<JsonStep> = ["a", "b"].map(JsonStep::from).to_vec();
    /// assert_eq!(path.steps(), ("a", "b").steps());
    /// ```
    fn steps(self) -> Vec<JsonStep>;
}

#[diagnostic::do_not_recommend]
impl<T: Into<JsonStep>> JsonPath for T {
    fn steps(self) -> Vec<JsonStep> {
        vec![self.into()]
    }
}

impl JsonPath for Vec<JsonStep> {
    fn steps(self) -> Vec<JsonStep> {
        self
    }
}

macro_rules! paths {
    ($(($($name:ident $place:tt)+))*) => {$(
        impl<$($name: Into<JsonStep>),+> JsonPath for ($($name,)+) {
            fn steps(self) -> Vec<JsonStep> {
                vec![$(self.$place.into()),+]
            }
        }
    )*};
}

paths! {
    (A 0) (A 0 B 1) (A 0 B 1 C 2) (A 0 B 1 C 2 D 3) (A 0 B 1 C 2 D 3 E 4) (A 0 B 1 C 2 D 3 E 4 F 5)
}

/// Something that an array in a document may contain: text, an integer, a number, a truth value.
pub trait JsonScalar {
    /// Returns it as JSON.
    ///
    /// ```
    /// use aludel::JsonScalar;
    ///
    /// assert_eq!("it's \"so\"".json(), r#""it's \"so\"""#);
    /// assert_eq!((5_i64.json(), true.json()), ("5".to_owned(), "true".to_owned()));
    /// ```
    fn json(self) -> String;
}

macro_rules! scalars {
    ($($ty:ty)*) => {$(
        impl JsonScalar for $ty {
            fn json(self) -> String {
                serde_json::Value::from(self).to_string()
            }
        }
    )*};
}

scalars! { &str String bool i32 i64 u32 f64 }

/// A type that is stored as a JSON document.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no JSON document",
    label = "expected a column of type `Json<…>`"
)]
pub trait JsonDocument: ColumnType {}

impl<T> JsonDocument for Json<T> where Json<T>: ColumnType {}

/// What columns and expressions of JSON documents can do beside the rest. In the prelude.
pub trait JsonExpression: Expression<Type: ColumnType<Base: JsonDocument>> {
    /// The value at a place in the document: `Order::DATA.path(("lines", 0, "price")).as_int()`.
    ///
    /// ```
    /// use aludel::prelude::*;
    ///
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "orders")]
    /// struct Order {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     data: Json<serde_json::Value>,
    /// }
    /// # fn main() -> Result<(), aludel::Error> {
    /// let to_berlin = select(Order::ID).filter(Order::DATA.path(("address", "city")).as_text().eq("Berlin"));
    /// // PostgreSQL has `(orders.data #>> '{"address","city"}') = $1`.
    /// assert!(to_berlin.to_sql(&aludel_sqlite::SqliteDialect)?.0.contains(r#"json_extract(orders.data, '$."address"."city"')"#));
    /// # Ok(()) }
    /// ```
    fn path(self, path: impl JsonPath) -> JsonAt {
        JsonAt { document: self.into_node(), path: path.steps() }
    }

    /// The document with another value at a place, to change it in the database: `update(…).set(Order::DATA, Order::DATA.json_set(…))`.
    ///
    /// The value of a key is replaced, or added to the object that is to have it; an element of an array is replaced. Where there is no such
    /// object or element, the document stays as it is: nothing around the value is made up. The value may be `null` of JSON; a document that
    /// is NULL stays NULL.
    ///
    /// ```
    /// use aludel::prelude::*;
    ///
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "orders")]
    /// struct Order {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     data: Json<serde_json::Value>,
    /// }
    /// # fn main() -> Result<(), aludel::Error> {
    /// let shipped = update(Order).set(Order::DATA, Order::DATA.json_set(("state", "shipped"), true)).filter(Order::ID.eq(1));
    /// // PostgreSQL has jsonb_set, MariaDB json_set as well.
    /// assert!(shipped.to_sql(&aludel_sqlite::SqliteDialect)?.0.contains(r#"json_set(data, '$."state"."shipped"', json(?1))"#));
    /// # Ok(()) }
    /// ```
    fn json_set(self, path: impl JsonPath, value: impl Into<serde_json::Value>) -> Expr<Self::Type> {
        let path = path.steps();
        let op = match path.last() {
            Some(JsonStep::Index(_)) => JsonOp::SetElement,
            _ => JsonOp::SetKey,
        };
        let value: serde_json::Value = value.into();
        asked(op, path, vec![self.into_node(), Node::param(&Json(value))])
    }

    /// The document without the value at a place; as it is where there is none.
    ///
    /// As [`json_set`](Self::json_set): `update(Order).set(Order::DATA, Order::DATA.json_remove(("lines", 0)))`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "orders")] struct Order { #[column(primary_key)] id: i64, data: Json<serde_json::Value> }
    /// let first_line = update(Order).set(Order::DATA, Order::DATA.json_remove(("lines", 0)));
    /// assert_eq!(
    ///     sqlite(first_line),
    ///     r#"UPDATE orders SET data = CASE WHEN json_type(data, '$."lines"') = 'array' THEN json_remove(data, '$."lines"[0]') ELSE data END"#
    /// );
    /// assert_eq!(
    ///     on_postgres(Order::DATA.json_remove("note")),
    ///     r#"CASE WHEN jsonb_typeof(data #> '{}') = 'object' THEN data #- '{"note"}' ELSE data END"#
    /// );
    /// ```
    fn json_remove(self, path: impl JsonPath) -> Expr<Self::Type> {
        let path = path.steps();
        let op = match path.last() {
            Some(JsonStep::Index(_)) => JsonOp::RemoveElement,
            _ => JsonOp::RemoveKey,
        };
        asked(op, path, vec![self.into_node()])
    }

    /// The document has all that another one has: its keys with their values, its elements. SQLite cannot tell.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "orders")] struct Order { #[column(primary_key)] id: i64, data: Json<serde_json::Value> }
    /// let to_berlin = Order::DATA.contains_document(serde_json::json!({ "address": { "city": "Berlin" } }));
    /// assert_eq!(on_postgres(to_berlin.clone()), "(data @> $1)");
    /// assert_eq!(on_mariadb(to_berlin.clone()), "json_contains(data, ?)");
    /// let refused = select(Order::ID).filter(to_berlin).to_sql(&aludel::SqliteDialect).unwrap_err();
    /// assert_eq!(refused.advice(), Some("compare its values, each with `.path(…)`"));
    /// ```
    fn contains_document<T>(self, other: T) -> Expr<bool>
    where
        Json<T>: ColumnType,
    {
        asked(JsonOp::ContainsDocument, Vec::new(), vec![self.into_node(), Node::param(&Json(other))])
    }
}

impl<X: Expression<Type: ColumnType<Base: JsonDocument>>> JsonExpression for X {}

/// A value within a JSON document, to be read with a type; made by [`path`](JsonExpression::path).
#[derive(Clone, Debug)]
#[must_use = "a place in a document does nothing until it is read: `.as_text()`"]
pub struct JsonAt {
    document: Node,
    path: Vec<JsonStep>,
}

impl JsonAt {
    /// Goes further into the document.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "orders")] struct Order { #[column(primary_key)] id: i64, data: Json<serde_json::Value> }
    /// let address = Order::DATA.path("address");
    /// let (city, zip) = (address.clone().path("city").as_text(), address.path(("codes", 1)).as_int());
    /// assert_eq!(on_postgres(city), r#"(data #>> '{"address","city"}')"#);
    /// assert_eq!(
    ///     on_mariadb(zip),
    ///     r#"CASE WHEN json_type(json_extract(data, '$."address"."codes"[1]')) = 'INTEGER' THEN CAST(json_extract(data, '$."address"."codes"[1]') AS SIGNED) END"#
    /// );
    /// ```
    pub fn path(mut self, path: impl JsonPath) -> Self {
        self.path.extend(path.steps());
        self
    }

    /// The value as text: a text itself, anything else as JSON. `None` where it is missing, and for `null`.
    ///
    /// The spaces within an object or an array are those of the database; [`as_json`](Self::as_json) reads them all the same.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn document(it: serde_json::Value) -> Expr<Json<serde_json::Value>> { literal(Json(it)) }
    /// use serde_json::json;
    ///
    /// assert_eq!(value(document(json!({ "state": "sent" })).path("state").as_text()).as_deref(), Some("sent"));
    /// assert_eq!(value(document(json!({ "state": true })).path("state").as_text()).as_deref(), Some("true"));
    /// assert_eq!(value(document(json!({ "state": null })).path("state").as_text()), None);
    /// ```
    pub fn as_text(self) -> Expr<Option<String>> {
        self.ask(JsonOp::Text)
    }

    /// A whole number; `None` for anything else.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn document(it: serde_json::Value) -> Expr<Json<serde_json::Value>> { literal(Json(it)) }
    /// use serde_json::json;
    ///
    /// assert_eq!(value(document(json!({ "count": 5 })).path("count").as_int()), Some(5));
    /// // Text is no number, even where all of it are digits.
    /// assert_eq!(value(document(json!({ "count": "5" })).path("count").as_int()), None);
    /// assert_eq!(value(document(json!([5, 6])).path(-1).as_int()), Some(6));
    /// ```
    pub fn as_int(self) -> Expr<Option<i64>> {
        self.ask(JsonOp::Int)
    }

    /// A number; `None` for anything else.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn document(it: serde_json::Value) -> Expr<Json<serde_json::Value>> { literal(Json(it)) }
    /// use serde_json::json;
    ///
    /// // JSON does not tell whole numbers from others.
    /// assert_eq!(value(document(json!({ "price": 5 })).path("price").as_real()), Some(5.0));
    /// assert_eq!(value(document(json!({ "price": 5.25 })).path("price").as_real()), Some(5.25));
    /// assert_eq!(value(document(json!({ "price": "5.25" })).path("price").as_real()), None);
    /// ```
    pub fn as_real(self) -> Expr<Option<f64>> {
        self.ask(JsonOp::Real)
    }

    /// A truth value; `None` for anything else.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn document(it: serde_json::Value) -> Expr<Json<serde_json::Value>> { literal(Json(it)) }
    /// use serde_json::json;
    ///
    /// assert_eq!(value(document(json!({ "paid": true })).path("paid").as_bool()), Some(true));
    /// assert_eq!(value(document(json!({ "paid": 1 })).path("paid").as_bool()), None);
    /// ```
    pub fn as_bool(self) -> Expr<Option<bool>> {
        self.ask(JsonOp::Bool)
    }

    /// The value as a document of its own, `null` included; `None` where it is missing.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn document(it: serde_json::Value) -> Expr<Json<serde_json::Value>> { literal(Json(it)) }
    /// use serde_json::json;
    ///
    /// // Into a type of the program.
    /// let tags = document(json!({ "tags": ["new", "blue"] })).path("tags").as_json::<Vec<String>>();
    /// assert_eq!(value(tags).unwrap().0, ["new", "blue"]);
    ///
    /// let nothing = document(json!({ "tags": null })).path("tags").as_json::<serde_json::Value>();
    /// assert_eq!(value(nothing).unwrap().0, json!(null));
    /// ```
    pub fn as_json<T>(self) -> Expr<Option<Json<T>>>
    where
        Json<T>: ColumnType<Base = Json<T>>,
    {
        self.ask(JsonOp::Json)
    }

    /// Whether the document has the value, `null` included.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn document(it: serde_json::Value) -> Expr<Json<serde_json::Value>> { literal(Json(it)) }
    /// # #[derive(Entity)] #[entity(table = "orders")] struct Order { #[column(primary_key)] id: i64, data: Json<serde_json::Value> }
    /// use serde_json::json;
    ///
    /// assert!(value(document(json!({ "note": null })).path("note").exists()));
    /// assert!(!value(document(json!({})).path("note").exists()));
    /// assert_eq!(
    ///     on_mariadb(Order::DATA.path("note").exists()),
    ///     r#"coalesce(json_contains_path(data, 'one', '$."note"'), FALSE)"#
    /// );
    /// ```
    pub fn exists(self) -> Expr<bool> {
        self.ask(JsonOp::Exists)
    }

    /// The number of elements of an array; `None` for anything else.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn document(it: serde_json::Value) -> Expr<Json<serde_json::Value>> { literal(Json(it)) }
    /// use serde_json::json;
    ///
    /// assert_eq!(value(document(json!({ "lines": [1, 2] })).path("lines").length()), Some(2));
    /// assert_eq!(value(document(json!({ "lines": { "a": 1 } })).path("lines").length()), None);
    /// ```
    pub fn length(self) -> Expr<Option<i32>> {
        self.ask(JsonOp::Length)
    }

    /// Whether the value is an array that has this element.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "orders")] struct Order { #[column(primary_key)] id: i64, data: Json<serde_json::Value> }
    /// let urgent = Order::DATA.path("tags").contains("urgent");
    /// assert_eq!(
    ///     on_postgres(urgent.clone()),
    ///     r#"coalesce(jsonb_typeof(data #> '{"tags"}') = 'array' AND (data #> '{"tags"}') @> CAST($1 AS jsonb), FALSE)"#
    /// );
    /// assert_eq!(
    ///     on_mariadb(urgent),
    ///     r#"coalesce(json_type(json_extract(data, '$."tags"')) = 'ARRAY' AND json_contains(data, ?, '$."tags"'), FALSE)"#
    /// );
    /// ```
    pub fn contains(self, element: impl JsonScalar) -> Expr<bool> {
        let element = Node::Param(Param { value: Value::Text(element.json()), sql_type: SqlType::Text });
        asked(JsonOp::Contains, self.path, vec![self.document, element])
    }

    fn ask<T>(self, op: JsonOp) -> Expr<T> {
        asked(op, self.path, vec![self.document])
    }
}

fn asked<T>(op: JsonOp, path: Vec<JsonStep>, arguments: Vec<Node>) -> Expr<T> {
    Expr::new(Node::Call(Call::new(Function::Json { op, path }, arguments)))
}
