// The peer: puppeteer-core with a warm browser and one context per page, as its documentation
// advises. Reads one JSON object per line, answers with one.

import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const say = (object) => process.stdout.write(JSON.stringify(object) + "\n");

const browser = await puppeteer.launch({
  executablePath: process.argv[2],
  headless: "shell",
  pipe: true,
  args: JSON.parse(process.argv[3] ?? "[]"),
  defaultViewport: { width: 1280, height: 800 },
});
say({});

async function convert(url) {
  const started = performance.now();
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    const opened = performance.now();
    await page.goto(url, { waitUntil: "load" });
    const loaded = performance.now();
    const pdf = await page.pdf({
      format: "a4",
      printBackground: true,
      tagged: true,
      outline: true,
      margin: { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" },
      timeout: 90_000,
    });
    const printed = performance.now();
    return {
      took: printed - started,
      bytes: pdf.length,
      steps: {
        open: opened - started,
        load: loaded - opened,
        print: printed - loaded,
      },
    };
  } finally {
    await context.close();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { urls, concurrency } = JSON.parse(line);
  const queue = urls.values();
  const jobs = [];
  const started = performance.now();
  const worker = async () => {
    for (const url of queue) jobs.push(await convert(url));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  say({ took: performance.now() - started, jobs });
}
await browser.close();
