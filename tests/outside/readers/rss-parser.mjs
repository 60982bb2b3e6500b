// Print what rss-parser (JavaScript) reads in feed files: rss-parser.mjs FILE…
//
// Of an Atom entry it exposes neither categories nor an enclosure, nor updated of any.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const Parser = createRequire(new URL("../../../.cache/outside/", import.meta.url))("rss-parser");

function item(found) {
  const values = {
    id: found.guid ?? found.id,
    title: found.title,
    link: found.link,
    published: new Date(found.isoDate).toISOString().replace(".000Z", "Z"),
    author: found.creator ?? found.author,
    text: found["content:encoded"] ?? found.content,
  };
  if (found.guid === undefined) return values;
  return { ...values, categories: found.categories ?? [], enclosure: found.enclosure ?? null };
}

for (const file of process.argv.slice(2)) {
  const feed = await new Parser().parseString(readFileSync(file, "utf8"));
  console.log(JSON.stringify(feed.items.map(item)));
}
