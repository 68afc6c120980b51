// The page of DocChat: everything that comes from the server is put in as text, never as markup.
"use strict";

const find = (selector, within = document) => within.querySelector(selector);

async function call(method, path, body) {
  const request = { method };
  if (body !== undefined) {
    request.headers = { "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  const response = await fetch(path, request);
  if (response.status === 204) return null;
  const answer = await response.json();
  if (response.ok) return answer;
  const fields = (answer.errors ?? []).map((error) => `${error.field}: ${error.message}`);
  throw new Error([answer.detail, ...fields].join("; "));
}

/** Runs what a button or form asks for, says what went wrong, and shows the list as it is then. */
async function act(work) {
  const problem = find("#problem");
  problem.textContent = "";
  try {
    await work();
    await show();
  } catch (error) {
    problem.textContent = error.message;
  }
}

function card(it) {
  const card = find("#document").content.cloneNode(true);
  find("h3", card).textContent = it.title;
  find(".about", card).textContent = `${it.owner_email}, ${new Date(it.created_at).toLocaleString()}`;
  find(".text", card).textContent = it.body;
  for (const tag of it.tags) {
    const button = document.createElement("button");
    button.textContent = `${tag.name} ×`;
    button.title = "Take the tag off";
    button.onclick = () => act(() => call("DELETE", `/documents/${it.id}/tags/${encodeURIComponent(tag.name)}`));
    const item = document.createElement("li");
    item.append(button);
    find(".tags", card).append(item);
  }
  find("form.tag", card).onsubmit = (event) => {
    event.preventDefault();
    const name = new FormData(event.target).get("name");
    act(() => call("POST", `/documents/${it.id}/tags`, { name }));
  };
  find(".delete", card).onclick = () => act(() => call("DELETE", `/documents/${it.id}`));
  return card;
}

function passage(it) {
  const item = document.createElement("li");
  const title = document.createElement("strong");
  title.textContent = it.title;
  const text = document.createElement("p");
  text.className = "text";
  text.textContent = it.text;
  item.append(title, text);
  return item;
}

async function show() {
  const q = find("#q").value.trim();
  const found = q
    ? await call("GET", `/search?q=${encodeURIComponent(q)}`)
    : { documents: await call("GET", "/documents?limit=100"), passages: [] };
  find("#list-title").textContent = q ? "Found" : "Documents";
  find("#documents").replaceChildren(...found.documents.map(card));
  find("#passages").replaceChildren(...found.passages.map(passage));
  find("#passages-title").hidden = found.passages.length === 0;
  find("#nothing").hidden = found.documents.length + found.passages.length > 0;
}

find("#new").onsubmit = (event) => {
  event.preventDefault();
  const form = event.target;
  const data = new FormData(form);
  const tags = data.get("tags").split(",").map((tag) => tag.trim()).filter((tag) => tag);
  act(async () => {
    await call("POST", "/documents", { title: data.get("title"), body: data.get("body"), tags });
    form.reset();
  });
};

find("#search").onsubmit = (event) => {
  event.preventDefault();
  act(async () => {});
};
find("#q").oninput = () => { if (!find("#q").value) act(async () => {}); };

act(async () => {});
