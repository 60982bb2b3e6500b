// A hand on Debian's Chromium: reads one step a line, [name, ...words] as JSON, and prints what
// comes of it, as JSON too.
import { createInterface } from "node:readline";
import { browser, complaintsOf, require } from "./chromium.mjs";

const { source: axe } = require("axe-core");
let context;
let page;
let complaints = [];
let elsewhere = [];

const steps = {
  // A browser of its own: how wide it is, whether dark, whether it runs scripts.
  async open(width, colorScheme, javaScriptEnabled) {
    const viewport = { width, height: 844 };
    await context?.close();
    context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
    page = await context.newPage();
    complaints = complaintsOf(page);
    elsewhere = [];
    page.on("request", (asked) => elsewhere.push([asked.url(), asked.headers().referer ?? ""]));
  },
  // What runs on every page before its own scripts.
  async before(script) {
    await context.addInitScript(script);
  },
  async go(address, waitUntil = "networkidle") {
    const answer = await page.goto(address, { waitUntil });
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
    for (let tries = 0; tries < 400; tries += 1) {
      const now = await found.innerText();
      if (now !== before) return now;
      await page.waitForTimeout(50);
    }
    throw new Error(`it still says ${before}`);
  },
  async frame(selector, within) {
    return page.frameLocator(selector).locator(within).innerText();
  },
  // Clicks in a frame, and says which address opens in a tab of its own.
  async opened(selector, within) {
    const link = page.frameLocator(selector).locator(within).first();
    const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
    await tab.waitForURL(/^http/);
    const address = tab.url();
    await tab.close();
    return address;
  },
  // How far down a frame is scrolled, after it was scrolled to `top` where that is given.
  async scrolled(selector, top = null) {
    const element = await page.locator(selector).elementHandle();
    const frame = await element.contentFrame();
    return frame.evaluate((given) => {
      if (given !== null) window.scrollTo(0, given);
      return window.scrollY;
    }, top);
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
  // How much further than its window a page goes sideways, and what sticks out.
  async overflow() {
    return page.evaluate(() => {
      const { clientWidth: width, scrollWidth } = document.documentElement;
      if (scrollWidth <= width) return [];
      const out = [...document.querySelectorAll("body *")].filter((one) => {
        if (one.parentElement.closest("pre, .wide")) return false;
        const { left, right } = one.getBoundingClientRect();
        return left < 0 || right > width;
      });
      return [`${scrollWidth} for ${width}`, ...out.map((one) => one.outerHTML.slice(0, 80))];
    });
  },
  // With letters of another size than usual: "200%".
  async letters(size) {
    await page.evaluate((given) => (document.documentElement.style.fontSize = given), size);
  },
  async medium(media) {
    await page.emulateMedia({ media });
  },
  // Prints the page on paper ("A4"), with the margins of Chromium's own dialogue, as a PDF.
  async print(path, format) {
    await page.emulateMedia({ media: null });
    await page.pdf({ path, format, margin: { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" } });
  },
  async unfold() {
    return page.evaluate(() => {
      const folded = [...document.querySelectorAll("details:not([open])")];
      for (const one of folded) one.open = true;
      return folded.length;
    });
  },
  // What is read on a page; its buttons, and what they are for, aside.
  async text() {
    return page.evaluate(() => {
      for (const one of document.querySelectorAll("button")) one.hidden = true;
      return document.querySelector("main").innerText;
    });
  },
  async count(selector) {
    return page.locator(selector).filter({ visible: true }).count();
  },
  async links() {
    return page.evaluate(() =>
      [...document.querySelectorAll("head link")].map(({ rel, type, title, hreflang, href }) => ({
        rel, type, title, hreflang, href,
      })),
    );
  },
  async marked_text() {
    return page.evaluate(() => getSelection().toString());
  },
  // What is wider than its own room, and would be cut on paper.
  async cut(selector) {
    return page.evaluate((given) =>
      [...document.querySelectorAll(given)]
        .filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => one.outerHTML.slice(0, 80)), selector);
  },
  // How far down the line lies on which the letters of each stand.
  async lines(selector) {
    return page.evaluate((given) =>
      [...document.querySelectorAll(given)].map((one) => {
        const mark = one.appendChild(document.createElement("span"));
        mark.style.display = "inline-block";
        const { bottom } = mark.getBoundingClientRect();
        mark.remove();
        return Math.round(bottom);
      }), selector);
  },
  async clipboard() {
    return page.evaluate(() => navigator.clipboard.readText());
  },
  // What a screen reader is told without being asked.
  async told() {
    return page.evaluate(() =>
      [...document.querySelectorAll("[role=status], [aria-live]")].map((one) => one.textContent).join(""),
    );
  },
  async permit(...names) {
    await context.grantPermissions(names);
  },
  // Where an address leads: the statuses on the way, where it ends, and what is the target there.
  async follow(address) {
    const answer = await page.goto(address);
    const statuses = [];
    for (let asked = answer.request(); asked; asked = asked.redirectedFrom()) {
      statuses.unshift((await asked.response()).status());
    }
    const target = await page.evaluate(() => document.querySelector(":target")?.id ?? "");
    return { statuses, address: page.url(), target };
  },
  async judge(options = {}) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate((given) => axe.run({ iframes: false, ...given }), options);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  },
  async address() {
    return page.url();
  },
  async said() {
    return { complaints, asked: elsewhere };
  },
  async forget() {
    complaints.length = 0;
    elsewhere.length = 0;
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
