import { expect, type Locator, type Page } from "@playwright/test";

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

/** Presses Tab until `target` has the keyboard. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stops = 0; stops < 80; stops += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}
