import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { PASSWORD, row, save, signUp, tabTo } from "./support/journey.ts";
import { ask, newest, pdfinfo } from "./support/pdf.ts";
import { expect, test } from "./support/test.ts";

test("a file is opened from the list, read, downloaded and left for the same place", async ({
  page,
  context,
  site,
  username,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signUp(page, username);
  await save(page, `${site}/simple`, `${site}/second`);
  await page.getByRole("searchbox").fill("simple");
  await expect(row(page, "A second page")).toHaveCount(0);
  const file = row(page, "A simple page");
  await expect(file.getByRole("link", { name: /^Download/ })).toBeVisible();

  const pdf = page.waitForResponse(/\/api\/v1\/file\/.*disposition=inline/);
  await file.getByRole("link", { name: "A simple page", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "A simple page" })).toBeFocused();
  await expect(page).toHaveTitle("A simple page · Platen");
  expect((await pdf).status()).toBe(200);
  await expect(page.getByTitle("PDF of A simple page")).toBeVisible();
  // The browser's viewer, which puts documents of its own into the frame that it may show.
  await expect
    .poll(() => page.frames().some((frame) => frame.url().startsWith("chrome-extension:")))
    .toBe(true);

  const details = page.getByRole("region", { name: "Details" });
  await expect(details).toContainText("Pages1");
  await expect(details).toContainText(/Size\d+ kB/);
  await expect(details.getByRole("link", { name: `${site}/simple` })).toBeVisible();
  await expect(details).toContainText("OptionsAs usual");
  await expectAccessible(page);
  await expectToFit(page);

  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await pdfinfo(await (await downloading).path())).get("Pages")).toBe("1");

  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("The link is copied.").first()).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());

  const original = page.getByRole("link", { name: "Original page" });
  await expect(original).toHaveAttribute("href", `${site}/simple`);
  await expect(original).toHaveAttribute("rel", /noreferrer/);

  await page.getByRole("link", { name: "Library" }).click();
  await expect(page.getByRole("searchbox")).toHaveValue("simple");
  await expect(file).toBeVisible();
  await page.goForward();
  await expect(page.getByRole("heading", { level: 1, name: "A simple page" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("searchbox")).toHaveValue("simple");
});

test("a file on its way is shown, and turns into its PDF by itself", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  // Printed when its time is over: long enough to look at the page before.
  const { id } = await ask(page, `${site}/never-idle`, { timeout_s: 12, landscape: true });
  await page.goto(`/file/${id}`);
  await expect(page.getByRole("main").getByRole("status")).toContainText("by itself");
  await expect(page.getByRole("link", { name: "Download" })).toHaveCount(0);
  await expectAccessible(page);
  await expectToFit(page);

  await expect(page.getByTitle("PDF of A page that is never idle")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("A page that is never idle");
  await expect(page.getByRole("status").filter({ hasText: "is ready" })).toHaveCount(1);
  const details = page.getByRole("region", { name: "Details" });
  await expect(details).toContainText("Landscape");
  await expect(details).toContainText("Seconds to load: 12");
});

test("a file that failed says why, and is tried again", async ({ page, site, username }) => {
  await signUp(page, username);
  const { id } = await ask(page, `${site}/recovers/${username}`);
  await page.goto(`/file/${id}`);
  await expect(page.getByRole("heading", { name: "Not saved" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("The site answered with status 500");
  await expectAccessible(page);
  await expectToFit(page);

  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByTitle("PDF of A page that recovered")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Not saved" })).toHaveCount(0);
});

test("a file that is not there, or somebody else's, is not shown", async ({
  page,
  browser,
  baseURL,
  site,
  username,
}) => {
  const other = await browser.newContext({ baseURL: baseURL ?? "" });
  const credentials = { username: `${username}-other`, password: PASSWORD };
  for (const call of ["sign-up", "sign-in"]) {
    await other.request.post(`/api/v1/${call}`, { data: credentials });
  }
  const theirs = await ask(await other.newPage(), `${site}/simple`);
  await other.close();

  await signUp(page, username);
  for (const id of [theirs.id, "0198c0de-0000-7000-8000-00123456789a", "nonsense"]) {
    await page.goto(`/file/${id}`);
    await expect(page.getByRole("heading", { name: "There is no such file" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to the library" })).toBeVisible();
  }
  await expectAccessible(page);
  await expectToFit(page);
});

test("a link to a file leads there after signing in", async ({ page, site, username }) => {
  await signUp(page, username);
  await save(page, `${site}/simple`);
  const { id } = await newest(page);
  await page.goto(`/file/${id}`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Create an account" }).first()).toBeVisible();
  await expect(page).toHaveURL("/");

  await page.goto(`/file/${id}`);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "A simple page" })).toBeVisible();
  await expect(page).toHaveURL(`/file/${id}`);
});

test("a file is deleted from the reader, and brought back", async ({ page, site, username }) => {
  await signUp(page, username);
  await save(page, `${site}/simple`);
  await row(page, "A simple page").getByRole("link", { name: "A simple page", exact: true }).click();
  await page.getByRole("main").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { name: "Library" })).toBeVisible();
  await expect(row(page, "A simple page")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row(page, "A simple page")).toBeVisible();
});

test("where the browser has no viewer, the first page stands in for the PDF", async ({
  page,
  site,
  username,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "pdfViewerEnabled", { get: () => false });
  });
  await signUp(page, username);
  await save(page, `${site}/simple`);
  const { id, name } = await newest(page);
  await page.goto(`/file/${id}`);
  const picture = page.getByRole("link", { name: "PDF of A simple page" });
  await expect(picture).toHaveAttribute("href", `/api/v1/file/${name}?disposition=inline`);
  await expect(picture).toHaveAttribute("target", "_blank");
  const image = picture.locator("img");
  await expect.poll(() => image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(640);
  await expect(page.locator("iframe")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Open in a tab" })).toBeVisible();
  await expectAccessible(page);
  await expectToFit(page);
});

test("the reader is reached and left with the keyboard", async ({ page, site, username }) => {
  await signUp(page, username);
  await save(page, `${site}/simple`);
  await newest(page);
  const link = page.getByRole("link", { name: "A simple page", exact: true });
  await tabTo(page, link);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "A simple page" })).toBeFocused();
  for (const name of ["Download", "Open in a tab", "Copy link", "Original page", "Delete"]) {
    await page.keyboard.press("Tab");
    await expect(
      page.getByRole("main").getByRole(/Copy|Delete/.test(name) ? "button" : "link", { name }),
    ).toBeFocused();
  }
  for (let back = 0; back < 5; back += 1) {
    await page.keyboard.press("Shift+Tab");
  }
  await expect(page.getByRole("link", { name: "Library" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Library" })).toBeVisible();
});
