//! Random rows, as lists, and what leads from one to the other.

use aludel_suite::Db;

use super::trees::{Branch, Condition, Order, Relation, Root};
use crate::choices::Choices;

/// The entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    User,
    Post,
    Comment,
    Tag,
    Profile,
    Folder,
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Post, Self::User, Self::Comment, Self::Tag, Self::Folder, Self::Profile];
}

/// A row, of any table. Its key is its place in the list and one more; that of a tag is its text.
#[derive(Clone, Debug)]
pub struct Line {
    text: &'static str,
    /// What conditions and orders are about: the likes of a comment, the weight of a tag, the key of an editor or of a folder's parent.
    number: Option<i64>,
    /// The author of a post, the post of a comment, the user of a profile, the parent of a folder.
    one: Option<usize>,
    /// The editor of a post, the writer of a comment.
    other: Option<usize>,
    /// It was deleted softly.
    deleted: bool,
}

/// The rows of the tables.
#[derive(Clone, Debug)]
pub struct World {
    users: Vec<Line>,
    posts: Vec<Line>,
    comments: Vec<Line>,
    tags: Vec<Line>,
    profiles: Vec<Line>,
    /// In trees and circles.
    folders: Vec<Line>,
    /// Posts and their tags.
    ties: Vec<(usize, usize)>,
}

const TEXTS: [&str; 4] = ["a", "b", "c", "d"];
const TAGS: [&str; 4] = ["blue", "green", "red", "yellow"];

fn id(place: usize) -> i64 {
    place as i64 + 1
}

