import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Request } from "@playwright/test";
import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { PASSWORD, row, save, signUp } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

const run = promisify(execFile);

test("a page becomes a PDF that is opened, downloaded and deleted", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  await expect(page.getByRole("heading", { name: "Nothing here yet" })).toBeVisible();

  await save(page, `${site}/simple`);
  const file = row(page, "A simple page");
  const open = file.getByRole("link", { name: "Open A simple page" });
  await expect(open).toBeVisible();
  await expectAccessible(page);
  await expectToFit(page);

  await expect(open).toHaveAttribute("target", "_blank");
  const href = (await open.getAttribute("href")) ?? "";
  const inline = await page.request.get(href);
  expect(inline.status()).toBe(200);
  expect(inline.headers()["content-type"]).toBe("application/pdf");
  expect(inline.headers()["content-disposition"]).toMatch(/^inline/);

  const path = new URL(href, page.url()).pathname;
  const picture = await page.request.get(`${path}/thumbnail`);
  expect(picture.status()).toBe(200);
  expect(picture.headers()["content-type"]).toBe("image/png");

  const downloading = page.waitForEvent("download");
  await file.getByRole("link", { name: "Download A simple page" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("A simple page.pdf");
  const { stdout } = await run("pdftotext", ["-q", await download.path(), "-"]);
  expect(stdout).toContain("The quick brown fox jumps over the lazy dog.");

  // Taken back, it stays; not taken back, it goes for good.
  await file.getByRole("button", { name: "Delete A simple page" }).click();
  await expect(file).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(file).toBeVisible();
  await file.getByRole("button", { name: "Delete A simple page" }).click();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByRole("heading", { name: "Nothing here yet" })).toBeVisible();
  await expect
    .poll(async () => (await page.request.get("/api/v1/files")).json())
    .toMatchObject({ files: [] });
  await page.reload();
  await expect(page.getByRole("heading", { name: "Nothing here yet" })).toBeVisible();
});

test("what goes wrong is said in words", async ({ page, site, username }) => {
  await signUp(page, username);

  await save(page, "http://127.0.0.1/");
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Save a page" })).toHaveValue("http://127.0.0.1/");
  await page.getByRole("textbox", { name: "Save a page" }).fill("");

  await save(page, `${site}/recovers/${username}`);
  const failed = page.getByRole("listitem").filter({ hasText: "Not saved." });
  await expect(failed).toContainText("The site answered with status 500 instead of a page.");
  await expect(failed.getByRole("link", { name: /^Visit/ })).toBeVisible();
  await expectAccessible(page);
  await expectToFit(page);

  await failed.getByRole("button", { name: /^Try again/ }).click();
  const recovered = row(page, "A page that recovered");
  await expect(recovered.getByRole("link", { name: /^Open/ })).toBeVisible();
});

test("several pages at once are told as they come, here and in another window", async ({
  page,
  context,
  site,
  username,
}) => {
  await signUp(page, username);
  const other = await context.newPage();
  await other.goto("/");
  await expect(other.getByRole("heading", { name: "Library" })).toBeVisible();

  await save(page, `${site}/simple`, `${site}/second`);
  for (const window of [page, other]) {
    for (const title of ["A simple page", "A second page"]) {
      await expect(row(window, title).getByRole("link", { name: /^Download/ })).toBeVisible();
    }
  }

  await page.getByRole("searchbox").fill("second");
  await expect(row(page, "A simple page")).toHaveCount(0);
  await expect(row(page, "A second page")).toBeVisible();
});

test("signing out asks for nothing that it ends", async ({ page, username }) => {
  await signUp(page, username);
  const isStream = (request: Request) => request.url().endsWith("/api/v1/events");
  let connect = () => {};
  const late = new Promise<void>((resolve) => {
    connect = resolve;
  });
  await page.route("**/api/v1/events", async (route) => {
    await late;
    await route.continue();
  });
  const connecting = page.waitForRequest(isStream);
  await page.reload();
  await connecting;

  // The stream connects once the server has signed the person out, and has its answer before the
  // app hears that it did: unless it was given up before.
  const refused = page.waitForEvent("requestfinished", isStream);
  const givenUp = page.waitForEvent("requestfailed", isStream);
  await page.route("**/api/v1/sign-out", async (route) => {
    const answer = await route.fetch();
    connect();
    await Promise.race([refused, givenUp]);
    await route.fulfill({ response: answer });
  });
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: /^Keep any web page/ })).toBeVisible();
});

test("signing out ends it, and signing in elsewhere says so", async ({
  page,
  browser,
  baseURL,
  username,
}) => {
  await signUp(page, username);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toHaveCount(0);

  await page.goto("/sign-in");
  await expectAccessible(page);
  await expectToFit(page);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Library" })).toBeVisible();

  const elsewhere = await browser.newContext({ baseURL: baseURL ?? "" });
  const session = await elsewhere.request.post("/api/v1/sign-in", {
    data: { username, password: PASSWORD },
  });
  expect(session.status()).toBe(200);
  await elsewhere.close();
  await page.goto("/");
  await expect(page.getByRole("main").getByRole("status")).toContainText("somewhere else");
});

test("the first pages are accessible and fit", async ({ page }) => {
  for (const path of ["/", "/sign-up", "/no-such-page"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(page);
    await expectToFit(page);
  }
});

test("everything can be reached and done with the keyboard", async ({ page, site, username }) => {
  await page.goto("/sign-up");
  await page.getByLabel("User name").focus();
  await page.keyboard.type(username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Library" })).toBeVisible();

  await save(page, `${site}/simple`);
  const remove = page.getByRole("button", { name: "Delete A simple page" });
  await expect(remove).toBeVisible();
  for (let stops = 0; stops < 30; stops += 1) {
    if (await remove.evaluate((element) => element === document.activeElement)) {
      break;
    }
    await page.keyboard.press("Tab");
  }
  await expect(remove).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(row(page, "A simple page")).toHaveCount(0);
});
