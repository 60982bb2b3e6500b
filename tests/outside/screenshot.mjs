// Take a picture of a page as Debian's Chromium shows it: screenshot.mjs URL OUT.png WIDTH.
//
// Prints one JSON object: the answer's `status`, the page's `width` in CSS pixels (more than
// WIDTH means that it must be scrolled sideways), and what the browser complained of.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../.cache/outside/", import.meta.url));
const { chromium } = require("playwright-core");
const [url, out, width] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: Number(width), height: 844 } });
  const complaints = [];
  page.on("console", (said) => {
    if (["error", "warning"].includes(said.type())) complaints.push(said.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const answer = await page.goto(url, { waitUntil: "networkidle" });
  await page.screenshot({ path: out, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  console.log(JSON.stringify({ status: answer.status(), width: wide, complaints }));
} finally {
  await browser.close();
}
