import type { Page } from "@playwright/test";
import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { PASSWORD, row, save, signUp } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

const LANGUAGES = [
  { tag: "en", locale: "en-GB", settings: "Settings", signIn: "Sign in" },
  { tag: "hu", locale: "hu-HU", settings: "Beállítások", signIn: "Belépés" },
  { tag: "de", locale: "de-AT", settings: "Einstellungen", signIn: "Anmelden" },
  { tag: "es", locale: "es-MX", settings: "Ajustes", signIn: "Entrar" },
];

/** A key that stands where words should, and a place in a sentence that nothing filled. */
async function expectWords(page: Page): Promise<void> {
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
  const text = await page.locator("html").innerText();
  expect(text).not.toMatch(/\b(app|welcome|problem|settings|keys|library|account|reader|options)\.[a-z_]+\b/);
  expect(text).not.toMatch(/\{[a-z]+\}/);
}

for (const { tag, locale, settings, signIn } of LANGUAGES) {
  test.describe(() => {
    test.use({ locale });

    test(`the first screens speak the language of the browser: ${tag}`, async ({ page }) => {
      for (const path of ["/", "/sign-in", "/sign-up", "/settings", "/nowhere"]) {
        await page.goto(path);
        await expectWords(page);
        await expect(page.locator("html")).toHaveAttribute("lang", locale);
        await expect(page.locator("html")).toHaveAttribute("dir", "ltr");
        await expectToFit(page);
      }
      await expect(page.getByRole("link", { name: settings })).toBeVisible();
      await expect(page.getByRole("link", { name: signIn })).toBeVisible();
      await page.getByRole("link", { name: settings }).click();
      await expect(page.getByRole("heading", { name: settings })).toBeFocused();
    });
  });
}

test("what the server refuses is said in the reader's language", async ({ page, username }) => {
  await page.addInitScript(() => localStorage.setItem("language", "de"));
  await page.goto("/sign-in");
  await page.getByLabel("Benutzername").fill(username);
  await page.getByLabel("Passwort", { exact: true }).fill(PASSWORD);
  // The answer is 401, which Chromium logs; what matters is what it says.
  await page.route("**/api/v1/sign-in", (route) =>
    route.fulfill({
      status: 200,
      contentType: "application/json",
      body: "[]",
    }),
  );
  await page.getByRole("button", { name: "Anmelden" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText(
    "Platen hat unerwartet geantwortet (200).",
  );
});

test("language and theme are chosen, kept, and there before the first paint", async ({ page }) => {
  await page.goto("/settings");
  await expectAccessible(page);
  await expectToFit(page);
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("radio", { name: "Magyar" }).check();
  await expect(page.getByRole("heading", { name: "Beállítások" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "Sötét" })).toBeChecked();
  await expect(page.getByRole("radio", { name: "Magyar" })).toBeFocused();
  await expectAccessible(page);

  // Without the app, the page is already what was chosen.
  await page.route("**/*.wasm", () => undefined);
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.locator(".wordmark")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("html")).toHaveAttribute("lang", "hu");
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe(
    "dark",
  );
});

test("a browser that cannot run the app is told so in its language", async ({ browser, baseURL }) => {
  // Not the page of this test, whose console has to stay quiet.
  const page = await browser.newPage({ baseURL: baseURL ?? "", locale: "hu-HU" });
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto("/");
  await expect(page.getByText("A Platen nem tudott elindulni")).toBeVisible();
  await expect(page.getByText("Platen could not start")).toBeHidden();
  await page.close();
});

test("a theme is the same in every tab", async ({ page, context }) => {
  await page.goto("/settings");
  const other = await context.newPage();
  await other.goto("/settings");
  await other.getByRole("radio", { name: "Dark" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("keys do what the sheet says, and nothing while typing", async ({ page, site, username, isMobile }) => {
  test.skip(isMobile, "a phone has no keyboard");
  await signUp(page, username);
  await save(page, `${site}/simple`);
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();
  await save(page, `${site}/second`);
  await expect(row(page, "A second page").getByRole("link", { name: /^Open/ })).toBeVisible();

  await page.keyboard.type("?jk");
  await expect(page.getByRole("textbox", { name: "Save a page" })).toHaveValue("?jk");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("textbox", { name: "Save a page" }).fill("");
  await page.getByRole("heading", { name: "Library" }).click();

  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(sheet).toContainText("Search the library");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);

  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.getByRole("heading", { name: "Library" }).click();
  await page.keyboard.press("n");
  await expect(page.getByRole("textbox", { name: "Save a page" })).toBeFocused();
  await page.getByRole("heading", { name: "Library" }).click();

  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "A second page", exact: true })).toBeFocused();
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "A simple page", exact: true })).toBeFocused();
  await page.keyboard.press("k");
  await page.keyboard.press("Delete");
  await expect(row(page, "A second page")).toHaveCount(0);
  await expect(row(page, "A simple page")).toBeVisible();
});

