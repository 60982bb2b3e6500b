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

function take(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = document.querySelector("main");
  const focused = document.activeElement?.closest("main [id]")?.id;
  const open = [...main.querySelectorAll("details[open]")].map((one) => one.id);
  main.replaceChildren(...page.querySelector("main").childNodes);
  document.title = page.title;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  countDown();
}

async function look() {
  if (document.hidden) return;
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
if (!document.querySelector("iframe")) setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
