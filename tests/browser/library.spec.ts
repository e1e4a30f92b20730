import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { pretendFiles, titleOf } from "./support/files.ts";
import { row, save, signUp } from "./support/journey.ts";
import { longestInteraction, slowDown } from "./support/speed.ts";
import { expect, test } from "./support/test.ts";

const run = promisify(execFile);

test("rows show their first page, and an empty sheet where there is no picture", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  await save(page, `${site}/simple`);
  const file = row(page, "A simple page");
  const picture = file.locator("img");
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBe(320);
  await expectAccessible(page);

  // As the server answers for a PDF that it cannot draw; an answer of another kind is no picture
  // either, and leaves no error in the console.
  await page.route("**/thumbnail?*", (route) => route.fulfill({ body: "", contentType: "image/png" }));
  await page.reload();
  await expect(file).toBeVisible();
  await expect(picture).toBeHidden();
  await expectToFit(page);
});

test("several files are ticked, deleted and brought back together", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  await save(page, ...[1, 2, 3, 4].map((n) => `${site}/status/${500 + n}`));
  const ticks = page.getByRole("listitem").getByRole("checkbox");
  await expect(page.locator(".row").getByText("Not saved.")).toHaveCount(4);

  await ticks.nth(0).check();
  await ticks.nth(2).click({ modifiers: ["Shift"] });
  const bar = page.getByRole("group", { name: "Selection" });
  await expect(bar.getByRole("status")).toHaveText("3 selected");
  await expectAccessible(page);
  await expectToFit(page);

  await bar.getByRole("button", { name: "Delete selected" }).click();
  await expect(ticks).toHaveCount(1);
  await expect(bar.getByRole("checkbox")).toBeFocused();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(ticks).toHaveCount(4);

  await bar.getByRole("checkbox", { name: "Select all 4 shown" }).check();
  await expect(bar.getByRole("status")).toHaveText("4 selected");
  await bar.getByRole("button", { name: "Clear" }).click();
  await expect(bar.getByRole("status")).toHaveText("");
  await bar.getByRole("checkbox").check();
  await bar.getByRole("button", { name: "Delete selected" }).click();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect
    .poll(async () => (await page.request.get("/api/v1/files")).json())
    .toMatchObject({ files: [] });
});

test("several files are downloaded as one archive", async ({ page, site, username }) => {
  await signUp(page, username);
  await save(page, `${site}/simple`, `${site}/second`, `${site}/status/500`);
  await expect(row(page, "A second page").getByRole("link", { name: /^Download/ })).toBeVisible();
  await expect(row(page, "A simple page").getByRole("link", { name: /^Download/ })).toBeVisible();
  await expect(page.locator(".row").getByText("Not saved.")).toBeVisible();

  // What failed has no PDF that could be in it.
  const failed = page.getByRole("listitem").filter({ hasText: "Not saved." });
  await failed.getByRole("checkbox").check();
  const all = page.getByRole("link", { name: "Download selected" });
  await expect(page.getByRole("button", { name: "Delete selected" })).toBeVisible();
  await expect(all).toHaveCount(0);

  await page.getByRole("checkbox", { name: "Select all 3 shown" }).check();
  await expectAccessible(page);
  await expectToFit(page);
  const downloading = page.waitForEvent("download");
  await all.click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^platen-\d{4}-\d{2}-\d{2}\.zip$/);
  const { stdout } = await run("python3", ["-m", "zipfile", "-l", await download.path()]);
  expect(stdout.match(/\.pdf /g)).toHaveLength(2);
});

test("a failure says what happened and what to do, and can be tried again", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  await save(page, `${site}/recovers/${username}`);
  const failed = page.getByRole("listitem").filter({ hasText: "Not saved." });
  await expect(failed).toContainText("The site answered with status 500 instead of a page.");
  await expect(failed).toContainText("Visit the page to see whether it opens for you");
  await expectAccessible(page);
  await failed.getByRole("button", { name: /^Try again/ }).click();
  await expect(row(page, "A page that recovered").getByRole("link", { name: /^Open/ })).toBeVisible();
});

