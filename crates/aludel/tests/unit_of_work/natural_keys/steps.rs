//! What a step may do.

use crate::worlds::What;

#[derive(Clone, Copy, Debug)]
pub enum Deed {
    AddBand,
    AddSinger,
    AddAlbum,
    AddTag,
    Change,
    Recode,
    Swap,
    MoveSinger,
    MoveAlbum,
    Lead,
    Tie,
    Untie,
    Delete,
    Replace,
    Merge,
    Expunge,
    Refresh,
    Get,
    Query,
    Load,
    UpdateWhere,
    MoveWhere,
    DeleteWhere,
}

/// How often each of them comes.
pub const WEIGHTS: &[(u32, What<Deed>)] = &[
    (4, What::Flush),
    (2, What::Commit),
    (2, What::Rollback),
    (3, What::BeginNested),
    (3, What::EndNested),
    (4, What::Do(Deed::AddBand)),
    (4, What::Do(Deed::AddSinger)),
    (4, What::Do(Deed::AddAlbum)),
    (2, What::Do(Deed::AddTag)),
    (2, What::Do(Deed::Change)),
    (5, What::Do(Deed::Recode)),
    (4, What::Do(Deed::Swap)),
    (5, What::Do(Deed::MoveSinger)),
    (3, What::Do(Deed::MoveAlbum)),
    (4, What::Do(Deed::Lead)),
    (4, What::Do(Deed::Tie)),
    (2, What::Do(Deed::Untie)),
    (5, What::Do(Deed::Delete)),
    (4, What::Do(Deed::Replace)),
    (2, What::Do(Deed::Merge)),
    (1, What::Do(Deed::Expunge)),
    (1, What::Do(Deed::Refresh)),
    (2, What::Do(Deed::Get)),
    (2, What::Do(Deed::Query)),
    (4, What::Do(Deed::Load)),
    (1, What::Do(Deed::UpdateWhere)),
    (1, What::Do(Deed::MoveWhere)),
    (1, What::Do(Deed::DeleteWhere)),
];

pub type Step = crate::worlds::Step<Deed>;
