//! Entities, relationships, the session and its unit of work.

mod collection;
mod columns;
#[doc(hidden)]
pub mod derive;
mod draft;
mod entity;
mod key_text;
#[cfg(feature = "keyset")]
mod keyset;
mod loading;
mod obj;
mod page_reader;
mod projection;
mod relation_types;
mod relationship;
mod session;
mod view;

pub use draft::{Draft, Given, NewObject, Related, RelatedValue, Set};
pub use entity::Entity;
#[cfg(feature = "keyset")]
pub use keyset::{CursorKey, KeysetPage, PageAt, Paging};
#[doc(hidden)]
pub use loading::Kind;
pub use loading::{
    Asks, BySubquery, Contained, ContainsEager, EagerPath, Follows, Joined, JoinedLoad, Loader, LoaderOption,
    LoadsFrom, Options, Raise, RaiseLoad, SelectIn, SelectInLoad, SelectOption, SubqueryLoad, Undefer,
    contains_eager, joinedload, raiseload, selectinload, subqueryload, undefer,
};
pub use obj::{AnyObj, Obj};
pub use projection::{Loaders, Projection, ProjectionItem, select_as};
pub use relationship::{BelongsTo, HasMany, HasOne, RelationMut, RelationRef};
#[doc(hidden)]
pub use session::{Attempt, Attempts, IntoSessionPlan, Report};
pub use session::{
    Attribute, Attributes, Change, Chunks, Flushed, Get, History, Hooks, InsertAll, NPlusOne, NestedSession,
    NoAutoflush, ObjectState, Refresh, Rows, Scalars, Session, SessionAsked, SessionItem, SessionOptions,
    SessionQuery, SessionShape, SessionTogether, Transact, UntypedRows,
};
pub use view::{Lens, Views};
