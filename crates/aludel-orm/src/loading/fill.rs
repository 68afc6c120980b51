//! Putting what was loaded into the relationship fields, on both sides.

use aludel_sql::RelationKind;

use super::load::Load;
use crate::key_text::KeyText;
use crate::obj::RawObj;
use crate::relationship::RelationMut;
use crate::session::Session;

/// Puts the objects that a relation of `parent` leads to into its field. `places` are those of both entities in the session.
///
/// What the program changed and did not flush stays as the program has it.
pub(super) fn fill(
    session: &mut Session,
    load: &Load,
    places: (usize, usize),
    parent: RawObj,
    objects: &[RawObj],
    partial: bool,
) {
    let meta = load.meta();
    let nowhere = match meta.kind {
        RelationKind::BelongsTo if objects.is_empty() && !partial => meta
            .link(load.from.table)
            .ok()
            .and_then(|link| KeyText::of(&session.value_at(places.0, parent, link.local)).hash()),
        _ => None,
    };
    match session.relation_mut(places.0, parent, load.relation) {
        RelationMut::Many(state) if partial => state.set_loaded_in_part(objects.to_vec()),
        RelationMut::Many(state) => state.set_loaded(objects.to_vec()),
        RelationMut::One(state) if state.changed => {}
        RelationMut::One(state) => {
            state.loaded = Some(objects.first().copied());
            state.nowhere = nowhere;
        }
    }
    let Some(inverse) = meta.inverse else { return };
    if matches!(meta.kind, RelationKind::HasMany | RelationKind::HasOne) {
        session.lead_to(places.1, objects, inverse, parent);
    }
}

/// Leaves out the objects to which the program has given another parent since: the database has not heard of it yet.
pub(super) fn keep_children(
    session: &Session,
    load: &Load,
    places: (usize, usize),
    parent: RawObj,
    objects: &mut Vec<RawObj>,
) {
    let meta = load.meta();
    if !matches!(meta.kind, RelationKind::HasMany | RelationKind::HasOne) {
        return;
    }
    let Ok(link) = meta.link(load.from.table) else { return };
    let (told, known) = (
        session.value_at(places.0, parent, link.local),
        session.known_value_at(places.0, parent, link.local),
    );
    objects.retain(|object| {
        let own = session.value_at(places.1, *object, link.remote);
        // One that nobody has moved refers to the key that the database knows.
        let is_moved = || own != session.known_value_at(places.1, *object, link.remote);
        let key = if told == known || is_moved() { &told } else { &known };
        // The database may hold keys for equal that are not the same text.
        own == *key
            || (KeyText::of(&own).is_like(&KeyText::of(key)) && !session.is_modified_at(places.1, *object))
    });
}