impl World {
    pub fn random(choices: &mut Choices<'_>) -> Self {
        fn lines(
            choices: &mut Choices<'_>,
            count: usize,
            mut line: impl FnMut(&mut Choices<'_>, usize, Line) -> Line,
        ) -> Vec<Line> {
            let mut one = |place| {
                let text = choices.of(&TEXTS);
                line(choices, place, Line { text, number: None, one: None, other: None, deleted: false })
            };
            (0..count).map(&mut one).collect()
        }
        let count = 1 + choices.pick(5);
        let users = lines(choices, count, |_, at, line| Line { number: Some(id(at)), ..line });
        let count = 1 + choices.pick(5);
        let posts = lines(choices, count, |choices, _, line| {
            let other = choices.maybe(|it| it.pick(users.len()));
            Line { one: Some(choices.pick(users.len())), other, number: other.map(id), ..line }
        });
        let count = choices.pick(10);
        let comments = lines(choices, count, |choices, _, line| {
            let other = choices.maybe(|it| it.pick(users.len()));
            let (one, number) = (Some(choices.pick(posts.len())), Some(choices.pick(4) as i64));
            Line { one, other, number, deleted: choices.pick(4) == 3, ..line }
        });
        let count = choices.pick(5);
        let tags = lines(choices, count, |choices, at, line| Line {
            text: TAGS[at],
            number: Some(choices.pick(3) as i64),
            deleted: choices.pick(4) == 3,
            ..line
        });
        // One each for the first users.
        let count = choices.pick(users.len() + 1);
        let profiles =
            lines(choices, count, |_, at, line| Line { one: Some(at), number: Some(id(at)), ..line });
        let count = choices.pick(8);
        let folders = lines(choices, count, |choices, _, line| {
            let one = choices.maybe(|it| it.pick(count));
            Line { one, number: one.map(id), deleted: choices.pick(4) == 3, ..line }
        });
        let ties = (0..posts.len()).flat_map(|post| (0..tags.len()).map(move |tag| (post, tag)));
        let ties = ties.filter(|_| choices.pick(2) == 1).collect();
        Self { users, posts, comments, tags, profiles, folders, ties }
    }

    /// Puts these rows, and nothing else, into the tables.
    pub async fn store(&self, db: &Db) -> aludel::Result<()> {
        let sql = self.sql();
        let sql: Vec<&str> = sql.iter().map(String::as_str).collect();
        db.engine.connect().await?.run_plain(&sql).await
    }

    /// The statements that do so.
    pub fn sql(&self) -> Vec<String> {
        let tables = ["post_tag", "comments", "profiles", "posts", "users", "tags"];
        let mut sql: Vec<String> = tables.map(|it| format!("DELETE FROM {it}")).to_vec();
        sql.extend(["UPDATE folders SET parent_id = NULL", "DELETE FROM folders"].map(str::to_owned));
        let mut insert = |table: &str, columns: &str, rows: Vec<String>| {
            if !rows.is_empty() {
                sql.push(format!("INSERT INTO {table} ({columns}) VALUES ({})", rows.join("), (")));
            }
        };
        let key = |place: Option<usize>| place.map_or("NULL".to_owned(), |it| id(it).to_string());
        let number = |line: &Line| line.number.unwrap_or_default();
        let deleted = |line: &Line| if line.deleted { "'2024-02-29 12:00:00.000000'" } else { "NULL" };
        let rows = |lines: &[Line], row: &dyn Fn(&Line) -> String| -> Vec<String> {
            let numbered = lines.iter().zip(1..);
            numbered.map(|(line, id)| format!("{id}, '{}'{}", line.text, row(line))).collect()
        };
        insert("users", "id, name", rows(&self.users, &|_| String::new()));
        let post = |it: &Line| format!(", {}, {}", key(it.one), key(it.other));
        insert("posts", "id, title, author_id, editor_id", rows(&self.posts, &post));
        let comment =
            |it: &Line| format!(", {}, {}, {}, {}", number(it), deleted(it), key(it.one), key(it.other));
        insert("comments", "id, body, likes, deleted_at, post_id, writer_id", rows(&self.comments, &comment));
        let tags = self.tags.iter().map(|it| format!("'{}', {}, {}", it.text, number(it), deleted(it)));
        insert("tags", "name, weight, deleted_at", tags.collect());
        let ties = self.ties.iter().map(|(post, tag)| format!("{}, '{}'", id(*post), self.tags[*tag].text));
        insert("post_tag", "post_id, tag_name", ties.collect());
        insert("profiles", "id, bio, user_id", rows(&self.profiles, &|it| format!(", {}", key(it.one))));
        insert("folders", "id, name, deleted_at", rows(&self.folders, &|it| format!(", {}", deleted(it))));
        for (at, folder) in self.folders.iter().enumerate() {
            sql.push(format!("UPDATE folders SET parent_id = {} WHERE id = {}", key(folder.one), id(at)));
        }
        sql
    }

    /// What a tree is to show.
    pub fn shown(&self, root: &Root) -> Vec<String> {
        let mut found = self.chosen(
            (0..self.lines(root.kind).len()).collect(),
            root.kind,
            root,
            root.condition,
            root.order,
        );
        found.truncate(root.limit.map_or(usize::MAX, |it| it as usize));
        found.into_iter().map(|at| self.object(root, root.kind, at, &root.then)).collect()
    }

    fn lines(&self, kind: Kind) -> &[Line] {
        match kind {
            Kind::User => &self.users,
            Kind::Post => &self.posts,
            Kind::Comment => &self.comments,
            Kind::Tag => &self.tags,
            Kind::Profile => &self.profiles,
            Kind::Folder => &self.folders,
        }
    }

    /// Those of the rows for which the condition holds, in their order. NULL is least; what is equal is in the order of the keys.
    fn chosen(
        &self,
        mut places: Vec<usize>,
        kind: Kind,
        root: &Root,
        condition: Option<Condition>,
        order: Option<Order>,
    ) -> Vec<usize> {
        let lines = self.lines(kind);
        places.retain(|at| root.with_deleted || !lines[*at].deleted);
        places.retain(|at| match condition {
            None => true,
            Some(Condition::TextFrom(text)) => lines[*at].text >= text,
            Some(Condition::NumberOver(least)) => lines[*at].number.is_some_and(|it| it > least),
        });
        places.sort();
        match order {
            None => {}
            Some(Order { of_text: true, descending: false }) => places.sort_by_key(|at| lines[*at].text),
            Some(Order { of_text: true, descending: true }) => {
                places.sort_by_key(|at| std::cmp::Reverse(lines[*at].text));
            }
            Some(Order { of_text: false, descending: false }) => places.sort_by_key(|at| lines[*at].number),
            Some(Order { of_text: false, descending: true }) => {
                places.sort_by_key(|at| std::cmp::Reverse(lines[*at].number));
            }
        }
        places
    }

    /// An object and what it leads to.
    fn object(&self, root: &Root, kind: Kind, at: usize, then: &[Branch]) -> String {
        let key = if kind == Kind::Tag { self.tags[at].text.to_owned() } else { id(at).to_string() };
        let relations = then.iter().map(|branch| {
            let relation = branch.relation;
            let order = branch.order.or(relation.order());
            let mut led =
                self.chosen(self.led_to(relation, at), relation.target(), root, branch.condition, order);
            led.truncate(branch.limit.map_or(usize::MAX, |it| it as usize));
            let behind = branch.behind();
            let led: Vec<String> =
                led.into_iter().map(|at| self.object(root, relation.target(), at, &behind)).collect();
            format!("{relation:?} [{}]", led.join(", "))
        });
        format!("{kind:?} {key} {}", relations.collect::<Vec<_>>().join(" "))
    }

    /// The places of the rows that a relation leads to.
    fn led_to(&self, relation: Relation, from: usize) -> Vec<usize> {
        let places = |lines: &[Line], leads: &dyn Fn(&Line) -> bool| {
            lines.iter().enumerate().filter(|(_, it)| leads(it)).map(|(at, _)| at).collect()
        };
        match relation {
            Relation::UserPosts => places(&self.posts, &|it| it.one == Some(from)),
            Relation::UserComments => places(&self.comments, &|it| it.other == Some(from)),
            Relation::UserProfile => places(&self.profiles, &|it| it.one == Some(from)),
            Relation::PostAuthor => self.posts[from].one.into_iter().collect(),
            Relation::PostEditor => self.posts[from].other.into_iter().collect(),
            Relation::PostComments => places(&self.comments, &|it| it.one == Some(from)),
            Relation::PostTags => self.ties.iter().filter(|it| it.0 == from).map(|it| it.1).collect(),
            Relation::CommentPost => self.comments[from].one.into_iter().collect(),
            Relation::CommentWriter => self.comments[from].other.into_iter().collect(),
            Relation::TagPosts => self.ties.iter().filter(|it| it.1 == from).map(|it| it.0).collect(),
            Relation::ProfileUser => self.profiles[from].one.into_iter().collect(),
            Relation::FolderParent => self.folders[from].one.into_iter().collect(),
            Relation::FolderChildren => places(&self.folders, &|it| it.one == Some(from)),
        }
    }
}
