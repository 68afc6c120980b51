//! Running loaders, level by level: the statements of one level do not need each other's rows, so they go in one batch.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::slice;

use aludel_sql::{ErrorKind, RelationKind, Result, SelectNode, Source, Value, ValueRef};
use foldhash::fast::FixedState;

use super::defaults;
use super::joined::JoinedRelations;
use super::load::{Load, Strategy};
use super::selectinload::{self, By};
use super::subqueryload;
use crate::key_text::{ByKey, ByLikeness, KeyText};
use crate::obj::RawObj;
use crate::session::{Populate, Session, Tracker};
use crate::view::write_only;

/// Objects, each once.
type Objects = HashSet<RawObj, FixedState>;

/// A relation to be loaded for some objects.
pub(crate) struct Work {
    load: Load,
    parents: Vec<RawObj>,
    /// The objects that this relation was loaded for on the levels before, where it leads to its own entity.
    seen: Objects,
    /// The statement that selects the keys of the parents, where it is repeated.
    keys: Option<SelectNode>,
}

impl Work {
    /// The relation of these objects, of which any may come several times.
    pub(crate) fn new(load: Load, parents: impl IntoIterator<Item = RawObj>) -> Self {
        let parents = parents.into_iter();
        let mut seen = Objects::with_capacity_and_hasher(parents.size_hint().0, FixedState::default());
        let parents = parents.filter(|it| seen.insert(*it)).collect();
        Self { load, parents, seen, keys: None }
    }

    /// Has the parents found by this statement and not by their keys.
    pub(super) fn of_parents(self, keys: Option<SelectNode>) -> Self {
        Self { keys, ..self }
    }
}

/// Loads relations, and what is to be loaded behind them.
pub(crate) async fn run(session: &mut Session, work: Vec<Work>, populate: Populate) -> Result<()> {
    if work.iter().all(|it| it.parents.is_empty()) {
        return Ok(());
    }
    let populate = populate_behind(populate);
    // Changes that were not flushed would be missing from what the database says.
    session.before_load().await?;
    run_unflushed(session, work, populate).await
}

/// How objects are read that are loaded behind others: only what was asked for itself is locked, or newer than anything that is here.
pub(crate) fn populate_behind(populate: Populate) -> Populate {
    if populate == Populate::Existing { populate } else { Populate::default() }
}

/// As [`run`], but nothing is flushed before: for the flush itself.
pub(crate) async fn run_unflushed(
    session: &mut Session,
    mut work: Vec<Work>,
    populate: Populate,
) -> Result<()> {
    loop {
        work.retain(|it| !it.parents.is_empty());
        if work.is_empty() {
            return Ok(());
        }
        let mut level =
            work.into_iter().map(|it| Running::begin(session, it, populate)).collect::<Result<Vec<_>>>()?;
        let mut statements: Vec<SelectNode> = Vec::new();
        let mut owners: Vec<usize> = Vec::new();
        for (at, running) in level.iter_mut().enumerate() {
            for statement in running.statements(session) {
                statements.push(statement);
                owners.push(at);
            }
        }
        let mut row = |statement: usize, tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| {
            level[owners[statement]].row(tracker, cells)
        };
        if !statements.is_empty() {
            session.track_batch(&statements, populate, &mut row).await?;
        }
        work = level.into_iter().flat_map(|it| it.finish(session)).collect();
    }
}

/// A relation that is being loaded.
pub(super) struct Running {
    load: Load,
    by: By,
    /// The statement, without its keys, and what it reads beside its own cells.
    statement: SelectNode,
    joined: JoinedRelations,
    seen: Objects,
    /// The keys of the parents that the database knows, where it was not told them: a parent that is not among them is asked for by its key.
    answered: Option<HashSet<KeyText>>,
    populate: Populate,
    /// The places of both entities in the session.
    from: usize,
    to: usize,
    /// The column of the objects' own key, where it is one.
    key_column: Option<usize>,
    /// The objects, and the group of objects that the relation leads to from each; `None` where its key is NULL.
    parents: Vec<(RawObj, Option<usize>)>,
    /// A group for each key, and the object that is here already, to which a key of a parent leads.
    group_of: ByKey<usize>,
    here: Vec<Option<RawObj>>,
    /// The keys of groups that the database is asked for.
    keys: Vec<Value>,
    found: Found,
}

/// The objects that came, in the order of the rows.
#[derive(Default)]
struct Found {
    objects: Vec<RawObj>,
    /// The key of the parent that the rows name, and how many objects in a row have it: often all that a parent has.
    runs: Vec<(Value, usize)>,
    /// Some of them were here already, and may lead to another parent than their rows.
    were_here: bool,
    /// The last of their own keys, where it is an integer, and whether one of a run may be below the one before it.
    last_own: i64,
    unsorted: bool,
}

