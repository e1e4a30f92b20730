import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { test as base, expect, type ConsoleMessage } from "@playwright/test";
import { Program } from "./program.ts";

export { expect };

interface PerWorker {
  /** How the Platen of this file differs from what the other tests have, as environment variables. */
  settings: Record<string, string>;
  /** Origin of the fixture site. */
  site: string;
  /** Origin of a Platen that may render it. */
  platen: string;
}

interface PerTest {
  /** A name that no other test of this run has taken. */
  username: string;
  /** Fails the test when the page logs an error that nobody expected. */
  quietConsole: undefined;
}

const workspace = fileURLToPath(new URL("../../../", import.meta.url));

function binary(variable: string, standard: string): string {
  return process.env[variable] ?? join(workspace, "target", standard);
}

/** Answers that are part of a journey; Chromium logs each as a failed resource all the same. */
const EXPECTED = [
  // Is anybody signed in? No.
  { status: 401, path: "/api/v1/account" },
  // What was typed is no address.
  { status: 422, path: "/api/v1/request" },
  { status: 422, path: "/api/v1/requests" },
  // Is there such a file? No.
  { status: 404, path: "/api/v1/request/" },
  // What was typed is not the password, or no password at all, or was typed too often.
  { status: 401, path: "/api/v1/sign-in" },
  { status: 401, path: "/api/v1/account/password" },
  { status: 422, path: "/api/v1/account/password" },
  { status: 429, path: "/api/v1/account/password" },
  // The session was ended elsewhere.
  { status: 401, path: "/api/v1/keys" },
  { status: 401, path: "/api/v1/files" },
  // No such key, no address that may be called.
  { status: 422, path: "/api/v1/keys" },
  { status: 422, path: "/api/v1/webhooks" },
];

/** A path that ends with a slash stands for all below it. */
function isAt(path: string, expected: string): boolean {
  return expected.endsWith("/") ? path.startsWith(expected) : path === expected;
}

function isExpected(message: ConsoleMessage): boolean {
  const status = /status of (\d+)/.exec(message.text())?.[1];
  const { url } = message.location();
  // The browser asks for the icon by itself, also when a test has just taken the connection away.
  if (message.text().includes("ERR_INTERNET_DISCONNECTED") && isAt(new URL(url).pathname, "/favicon.svg")) {
    return true;
  }
  return EXPECTED.some(
    (answer) => String(answer.status) === status && isAt(new URL(url).pathname, answer.path),
  );
}

let names = 0;

export const test = base.extend<PerTest, PerWorker>({
  site: [
    async ({}, use) => {
      const site = await Program.start(
        binary("PLATEN_FIXTURE_SITE", "debug/fixture-site"),
        {},
        /^(http:\/\/\S+)$/,
      );
      await use(site.origin);
      await site.stop();
    },
    { scope: "worker" },
  ],

  settings: [{}, { scope: "worker", option: true }],

  platen: [
    async ({ site, settings }, use, { workerIndex }) => {
      const data = await mkdtemp(join(tmpdir(), "platen-browser-test-"));
      const pid = process.pid;
      const platen = await Program.start(
        binary("PLATEN_BIN", "release/platen"),
        {
          PLATEN_LISTEN: "127.0.0.1:0",
          // A loopback address that nobody else has: nobody asks this one which port it took.
          PLATEN_OPS_LISTEN: `127.${(pid >> 8) & 255}.${pid & 255}.${1 + (workerIndex % 254)}:9090`,
          PLATEN_DATA_DIR: data,
          PLATEN_EGRESS_ALLOW: new URL(site).host,
          PLATEN_SIGN_UPS_PER_HOUR: "1000",
          PLATEN_SIGN_INS_PER_MINUTE: "1000",
          ...settings,
        },
        /Platen is ready at (http:\/\/[^\s/]+)/,
      );
      await use(platen.origin);
      await platen.stop();
      await rm(data, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],

  baseURL: async ({ platen }, use) => use(platen),

  username: async ({}, use, { workerIndex }) => {
    names += 1;
    await use(`reader-${workerIndex}-${names}`);
  },

  quietConsole: [
    async ({ page }, use, info) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()) && !isExpected(message)) {
          errors.push(`${message.text()} (${message.location().url})`);
        }
      });
      await use(undefined);
      if (errors.length > 0) {
        // Beside the other attachments, which is where a log that was cut short still shows them.
        await info.attach("errors in the console", { body: errors.join("\n"), contentType: "text/plain" });
      }
      expect(errors, "errors in the console").toEqual([]);
    },
    { auto: true },
  ],
});
