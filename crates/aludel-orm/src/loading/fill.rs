//! Putting what was loaded into the relationship fields, on both sides.

use aludel_sql::RelationKind;

use super::load::Load;
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
    match session.relation_mut(places.0, parent, load.relation) {
        RelationMut::Many(state) if partial => state.set_loaded_in_part(objects.to_vec()),
        RelationMut::Many(state) => state.set_loaded(objects.to_vec()),
        RelationMut::One(state) if state.changed => {}
        RelationMut::One(state) => state.loaded = Some(objects.first().copied()),
    }
    let Some(inverse) = meta.inverse else { return };
    if matches!(meta.kind, RelationKind::HasMany | RelationKind::HasOne) {
        for object in objects {
            match session.relation_mut(places.1, *object, inverse) {
                RelationMut::One(state) if !state.changed => state.loaded = Some(Some(parent)),
                RelationMut::One(_) | RelationMut::Many(_) => {}
            }
        }
    }
}
