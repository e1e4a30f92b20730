import { fileURLToPath } from "node:url";
import { row, save, signUp } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";
import type { Page } from "@playwright/test";

// Every screen in both themes, wide and narrow: pictures to look at, some of which the README shows.
// `make screenshots` writes them; the tests do not.

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));

async function picture(page: Page, name: string, width: string): Promise<void> {
  // Clicking may have scrolled it.
  await page.evaluate(() => scrollTo(0, 0));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: `${folder}${name}-${width}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: "reduce" });
}

test("@pictures of the way in", async ({ page }, { project }) => {
  for (const [path, name] of [
    ["/", "welcome"],
    ["/sign-in", "sign-in"],
    ["/sign-up", "sign-up"],
    ["/nowhere", "not-found"],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await picture(page, name, project.name);
  }
});

test("@pictures of a library", async ({ page, site, isMobile }, { project }) => {
  await signUp(page, isMobile ? "ada" : "grace");
  await picture(page, "library-empty", project.name);

  const pages = ["chart", "scripts", "web-font", "drawing", "wide-table", "formula"];
  await save(page, `${site}/status/503`, ...pages.map((name) => `${site}/fidelity/${name}.html`));
  await expect(page.getByRole("link", { name: /^Download/ })).toHaveCount(pages.length);
  await expect(page.locator(".row").getByText("Not saved.")).toBeVisible();
  await expect
    .poll(() =>
      page.locator(".row img").evaluateAll((images) => images.every((image) => (image as HTMLImageElement).complete)),
    )
    .toBe(true);
  await picture(page, "report", project.name);
  await page.reload();
  await expect(page.getByRole("link", { name: /^Download/ })).toHaveCount(pages.length);
  await picture(page, "library", project.name);

  await page.getByRole("listitem").getByRole("checkbox").nth(1).check();
  await picture(page, "selection", project.name);
  await page.getByRole("button", { name: "Clear" }).click();

  await page.locator("summary").click();
  await expect(page.getByRole("button", { name: /^Article/ })).toBeVisible();
  await picture(page, "options", project.name);
  await page.locator("summary").click();

  if (!isMobile) {
    await page.getByRole("heading", { name: "Library" }).click();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    await picture(page, "keys-sheet", project.name);
    await page.keyboard.press("Escape");
  }

  await row(page, "A chart on a canvas").getByRole("link", { name: "A chart on a canvas", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "A chart on a canvas" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await picture(page, "reader", project.name);
});

test("@pictures of an account", async ({ page, site, isMobile }, { project }) => {
  await signUp(page, isMobile ? "lovelace" : "hopper");
  await page.goto("/account");
  await expect(page.getByText("No file is in progress.")).toBeVisible();
  await picture(page, "account", project.name);
  await page.goto("/account/keys");
  await page.getByLabel("Name", { exact: true }).fill("archive");
  await page.getByRole("button", { name: "Make key" }).click();
  await page.getByRole("button", { name: "I have stored it" }).click();
  await picture(page, "api-keys", project.name);
  await page.goto("/account/webhooks");
  await page.getByLabel("Address of the receiver").fill(`${site}/status/200`);
  await page.getByRole("button", { name: "Make webhook" }).click();
  await expect(page.getByLabel("Signing secret")).toBeVisible();
  await picture(page, "webhooks", project.name);
  await page.goto("/settings");
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await picture(page, "settings", project.name);
});
