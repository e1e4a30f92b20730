import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { expect, test } from "./support/test.ts";

test("a part of the app that does not load says so, and loads when asked again", async ({
  browser,
  baseURL,
}) => {
  // Not the page of this test, whose console has to stay quiet.
  const context = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB" });
  const page = await context.newPage();
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();

  const parts = /\/assets\/(split|chunk)_[^/]*\.wasm$/;
  await page.route(parts, (route) => route.abort());
  await page.getByRole("link", { name: "Settings" }).click();
  const notice = page.getByRole("alert").filter({ hasText: "Platen cannot be reached." });
  await expect(notice).toBeVisible();
  await expectAccessible(page);
  await expectToFit(page);

  await page.unroute(parts);
  await notice.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeFocused();
  await context.close();
});

test("the first screen loads without the parts of the others", async ({ page }) => {
  const parts: string[] = [];
  page.on("request", (request) => {
    const part = /\/assets\/split_([a-z]+)-/.exec(request.url())?.[1];
    if (part) {
      parts.push(part);
    }
  });
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(parts).toEqual([]);
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  expect(parts).toEqual(["account"]);
});
