//! What a program tells objects: it adds, changes, moves and ties them. Nothing is sent.

use aludel::prelude::*;

use super::entities::*;
use super::rows::{AlbumRow, BandRow, SingerRow, To};
use super::steps::Step;
use super::world::Music;
use crate::worlds::{Id, World, note};

pub const BANDS: [&str; 5] = ["a", "b", "c", "d", "e"];
pub const SINGERS: [&str; 5] = ["p", "q", "r", "s", "t"];
const TAGS: [&str; 3] = ["x", "y", "z"];
/// Albums have numbers below.
pub const ALBUMS: i32 = 4;

impl Music<'_> {
    /// A key that nobody has, mostly: the one that has it is about to get another, or to be deleted.
    fn key(step: &Step, die: usize, of: &[&str], taken: impl Fn(&str) -> bool) -> Option<String> {
        if step.die(die, 16) == 15 {
            return step.pick(die, of.iter().map(|it| (*it).to_owned()));
        }
        step.pick(die, of.iter().filter(|it| !taken(it)).map(|it| (*it).to_owned()))
    }

    pub fn band_name(&self, step: &Step, die: usize) -> Option<String> {
        Self::key(step, die, &BANDS, |name| self.told.bands.values().any(|it| it.name == name))
    }

    fn singer_name(&self, step: &Step, die: usize) -> Option<String> {
        Self::key(step, die, &SINGERS, |name| self.told.singers.values().any(|it| it.name == name))
    }

    fn tag_name(&self, step: &Step, die: usize) -> Option<String> {
        Self::key(step, die, &TAGS, |name| self.told.tags.values().any(|it| it == name))
    }

    pub fn add_band(&mut self, session: &mut Session, step: &Step) -> Option<Id> {
        let (name, id) = (self.band_name(step, 0)?, self.id());
        let row = BandRow { name: name.clone(), style: "new".to_owned(), leader: To::Nothing };
        note!(self, "add band {id} called {name}");
        self.bands.insert(id, session.add(Band::builder().name(name.as_str()).style("new")));
        self.told.bands.insert(id, row);
        Some(id)
    }

    pub fn add_tag(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let (name, id) = (self.tag_name(step, 0)?, self.id());
        note!(self, "add tag {id} called {name}");
        self.tags.insert(id, session.add(Tag::builder().name(name.as_str())));
        self.told.tags.insert(id, name);
        Some(())
    }

    pub fn add_singer(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let name = self.singer_name(step, 0)?;
        let band = self.one(step, 1, &self.told.bands, &self.bands);
        let (id, way) = (self.id(), step.die(2, 6));
        note!(self, "add singer {id} called {name} to band {band:?}, way {way}");
        let new = Singer::builder().name(name.as_str()).voice(0);
        let to = band.filter(|_| way < 5).map(|band| (band, self.bands[&band]));
        let (object, band) = match (to, way) {
            (Some((band, object)), 0) => (session.add(new.band(object)), To::Row(band)),
            (Some((_, object)), 1) => {
                let key = session[object].name.clone();
                (session.add(new.band_name(key.as_str())), To::Key(key))
            }
            (Some((band, object)), 2) => {
                let singer = session.add(new);
                session[object].singers.push(singer);
                (singer, To::Row(band))
            }
            (Some((band, object)), 3) => {
                let singer = session.add(new);
                session.link(object, Band::SINGERS, singer);
                (singer, To::Row(band))
            }
            (Some((band, object)), _) => {
                let singer = session.add(new);
                session[singer].band.set(object);
                (singer, To::Row(band))
            }
            (None, _) => (session.add(new), To::Nothing),
        };
        self.singers.insert(id, object);
        self.told.singers.insert(id, SingerRow { name, voice: 0, band });
        self.moved.insert(id);
        Some(())
    }

    pub fn add_album(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let band = self.one(step, 0, &self.told.bands, &self.bands)?;
        let (way, number) = (step.die(2, 4), self.number(step, band)?);
        let id = self.id();
        note!(self, "add album {id} with number {number} to band {band}, way {way}");
        let title = format!("album {id}");
        let (new, object) = (Album::builder().number(number).title(title.as_str()), self.bands[&band]);
        let (object, band) = match way {
            0 => (session.add(new.band(object)), To::Row(band)),
            1 => {
                let key = session[object].name.clone();
                (session.add(new.band_name(key.as_str())), To::Key(key))
            }
            2 => {
                let album = session.add(new);
                session[object].albums.push(album);
                (album, To::Row(band))
            }
            _ => {
                let album = session.add(new);
                session.link(album, Album::BAND, object);
                (album, To::Row(band))
            }
        };
        self.albums.insert(id, object);
        self.told.albums.insert(id, AlbumRow { band, number, title });
        self.moved.insert(id);
        Some(())
    }

    /// A number that no album of the band has, mostly.
    fn number(&self, step: &Step, band: Id) -> Option<i32> {
        let key = &self.told.bands[&band].name;
        let is_of = |it: &AlbumRow| it.band == To::Row(band) || it.band == To::Key(key.clone());
        let taken = |number: &i32| self.told.albums.values().any(|it| it.number == *number && is_of(it));
        step.pick(3, (0..ALBUMS).filter(|it| step.die(3, 16) == 15 || !taken(it)))
    }

    /// Columns that are no keys.
    pub fn change(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        match step.die(0, 3) {
            0 => {
                let id = self.one(step, 1, &self.told.bands, &self.bands)?;
                let style = format!("style {}", step.die(2, 3));
                note!(self, "band {id} plays {style}");
                session[self.bands[&id]].style.clone_from(&style);
                self.told.bands.get_mut(&id)?.style = style;
            }
            1 => {
                let id = self.one(step, 1, &self.told.singers, &self.singers)?;
                let voice = step.die(2, 3) as i32;
                note!(self, "the voice of singer {id} is {voice}");
                session[self.singers[&id]].voice = voice;
                self.told.singers.get_mut(&id)?.voice = voice;
            }
            _ => {
                let id = self.one(step, 1, &self.told.albums, &self.albums)?;
                let title = format!("title {}", step.die(2, 3));
                note!(self, "album {id} is called {title}");
                session[self.albums[&id]].title.clone_from(&title);
                self.told.albums.get_mut(&id)?.title = title;
            }
        }
        Some(())
    }

    pub fn recode(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        match step.die(0, 6) {
            0..=2 => {
                let (id, name) =
                    (self.one(step, 1, &self.told.bands, &self.bands)?, self.band_name(step, 2)?);
                note!(self, "band {id} is called {name} now");
                self.told.bands.entry(id).and_modify(|it| it.name.clone_from(&name));
                session[self.bands[&id]].name = name;
            }
            3 => {
                let (id, name) =
                    (self.one(step, 1, &self.told.singers, &self.singers)?, self.singer_name(step, 2)?);
                note!(self, "singer {id} is called {name} now");
                session[self.singers[&id]].name.clone_from(&name);
                self.told.singers.get_mut(&id)?.name = name;
            }
            4 => {
                let (id, name) = (self.one(step, 1, &self.told.tags, &self.tags)?, self.tag_name(step, 2)?);
                note!(self, "tag {id} is called {name} now");
                session[self.tags[&id]].name.clone_from(&name);
                self.told.tags.insert(id, name);
            }
            _ => {
                let id = self.one(step, 1, &self.told.albums, &self.albums)?;
                let To::Row(band) = self.told.albums[&id].band else { return None };
                let number = self.number(step, band)?;
                note!(self, "album {id} has the number {number} now");
                session[self.albums[&id]].number = number;
                self.told.albums.get_mut(&id)?.number = number;
            }
        }
        Some(())
    }

    /// Two objects swap their keys.
    pub fn swap(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        macro_rules! swap {
            ($handles:ident, $column:ident, |$row:ident| $key:expr) => {{
                let one = self.one(step, 1, &self.told.$handles, &self.$handles)?;
                let two = self.one(step, 2, &self.told.$handles, &self.$handles).filter(|it| *it != one)?;
                let of = |id| {
                    let $row = &self.told.$handles[&id];
                    $key.clone()
                };
                let keys = [(one, of(two)), (two, of(one))];
                note!(self, "{one} and {two} of {} swap keys", stringify!($handles));
                for (id, key) in keys {
                    self.told.$handles.entry(id).and_modify(|$row| $key = key.clone());
                    session[self.$handles[&id]].$column = key;
                }
            }};
        }
        match step.die(0, 5) {
            0 | 1 => swap!(bands, name, |row| row.name),
            2 => swap!(singers, name, |row| row.name),
            3 => swap!(tags, name, |row| *row),
            _ => {
                let band = |id: Option<Id>| id.map(|id| self.told.albums[&id].band.clone());
                let one = self.one(step, 1, &self.told.albums, &self.albums);
                let two = self.one(step, 2, &self.told.albums, &self.albums);
                if band(one) != band(two) {
                    return None;
                }
                swap!(albums, number, |row| row.number);
            }
        }
        Some(())
    }

    /// Whether a foreign key that holds this is told nothing by being told this.
    fn is_told_nothing(before: Option<String>, key: &str) -> bool {
        before.as_deref() == Some(key)
    }

    pub fn move_singer(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id =
            self.one(step, 0, &self.told.singers, &self.singers).filter(|it| !self.moved.contains(it))?;
        let to = self.one(step, 1, &self.told.bands, &self.bands).filter(|_| step.die(3, 5) > 0);
        let way = step.die(2, 6);
        note!(self, "move singer {id} from {:?} to band {to:?}, way {way}", self.told.singers[&id].band);
        let object = self.singers[&id];
        let old = match self.told.singers[&id].band {
            To::Row(band) => self.bands.get(&band).copied(),
            _ => None,
        };
        let told = match (to.map(|it| (it, self.bands[&it])), way) {
            (Some((_, band)), 0 | 1) => {
                let key = session[band].name.clone();
                let before = self.flushed.singers.get(&id).and_then(|it| self.flushed.band_key(&it.band));
                if Self::is_told_nothing(before, &key) {
                    return None;
                }
                session[object].band_name = Some(key.clone());
                To::Key(key)
            }
            (Some((id, band)), 2) => {
                session[object].band.set(band);
                To::Row(id)
            }
            (Some((id, band)), 3) => {
                session.link(object, Singer::BAND, band);
                To::Row(id)
            }
            (Some((id, band)), _) => {
                session[band].singers.push(object);
                To::Row(id)
            }
            (None, 0 | 1) => {
                session[object].band_name = None;
                To::Nothing
            }
            (None, 2 | 3) => {
                session[object].band.clear();
                To::Nothing
            }
            (None, _) => {
                session[old?].singers.remove(object);
                To::Nothing
            }
        };
        self.told.singers.get_mut(&id)?.band = told;
        self.moved.insert(id);
        Some(())
    }

    pub fn move_album(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 0, &self.told.albums, &self.albums).filter(|it| !self.moved.contains(it))?;
        let to = self.one(step, 1, &self.told.bands, &self.bands)?;
        let (way, To::Row(from)) = (step.die(2, 6), self.told.albums[&id].band.clone()) else { return None };
        note!(self, "move album {id} from band {from} to {to}, way {way}");
        let (object, band) = (self.albums[&id], self.bands[&to]);
        let told = match (way, self.bands.get(&from)) {
            (0, _) => {
                let key = session[band].name.clone();
                let before = self.flushed.albums.get(&id).and_then(|it| self.flushed.band_key(&it.band));
                if Self::is_told_nothing(before, &key) {
                    return None;
                }
                session[object].band_name.clone_from(&key);
                To::Key(key)
            }
            (1, _) => {
                session[object].band.set(band);
                To::Row(to)
            }
            (2, _) => {
                session[band].albums.push(object);
                To::Row(to)
            }
            (3, _) => {
                session.link(object, Album::BAND, band);
                To::Row(to)
            }
            (4, Some(old)) if from != to => {
                session[*old].albums.remove(object);
                session[band].albums.push(object);
                To::Row(to)
            }
            (5, Some(old)) => {
                session[*old].albums.remove(object);
                self.told.albums.remove(&id);
                self.moved.insert(id);
                return Some(());
            }
            _ => return None,
        };
        self.told.albums.get_mut(&id)?.band = told;
        self.moved.insert(id);
        Some(())
    }

    /// A band gets another leader, or none.
    pub fn lead(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 0, &self.told.bands, &self.bands).filter(|it| !self.moved.contains(it))?;
        let to = self.one(step, 1, &self.told.singers, &self.singers).filter(|_| step.die(3, 5) > 0);
        let way = step.die(2, 4);
        note!(self, "band {id} is led by singer {to:?}, way {way}");
        let object = self.bands[&id];
        let told = match (to.map(|it| (it, self.singers[&it])), way) {
            (Some((_, singer)), 0) => {
                let key = session[singer].name.clone();
                let before = self.flushed.bands.get(&id).and_then(|it| self.flushed.singer_key(&it.leader));
                if Self::is_told_nothing(before, &key) {
                    return None;
                }
                session[object].leader_name = Some(key.clone());
                To::Key(key)
            }
            (Some((id, singer)), 1) => {
                session[object].leader.set(singer);
                To::Row(id)
            }
            (Some((id, singer)), 2) => {
                session.link(object, Band::LEADER, singer);
                To::Row(id)
            }
            (Some((id, singer)), _) => {
                session[singer].leads.push(object);
                To::Row(id)
            }
            (None, 0 | 1) => {
                session[object].leader_name = None;
                To::Nothing
            }
            (None, _) => {
                session[object].leader.clear();
                To::Nothing
            }
        };
        self.told.bands.get_mut(&id)?.leader = told;
        self.moved.insert(id);
        Some(())
    }

    pub fn tie(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let (band, tag) = (
            self.one(step, 0, &self.told.bands, &self.bands)?,
            self.one(step, 1, &self.told.tags, &self.tags)?,
        );
        let (pair, way) = ((band, tag), step.die(2, 4));
        let of_band = way < 2;
        if self.told.ties.contains(&pair) || self.pairs.get(&pair).is_some_and(|it| *it != of_band) {
            return None;
        }
        note!(self, "tie band {band} to tag {tag}, way {way}");
        let (object, other) = (self.bands[&band], self.tags[&tag]);
        match way {
            0 => session[object].tags.push(other),
            1 => session.link(object, Band::TAGS, other),
            2 => session[other].bands.push(object),
            _ => session.link(other, Tag::BANDS, object),
        }
        self.told.ties.insert(pair);
        self.pairs.insert(pair, of_band);
        Some(())
    }

    pub fn untie(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let here = |pair: &&(Id, Id)| self.bands.contains_key(&pair.0) && self.tags.contains_key(&pair.1);
        let pair = *step.pick(0, self.told.ties.iter().filter(here))?;
        let of_band = step.die(1, 2) == 0;
        if self.pairs.get(&pair).is_some_and(|it| *it != of_band) {
            return None;
        }
        note!(self, "untie {pair:?}, the band is told: {of_band}");
        let (object, other) = (self.bands[&pair.0], self.tags[&pair.1]);
        if of_band {
            session[object].tags.remove(other);
        } else {
            session[other].bands.remove(object);
        }
        self.told.ties.remove(&pair);
        self.pairs.insert(pair, of_band);
        Some(())
    }
}
