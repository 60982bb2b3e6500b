// Controls Debian's Chromium: reads one step per line, [name, ...arguments] as JSON, and prints
// its result as JSON.
import { createInterface } from "node:readline";
import { browser, complaintsOf, require } from "./chromium.mjs";

const { source: axe } = require("axe-core");
let context;
let page;
let complaints = [];
let elsewhere = [];
let other = {};

// Without scripts the page itself cannot wait.
async function styled() {
  const isStyled = () =>
    document.readyState !== "loading" &&  // as it is between two pages
    [...document.querySelectorAll("link[rel=stylesheet]")].every((one) => one.sheet);
  const until = Date.now() + 20_000;
  while (!(await page.evaluate(isStyled))) {
    if (Date.now() > until) throw new Error("a stylesheet does not arrive");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Returns the names of all in an element: "a", "a href", "a href https:".
function namesIn(root) {
  const names = new Set();
  for (const one of root.querySelectorAll("*")) {
    const isHtml = one.namespaceURI === "http://www.w3.org/1999/xhtml";
    const name = isHtml ? one.localName : `${one.namespaceURI} ${one.localName}`;
    names.add(name);
    for (const { name: attribute, value } of one.attributes) {
      names.add(`${name} ${attribute}`);
      if (!["href", "src", "action", "formaction", "data", "poster", "srcset"].includes(attribute)) continue;
      try {
        names.add(`${name} ${attribute} ${new URL(value, "https://same.example/").protocol}`);
      } catch {
        names.add(`${name} ${attribute} none`);
      }
    }
  }
  return [...names];
}

const steps = {
  // Goes on in another browser, and by another call in the first one again.
  async swap() {
    const own = { context, page, complaints, elsewhere };
    ({ context, page, complaints = [], elsewhere = [] } = other);
    other = own;
  },
  // Opens a browser with this width, colour scheme, with or without scripts, and perhaps without
  // regard to the policies of pages.
  async open(width, colorScheme, javaScriptEnabled, bypassCSP = false) {
    const viewport = { width, height: 844 };
    await context?.close();
    context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled, bypassCSP });
    page = await context.newPage();
    complaints = complaintsOf(page);
    elsewhere = [];
    page.on("request", (asked) => elsewhere.push([asked.url(), asked.headers().referer ?? ""]));
  },
  async resize(width) {
    await page.setViewportSize({ width, height: 844 });
  },
  // Runs a script on every page before the page's own.
  async before(script) {
    await context.addInitScript(script);
  },
  // Ends all sessions of this browser.
  async leave() {
    await context.clearCookies();
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
  async click_twice(selector) {
    await page.locator(selector).first().dblclick();
  },
  async back() {
    await page.goBack({ waitUntil: "networkidle" });
  },
  async reload() {
    await page.reload({ waitUntil: "networkidle" });
  },
  async fill(selector, text) {
    await page.fill(selector, text);
  },
  async value(selector) {
    return page.inputValue(selector);
  },
  // Presses the keys of a text, one after the other.
  async type(selector, text) {
    await page.locator(selector).pressSequentially(text);
  },
  // Pastes what another program put on the clipboard.
  async paste(selector, html, text) {
    await page.locator(selector).focus();
    await page.evaluate(
      ([html, text]) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/html", html);
        clipboardData.setData("text/plain", text);
        const event = { clipboardData, bubbles: true, cancelable: true };
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", event));
      },
      [html, text],
    );
  },
  async choose(selector, path) {
    await page.setInputFiles(selector, path);
  },
  // Drops files on an element, each given by its name, its type and its bytes.
  async drop(selector, ...files) {
    await page.locator(selector).evaluate(
      (element, files) => {
        const dataTransfer = new DataTransfer();
        for (let at = 0; at < files.length; at += 3) {
          const [name, type, base64] = files.slice(at);
          const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          dataTransfer.items.add(new File([data], name, { type }));
        }
        const event = { dataTransfer, bubbles: true, cancelable: true };
        element.dispatchEvent(new DragEvent("drop", event));
      },
      files,
    );
  },
  async see(selector) {
    await page.locator(selector).first().waitFor();
    // By then its deferred scripts have run, too: one that is left earlier never runs them.
    await page.waitForLoadState("domcontentloaded");
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
  // Clicks in a frame, and returns the address that opens in a new tab.
  async opened(selector, within) {
    const link = page.frameLocator(selector).locator(within).first();
    const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
    await tab.waitForURL(/^http/);
    const address = tab.url();
    await tab.close();
    return address;
  },
  // Returns the scroll position of a frame, after scrolling to `top` if given.
  async scrolled(selector, top = null) {
    const element = await page.locator(selector).elementHandle();
    const frame = await element.contentFrame();
    return frame.evaluate((given) => {
      if (given !== null) window.scrollTo(0, given);
      return window.scrollY;
    }, top);
  },
  // Returns whether a value is true in any frame of the page.
  async anywhere(name) {
    const found = page.frames().map((frame) => frame.evaluate((key) => window[key] === true, name));
    return (await Promise.all(found)).includes(true);
  },
  // Parses the body of each frame again, so often, from what it has become; returns the names of
  // elements, of attributes with their element, and the schemes of addresses.
  async reparsed(times) {
    const found = [];
    for (const frame of page.frames().reverse()) {
      found.push(...await frame.evaluate(([times, collect]) => {
        for (let done = 0; done < times; done += 1) document.body.innerHTML = document.body.innerHTML;
        return Function(`return ${collect}`)()(document.body);
      }, [times, String(namesIn)]));
    }
    return [...new Set(found)];
  },
  // Puts each fragment into the page as a reader does, before a rule; parses it again, so often;
  // returns what `reparsed` returns of each, and whether the rule is still where it was.
  async placed(fragments, times) {
    return page.evaluate(async ([fragments, times, collect]) => {
      const namesOf = Function(`return ${collect}`)();
      const found = [];
      for (const fragment of fragments) {
        const place = document.body.appendChild(document.createElement("div"));
        place.innerHTML = `${fragment}<hr id=after>`;
        for (let done = 0; done < times; done += 1) place.innerHTML = place.innerHTML;
        const last = place.lastElementChild;
        const isThere = last?.id === "after" && place.querySelectorAll("#after").length === 1;
        if (isThere) last.remove();
        found.push([...namesOf(place), ...(isThere ? [] : ["it does not end where it should"])]);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));  // for handlers that come later
      return found;
    }, [fragments, times, String(namesIn)]);
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
  // Returns how much wider than its window a page is, and which elements overflow. A page that is
  // not styled yet is no fault: `domcontentloaded` waits for no stylesheet.
  async overflow() {
    await styled();
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
  // Sets the size of letters: "200%".
  async letters(size) {
    await page.evaluate((given) => (document.documentElement.style.fontSize = given), size);
  },
  async medium(media) {
    await page.emulateMedia({ media });
  },
  // Prints the page on paper ("A4") as a PDF, with the default margins of Chromium's dialogue.
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
  // Returns the text of a page without its buttons and their explanations.
  async text() {
    return page.evaluate(() => {
      for (const one of document.querySelectorAll("button")) one.hidden = true;
      return document.querySelector("main").innerText;
    });
  },
  async count(selector) {
    return page.locator(selector).filter({ visible: true }).count();
  },
  async marked_text() {
    return page.evaluate(() => getSelection().toString());
  },
  // Returns the elements that overflow their box, and would be cut on paper.
  async cut(selector) {
    return page.evaluate((given) =>
      [...document.querySelectorAll(given)]
        .filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => one.outerHTML.slice(0, 80)), selector);
  },
  // Returns the vertical position of the baseline of each element.
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
  // Returns the text of the live region, which screen readers announce.
  async told() {
    return page.evaluate(() =>
      [...document.querySelectorAll("[role=status], [aria-live]")].map((one) => one.textContent).join(""),
    );
  },
  async permit(...names) {
    await context.grantPermissions(names);
  },
  // Follows an address: returns the statuses on the way, the final address, and its target.
  async follow(address) {
    const answer = await page.goto(address);
    const statuses = [];
    for (let asked = answer.request(); asked; asked = asked.redirectedFrom()) {
      statuses.unshift((await asked.response()).status());
    }
    const target = await page.evaluate(() => document.querySelector(":target")?.id ?? "");
    return { statuses, address: page.url(), target };
  },
  // Returns the violations that axe finds, on the page or in the elements that match `within`.
  async judge(options = {}, within = null) {
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
    const { violations } = await page.evaluate(
      ([given, part]) => axe.run(part ?? document, { iframes: false, ...given }),
      [options, within],
    );
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
