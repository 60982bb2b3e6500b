// Metadata of pages as programs find it: machines.mjs PAGES.json, a list of { url, html }.
//
// Prints for each its microformats, its Open Graph fields and its JSON-LD, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../.cache/outside/", import.meta.url));
const { mf2 } = require("microformats-parser");
const openGraph = require("open-graph-scraper");

const found = [];
for (const { url, html } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const { items } = mf2(html, { baseUrl: url });
  const { result } = await openGraph({ html });
  const { jsonLD: linked = [], ...graph } = result;
  found.push({ items, graph, linked });
}
console.log(JSON.stringify(found));
