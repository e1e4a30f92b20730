// The web app as Lighthouse sees it on a slow phone: a visitor's first page, and a person's library.
// Writes results/lighthouse.md; ends with an error where a median is below the bar.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const BAR = 95;
const RUNS = 5;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const PASSWORD = "correct horse battery staple";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const program = process.env.PLATEN_BIN;
if (!program) throw new Error("PLATEN_BIN names the server: `make bench-app` sets it");

const data = await mkdtemp(join(tmpdir(), "platen-bench-"));
const platen = spawn(program, {
  env: {
    ...process.env,
    PLATEN_DATA_DIR: data,
    PLATEN_LISTEN: "127.0.0.1:0",
    PLATEN_OPS_LISTEN: "127.0.0.1:0",
  },
  stdio: ["ignore", "pipe", "ignore"],
});
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});
try {
  const origin = await readiness(platen);
  const cookie = await signUp(origin);
  const pages = [
    ["a visitor's first page", {}],
    ["a person's library", { Cookie: cookie }],
  ];
  const rows = [];
  for (const [name, extraHeaders] of pages) {
    const medians = median(await measure(origin, extraHeaders));
    rows.push(`| ${[name, ...medians].join(" | ")} |`);
    if (Math.min(...medians) < BAR) process.exitCode = 1;
  }
  await writeFile("results/lighthouse.md", report(rows));
  console.log(rows.join("\n"));
  if (process.exitCode) console.error(`A median is below ${BAR}.`);
} finally {
  await browser.close();
  platen.kill();
  await once(platen, "exit");
  await rm(data, { recursive: true });
}

/** Where it answers, once it says that it does. */
async function readiness(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    const said = /Platen is ready at (http:\/\/[^\s/]+)/.exec(line);
    if (said) return said[1];
  }
  throw new Error("Platen has ended before it was ready");
}

/** A session cookie. */
async function signUp(origin) {
  const post = async (path) => {
    const answer = await fetch(`${origin}/api/v1/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: "ada", password: PASSWORD }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer;
  };
  await post("sign-up");
  const session = await post("sign-in");
  return session.headers.getSetCookie()[0].split(";")[0];
}

/** The scores of each run, by category. */
async function measure(url, extraHeaders) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { lhr } = await lighthouse(url, {
      port: Number(new URL(browser.wsEndpoint()).port),
      logLevel: "silent",
      onlyCategories: CATEGORIES,
      extraHeaders,
    });
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    runs.push(CATEGORIES.map((category) => Math.round(100 * lhr.categories[category].score)));
  }
  return runs;
}

function median(runs) {
  return CATEGORIES.map((_, at) => {
    const scores = runs.map((run) => run[at]).sort((one, other) => one - other);
    return scores[Math.floor(scores.length / 2)];
  });
}

function report(rows) {
  return `# Lighthouse

Written by \`make bench-app\`. Medians of ${RUNS} runs as a phone: Lighthouse simulates a slow network and a processor four times as slow.

- Machine: ${cpus().length} × ${cpus()[0].model}, Linux ${release()}
- Bar: ${BAR}

| page | performance | accessibility | best practices | SEO |
|---|---|---|---|---|
${rows.join("\n")}
`;
}
