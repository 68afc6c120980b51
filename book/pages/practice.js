// Keeps what was ticked, flipped and chosen on the page of drills, cards and quiz.
"use strict";

(() => {
  const KEY = "aludel-practice";

  // A browser may keep nothing for a page: then it is all as new after a reload, and nothing else.
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return {};
    }
  };
  const write = (kept) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // See above.
    }
  };

  let kept = read();
  const keep = (id, value) => {
    kept = { ...read() };
    if (value) kept[id] = value;
    else delete kept[id];
    write(kept);
  };

  const ticks = [...document.querySelectorAll("input[type=checkbox][data-keep]")];
  const cards = [...document.querySelectorAll("details[data-keep]")];
  const questions = [...document.querySelectorAll("fieldset[data-keep]")];
  const score = document.querySelector("#practice-score");

  function showQuestion(question) {
    const chosen = question.querySelector("input:checked");
    question.classList.toggle("right", chosen?.value === "right");
    question.classList.toggle("wrong", chosen !== null && chosen.value !== "right");
    question.querySelector("details").open = chosen !== null;
  }

  function showScore() {
    const chosen = questions.filter((it) => it.querySelector("input:checked"));
    const right = chosen.filter((it) => it.querySelector("input:checked").value === "right");
    score.textContent = `${right.length} of ${questions.length} right, ${questions.length - chosen.length} left`;
  }

  function showAll() {
    for (const tick of ticks) tick.checked = kept[tick.dataset.keep] === true;
    for (const card of cards) card.open = kept[card.dataset.keep] === true;
    for (const question of questions) {
      for (const input of question.querySelectorAll("input")) {
        input.checked = kept[question.dataset.keep] === input.value;
      }
      showQuestion(question);
    }
    showScore();
  }

  showAll();
  for (const tick of ticks) {
    tick.addEventListener("change", () => keep(tick.dataset.keep, tick.checked));
  }
  for (const card of cards) {
    card.addEventListener("toggle", () => keep(card.dataset.keep, card.open));
  }
  for (const question of questions) {
    question.addEventListener("change", (event) => {
      keep(question.dataset.keep, event.target.value);
      showQuestion(question);
      showScore();
    });
  }
  document.querySelector("#practice-reset").addEventListener("click", () => {
    kept = {};
    write(kept);
    showAll();
  });
})();
