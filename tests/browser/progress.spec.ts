import type { Page } from "@playwright/test";
import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { pretendProgress } from "./support/files.ts";
import { row, save, signUp } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

/** Keeps what is read out to somebody who does not see the page. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  const region = page.locator("[aria-live=polite]").first();
  await region.evaluate((element) => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver(() => said.push(element.textContent ?? "")).observe(element, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return async () =>
    (await page.evaluate(() => (window as unknown as { said: string[] }).said)).filter(Boolean);
}

test("a slow page shows how far it is, and is announced once", async ({ page, site, username }) => {
  await signUp(page, username);
  const said = await listen(page);
  await save(page, `${site}/slow/3000`);
  const file = page.getByRole("listitem");
  const state = file.locator(".row-state");
  await expect(state).toHaveText("Loading");
  // The keyboard stays where it is while the row goes on.
  const remove = file.getByRole("button", { name: /^Delete/ });
  await remove.focus();
  await expect(state).toHaveText("Rendering");
  await expect(remove).toBeFocused();
  await expect(row(page, "A slow page").getByRole("link", { name: /^Open/ })).toBeVisible();
  await expect(state).toHaveCount(0);
  await expect.poll(said).toEqual(["A slow page is ready."]);
});

test("every stage is said in words, also by a server that tells none", async ({ page, username }) => {
  await pretendProgress(page, ["saving", "printing", "loading", null, "queued"]);
  await signUp(page, username);
  await expect(page.locator(".row-state")).toHaveText([
    "Saving",
    "Rendering",
    "Loading",
    "Loading",
    "Waiting its turn",
  ]);
  await expectAccessible(page);
  await expectToFit(page);
  const widths = await page
    .locator(".row-state")
    .evaluateAll((states) =>
      states.map((state) => parseFloat(getComputedStyle(state, "::before").backgroundSize)),
    );
  expect(widths, "how far each bar has come").toEqual([90, 70, 48, 48, 28]);
});
