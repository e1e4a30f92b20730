import { defineConfig, devices } from "@playwright/test";
import { chromium } from "./support/chromium.ts";

// Playwright stays at 1.61, the last for the Node.js 18 that Debian 12 and Ubuntu 24.04 have.

// The size of a common telephone; Playwright's own list would bring a browser of another maker.
const phone = {
  ...devices["Pixel 7"],
  viewport: { width: 390, height: 844 },
};

const only = process.env.PLATEN_ONLY;

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  forbidOnly: Boolean(process.env.CI),
  // Pictures and measurements are asked for by name.
  ...(only ? { grep: new RegExp(only) } : { grepInvert: /@pictures|@speed/ }),
  // A test that passes only the second time is broken.
  retries: 0,
  // Each worker starts a server with a browser of its own.
  workers: 2,
  fullyParallel: true,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    launchOptions: {
      executablePath: chromium(),
      // Chromium has no sandbox for root. This is the visitor's browser, which sees nothing but
      // our own pages; the one that renders is never started so.
      chromiumSandbox: process.getuid?.() !== 0,
    },
    locale: "en-GB",
    trace: "retain-on-failure",
  },
  projects: [
    { name: "desktop", use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 } } },
    { name: "phone", use: phone },
  ],
});
