// Print what FeedMe (JavaScript) reads in feed files: feedme.mjs FILE…
//
// FeedMe returns the raw elements: their meaning is added here.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const FeedMe = createRequire(new URL("../../../.cache/outside/", import.meta.url))("feedme");

const list = (found) => (found === undefined ? [] : [found].flat());
const moment = (text) => new Date(text).toISOString().replace(".000Z", "Z");
const enclosure = (url, length, type) => (url ? { url, length: String(length), type } : null);

function rss(found) {
  const { url, length, type } = found.enclosure ?? {};
  return {
    id: found.guid.text,
    title: found.title,
    link: found.link,
    published: moment(found.pubdate),
    updated: moment(found["atom:updated"]),
    author: found["dc:creator"],
    categories: list(found.category),
    enclosure: enclosure(url, length, type),
    text: found["content:encoded"] ?? found.description,
  };
}

function atom(found) {
  const { href, length, type } = list(found.link).find((link) => link.rel === "enclosure") ?? {};
  return {
    id: found.id,
    title: found.title,
    link: list(found.link).find((link) => link.rel === "alternate").href,
    published: moment(found.published),
    updated: moment(found.updated),
    author: found.author.name,
    categories: list(found.category).map((category) => category.term),
    enclosure: enclosure(href, length, type),
    text: found.content,
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
  const parser = new FeedMe();
  const items = [];
  let item;
  parser.on("type", (type) => (item = { "rss 2.0": rss, atom, json }[type]));
  parser.on("item", (found) => items.push(item(found)));
  parser.on("error", (error) => {
    throw error;
  });
  parser.end(readFileSync(file, "utf8"));
  console.log(JSON.stringify(items));
}
