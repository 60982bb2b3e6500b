// Debian's Chromium without a window, and its warnings.
import { createRequire } from "node:module";

export const require = createRequire(new URL("../../.cache/outside/", import.meta.url));
const { chromium } = require("playwright-core");

export const browser = await chromium.launch({
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

// Returns the list to which errors and warnings of a page are added.
export function complaintsOf(page) {
  const complaints = [];
  page.on("console", (said) => {
    if (["error", "warning"].includes(said.type())) complaints.push(said.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return complaints;
}