impl Found {
    /// Takes an object in, with its own key where that is an integer; `key` is that of its parent, which `value` makes of the cell.
    #[inline]
    fn push(
        &mut self,
        object: RawObj,
        own: Option<i64>,
        key: ValueRef<'_>,
        value: impl FnOnce(ValueRef<'_>) -> Result<Value>,
    ) -> Result<()> {
        let same = match (self.runs.last(), key) {
            (Some((Value::Int(last), _)), ValueRef::Int(key)) => *last == key,
            (Some((last, _)), key) => last.as_ref() == key,
            (None, _) => false,
        };
        if same {
            self.unsorted |= own.is_none_or(|own| own < self.last_own);
            self.runs.last_mut().expect("there is one").1 += 1;
        } else {
            self.runs.push((value(key)?, 1));
        }
        self.last_own = own.unwrap_or_default();
        self.objects.push(object);
        Ok(())
    }
}

/// How many keys a statement has at most where each of them is a parameter.
const KEYS: usize = 16_384;

impl Running {
    fn begin(session: &mut Session, work: Work, populate: Populate) -> Result<Self> {
        let Work { load, parents, seen, keys } = work;
        let meta = load.meta();
        if meta.write_only {
            return Err(write_only(load.from.table, meta, ErrorKind::State));
        }
        let by = By::of(meta, load.from.table)?;
        let (from, to) = ((load.from.place)(session), (load.to.place)(session));
        let mut key = load.to.table.primary_key();
        let key_column = key.next().filter(|_| key.next().is_none());
        let answered = keys.is_some().then(HashSet::new);
        let next = defaults::behind(&load);
        let (mut statement, mut joined) = match keys {
            Some(keys) => {
                let statement = subqueryload::statement(&load, &by, keys);
                let joined = JoinedRelations::of_objects(&statement, &next);
                (statement, joined)
            }
            None => (selectinload::statement(&load, &by), JoinedRelations::default()),
        };
        statement.with_deleted = load.with_deleted;
        joined.attach(&mut statement, (0, &Source::of(load.to.table)), next)?;
        let mut it = Self {
            load,
            by,
            statement,
            joined,
            seen,
            answered,
            populate,
            from,
            to,
            key_column,
            parents: Vec::new(),
            group_of: ByKey::default(),
            here: Vec::new(),
            keys: Vec::new(),
            found: Found::default(),
        };
        it.add_parents(session, parents);
        Ok(it)
    }

    /// Begins beside the statement `node` that finds the parents, whose table there is `source`, and returns the statement to run in the same
    /// batch. `None` where it needs what the other one finds: where that neither says which key the parents have nor is `repeated`.
    pub(super) fn beside(
        session: &mut Session,
        load: &Load,
        (node, source): (&SelectNode, &Source),
        repeated: Option<&SelectNode>,
        populate: Populate,
    ) -> Result<Option<(Self, SelectNode)>> {
        let local = By::of(load.meta(), load.from.table)?.local();
        // What a key of another object leads to may be here already.
        let is_key = load.meta().kind != RelationKind::BelongsTo;
        let key = node.fixed(source, local).filter(|_| is_key);
        if key.is_none() && repeated.is_none() {
            return Ok(None);
        }
        let work = Work::new(load.clone(), []).of_parents(repeated.cloned());
        let running = Self::begin(session, work, populate)?;
        let statement = match (repeated, key) {
            (None, Some(key)) => selectinload::with_keys(&running.statement, vec![key.clone()]),
            _ => running.statement.clone(),
        };
        Ok(Some((running, statement)))
    }

    /// Hears of the parents after the rows have come. Returns what is to be loaded next.
    pub(super) fn finish_for(
        mut self,
        session: &mut Session,
        parents: impl Iterator<Item = RawObj>,
    ) -> Vec<Work> {
        let parents: Vec<RawObj> = parents.filter(|it| self.seen.insert(*it)).collect();
        self.add_parents(session, parents);
        self.finish(session)
    }

    fn add_parents(&mut self, session: &Session, parents: Vec<RawObj>) {
        self.parents.reserve(parents.len());
        self.group_of.reserve(parents.len());
        for parent in parents {
            if self.load.spares(session, self.from, parent) {
                continue;
            }
            let group = self.group(session, parent);
            self.parents.push((parent, group));
        }
    }

