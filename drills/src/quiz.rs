//! The quiz in the terminal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::cards::{Cards, Question};
use crate::progress::Progress;
use crate::terminal::{Style, ask, paint};

/// What was scored.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Scores {
    /// Right answers of the last quiz that was gone through.
    last: Option<usize>,
    /// Those of the best one.
    best: Option<usize>,
    /// The questions that were answered wrong when they were last asked.
    wrong: BTreeMap<String, bool>,
}

impl Scores {
    /// Notes an answer.
    pub fn answered(&mut self, question: &Question, right: bool) {
        self.wrong.insert(question.id.clone(), !right);
    }

    /// Notes the score of a whole quiz.
    pub fn finished(&mut self, right: usize) {
        self.last = Some(right);
        self.best = self.best.max(Some(right));
    }

    /// Tells whether a question was answered wrong when it was last asked.
    #[must_use]
    pub fn was_wrong(&self, question: &Question) -> bool {
        self.wrong.get(&question.id).copied().unwrap_or(false)
    }
}

/// Asks all questions, those that were wrong last time first, each with its answers in any order.
///
/// # Errors
///
/// Progress cannot be written.
pub fn quiz(cards: &Cards, progress: &mut Progress) -> Result<()> {
    let mut questions: Vec<_> = cards.questions.iter().collect();
    fastrand::shuffle(&mut questions);
    questions.sort_by_key(|it| !progress.scores().was_wrong(it));
    let count = questions.len();
    let mut score = 0;
    for (question, number) in questions.into_iter().zip(1..) {
        println!(
            "{} {}",
            paint(Style::Faint, &format!("{number}/{count}")),
            paint(Style::Title, &question.text)
        );
        let mut answers: Vec<_> = question.answers().collect();
        fastrand::shuffle(&mut answers);
        for (letter, answer) in ('a'..).zip(&answers) {
            println!("  {letter}) {answer}");
        }
        let last = char::from(b'a' + u8::try_from(answers.len() - 1).unwrap_or(25));
        let chosen = loop {
            let Some(answer) = ask(&format!("Your answer (a to {last}): "))? else {
                println!("\nThe quiz is not finished; {score} right so far");
                return Ok(());
            };
            if let Some((_, chosen)) = ('a'..).zip(&answers).find(|(letter, _)| answer == letter.to_string())
            {
                break *chosen;
            }
        };
        let right = chosen == question.right;
        if right {
            score += 1;
            println!("{} {}\n", paint(Style::Good, "Right."), question.why);
        } else {
            println!("{} It is: {}. {}\n", paint(Style::Bad, "No."), question.right, question.why);
        }
        progress.scores_mut().answered(question, right);
        progress.save()?;
    }
    progress.scores_mut().finished(score);
    progress.save()?;
    println!("{score} of {count} right; the best so far is {}", progress.scores().best.unwrap_or(score));
    Ok(())
}
