import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

// Draws the icons that phones and desktops want as pictures, from the favicon: `npm run icons`, with
// the machine's Chromium or the one that PLATEN_TEST_BROWSER names.
// Maskable ones are cut to a shape of the system's, so they have the ground to the edges and the
// drawing within the middle four fifths.

const PUBLIC = fileURLToPath(new URL("../../frontend/public/", import.meta.url));
const GROUND = "#24468f";

const icons = [
  { name: "icon-192.png", size: 192, inset: 0, ground: "transparent" },
  { name: "icon-512.png", size: 512, inset: 0, ground: "transparent" },
  { name: "icon-maskable-512.png", size: 512, inset: 0.1, ground: GROUND },
];

const drawing = await readFile(`${PUBLIC}favicon.svg`, "utf8");
const browser = await chromium.launch({
  executablePath: process.env.PLATEN_TEST_BROWSER ?? "/usr/bin/chromium",
  chromiumSandbox: process.getuid?.() !== 0,
});
for (const { name, size, inset, ground } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const margin = Math.round(size * inset);
  await page.setContent(
    `<style>body{margin:0;background:${ground}}svg{display:block;margin:${margin}px;` +
      `width:${size - 2 * margin}px;height:${size - 2 * margin}px}</style>${drawing}`,
  );
  await writeFile(PUBLIC + name, await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
