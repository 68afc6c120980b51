//! Statements that change rows by a condition, or by their keys: loaded objects follow.

use aludel::prelude::*;

use super::entities::*;
use super::rows::{BandRow, SingerRow, To};
use super::steps::Step;
use super::tellings::BANDS;
use super::world::Music;
use crate::worlds::{Id, World, note, same};

impl Music<'_> {
    /// Loaded objects follow.
    pub async fn update_where(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let (below, voice) = (step.die(0, 4) as i32, step.die(1, 4) as i32);
        note!(self, "voices below {below} become {voice}");
        let changed =
            session.execute(update(Singer).filter(Singer::VOICE.lt(below)).set(Singer::VOICE, voice)).await;
        self.sent(session, changed)?;
        self.told.singers.values_mut().filter(|it| it.voice < below).for_each(|it| it.voice = voice);
        self.flushed = self.told.clone();
        Some(())
    }

    /// Loaded objects follow, and lead elsewhere.
    pub async fn move_where(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let from = step.pick(0, self.told.bands.keys().copied())?;
        let to = step.pick(1, self.told.bands.keys().copied())?;
        let [old, new] = [from, to].map(|it| self.told.bands[&it].name.clone());
        note!(self, "all singers of {old} go to {new}");
        let filter = Singer::BAND_NAME.eq(old.as_str());
        let moved = session.execute(update(Singer).filter(filter).set(Singer::BAND_NAME, new.as_str())).await;
        self.sent(session, moved)?;
        let of = |it: &&mut SingerRow| it.band == To::Row(from);
        self.told.singers.values_mut().filter(of).for_each(|it| it.band = To::Row(to));
        self.flushed = self.told.clone();
        Some(())
    }

    /// Loaded objects are deleted.
    pub async fn delete_where(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let number = step.die(0, 4) as i32;
        note!(self, "delete the albums with number {number}");
        let deleted = session.execute(delete(Album).filter(Album::NUMBER.eq(number))).await;
        let deleted = self.sent(session, deleted)?;
        let before = self.told.albums.len();
        self.told.albums.retain(|_, it| it.number != number);
        let gone = (before - self.told.albums.len()) as u64;
        same!(self, deleted.rows_affected, gone, "number of deleted albums");
        self.flushed = self.told.clone();
        Some(())
    }

    /// Rows that are there already get another style: objects that come back with them show it.
    pub async fn upsert(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let mut names: Vec<&str> = [1, 2].iter().filter_map(|die| step.pick(*die, BANDS)).collect();
        names.dedup();
        let style = format!("upserted {}", step.die(3, 3));
        note!(self, "the bands {names:?} play {style}");
        let rows = names.iter().map(|it| Band::builder().name(*it).style(style.as_str()));
        let upsert = insert(Band)
            .values(rows.collect::<Vec<_>>())
            .on_conflict(Band::NAME)
            .do_update(|row| row.set(Band::STYLE, excluded(Band::STYLE)))
            .returning(Band);
        let found = session.scalars(upsert).all().await;
        let found = self.sent(session, found)?;
        same!(self, found.len(), names.len(), "the number of bands that came back");
        for object in found {
            let name = session[object].name.clone();
            let known = self.told.bands.iter().find(|it| it.1.name == name).map(|it| *it.0);
            let id: Id = known.unwrap_or_else(|| self.id());
            let leader = known.map_or(To::Nothing, |it| self.told.bands[&it].leader.clone());
            self.told.bands.insert(id, BandRow { name, style: style.clone(), leader });
            self.bands_came(id, object);
            // A rollback leaves it what came back.
            self.came.push(id);
        }
        self.flushed = self.told.clone();
        Some(())
    }

    /// A key is changed behind the back of the session: the object that had it is another's, and what refers to it follows.
    pub async fn rename_where(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let (id, name) = (step.pick(0, self.told.bands.keys().copied())?, self.band_name(step, 1)?);
        let old = self.told.bands[&id].name.clone();
        if self.told.bands.values().any(|it| it.name == name) {
            return None;
        }
        note!(self, "rows called {old} are called {name}");
        let filter = Band::NAME.eq(old.as_str());
        let renamed = session.execute(update(Band).filter(filter).set(Band::NAME, name.as_str())).await;
        self.sent(session, renamed)?;
        self.told.bands.get_mut(&id)?.name = name;
        self.flushed = self.told.clone();
        // The band and its albums are known by keys that no row has: they leave.
        if let Some(band) = self.bands.remove(&id) {
            session.expunge(band);
        }
        let of = |album: &Id| self.told.albums.get(album).is_some_and(|it| it.band == To::Row(id));
        let albums: Vec<Id> = self.albums.keys().copied().filter(of).collect();
        for album in albums {
            let object = self.albums.remove(&album)?;
            if session.try_get(object).is_some() {
                session.expunge(object);
            }
        }
        // What refers to the band has aged: a query shows the new key.
        let singers = session.scalars(select(Singer)).all().await;
        self.sent(session, singers)?;
        let read: Vec<Id> = self.singers.keys().copied().collect();
        self.came.extend(read);
        Some(())
    }
}
