import type { Page } from "@playwright/test";
import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { pretendFiles, titleOf } from "./support/files.ts";
import { row, save, signUp } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

function first(page: Page, name: "Newest first" | "Oldest first") {
  return page.getByRole("group", { name: "Order" }).getByRole("button", { name });
}

/** What the rows are called, from the top. */
function titles(page: Page) {
  return page.getByRole("listitem").getByRole("heading");
}

test("the order is chosen with the keyboard, and stands in the address", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  for (const [path, title] of [["simple", "A simple page"], ["second", "A second page"]] as const) {
    await save(page, `${site}/${path}`);
    await expect(row(page, title).getByRole("link", { name: /^Open/ })).toBeVisible();
  }
  await expect(titles(page)).toHaveText(["A second page", "A simple page"]);
  await expectAccessible(page);
  await expectToFit(page);

  await first(page, "Newest first").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/\?order=oldest$/);
  await expect(titles(page)).toHaveText(["A simple page", "A second page"]);
  await expect(first(page, "Oldest first")).toBeFocused();

  // With the filters beside it, in any turn.
  await page.getByRole("button", { name: "Ready", exact: true }).click();
  await expect(page).toHaveURL(/\?status=ready&order=oldest$/);
  await page.getByRole("searchbox").fill("page");
  await expect(page).toHaveURL(/\?q=page&status=ready&order=oldest$/);
  await expect(titles(page)).toHaveText(["A simple page", "A second page"]);

  await page.goto("/?order=oldest");
  await expect(first(page, "Oldest first")).toHaveAttribute("aria-pressed", "true");
  await expect(titles(page)).toHaveText(["A simple page", "A second page"]);
  await expectAccessible(page);
  await first(page, "Newest first").click();
  await expect(page).toHaveURL(/\/$/);
  await expect(titles(page)).toHaveText(["A second page", "A simple page"]);

  await page.goto("/?order=tallest");
  await expect(first(page, "Newest first")).toHaveAttribute("aria-pressed", "true");
});

test("with the oldest first, what is saved comes last", async ({ page, site, username }) => {
  await signUp(page, username);
  await save(page, `${site}/simple`);
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();
  await first(page, "Oldest first").click();
  await expect(page).toHaveURL(/order=oldest$/);
  await page.route("**/api/v1/requests", async (route) => {
    await expect(page.getByRole("listitem").last()).toContainText("Sending");
    await route.continue();
  });
  await save(page, `${site}/second`);
  await expect(titles(page)).toHaveText(["A simple page", "A second page"]);
  await page.getByRole("region", { name: "What became of the addresses" }).getByRole("link").click();
  await expect(page.getByRole("checkbox", { name: "Select A second page" })).toBeFocused();
});

test("in a long list with the oldest first, what is saved can be found", async ({
  page,
  site,
  username,
}) => {
  await pretendFiles(page, 600);
  await signUp(page, username);
  await first(page, "Oldest first").click();
  await expect(row(page, titleOf(599)).first()).toBeVisible();
  await save(page, `${site}/second`);
  const report = page.getByRole("region", { name: "What became of the addresses" });
  await expect(report).toContainText("1 accepted.");
  await expect(titles(page).first()).toContainText(titleOf(599));
  await report.getByRole("link", { name: "Open" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "A second page" })).toBeVisible();
});
