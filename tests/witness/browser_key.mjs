// A visitor in Chromium at a service with a key: the browser asks for it, and from then on the page
// at `/`, `fetch` and `EventSource` work. The stream of a paused collection stays open.
//
// Usage: node browser_key.mjs URL KEY COLLECTION
// NODE_PACKAGES is the folder that playwright-core was installed into; CHROMIUM the browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve(process.env.NODE_PACKAGES, "package.json"));
const { chromium } = require("playwright-core");
const [url, key, collection] = process.argv.slice(2);

// Without these, Chromium calls home; a machine without a network then waits for it.
const args = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args });

function claim(holds, promise) {
  assert.ok(holds, `REFUTED: ${promise}`);
  console.log(`  holds: ${promise}`);
}

// How a visitor fares who answers the browser's question with `password`, or not at all.
async function visit(password) {
  const credentials = password ? { httpCredentials: { username: "anyone", password } } : {};
  const context = await browser.newContext(credentials);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const home = await page.goto(`${url}/`).catch((error) => ({ status: () => String(error) }));
  return { context, page, status: home.status() };
}

// Watches a collection for some seconds: how often the stream was opened, and what came.
function watch([path, milliseconds]) {
  return new Promise((resolve) => {
    const seen = { opened: 0, errors: 0, states: [], ended: false };
    const source = new EventSource(path);
    source.addEventListener("open", () => (seen.opened += 1));
    source.addEventListener("error", () => (seen.errors += 1));
    source.addEventListener("overview", (event) => seen.states.push(JSON.parse(event.data).state));
    source.addEventListener("end", () => (seen.ended = true));
    setTimeout(() => { source.close(); resolve(seen); }, milliseconds);
  });
}

try {
  const stranger = await visit(null);
  // Without a person who answers, Chromium shows an error of its own in place of the refusal.
  claim(/401|ERR_INVALID_AUTH_CREDENTIALS/.test(stranger.status), `without the key / is not shown (${stranger.status})`);
  const wrong = await visit("a-wrong-key");
  // Whoever keeps answering wrongly gets no page: Chromium gives up.
  claim(wrong.status !== 200, `with a wrong key / is not shown (${wrong.status})`);
  const { page, status } = await visit(key);
  claim(status === 200, "Chromium asks for the key, and / is a page");
  claim((await page.getByText(collection).count()) > 0, "/ lists the collection");
  const fetched = await page.evaluate(async (path) => {
    const answer = await fetch(path);
    return { status: answer.status, body: await answer.json() };
  }, `/api/v1/collections/${collection}`);
  claim(fetched.status === 200 && fetched.body.state === "paused", "fetch works with the key");
  const seen = await page.evaluate(watch, [`/api/v1/collections/${collection}/events`, 8000]);
  claim(seen.states[0] === "paused", `EventSource works with the key ${JSON.stringify(seen)}`);
  claim(seen.opened === 1 && seen.errors === 0 && !seen.ended,
    `the stream of a paused collection stays open ${JSON.stringify(seen)}`);
} finally {
  await browser.close();
}
