// Print what feedsmith (TypeScript) reads in feed files: feedsmith.mjs FILE…
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { parseFeed } = createRequire(new URL("../../../.cache/outside/", import.meta.url))("feedsmith");

const enclosure = (url, length, type) => (url ? { url, length: String(length), type } : null);
const moment = (text) => new Date(text).toISOString().replace(".000Z", "Z");

function rss(found) {
  const [file] = found.enclosures ?? [];
  return {
    id: found.guid.value,
    title: found.title,
    link: found.link,
    published: moment(found.pubDate),
    updated: moment(found.atom?.updated ?? found.pubDate),
    author: found.dc.creators.join(", "),
    categories: (found.categories ?? []).map((category) => category.name),
    enclosure: enclosure(file?.url, file?.length, file?.type),
    text: found.content?.encoded ?? found.description,
  };
}

function atom(found) {
  const file = found.links.find((link) => link.rel === "enclosure");
  return {
    id: found.id,
    title: found.title.value,
    link: found.links.find((link) => link.rel === "alternate").href,
    published: moment(found.published),
    updated: moment(found.updated),
    author: found.authors.map((author) => author.name).join(", "),
    categories: (found.categories ?? []).map((category) => category.term),
    enclosure: enclosure(file?.href, file?.length, file?.type),
    text: found.content.value,
  };
}

function json(found) {
  const [file] = found.attachments ?? [];
  return {
    id: found.id,
    title: found.title,
    link: found.url,
    published: moment(found.date_published),
    updated: moment(found.date_modified),
    author: found.authors.map((author) => author.name).join(", "),
    categories: found.tags ?? [],
    enclosure: enclosure(file?.url, file?.size_in_bytes, file?.mime_type),
    text: found.content_html,
  };
}

for (const file of process.argv.slice(2)) {
  const { format, feed } = parseFeed(readFileSync(file, "utf8"));
  const items = feed.items ?? feed.entries ?? [];
  console.log(JSON.stringify(items.map({ rss, atom, json }[format])));
}
