import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { PASSWORD, ask, comeBack, row, save, signInElsewhere, signUp, tabTo } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

const NEW = "staple of the new day";

test("the account tells who one is and how much is used", async ({ page, site, username }) => {
  await signUp(page, username);
  await save(page, `${site}/simple`);
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();

  await page.getByRole("banner").getByRole("link", { name: `Your account, ${username}` }).click();
  await expect(page).toHaveURL("/account");
  await expect(page).toHaveTitle("Account · Platen");
  await expect(page.getByRole("heading", { level: 1, name: "Account" })).toBeFocused();
  await expect(page.getByRole("main")).toContainText(username);
  await expect(page.getByRole("meter", { name: "Usage" })).toHaveAttribute("aria-valuenow", "1");
  await expect(page.getByText("1 of 10,000 files")).toBeVisible();
  await expect(page.getByText("No file is in progress.")).toBeVisible();
  await expectAccessible(page);
  await expectToFit(page);

  const ways = page.getByRole("navigation", { name: "Account" });
  for (const name of ["API keys", "Webhooks", "Overview"]) {
    await ways.getByRole("link", { name }).click();
    await expect(ways.getByRole("link", { name })).toHaveAttribute("aria-current", "page");
    await expect(ways.locator("[aria-current]")).toHaveCount(1);
  }

  // What is still on its way is counted, too, once a person looks again.
  await ask(page, `${site}/held`);
  await comeBack(page);
  await expect(page.getByText("In progress: 1")).toBeVisible();
  await expect(page.getByText("2 of 10,000 files")).toBeVisible();
});

test("the password is changed by who knows it, and one stays signed in", async ({
  page,
  username,
  baseURL,
  browser,
}) => {
  await signUp(page, username);
  await page.goto("/account");
  const current = page.getByLabel("Current password", { exact: true });
  const next = page.getByLabel("New password", { exact: true });
  const change = page.getByRole("button", { name: "Change password" });

  await change.click();
  await expect(current).toBeFocused();
  await expect(current).toHaveAccessibleDescription("Enter your current password.");
  await expect(next).toHaveAccessibleDescription("A password has 8 to 1024 characters.");
  await expectAccessible(page);

  await current.fill("not my password");
  await next.fill(NEW);
  await change.click();
  await expect(current).toHaveAccessibleDescription(/current password is another one/);
  await expect(current).toBeFocused();

  await current.fill(PASSWORD);
  await next.fill("password");
  await change.click();
  await expect(next).toHaveAttribute("aria-invalid", "true");
  await expect(next).toBeFocused();
  await expectAccessible(page);
  await expectToFit(page);

  await next.fill(NEW);
  await change.click();
  await expect(page.getByRole("status").filter({ hasText: "Your password is changed" })).toHaveCount(1);
  await expect(current).toHaveValue("");
  await expect(next).toHaveValue("");
  expect((await page.request.get("/api/v1/account")).status()).toBe(200);

  const elsewhere = await browser.newContext({ baseURL: baseURL ?? "" });
  for (const [password, status] of [
    [PASSWORD, 401],
    [NEW, 200],
  ] as const) {
    const answer = await elsewhere.request.post("/api/v1/sign-in", { data: { username, password } });
    expect(answer.status()).toBe(status);
  }
  await elsewhere.close();
});

test("a deleted account is gone, and only its owner can delete it", async ({ page, username }) => {
  await signUp(page, username);
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete account…" }).click();
  const password = page.getByLabel("Your password", { exact: true });
  await expect(password).toBeFocused();
  await expectAccessible(page);
  await expectToFit(page);

  await page.getByRole("button", { name: "Keep my account" }).click();
  await expect(page.getByRole("button", { name: "Delete account…" })).toBeFocused();
  await page.getByRole("button", { name: "Delete account…" }).click();

  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(password).toHaveAccessibleDescription("Enter your password.");
  await password.fill("not my password");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(password).toHaveAccessibleDescription(/Nothing has been deleted/);
  expect((await page.request.get("/api/v1/account")).status()).toBe(200);

  await password.fill(PASSWORD);
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("main").getByRole("status")).toContainText("Your account is deleted.");
  await expectAccessible(page);
  await expectToFit(page);

  await page.goto("/sign-in");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("do not match");
});

test("a session that was ended elsewhere is explained, and one comes back", async ({
  page,
  browser,
  baseURL,
  username,
}) => {
  await signUp(page, username);
  for (const [path, heading] of [
    ["/account/keys", "API keys"],
    ["/?status=failed", "Library"],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await signInElsewhere(browser, baseURL ?? "", username);
    if (path.startsWith("/account")) {
      await comeBack(page);
    } else {
      await page.reload();
    }
    await expect(page.getByRole("main").getByRole("status")).toContainText("somewhere else");
    await expectAccessible(page);
    await page.getByLabel("User name").fill(username);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  }
});

test("a link leads to its screen after signing in, and never to another site", async ({
  page,
  username,
}) => {
  await signUp(page, username);
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  // Who leaves on purpose is not asked to come back.
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("heading", { name: /^Keep any web page/ })).toBeVisible();

  for (const [asked, reached] of [
    ["/account/webhooks", "/account/webhooks"],
    ["/sign-in?next=//example.com/", "/"],
  ] as const) {
    await page.goto(asked);
    await page.getByLabel("User name").fill(username);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(reached);
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("button", { name: "Sign out" })).toHaveCount(0);
  }
});

test("the password is changed and the account deleted with the keyboard alone", async ({
  page,
  username,
}) => {
  await signUp(page, username);
  await tabTo(page, page.getByRole("link", { name: `Your account, ${username}` }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Account" })).toBeFocused();

  await tabTo(page, page.getByLabel("Current password", { exact: true }));
  await page.keyboard.type(PASSWORD);
  await tabTo(page, page.getByLabel("New password", { exact: true }));
  await page.keyboard.type(NEW);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Your password is changed" })).toHaveCount(1);

  await tabTo(page, page.getByRole("button", { name: "Delete account…" }));
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Your password", { exact: true })).toBeFocused();
  await page.keyboard.type(NEW);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByRole("status")).toContainText("Your account is deleted.");
});
