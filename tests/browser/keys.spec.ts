import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { signInElsewhere, signUp, tabTo } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

test("a key is made, works and is revoked", async ({ page, playwright, baseURL, username }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await signUp(page, username);
  await page.goto("/account/keys");
  await expect(page.getByText(/^curl/)).toContainText(`${baseURL}/api/v1/files`);
  await expectAccessible(page);
  await expectToFit(page);

  await page.getByLabel("Name", { exact: true }).fill("nightly archive");
  await page.getByLabel("Read files", { exact: true }).uncheck();
  await page.getByRole("button", { name: "Make key" }).click();
  await expect(page.getByLabel("Read files", { exact: true })).toBeFocused();
  await expect(page.getByRole("alert").filter({ hasText: "at least one" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Read files", { exact: true }).check();
  await page.getByLabel("How long it lasts").selectOption("365 days");
  await page.getByRole("button", { name: "Make key" }).click();

  await expect(page.getByRole("heading", { name: "Your key “nightly archive”" })).toBeFocused();
  const token = await page.getByLabel("API key", { exact: true }).inputValue();
  expect(token).toMatch(/^platen_/);
  await expectAccessible(page);
  await expectToFit(page);
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Copied." })).toHaveCount(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  await page.getByRole("button", { name: "I have stored it" }).click();
  await expect(page.getByRole("heading", { name: "Your keys" })).toBeFocused();
  await expect(page.getByLabel("API key", { exact: true })).toHaveCount(0);

  const key = page.getByRole("listitem").filter({ hasText: "nightly archive" });
  await expect(key).toContainText("Read files");
  await expect(key).toContainText("Never used");
  await expect(key).toContainText("Ends on");

  // A program has the key and no session.
  const program = await playwright.request.newContext({
    baseURL: baseURL ?? "",
    extraHTTPHeaders: { Authorization: `Bearer ${token}` },
  });
  const files = await program.get("/api/v1/files");
  expect(files.status()).toBe(200);
  expect(await files.json()).toMatchObject({ files: [] });
  const asked = await program.post("/api/v1/request", { data: { url: "https://example.com/" } });
  expect(asked.status()).toBe(403);
  await page.reload();
  await expect(key).toContainText("Last used just now");
  await expect(page.getByText(token)).toHaveCount(0);
  await expectAccessible(page);
  await expectToFit(page);

  const revoke = key.getByRole("button", { name: "Revoke nightly archive" });
  await revoke.click();
  await expect(key.getByRole("button", { name: "Keep it" })).toBeFocused();
  await expectAccessible(page);
  await expectToFit(page);
  await key.getByRole("button", { name: "Keep it" }).click();
  await expect(revoke).toBeFocused();
  await revoke.click();
  await key.getByRole("button", { name: "Revoke key" }).click();
  await expect(key).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Your keys" })).toBeFocused();
  expect((await program.get("/api/v1/files")).status()).toBe(401);
  await program.dispose();
});

test("where copying is refused, the key can be copied by hand", async ({ page, username }) => {
  await page.addInitScript(() => {
    // As on a connection that is not secure.
    Object.defineProperty(Navigator.prototype, "clipboard", { get: () => undefined });
  });
  await signUp(page, username);
  await page.goto("/account/keys");
  await page.getByLabel("Name", { exact: true }).fill("ci");
  await page.getByRole("button", { name: "Make key" }).click();
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("status").filter({ hasText: "copy it yourself" })).toHaveCount(1);
  const field = page.getByLabel("API key", { exact: true });
  await expect(field).toBeFocused();
  const [selected, all] = await field.evaluate((element: HTMLTextAreaElement) => [
    element.value.slice(element.selectionStart, element.selectionEnd),
    element.value,
  ]);
  expect(selected).toBe(all);
});

test("what cannot be a key is said at its field", async ({ page, browser, baseURL, username }) => {
  await signUp(page, username);
  await page.goto("/account/keys");
  const name = page.getByLabel("Name", { exact: true });
  await page.getByRole("button", { name: "Make key" }).click();
  await expect(name).toBeFocused();
  await expect(name).toHaveAccessibleDescription("Give the key a name.");

  // What only the server refuses.
  await name.fill("x".repeat(101));
  await page.getByRole("button", { name: "Make key" }).click();
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expect(name).toBeFocused();
  await expectAccessible(page);
  await expectToFit(page);

  await signInElsewhere(browser, baseURL ?? "", username);
  await name.fill("too late");
  await page.getByRole("button", { name: "Make key" }).click();
  await expect(page.getByRole("main").getByRole("status")).toContainText("somewhere else");
});

test("a key is made and revoked with the keyboard alone", async ({ page, username }) => {
  await signUp(page, username);
  await page.goto("/account");
  await tabTo(page, page.getByRole("link", { name: "API keys" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "API keys" })).toBeFocused();
  await tabTo(page, page.getByLabel("Name", { exact: true }));
  await page.keyboard.type("by hand");
  await tabTo(page, page.getByLabel("Manage webhooks"));
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "Your key “by hand”" })).toBeFocused();
  await tabTo(page, page.getByRole("button", { name: "I have stored it" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Your keys" })).toBeFocused();
  await expect(page.getByText("Read files · Manage webhooks")).toBeVisible();

  const revoke = page.getByRole("button", { name: "Revoke by hand" });
  await tabTo(page, revoke);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Keep it" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(revoke).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Keep it" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "The key by hand is revoked." })).toHaveCount(1);
  await expect(page.getByText(/^curl/)).toBeVisible();
});
