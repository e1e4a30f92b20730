import { expect, type Browser, type Locator, type Page } from "@playwright/test";

export const PASSWORD = "correct horse battery";

/** From the welcome page to an empty library of one's own. */
export async function signUp(page: Page, username: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("main").getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Library" })).toBeVisible();
}

/** Pastes addresses and sends them as the keyboard does. */
export async function save(page: Page, ...addresses: string[]): Promise<void> {
  const field = page.getByRole("textbox", { name: "Save a page" });
  await field.fill(addresses.join("\n"));
  await field.press("Enter");
}

/** The row of a file, by its title. */
export function row(page: Page, title: string) {
  return page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: title }) });
}

/** Goes on with the keyboard until `target` has the focus, as somebody without a pointer does. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stops = 0; stops < 80; stops += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

/** Signs in with a browser that is not this one, which ends the session here. */
export async function signInElsewhere(
  browser: Browser,
  origin: string,
  username: string,
): Promise<void> {
  const elsewhere = await browser.newContext({ baseURL: origin });
  const data = { username, password: PASSWORD };
  expect((await elsewhere.request.post("/api/v1/sign-in", { data })).status()).toBe(200);
  await elsewhere.close();
}

/** What the page hears when a person comes back to its window. */
export async function comeBack(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
}

/** Asks for a PDF as another window would: what is on the screen stays there. */
export async function ask(page: Page, url: string): Promise<void> {
  const status = await page.evaluate(async (body) => {
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/api/v1/request", { method: "POST", headers, body })).status;
  }, JSON.stringify({ url }));
  expect(status).toBe(201);
}