    /// Finds the group of a parent. To one: an object that is here already needs no statement.
    fn group(&mut self, session: &Session, parent: RawObj) -> Option<usize> {
        let column = self.by.local();
        let key = match self.load.meta().kind {
            RelationKind::BelongsTo => session.value_at(self.from, parent, column),
            // Its key may have been changed, and what refers to it knows nothing of that.
            _ => session.known_value_at(self.from, parent, column),
        };
        if key == Value::Null {
            return None;
        }
        let next = self.here.len();
        let group = *self.group_of.entry(KeyText::of(&key)).or_insert(next);
        if group == next {
            let here = match (self.load.meta().kind, &self.by) {
                _ if self.answered.is_some() || self.populate == Populate::Existing => None,
                (RelationKind::BelongsTo, By::Column(link)) => {
                    session.find_fresh(self.to, link.remote, &key, self.load.with_deleted)
                }
                _ => None,
            };
            if here.is_none() {
                self.keys.push(key);
            }
            self.here.push(here);
        }
        Some(group)
    }

    /// Returns the statements: one, unless the keys are more than a statement can have.
    fn statements(&mut self, session: &Session) -> Vec<SelectNode> {
        let mut keys = std::mem::take(&mut self.keys);
        if self.answered.is_some() && !keys.is_empty() {
            return vec![self.statement.clone()];
        }
        let most = if session.has_array_parameters() { usize::MAX } else { KEYS };
        let mut statements = Vec::new();
        while !keys.is_empty() {
            let rest = keys.split_off(keys.len().min(most));
            statements.push(selectinload::with_keys(&self.statement, keys));
            keys = rest;
        }
        statements
    }

    pub(super) fn row(&mut self, tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<()> {
        let target = self.load.to.table;
        let columns = target.columns.len();
        if let Some(answered) = &mut self.answered {
            // The parents may be on the nullable side of a join.
            if cells[columns].is_null() {
                return Ok(());
            }
            answered.insert(KeyText::of(&(self.load.from.value_of)(self.by.local(), cells[columns])?));
            if target.primary_key().all(|column| cells[column].is_null()) {
                return Ok(());
            }
        }
        let object = (self.load.to.track)(tracker, &cells[..columns])?;
        self.found.were_here |= tracker.was_here();
        let key = cells[self.own_key().unwrap_or(columns)];
        let own = match self.key_column.map(|column| cells[column]) {
            Some(ValueRef::Int(own)) => Some(own),
            _ => None,
        };
        self.found.push(object, own, key, |key| (self.load.from.value_of)(self.by.local(), key))?;
        if self.joined.reads_rows() { self.joined.row(tracker, |_| Some(object), cells) } else { Ok(()) }
    }

    /// The column that holds the key of the parent, where that is one of the object's own and the rows show no other.
    fn own_key(&self) -> Option<usize> {
        match &self.by {
            By::Column(link) if self.answered.is_none() => Some(link.remote),
            _ => None,
        }
    }

    /// Puts what was found into the relations. Returns what is to be loaded next.
    fn finish(self, session: &mut Session) -> Vec<Work> {
        let mut groups = self.deal(session);
        let is_sorted = !(groups.mixed || self.found.unsorted || self.found.were_here);
        if !is_sorted && !self.load.is_ordered() && self.load.limit.is_none() {
            groups.for_each_mut(|it| session.sort_by_key(self.to, it));
        }
        let unanswered = self.unanswered();
        self.fill(session, &groups, &unanswered);
        let again = (!unanswered.is_empty()).then(|| {
            let parents = self.parents.iter().map(|(parent, _)| *parent);
            let load = Load { strategy: Strategy::SelectIn, ..self.load.clone() };
            Work::new(load, parents.filter(|it| unanswered.contains(it)))
        });
        // Some of them may come several times: whoever takes them up takes each once.
        let mut children = self.found.objects;
        children.extend(self.here.into_iter().flatten());
        let children = [children];
        let mut next = self.joined.finish(session, &children);
        if let Some(load) = self.load.deeper() {
            let mut seen = self.seen;
            let [children] = children;
            let parents = children.into_iter().filter(|it| seen.insert(*it)).collect();
            next.push(Work { load, parents, seen, keys: None });
        }
        next.extend(again);
        next
    }

    /// Deals the objects out to the groups.
    fn deal(&self, session: &Session) -> Groups<'_> {
        if let Some(places) = self.places() {
            return Groups { objects: Cow::Borrowed(&self.found.objects), places, mixed: false };
        }
        let Found { objects, runs, were_here, .. } = &self.found;
        // What was here is where the session has it; that may not have been flushed.
        let own_key = self.own_key().filter(|_| *were_here);
        let as_they_are: Option<Vec<_>> = own_key
            .map(|column| objects.iter().map(|it| (session.value_at(self.to, *it, column), 1)).collect());
        let here = self.here.iter().enumerate().filter(|(_, it)| it.is_some());
        let mut dealt: Vec<(usize, &[RawObj])> = here.map(|(group, it)| (group, it.as_slice())).collect();
        let mut strays = Vec::new();
        let mut rest = objects.as_slice();
        for (key, count) in as_they_are.as_ref().unwrap_or(runs) {
            let (run, others) = rest.split_at(*count);
            rest = others;
            let key = KeyText::of(key);
            match self.group_of.get(&key) {
                Some(group) => dealt.push((*group, run)),
                None => strays.push((key, run)),
            }
        }
        if !strays.is_empty() {
            // What the database found for keys that it holds for equal and that are not the same text; or what was given another parent
            // since.
            let alike = ByLikeness::of(self.group_of.iter().map(|(key, group)| (key, *group)));
            for (key, run) in &strays {
                let run = run.iter();
                for object in run.filter(|it| own_key.is_none() || !session.is_modified_at(self.to, **it)) {
                    dealt.extend(alike.get(key).iter().map(|group| (*group, slice::from_ref(object))));
                }
            }
        }
        if self.joined.repeats() || self.answered.is_some() {
            let mut met = HashSet::<_, FixedState>::default();
            let each =
                dealt.iter().flat_map(|(group, run)| run.iter().map(|it| (*group, slice::from_ref(it))));
            dealt = each.filter(|(group, object)| met.insert((*group, object[0]))).collect();
        }
        Groups::of(self.here.len(), dealt)
    }

