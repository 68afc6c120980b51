//! Random trees of loaders.

use super::world::Kind;
use crate::choices::Choices;

/// The relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    UserPosts,
    UserComments,
    UserProfile,
    PostAuthor,
    PostEditor,
    PostComments,
    PostTags,
    CommentPost,
    CommentWriter,
    TagPosts,
    ProfileUser,
    FolderParent,
    FolderChildren,
}

impl Relation {
    fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::User => &[Self::UserPosts, Self::UserComments, Self::UserProfile],
            Kind::Post => &[Self::PostComments, Self::PostTags, Self::PostAuthor, Self::PostEditor],
            Kind::Comment => &[Self::CommentPost, Self::CommentWriter],
            Kind::Tag => &[Self::TagPosts],
            Kind::Profile => &[Self::ProfileUser],
            Kind::Folder => &[Self::FolderChildren, Self::FolderParent],
        }
    }

    pub fn target(self) -> Kind {
        match self {
            Self::UserPosts | Self::CommentPost | Self::TagPosts => Kind::Post,
            Self::UserComments | Self::PostComments => Kind::Comment,
            Self::UserProfile => Kind::Profile,
            Self::PostAuthor | Self::PostEditor | Self::CommentWriter | Self::ProfileUser => Kind::User,
            Self::PostTags => Kind::Tag,
            Self::FolderParent | Self::FolderChildren => Kind::Folder,
        }
    }

    /// The order that a relation has of itself.
    pub fn order(self) -> Option<Order> {
        (self == Self::UserPosts).then_some(Order { of_text: true, descending: true })
    }

    fn is_to_many(self) -> bool {
        let to_many = [Self::UserPosts, Self::UserComments, Self::PostComments, Self::PostTags];
        to_many.contains(&self) || matches!(self, Self::TagPosts | Self::FolderChildren)
    }
}

/// How a relation is loaded.
#[derive(Clone, Copy, Debug)]
pub enum Strategy {
    SelectIn,
    Joined,
    Subquery,
}

/// What objects must be like.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// This text, or one behind it.
    TextFrom(&'static str),
    NumberOver(i64),
}

/// The order of objects.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// By the text, and not by the number.
    pub of_text: bool,
    pub descending: bool,
}

/// A loader of a relation.
#[derive(Clone, Debug)]
pub struct Branch {
    pub relation: Relation,
    pub strategy: Strategy,
    pub condition: Option<Condition>,
    pub order: Option<Order>,
    pub limit: Option<u32>,
    /// How many levels of a relation from folder to folder.
    pub depth: u32,
    pub then: Vec<Branch>,
}

impl Branch {
    /// What is loaded of the objects that it leads to.
    pub fn behind(&self) -> Vec<Self> {
        let deeper = (self.depth > 1).then(|| Self { depth: self.depth - 1, ..self.clone() });
        self.then.iter().cloned().chain(deeper).collect()
    }
}

/// A query, and what it loads.
#[derive(Clone, Debug)]
pub struct Root {
    pub kind: Kind,
    pub condition: Option<Condition>,
    pub order: Option<Order>,
    pub limit: Option<u32>,
    pub distinct: bool,
    /// Whether rows that were deleted softly are among the others, on all levels.
    pub with_deleted: bool,
    pub then: Vec<Branch>,
}

impl Root {
    pub fn random(choices: &mut Choices<'_>) -> Self {
        let kind = choices.of(&Kind::ALL);
        let mut asked = Asked { choices, with_conditions: Vec::new(), whole: Vec::new() };
        let then = asked.branches(kind, 3);
        Self {
            kind,
            then,
            condition: condition(choices),
            order: order(choices),
            limit: rarely(choices, |it| it.pick(4) as u32),
            distinct: choices.pick(4) == 3,
            with_deleted: choices.pick(4) == 3,
        }
    }
}

/// One of four times.
fn rarely<T>(choices: &mut Choices<'_>, make: impl FnOnce(&mut Choices<'_>) -> T) -> Option<T> {
    if choices.pick(4) == 3 { Some(make(choices)) } else { None }
}

fn condition(choices: &mut Choices<'_>) -> Option<Condition> {
    rarely(choices, |choices| match choices.pick(2) {
        0 => Condition::TextFrom(choices.of(&["b", "c", "red"])),
        _ => Condition::NumberOver(choices.pick(3) as i64),
    })
}

fn order(choices: &mut Choices<'_>) -> Option<Order> {
    rarely(choices, |choices| Order { of_text: choices.pick(2) == 0, descending: choices.pick(2) == 1 })
}

/// What a tree asks for already. An object has one list for a relation: where it is loaded by conditions, in an order or in part, it is loaded
/// once.
struct Asked<'a, 'c> {
    choices: &'a mut Choices<'c>,
    with_conditions: Vec<Relation>,
    whole: Vec<Relation>,
}

impl Asked<'_, '_> {
    fn branches(&mut self, kind: Kind, levels: u32) -> Vec<Branch> {
        let mut branches = Vec::new();
        for relation in Relation::of(kind) {
            if levels > 0 && self.choices.pick(2) == 1 {
                branches.extend(self.branch(*relation, levels - 1));
            }
        }
        branches
    }

    fn branch(&mut self, relation: Relation, levels: u32) -> Option<Branch> {
        if self.with_conditions.contains(&relation) {
            return None;
        }
        let strategy = self.choices.of(&[Strategy::SelectIn, Strategy::Joined, Strategy::Subquery]);
        let (mut condition_of, mut order_of, mut limit) = (None, None, None);
        if relation.is_to_many() && !self.whole.contains(&relation) {
            condition_of = condition(self.choices);
            order_of = order(self.choices);
            limit = rarely(self.choices, |it| it.pick(3) as u32);
        }
        match condition_of.is_some() || order_of.is_some() || limit.is_some() {
            true => self.with_conditions.push(relation),
            false => self.whole.push(relation),
        }
        let own = matches!(relation, Relation::FolderParent | Relation::FolderChildren);
        let depth = if own { 1 + self.choices.pick(4) as u32 } else { 1 };
        let then = self.branches(relation.target(), levels);
        Some(Branch { relation, strategy, condition: condition_of, order: order_of, limit, depth, then })
    }
}