test("the list is narrowed by state, in the address", async ({ page, site, username }) => {
  await signUp(page, username);
  await save(page, `${site}/simple`, `${site}/status/500`);
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();
  await expect(page.locator(".row").getByText("Not saved.")).toBeVisible();

  await page.getByRole("button", { name: "Failed", exact: true }).click();
  await expect(page).toHaveURL(/\?status=failed$/);
  await expect(row(page, "A simple page")).toHaveCount(0);
  await expect(page.locator(".row").getByText("Not saved.")).toBeVisible();
  for (const [name, state] of [["Waiting", "queued"], ["Rendering", "rendering"]] as const) {
    await page.getByRole("button", { name, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`\\?status=${state}$`));
    await expect(page.getByText("No file is in this state.")).toBeVisible();
    await expectAccessible(page);
  }
  await page.goto("/?status=ready");
  await expect(row(page, "A simple page")).toBeVisible();
  await expect(page.getByRole("listitem")).toHaveCount(1);
});

test("a hundred thousand files scroll, and few of them are on the page", async ({
  page,
  username,
}) => {
  await pretendFiles(page, 100_000);
  await signUp(page, username);
  const rows = page.locator(".row");
  await expect(row(page, titleOf(0)).first()).toBeVisible();

  // As far down as there is, again and again: the next files are there before the end is.
  for (const reached of [500, 2_000]) {
    await expect
      .poll(async () => {
        await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
        return Number(await rows.last().getAttribute("aria-posinset"));
      })
      .toBeGreaterThan(reached);
    expect(await rows.count()).toBeLessThan(80);
  }
  // No empty room where the window is.
  await expect
    .poll(() =>
      page.evaluate(() => Boolean(document.elementFromPoint(200, 200)?.closest(".row, .chosen"))),
    )
    .toBe(true);

  await page.evaluate(() => window.scrollTo(0, 0));
  await expect(row(page, titleOf(0)).first()).toBeInViewport();
  expect(await rows.count()).toBeLessThan(80);
});

test("the keyboard is not lost when its row scrolls out of sight", async ({ page, username }) => {
  await pretendFiles(page, 600);
  await signUp(page, username);
  const open = page.getByRole("link", { name: `Open ${titleOf(2)}`, exact: true });
  await open.focus();
  await page.evaluate(() => window.scrollTo(0, 20_000));
  await expect(open).toHaveCount(0);
  await expect(page.locator("#rows")).toBeFocused();
  await page.evaluate(() => window.scrollTo(0, 0));
  await expect(open).toBeFocused();

  // From where one looks, not from where one was.
  await page.evaluate(() => window.scrollTo(0, 20_000));
  await expect(page.locator("#rows")).toBeFocused();
  await page.keyboard.press("Tab");
  const number = await page.locator(".row:focus-within").getAttribute("aria-posinset");
  expect(Number(number)).toBeGreaterThan(80);
});

test("@speed with a thousand rows on a slow machine, every interaction is quick", async ({
  page,
  username,
}) => {
  await pretendFiles(page, 1_000);
  await signUp(page, username);
  await expect
    .poll(async () => {
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      return Number(await page.locator(".row").last().getAttribute("aria-posinset"));
    })
    .toBe(1_000);
  await page.evaluate(() => window.scrollTo(0, 0));
  await expect(row(page, titleOf(0)).first()).toBeInViewport();

  await slowDown(page, 4);
  const longest = await longestInteraction(page, async () => {
    const bar = page.getByRole("group", { name: "Selection" });
    const ticks = page.getByRole("listitem").getByRole("checkbox");
    for (const at of [1, 2, 3]) {
      await ticks.nth(at).click();
    }
    await ticks.nth(6).click({ modifiers: ["Shift"] });
    await expect(bar.getByRole("status")).toHaveText("6 selected");
    await bar.getByRole("checkbox").click();
    await expect(bar.getByRole("status")).toHaveText("1,000 selected");
    await bar.getByRole("button", { name: "Clear" }).click();

    await page.getByRole("searchbox").click();
    await page.keyboard.type("number 77");
    await expect(row(page, titleOf(77)).first()).toBeVisible();
    await expect(row(page, titleOf(0))).toHaveCount(0);

    await page.getByRole("textbox", { name: "Save a page" }).click();
    await page.keyboard.type("https://example.com/");
  });
  expect(longest.event, "interactions were seen").not.toBe("none");
  expect(longest.duration, JSON.stringify(longest)).toBeLessThan(100);
});
