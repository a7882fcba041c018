// A visitor in Chromium: opens `/`, opens `/docs`, presses "Try it out" and "Execute" on
// POST /search/, and must read the 200 answer with a request_id on the page.
//
// Usage: node swagger.mjs URL FOLDER-FOR-SCREENSHOTS
// NODE_PACKAGES is the folder that playwright-core was installed into; CHROMIUM the browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve(process.env.NODE_PACKAGES, "package.json"));
const { chromium } = require("playwright-core");
const [url, folder] = process.argv.slice(2);

// Without these, Chromium calls home; a machine without a network then waits for it.
const args = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args });
const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
page.setDefaultTimeout(20_000);

const foreign = [];
const broken = [];
page.on("request", (request) => {
  if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) foreign.push(request.url());
});
page.on("pageerror", (error) => broken.push(String(error)));

function claim(holds, promise) {
  assert.ok(holds, `REFUTED: ${promise}`);
  console.log(`  holds: ${promise}`);
}

async function tryItOut() {
  await page.goto(`${url}/docs/`);
  const operation = page.locator(".opblock-post").filter({ has: page.locator('[data-path="/search/"]') });
  await operation.locator(".opblock-summary").click();
  // The page may open with "Try it out" pressed already; the button then says "Cancel".
  const button = operation.locator(".try-out__btn");
  await button.waitFor();
  if (/try it out/i.test(await button.innerText())) await button.click();
  await operation.locator("textarea.body-param__text").fill('{"hashtag": "#rustlang", "num_results": 30}');
  await operation.locator(".btn.execute").click();
  const answer = operation.locator(".live-responses-table .response").first();
  await answer.waitFor();
  await answer.scrollIntoViewIfNeeded();
  await page.screenshot({ path: path.join(folder, "docs.png") });
  return {
    status: (await answer.locator(".response-col_status").innerText()).trim(),
    body: JSON.parse(await answer.locator(".response-col_description .highlight-code code").first().innerText()),
  };
}

try {
  const home = await page.goto(`${url}/`);
  claim(home.status() === 200, "/ is a page");
  claim((await page.locator('a[href*="docs"]').count()) > 0, "/ links to the documentation");
  const { status, body } = await tryItOut();
  claim(/^200\b/.test(status), 'POST /search/ by "Try it out" answers 200');
  claim(body.Status === "Success" && /rustlang/.test(body.request_id), `it shows ${body.request_id}`);
  const list = await page.goto(`${url}/`);
  await page.getByText(body.request_id).first().waitFor();
  await page.screenshot({ path: path.join(folder, "home.png") });
  claim(list.status() === 200, "/ lists the new collection");
  claim(foreign.length === 0, `nothing is asked of other hosts ${foreign}`);
  claim(broken.length === 0, `no script fails ${broken}`);
} finally {
  await browser.close();
}
