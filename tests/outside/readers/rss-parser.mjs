// Print what rss-parser (JavaScript) reads in one feed file: rss-parser.mjs FILE.
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

const feed = await new Parser().parseString(readFileSync(process.argv[2], "utf8"));
for (const found of feed.items) console.log(JSON.stringify(item(found)));
