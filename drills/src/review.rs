//! Flash cards in the terminal, with growing pauses: a card that was known comes back later each time, one that was not, tomorrow.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::cards::{Card, Cards};
use crate::progress::Progress;
use crate::terminal::{Style, ask, paint};

/// Days until a card comes back, by the times that it was known in a row.
const PAUSES: [u64; 6] = [1, 2, 4, 8, 16, 32];

/// What is known of the cards, by their ids.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct CardBox(BTreeMap<String, Place>);

/// Where a card is.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Place {
    /// How often it was known in a row.
    known: usize,
    /// The day on which it is due, counted from 1970.
    due: u64,
}

impl CardBox {
    /// Returns the cards that are due on a day: those that were seen longest ago first, new ones last.
    #[must_use]
    pub fn due<'a>(&self, cards: &'a [Card], day: u64) -> Vec<&'a Card> {
        let due = |card: &&Card| self.0.get(&card.id).map_or(u64::MAX, |it| it.due);
        let mut cards: Vec<_> =
            cards.iter().filter(|card| self.0.get(&card.id).is_none_or(|it| it.due <= day)).collect();
        cards.sort_by_key(due);
        cards
    }

    /// Notes whether a card was known on a day.
    pub fn answered(&mut self, card: &Card, known: bool, day: u64) {
        let place = self.0.entry(card.id.clone()).or_default();
        place.due = day + if known { PAUSES[place.known.min(PAUSES.len() - 1)] } else { 1 };
        place.known = if known { place.known + 1 } else { 0 };
    }

    /// Returns how many cards were known when they were last asked.
    #[must_use]
    pub fn known(&self, cards: &[Card]) -> usize {
        cards.iter().filter(|card| self.0.get(&card.id).is_some_and(|it| it.known > 0)).count()
    }
}

/// The number of this day, counted from 1970.
fn today() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |it| it.as_secs() / (24 * 60 * 60))
}

/// Asks the cards that are due, or all of them in any order.
///
/// # Errors
///
/// Progress cannot be written.
pub fn review(cards: &Cards, progress: &mut Progress, shuffled: bool) -> Result<()> {
    let day = today();
    let mut round =
        if shuffled { cards.cards.iter().collect() } else { progress.cards().due(&cards.cards, day) };
    if shuffled {
        fastrand::shuffle(&mut round);
    }
    if round.is_empty() {
        println!("No card is due today. `drills cards --shuffled` asks all of them.");
    }
    let count = round.len();
    for (card, number) in round.into_iter().zip(1..) {
        println!(
            "{} {}",
            paint(Style::Faint, &format!("{number}/{count}")),
            paint(Style::Title, &card.front)
        );
        let Some(_) = ask("Say the answer aloud, then press Enter: ")? else { break };
        println!("{}", card.back);
        let Some(answer) = ask("Did you know it? (y/n): ")? else { break };
        progress.cards_mut().answered(card, matches!(answer.as_str(), "y" | "yes"), day);
        // Card by card: whoever leaves keeps what was done.
        progress.save()?;
        println!();
    }
    println!("{} of {} cards known", progress.cards().known(&cards.cards), cards.cards.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards() -> Vec<Card> {
        Cards::read().cards
    }

    #[test]
    fn a_card_that_is_known_comes_back_later_each_time() {
        let (cards, mut seen) = (cards(), CardBox::default());
        let mut day = 100;
        for pause in [1, 2, 4, 8, 16, 32, 32] {
            assert!(seen.due(&cards, day).iter().any(|it| it.id == cards[0].id), "{day}");
            seen.answered(&cards[0], true, day);
            assert!(!seen.due(&cards, day + pause - 1).iter().any(|it| it.id == cards[0].id), "{day}");
            day += pause;
        }
    }

    #[test]
    fn a_card_that_is_not_known_begins_again() {
        let (cards, mut seen) = (cards(), CardBox::default());
        for day in [100, 101, 103] {
            seen.answered(&cards[0], true, day);
        }
        assert_eq!(seen.known(&cards), 1);
        seen.answered(&cards[0], false, 107);
        assert_eq!(seen.known(&cards), 0);
        seen.answered(&cards[0], true, 108);
        assert!(seen.due(&cards, 109).iter().any(|it| it.id == cards[0].id));
    }

    #[test]
    fn what_waits_longest_is_asked_first_and_new_cards_last() {
        let (cards, mut seen) = (cards(), CardBox::default());
        seen.answered(&cards[3], false, 50);
        seen.answered(&cards[2], false, 40);
        let due: Vec<_> = seen.due(&cards, 60).iter().map(|it| &it.id).collect();
        assert_eq!(due[..3], [&cards[2].id, &cards[3].id, &cards[0].id]);
        assert_eq!(due.len(), cards.len());
    }
}