    /// The places of the groups among the objects as they came, where each group is one run and no object can come twice: so it is for all rows in
    /// the order of their parents' keys.
    fn places(&self) -> Option<Vec<Range<usize>>> {
        let Found { runs, were_here, .. } = &self.found;
        let may_repeat = self.joined.repeats() || self.answered.is_some();
        if *were_here || may_repeat || self.here.iter().any(Option::is_some) {
            return None;
        }
        let mut places = vec![0..0; self.here.len()];
        let mut end = 0;
        for (key, count) in runs {
            let place: &mut Range<usize> = &mut places[*self.group_of.get(&KeyText::of(key))?];
            if place.end > 0 {
                return None;
            }
            *place = end..end + count;
            end = place.end;
        }
        Some(places)
    }

    /// Returns the parents that the repeated statement did not find any more.
    fn unanswered(&self) -> Objects {
        let Some(answered) = &self.answered else { return Objects::default() };
        let missed = self.group_of.iter().filter(|(key, _)| !answered.contains(*key));
        let missed: HashSet<usize> = missed.map(|(_, group)| *group).collect();
        let parents = self.parents.iter().filter(|(_, group)| group.is_some_and(|it| missed.contains(&it)));
        parents.map(|(parent, _)| *parent).collect()
    }

    fn fill(&self, session: &mut Session, groups: &Groups<'_>, unanswered: &Objects) {
        let partial = self.load.is_partial();
        for (parent, group) in &self.parents {
            if unanswered.contains(parent) || self.load.spares(session, self.from, *parent) {
                continue;
            }
            let objects = group.map_or(&[][..], |it| groups.get(it));
            super::fill::fill(session, &self.load, (self.from, self.to), *parent, objects, partial);
        }
    }
}

/// Objects in groups.
struct Groups<'a> {
    objects: Cow<'a, [RawObj]>,
    /// Where each group is among them.
    places: Vec<Range<usize>>,
    /// Some of them are made of several runs.
    mixed: bool,
}

impl Groups<'_> {
    /// Puts runs of objects together, each with its group; those of a group stay in their order.
    fn of(count: usize, mut runs: Vec<(usize, &[RawObj])>) -> Self {
        runs.sort_by_key(|(group, _)| *group);
        let mut objects = Vec::with_capacity(runs.iter().map(|(_, run)| run.len()).sum());
        let (mut places, mut mixed) = (vec![0..0; count], false);
        for same in runs.chunk_by(|a, b| a.0 == b.0) {
            let start = objects.len();
            same.iter().for_each(|(_, run)| objects.extend_from_slice(run));
            places[same[0].0] = start..objects.len();
            mixed |= same.len() > 1;
        }
        Self { objects: Cow::Owned(objects), places, mixed }
    }

    fn get(&self, group: usize) -> &[RawObj] {
        &self.objects[self.places[group].clone()]
    }

    fn for_each_mut(&mut self, mut change: impl FnMut(&mut [RawObj])) {
        let objects = self.objects.to_mut();
        self.places.iter().for_each(|place| change(&mut objects[place.clone()]));
    }
}
