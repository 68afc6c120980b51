//! What a program does with its session: it deletes, replaces, merges, expunges, refreshes, asks and loads.

use aludel::prelude::*;

use super::entities::*;
use super::rows::{BandRow, Rows, To};
use super::steps::Step;
use super::world::Music;
use crate::worlds::{Id, World, note, same};

impl Music<'_> {
    pub async fn delete(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        match step.die(0, 6) {
            0..=2 => {
                let id = self.one(step, 1, &self.told.bands, &self.bands)?;
                self.delete_band(session, id).await
            }
            3 => {
                let id = self.one(step, 1, &self.told.singers, &self.singers)?;
                self.forget_or_delete(session, id, |it| &it.singers, |it| &it.singers, Rows::delete_singer)
                    .await
            }
            4 => {
                let id = self.one(step, 1, &self.told.tags, &self.tags)?;
                self.forget_or_delete(session, id, |it| &it.tags, |it| &it.tags, Rows::delete_tag).await
            }
            _ => {
                let id = self.one(step, 1, &self.told.albums, &self.albums)?;
                let delete = |rows: &mut Rows, id| _ = rows.albums.remove(&id);
                self.forget_or_delete(session, id, |it| &it.albums, |it| &it.albums, delete).await
            }
        }
    }

    async fn delete_band(&mut self, session: &mut Session, id: Id) -> Option<()> {
        self.forget_or_delete(session, id, |it| &it.bands, |it| &it.bands, Rows::delete_band).await
    }

    /// A new object is forgotten at once; what it was told of others is flushed before.
    async fn forget_or_delete<E: Entity, R>(
        &mut self,
        session: &mut Session,
        id: Id,
        rows: fn(&Rows) -> &std::collections::BTreeMap<Id, R>,
        handles: fn(&Self) -> &std::collections::BTreeMap<Id, Obj<E>>,
        delete: impl Fn(&mut Rows, Id),
    ) -> Option<()> {
        if !rows(&self.flushed).contains_key(&id) && !self.flush(session).await {
            return None;
        }
        note!(self, "delete {} {id}", E::TABLE.entity);
        let object = *handles(self).get(&id)?;
        session.delete(object);
        delete(&mut self.told, id);
        Some(())
    }

    /// A band is deleted, and a new one has its key; singers move there.
    pub async fn replace(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 0, &self.told.bands, &self.bands)?;
        let row = self.told.bands[&id].clone();
        self.delete_band(session, id).await?;
        if self.told.bands.contains_key(&id) {
            return None;
        }
        let new = self.id();
        let again = BandRow { name: row.name.clone(), style: "again".to_owned(), leader: To::Nothing };
        note!(self, "add band {new} called {} in its place", row.name);
        let object = session.add(Band::builder().name(row.name).style("again"));
        self.bands.insert(new, object);
        self.told.bands.insert(new, again);
        let free =
            self.told.singers.keys().filter(|it| self.singers.contains_key(it) && !self.moved.contains(it));
        if let Some(singer) = step.pick(1, free.copied().collect::<Vec<_>>()) {
            let way = step.die(2, 5);
            note!(self, "it gets singer {singer}, way {way}");
            let it = self.singers[&singer];
            match way {
                0 => session[it].band.set(object),
                1 => session[object].singers.push(it),
                2 => session.link(object, Band::SINGERS, it),
                _ => return Some(()),
            }
            self.told.singers.get_mut(&singer)?.band = To::Row(new);
            self.moved.insert(singer);
        }
        Some(())
    }

    /// What the draft gives is written to the object of the row, whether it is here or not.
    pub async fn merge(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let style = format!("merged {}", step.die(2, 3));
        let known: Option<Id> = step.pick(1, self.told.bands.keys().copied()).filter(|_| step.die(0, 3) > 0);
        let name = match known {
            Some(id) => self.told.bands[&id].name.clone(),
            None => {
                self.band_name(step, 3).filter(|name| self.told.bands.values().all(|it| it.name != *name))?
            }
        };
        note!(self, "merge the band {name} that plays {style}");
        let draft = Band::builder().name(name.as_str()).style(style.as_str());
        let merged = session.merge(draft).await;
        let object = self.sent(session, merged)?;
        let id = known.unwrap_or_else(|| self.id());
        if known.is_none() {
            self.bands.insert(id, object);
        }
        self.bands_came(id, object);
        let leader = self.told.bands.get(&id).map_or(To::Nothing, |it| it.leader.clone());
        self.told.bands.insert(id, BandRow { name, style, leader });
        Some(())
    }

    pub async fn expunge(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        macro_rules! expunge {
            ($handles:ident) => {{
                let id = self.one(step, 1, &self.told.$handles, &self.$handles)?;
                note!(self, "expunge {id} of {}", stringify!($handles));
                let object = self.$handles.remove(&id)?;
                session.expunge(object);
                same!(self, session.try_get(object).is_none(), true, "an expunged object is not here");
            }};
        }
        match step.die(0, 4) {
            0 => {
                let id = self.one(step, 1, &self.told.bands, &self.bands)?;
                let along = session[self.bands[&id]].albums.handles().unwrap_or_default();
                expunge!(bands);
                self.albums.retain(|_, it| !along.contains(it));
            }
            1 => expunge!(singers),
            2 => expunge!(albums),
            _ => expunge!(tags),
        }
        Some(())
    }

    pub async fn refresh(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        macro_rules! refresh {
            ($handles:ident) => {{
                let id = self.one(step, 1, &self.told.$handles, &self.$handles)?;
                note!(self, "refresh {id} of {}", stringify!($handles));
                session.refresh(self.$handles[&id]).await
            }};
        }
        let refreshed = match step.die(0, 5) {
            0 => refresh!(bands),
            1 => refresh!(singers),
            2 => refresh!(albums),
            3 => refresh!(tags),
            _ => {
                note!(self, "expire all");
                session.expire_all();
                Ok(())
            }
        };
        self.sent(session, refreshed)
    }

    /// A style that was told and not flushed is lost; all else is flushed.
    pub async fn refresh_style(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 1, &self.flushed.bands, &self.bands)?;
        let style = self.flushed.bands[&id].style.clone();
        note!(self, "refresh the style of band {id}");
        self.told.bands.get_mut(&id)?.style.clone_from(&style);
        let refreshed = session.refresh(self.bands[&id]).only(Band::STYLE).await;
        self.sent(session, refreshed)?;
        same!(self, session[self.bands[&id]].style, style, format!("the refreshed style of band {id}"));
        Some(())
    }

    pub async fn get(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        macro_rules! get {
            ($entity:ident, $handles:ident, $came:ident, $key:expr, |$row:ident| $of:expr) => {{
                let key = $key;
                note!(self, "get {} {key:?}", stringify!($entity));
                let found = session.get::<$entity>(key.clone()).await.expect("it can be asked for");
                let id = self.told.$handles.iter().find(|(_, $row)| $of == key).map(|it| *it.0);
                same!(
                    self,
                    found.is_some(),
                    id.is_some(),
                    format!("{key:?} of {} is found", stringify!($handles))
                );
                self.$came(id?, found?);
            }};
        }
        match step.die(0, 4) {
            0 => get!(Band, bands, bands_came, step.pick(1, ["a", "b", "c", "d", "e"])?, |it| it.name),
            1 => get!(Singer, singers, singers_came, step.pick(1, ["p", "q", "r", "s", "t"])?, |it| it.name),
            2 => {
                let band = step.pick(1, ["a", "b", "c", "d", "e"])?;
                let of = |rows: &Rows, to: &To| rows.band_key(to).expect("albums have one");
                let rows = self.told.clone();
                let key = (band, step.die(2, 4) as i32);
                get!(Album, albums, albums_came, key, |it| (of(&rows, &it.band).as_str(), it.number));
            }
            _ => get!(Tag, tags, tags_came, step.pick(1, ["x", "y", "z"])?, |it| *it),
        }
        Some(())
    }

    pub async fn query(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let way = step.die(0, 5);
        note!(self, "query, way {way}");
        macro_rules! query {
            ($handles:ident, $came:ident, $select:expr, $($populate:ident)?) => {{
                let found = session.scalars($select)$(.$populate())?.all().await;
                let found = self.sent(session, found)?;
                same!(self, found.len(), self.told.$handles.len(), format!("the number of {}", stringify!($handles)));
                for object in found {
                    let id = self.told.$handles.keys().copied().find(|id| object.is_row(self, session, *id));
                    same!(self, id.is_some(), true, format!("{:?} is known", &session[object]));
                    self.$came(id?, object);
                }
            }};
        }
        use super::checks::Identified;
        match way {
            0 => query!(bands, bands_came, select(Band),),
            1 => query!(
                bands,
                bands_came,
                select(Band)
                    .options((selectinload(Band::SINGERS), selectinload(Band::ALBUMS)))
                    .options((selectinload(Band::TAGS), joinedload(Band::LEADER))),
            ),
            2 => query!(
                singers,
                singers_came,
                select(Singer).options((joinedload(Singer::BAND), selectinload(Singer::LEADS))),
                populate_existing
            ),
            3 => query!(albums, albums_came, select(Album).options(joinedload(Album::BAND)),),
            _ => query!(tags, tags_came, select(Tag).options(joinedload(Tag::BANDS)),),
        }
        Some(())
    }

    pub async fn load(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        // What is loaded of an object whose parent was told and not flushed is what was told.
        if !self.flush(session).await {
            return None;
        }
        macro_rules! load {
            ($handles:ident, $relation:path) => {{
                let id = self.one(step, 1, &self.told.$handles, &self.$handles)?;
                note!(self, "load {} of {id}", stringify!($relation));
                session.load(self.$handles[&id], $relation).await
            }};
        }
        let loaded = match step.die(0, 8) {
            0 => load!(bands, Band::SINGERS),
            1 => load!(bands, Band::ALBUMS),
            2 => load!(bands, Band::TAGS),
            3 => load!(bands, Band::LEADER),
            4 => load!(singers, Singer::BAND),
            5 => load!(singers, Singer::LEADS),
            6 => load!(albums, Album::BAND),
            _ => load!(tags, Tag::BANDS),
        };
        loaded.unwrap_or_else(|error| panic!("{error}\n{}", self.log.join("\n")));
        Some(())
    }
}
