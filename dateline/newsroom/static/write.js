// Helps with writing: tools for Markdown, a live check and preview, and a copy of unsaved text in
// this browser. Without it, the buttons do the same, and what was typed is sent with them.
"use strict";
const PAUSE = 1200; // milliseconds after the last key
const form = document.getElementById("entry");
const kept = document.getElementById("kept");
// Of this person alone; `sign-out.js` knows the beginning of the keys, too. Each form for a new
// entry has a key of its own, so that no text takes the place of another.
const place = `dateline.text ${kept.dataset.person}\n${kept.dataset.draft}`;
const own = form.elements.form ? `${place}\n${form.elements.form.value}` : place;
const UNKEPT = new Set(["word", "file", "form", "do"]);
const touched = new Set();
let timer;
let asked = 0;
let offered = ""; // the key of the text that this page offers to bring back
let adding; // files that are being sent; its value is "good" if all of them are saved
let button; // pressed meanwhile
let refused = []; // what is said of the files of a drop, and of those that are dropped meanwhile
let saved = [];

// ---- Tools

function around(area, before, after, otherwise) {
  const { selectionStart: start, selectionEnd: end } = area;
  const text = area.value.slice(start, end) || otherwise;
  area.setRangeText(before + text + after, start, end, "end");
  area.setSelectionRange(start + before.length, start + before.length + text.length);
}

function lines(area, before) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const text = area.value.slice(start, area.selectionEnd);
  area.setRangeText(text.replace(/^/gm, before), start, area.selectionEnd, "end");
}

function tools(area) {
  const words = document.getElementById("tools").dataset;
  const actions = {
    bold: () => around(area, "**", "**", words.bold),
    italics: () => around(area, "*", "*", words.italics),
    heading: () => lines(area, "## "),
    item: () => lines(area, "- "),
    quotation: () => lines(area, "> "),
    link: () => around(area, "[", "](https://)", words.link),
  };
  const bar = document.createElement("div");
  bar.className = "tools";
  for (const [name, act] of Object.entries(actions)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words[name];
    button.addEventListener("click", () => {
      act();
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    bar.append(button);
  }
  area.before(bar);
}

// ---- The live check

function show(page) {
  for (const part of document.querySelectorAll("[id^=said-]")) {
    const other = page.getElementById(part.id);
    if (other && touched.has(part.id.slice(5))) part.innerHTML = other.innerHTML;
  }
  const checked = page.getElementById("checked");
  const frames = document.querySelectorAll("#checked iframe");
  if (!checked.querySelector("iframe")) return;
  if (!frames.length) document.getElementById("checked").innerHTML = checked.innerHTML;
  for (const frame of frames) {
    const address = page.getElementById(frame.id).getAttribute("src");
    if (address === frame.getAttribute("src")) continue;
    frame.setAttribute("src", address);
  }
}

async function look() {
  const number = ++asked;
  const data = new FormData(form);
  data.set("do", "look");
  data.delete("upload");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, redirect: "error" });
    const text = await answer.text();
    if (answer.ok && number === asked) show(new DOMParser().parseFromString(text, "text/html"));
  } catch {
    // The next key tries again; the text is kept in this browser.
  }
}

// ---- Unsaved text

function values() {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (!UNKEPT.has(name) && typeof value === "string") (found[name] ||= []).push(value);
  }
  return found;
}

// Empty boxes do not count: after a check there may be fewer of them.
function isSame(found, other) {
  const [one, two] = [found, other].map((all) =>
    JSON.stringify(Object.entries(all).map(([name, texts]) => [name, texts.filter(Boolean)])
      .filter(([, texts]) => texts.length).sort()));
  return one === two;
}

function keep() {
  try {
    const earlier = offered === own && localStorage.getItem(own);
    if (earlier) {
      offered = `${place}\n${Date.now()}`;
      localStorage.setItem(offered, earlier);
    }
    localStorage.setItem(own, JSON.stringify(values()));
  } catch {
    // No room, or not allowed: the form still has the text.
  }
}

