// Print what node-feedparser (JavaScript) reads in feed files: feedparser.mjs FILE…
//
// Of an RSS item it does not expose atom:updated.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { finished } from "node:stream/promises";

const FeedParser = createRequire(new URL("../../../.cache/outside/", import.meta.url))("feedparser");

const moment = (date) => date.toISOString().replace(".000Z", "Z");

function item(found) {
  const [file] = found.enclosures;
  const values = {
    id: found.guid,
    title: found.title,
    link: found.link,
    published: moment(found.pubdate),
    author: found.author,
    categories: found.categories,
    enclosure: file ? { url: file.url, length: file.length, type: file.type } : null,
    text: found.description,
  };
  return found.meta.type === "atom" ? { ...values, updated: moment(found.date) } : values;
}

for (const file of process.argv.slice(2)) {
  const parser = new FeedParser();
  const items = [];
  parser.on("data", (found) => items.push(item(found)));
  parser.end(readFileSync(file));
  await finished(parser);
  console.log(JSON.stringify(items));
}
