// Keeps a page of the newsroom up to date. Without it, pages load again by themselves.
"use strict";
const EVERY = 5000; // milliseconds
const root = document.documentElement;
const silent = document.getElementById("silent");
let etag = root.dataset.etag;

function left(seconds) {
  const [days, hours, minutes, last] = root.dataset.units.split(" ");
  const units = [[days, 86400], [hours, 3600], [minutes, 60], [last, 1]];
  let rest = Math.max(0, Math.floor(seconds));
  const first = Math.min(3, units.findIndex(([, size]) => rest >= size) >>> 0);
  const parts = units.slice(first, first + 2).map(([word, size]) => {
    const whole = Math.floor(rest / size);
    rest %= size;
    return `${whole} ${word}`;
  });
  return root.dataset.in.replace("%", parts.join(" "));
}

function countDown() {
  for (const one of document.querySelectorAll("[data-until]")) {
    one.textContent = left(Number(one.dataset.until) - Date.now() / 1000);
  }
}

// What stands in an iframe would be loaded again with it, so an iframe stays where it is.
function renew(before, after) {
  const [old, fresh] = [before, after].map((one) => [...one.children]);
  const isFramed = (one) => one.querySelector("iframe") !== null;
  if (!isFramed(before) || old.length !== fresh.length) {
    before.replaceChildren(...after.childNodes);
    return;
  }
  old.forEach((one, number) => {
    const other = fresh[number];
    if (one.matches("iframe") && other.matches("iframe")) showAgain(one, other);
    else if (isFramed(one) && isFramed(other)) renew(one, other);
    else if (!one.isEqualNode(other)) one.replaceWith(other);
  });
}

// Shows what is new in an iframe, at the place where it was being read.
function showAgain(frame, other) {
  if (frame.dataset.digest === other.dataset.digest) return;
  frame.dataset.digest = other.dataset.digest;
  const { scrollX, scrollY } = frame.contentDocument?.defaultView ?? { scrollX: 0, scrollY: 0 };
  frame.addEventListener("load", () => frame.contentWindow.scrollTo(scrollX, scrollY), { once: true });
  frame.contentWindow.location.replace(other.getAttribute("src"));
}

function take(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = document.querySelector("main");
  const focused = document.activeElement?.closest("main [id]")?.id;
  const typed = [...main.querySelectorAll(".search input")].map((one) => [one.id, one.value]);
  const open = [...main.querySelectorAll("details[open]")].map((one) => one.id);
  renew(main, page.querySelector("main"));
  document.title = page.title;
  for (const [id, text] of typed) document.getElementById(id).value = text;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  countDown();
}

async function look() {
  if (document.hidden || document.activeElement?.matches("form :read-write")) return;
  try {
    const headers = { "If-None-Match": `W/"${etag}"` };
    const answer = await fetch(location.href, { headers, cache: "no-store", redirect: "error" });
    if (answer.status === 200) {
      take(await answer.text());
      etag = answer.headers.get("ETag").slice(3, -1);
    }
    silent.hidden = answer.ok || answer.status === 304;
  } catch {
    silent.hidden = false;
  }
}

setInterval(countDown, 1000);
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