// Adds an empty box below the last one of its name; a file has a row of them.
function addBox(last) {
  const row = last.closest(".row");
  const copy = (row ?? last).cloneNode(true);
  const next = (text) => text.replace(/\d+(?=\s*$)/, (number) => Number(number) + 1);
  for (const label of copy.querySelectorAll("label")) label.firstChild.data = next(label.firstChild.data);
  if (!row) copy.setAttribute("aria-label", next(copy.getAttribute("aria-label")));
  for (const input of row ? copy.querySelectorAll("input") : [copy]) input.value = "";
  (row ?? last).after(copy);
}

function boxes(name) {
  return [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
}

function fill(found) {
  for (const [name, all] of Object.entries(found)) {
    let inputs = boxes(name);
    for (; inputs.length && inputs.length < all.length; inputs = boxes(name)) addBox(inputs.at(-1));
    all.slice(0, inputs.length).forEach((text, at) => (inputs[at].value = text));
    if (!inputs.length && name.startsWith("was.")) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value: all[0] });
      form.append(input);
    }
  }
}

// Shows a text in the form in which it was written, where the file is now shown in another one.
function showOther(found) {
  const sent = document.createElement("form");
  Object.assign(sent, { method: "post", action: form.action, enctype: form.enctype, hidden: true });
  const all = { ...found, do: ["look"] };
  for (const name of ["word", "file"]) all[name] = [form.elements[name].value];
  for (const [name, texts] of Object.entries(all)) {
    for (const value of texts) sent.append(Object.assign(document.createElement("textarea"), { name, value }));
  }
  document.body.append(sent);
  sent.submit();
}

// What earlier releases kept says nothing of whose it is.
function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("dateline.write ")) localStorage.removeItem(key);
  }
}

// Returns the key of a text that was kept here, this form's own before others.
function unsaved() {
  const now = values();
  const keys = Object.keys(localStorage).filter((key) => key !== own && key.startsWith(`${place}\n`));
  for (const key of new Set([own, place, ...keys])) {
    const found = JSON.parse(localStorage.getItem(key) || "{}");
    const isEmpty = Object.entries(found).every(([name, texts]) => name === "date" || !texts.some(Boolean));
    if (!isEmpty && !isSame(found, now)) return key;
    if (key !== own) localStorage.removeItem(key);
  }
  return "";
}

function settled() {
  localStorage.removeItem(offered);
  offered = "";
  kept.hidden = true;
}

function offer() {
  if (kept.dataset.done) {
    localStorage.removeItem(sessionStorage.getItem("dateline.sent") || own);
    localStorage.removeItem(own);
    // What is written from now on is kept although this page is loaded again.
    const address = new URL(location.href);
    address.searchParams.delete("done");
    history.replaceState(history.state, "", address);
    return;
  }
  offered = unsaved();
  if (!offered) return;
  kept.hidden = false;
  document.getElementById("bring-back").addEventListener("click", () => {
    const found = JSON.parse(localStorage.getItem(offered) || "{}");
    if (!boxes("source").length !== !found.source) {
      localStorage.setItem(own, JSON.stringify(found));
      return showOther(found);
    }
    fill(found);
    settled();
    keep();
    look();
  });
  document.getElementById("discard").addEventListener("click", settled);
}

// ---- What is pasted, and files

function insert(area, text) {
  area.focus();
  // The browser's own command, so that it can be undone; it is deprecated, and has no successor.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function own_form(values) {
  const data = new FormData();
  for (const name of ["word", "file"]) data.set(name, form.elements[name].value);
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  return data;
}

async function paste(event) {
  const html = event.clipboardData.getData("text/html");
  const plain = event.clipboardData.getData("text/plain");
  if (event.clipboardData.files.length && !plain) return add([...event.clipboardData.files], true);
  if (!html) return;
  event.preventDefault();
  let text = plain;
  try {
    const answer = await fetch("/paste", { method: "POST", body: own_form({ html }), redirect: "error" });
    if (answer.ok) text = (await answer.text()) || plain;
  } catch {
    // What the browser has as plain text is better than nothing.
  }
  insert(event.target, text);
}

// Says what became of the files, a line for each, and first why some are refused.
function tell(lines) {
  const progress = document.getElementById("progress");
  progress.textContent = [...refused, ...lines].join("\n");
  progress.className = refused.length ? "notice alarm" : "";
}

