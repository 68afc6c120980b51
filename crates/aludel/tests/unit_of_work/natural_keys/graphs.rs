//! Graphs that are merged by the keys of their rows: what a collection leaves out leaves it.

use aludel::prelude::*;

use super::entities::*;
use super::rows::{AlbumRow, BandRow, SingerRow, To};
use super::steps::Step;
use super::tellings::{ALBUMS, BANDS, SINGERS};
use super::world::Music;
use crate::worlds::{Id, World, note, same};

impl Music<'_> {
    /// The band of a name, known or new, which the graph gives a style.
    fn merged(&mut self, name: &str, style: &str, object: Obj<Band>) -> Id {
        let known = self.told.bands.iter().find(|it| it.1.name == name).map(|it| *it.0);
        let id = known.unwrap_or_else(|| self.id());
        let leader = known.map_or(To::Nothing, |it| self.told.bands[&it].leader.clone());
        self.told.bands.insert(id, BandRow { name: name.to_owned(), style: style.to_owned(), leader });
        if known.is_none() {
            self.bands.insert(id, object);
        }
        self.bands_came(id, object);
        id
    }

    /// A band with albums: those that it does not name are orphans.
    pub async fn merge_albums(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let name = step.pick(0, BANDS)?;
        let numbers: Vec<i32> = (0..ALBUMS).filter(|it| step.die(1, 256) >> it & 1 == 1).collect();
        note!(self, "merge band {name} with the albums {numbers:?}");
        let draft = |it: &i32| Album::builder().band_name(name).number(*it).title("merged");
        let graph = Band::builder().name(name).style("merged");
        let merged = session.merge(graph.albums(numbers.iter().map(draft).collect::<Vec<_>>())).await;
        let object = self.sent(session, merged)?;
        let band = self.merged(name, "merged", object);
        let before = self.told.albums_of(band);
        self.told.albums.retain(|id, it| !before.contains(id) || numbers.contains(&it.number));
        self.moved.extend(before);
        let shown = session[object].albums.handles().expect("what is given is the whole");
        same!(self, shown.len(), numbers.len(), "the number of merged albums");
        for album in shown {
            let number = session[album].number;
            let known =
                self.told.albums.iter().find(|(_, it)| it.band == To::Row(band) && it.number == number);
            let known = known.map(|it| *it.0);
            let id = known.unwrap_or_else(|| self.id());
            let row = AlbumRow { band: To::Row(band), number, title: "merged".to_owned() };
            self.told.albums.insert(id, row);
            if known.is_none() {
                self.albums.insert(id, album);
            }
            self.albums_came(id, album);
            self.moved.insert(id);
        }
        Some(())
    }

    /// A band with singers: they come from wherever they are, and those that it does not name lose it.
    pub async fn merge_singers(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let name = step.pick(0, BANDS)?;
        let names = SINGERS.iter().enumerate().filter(|(at, _)| step.die(1, 256) >> at & 1 == 1);
        let names: Vec<&str> = names.map(|it| *it.1).collect();
        note!(self, "merge band {name} with the singers {names:?}");
        let graph = Band::builder().name(name).style("merged");
        let singers: Vec<_> = names.iter().map(|it| Singer::builder().name(*it).voice(9)).collect();
        let merged = session.merge(graph.singers(singers)).await;
        let object = self.sent(session, merged)?;
        let band = self.merged(name, "merged", object);
        for id in self.told.singers_of(band) {
            self.told.singers.get_mut(&id)?.band = To::Nothing;
            self.moved.insert(id);
        }
        let shown = session[object].singers.handles().expect("what is given is the whole");
        same!(self, shown.len(), names.len(), "the number of merged singers");
        for singer in shown {
            let name = session[singer].name.clone();
            let known = self.told.singers.iter().find(|it| it.1.name == name).map(|it| *it.0);
            let id = known.unwrap_or_else(|| self.id());
            self.told.singers.insert(id, SingerRow { name, voice: 9, band: To::Row(band) });
            if known.is_none() {
                self.singers.insert(id, singer);
            }
            self.singers_came(id, singer);
            self.moved.insert(id);
        }
        Some(())
    }
}
