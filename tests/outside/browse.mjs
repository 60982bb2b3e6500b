// A hand on Debian's Chromium: reads one step a line, [name, ...words] as JSON, and prints what
// comes of it, as JSON too.
import { createInterface } from "node:readline";
import { browser, complaintsOf, require } from "./chromium.mjs";

const { source: axe } = require("axe-core");
let page;
let complaints = [];
let elsewhere = [];

const steps = {
  // A browser of its own: how wide it is, whether dark, whether it runs scripts.
  async open(width, colorScheme, javaScriptEnabled) {
    const viewport = { width, height: 844 };
    const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
    page = await context.newPage();
    complaints = complaintsOf(page);
    elsewhere = [];
    page.on("request", (asked) => elsewhere.push([asked.url(), asked.headers().referer ?? ""]));
  },
  async go(address) {
    const answer = await page.goto(address, { waitUntil: "networkidle" });
    return answer.status();
  },
  async arrive(address) {
    await page.waitForURL(address);
    await page.waitForLoadState("networkidle");
  },
  async click(selector) {
    await page.locator(selector).first().click();
  },
  async see(selector) {
    await page.locator(selector).first().waitFor();
    return page.locator(selector).first().innerText();
  },
  async until_other(selector, before) {
    const found = page.locator(selector).first();
    while ((await found.innerText()) === before) await page.waitForTimeout(50);
    return found.innerText();
  },
  async frame(selector, within) {
    return page.frameLocator(selector).locator(within).innerText();
  },
  async mark() {
    await page.evaluate(() => (window.marked = true));
  },
  async marked() {
    return page.evaluate(() => window.marked === true);
  },
  async picture(path) {
    await page.screenshot({ path, fullPage: true });
    return page.evaluate(() => document.documentElement.scrollWidth);
  },
  async judge() {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run({ iframes: false }));
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  },
  async address() {
    return page.url();
  },
  async said() {
    return { complaints, asked: elsewhere };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...words] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ found: (await steps[name](...words)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