function uploaded(file) {
  const words = document.getElementById("tools").dataset;
  return new Promise((done) => {
    if (file.size > Number(words.limit)) return done({ message: words.long });
    const request = new XMLHttpRequest();
    request.open("POST", "/upload");
    request.upload.addEventListener("progress", (event) => {
      tell([`${file.name} ${Math.round((100 * event.loaded) / event.total)} %`]);
    });
    request.addEventListener("loadend", () => {
      try {
        done(JSON.parse(request.responseText));
      } catch {
        const isEnded = request.status === 403 || request.responseURL.endsWith("/sign-in");
        done({ message: words.busy, isEnded });
      }
    });
    request.send(own_form({ upload: file }));
  });
}

function named(done, isInText) {
  const image = document.getElementById("field-image");
  if (done.picture && isInText) {
    const shows = document.getElementById("tools").dataset.shows;
    insert(body, `![${shows}](${encodeURI(done.name).replace(/[()]/g, escape)})`);
    return;
  }
  const files = () => boxes("attachments.file");
  const isImage = done.picture && !image.value;
  if (!isImage && files().every((one) => one.value)) addBox(files().at(-1));
  const field = isImage ? image : files().find((one) => !one.value);
  field.value = done.name;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const next = field === image && document.getElementById("field-image_alt");
  if (next) next.focus();
}

// More inputs than a form may have would be refused with all that was written.
function isFull() {
  const files = boxes("attachments.file").filter((one) => one.value);
  return files.length >= Number(document.getElementById("tools").dataset.most);
}

async function added(files, isInText, before) {
  const words = document.getElementById("tools").dataset;
  let state = (await before) ?? "good";
  for (const file of files) {
    if (state === "ended") break;
    const needsRow = !isInText || !file.type.startsWith("image/");
    const done = needsRow && isFull() ? { message: words.many } : await uploaded(file);
    const good = done.picture ? words.uploaded : words.document;
    if (done.name) saved.push(good.replace("%", done.name));
    else refused.push(`${file.name} – ${done.message}`);
    tell(saved);
    if (done.name) named(done, isInText);
    else state = done.isEnded ? "ended" : "refused";
  }
  return state;
}

// Sends files one after another. A button that is pressed meanwhile waits for them: they would be
// missing from the entry. If one is refused, the person sees why first. If the session has ended,
// the form leads to the page on which one signs in, with its text.
async function add(files, isInText) {
  if (!adding) [refused, saved] = [[], []];
  const mine = (adding = added(files, isInText, adding));
  const state = await mine;
  if (adding !== mine) return;
  const pressed = state === "ended" ? form.querySelector("[name=do][value=look]") : button;
  adding = button = undefined;
  if (pressed && state !== "refused") form.requestSubmit(pressed);
  else if (pressed) document.getElementById("progress").scrollIntoView({ block: "center" });
}

// Keeps a button waiting, or the one that adds a file, which was sent as soon as it was chosen.
function isKept(event, chosen) {
  const isAdd = event.submitter?.value === "upload";
  if (!adding && !(isAdd && chosen && !chosen.files.length)) return false;
  event.preventDefault();
  if (!isAdd) button = event.submitter;
  else if (!adding) chosen.click();
  return true;
}

const body = document.getElementById("field-body");
if (body) {
  const chosen = document.getElementById("upload");
  tools(body);
  body.addEventListener("paste", paste);
  chosen.addEventListener("change", () => {
    const files = [...chosen.files];
    chosen.value = "";
    add(files, false);
  });
  form.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    add([...event.dataTransfer.files], event.target === body);
  });
}
try {
  forgetOld();
  offer();
} catch {
  // Storage is switched off.
}
form.addEventListener("input", (event) => {
  touched.add(event.target.name.split(".")[0]);
  keep();
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});
// A page that the browser has kept shows a form that may have made its file since.
window.addEventListener("pageshow", async (event) => {
  if (!event.persisted || !form.elements.form) return;
  try {
    const answer = await fetch(location.href);
    if (answer.redirected) location.replace(answer.url);
  } catch {
    // The newsroom knows the form by its key, too.
  }
});
form.addEventListener("submit", (event) => {
  if (isKept(event, document.getElementById("upload"))) return;
  clearTimeout(timer);
  asked++;
  try {
    keep();
    sessionStorage.setItem("dateline.sent", own);
  } catch {
    // Storage is switched off.
  }
});
