// Take a picture of a page as Debian's Chromium shows it: screenshot.mjs URL OUT.png WIDTH.
//
// Prints one JSON object: the answer's `status`, the page's `width` in CSS pixels (more than
// WIDTH means that it must be scrolled sideways), and what the browser complained of.
import { browser, complaintsOf } from "./chromium.mjs";

const [url, out, width] = process.argv.slice(2);
try {
  const page = await browser.newPage({ viewport: { width: Number(width), height: 844 } });
  const complaints = complaintsOf(page);
  const answer = await page.goto(url, { waitUntil: "networkidle" });
  await page.screenshot({ path: out, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  console.log(JSON.stringify({ status: answer.status(), width: wide, complaints }));
} finally {
  await browser.close();
}