test("another app shares an address, also before signing in", async ({ page, site, username }) => {
  await signUp(page, username);
  await page.goto(`/save?title=News&text=${encodeURIComponent(`Look: ${site}/simple`)}`);
  // Any site could lead here: nothing is sent before the person says so.
  await expect(page.getByRole("textbox", { name: "Save a page" })).toBeFocused();
  await expect(page.getByRole("listitem")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/");

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toHaveCount(0);
  await page.goto(`/save?url=${encodeURIComponent(`${site}/second`)}`);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Save as PDF" }).click();
  await expect(row(page, "A second page").getByRole("link", { name: /^Open/ })).toBeVisible();
});

test("the app can be installed, and its bookmarklet saves", async ({ page, baseURL, isMobile }) => {
  const manifest = await (await page.request.get("/manifest.webmanifest")).json();
  expect(manifest.share_target).toMatchObject({ action: "/save", method: "GET" });
  const purposes = manifest.icons.map((icon: { purpose?: string }) => icon.purpose ?? "any");
  expect(purposes).toContain("maskable");
  for (const { src, type } of manifest.icons) {
    const answer = await page.request.get(src);
    expect(answer.status(), src).toBe(200);
    expect(answer.headers()["content-type"], src).toContain(type);
  }
  await page.goto("/settings");
  if (isMobile) {
    await expect(page.getByText("share menu")).toBeVisible();
    return;
  }
  const bookmarklet = page.getByRole("link", { name: "Save to Platen" });
  const script = (await bookmarklet.getAttribute("href")) ?? "";
  expect(script).toContain(`${baseURL}/save?url=`);
  await bookmarklet.click();
  await expect(page).toHaveURL(/\/settings$/);
});

test("back and forward lead to where one was", async ({ page, context, username }) => {
  await signUp(page, username);
  await page.getByRole("button", { name: "Failed" }).click();
  await expect(page).toHaveURL(/status=failed/);
  const settings = page.getByRole("link", { name: "Settings" });
  await settings.click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeFocused();
  await page.setViewportSize({ width: 390, height: 420 });
  await page.evaluate(() => window.scrollTo(0, 150));
  await page.getByRole("radio", { name: "Dark" }).focus();
  const y = await page.evaluate(() => window.scrollY);
  await page.goBack();
  await expect(page.getByRole("button", { name: "Failed" })).toHaveAttribute("aria-pressed", "true");
  await page.goForward();
  await expect(page.getByRole("radio", { name: "Dark" })).toBeFocused();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(y);
  await page.reload();
  await expect(page.getByRole("radio", { name: "Dark" })).toBeFocused();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(y);
  // Links elsewhere and those to open in a tab stay the browser's.
  const opening = context.waitForEvent("page");
  await page.locator(".wordmark").click({ modifiers: ["ControlOrMeta"] });
  await (await opening).close();
  await expect(page).toHaveURL(/\/settings$/);
});

test("who scrolls on after a reload is left alone", async ({ page, username }) => {
  await signUp(page, username);
  await page.setViewportSize({ width: 390, height: 420 });
  // What has the keyboard is not there afterwards, so the page looks for it a while.
  await page.locator("summary").click();
  await page.getByLabel("Headers", { exact: true }).focus();
  await page.evaluate(() => scrollTo(0, 150));
  await page.reload();
  const y = () => page.evaluate(() => scrollY);
  await expect.poll(y).toBe(150);
  await page.evaluate(() => scrollTo(0, 40));
  await page.evaluate(async () => {
    for (let frame = 0; frame < 80; frame += 1) {
      await new Promise(requestAnimationFrame);
    }
  });
  expect(await y()).toBe(40);
});

test("a lost connection is said calmly, and gone when it is back", async ({ page, context, username }) => {
  await signUp(page, username);
  await page.getByRole("link", { name: "Settings" }).click();
  await context.setOffline(true);
  const offline = page.getByText("You are offline.");
  await expect(offline).toBeVisible();
  await expectToFit(page);
  await context.setOffline(false);
  await expect(offline).toHaveCount(0);
});

test("a server that does not answer is asked again until it does", async ({ page }) => {
  let answers = false;
  await page.route("**/api/v1/account", (route) =>
    answers ? route.continue() : route.fulfill({ contentType: "text/html", body: "One moment" }),
  );
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "No answer" })).toBeVisible();
  await expectAccessible(page);
  answers = true;
  await expect(page.getByRole("link", { name: "Create an account" }).first()).toBeVisible();
});
