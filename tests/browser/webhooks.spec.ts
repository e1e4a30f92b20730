import type { Page } from "@playwright/test";
import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { ask, comeBack, row, save, signUp, tabTo } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

async function make(page: Page, url: string): Promise<void> {
  await page.getByLabel("Address of the receiver").fill(url);
  await page.getByRole("button", { name: "Make webhook" }).click();
  await page.getByRole("button", { name: "I have stored it" }).click();
}

function hook(page: Page, url: string) {
  return page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: url, exact: true }) });
}

test("a webhook is made, called and deleted", async ({ page, site, username }) => {
  await signUp(page, username);
  await page.goto("/account/webhooks");
  await expect(page.getByText("A webhook tells a program of yours")).toBeVisible();
  await expectAccessible(page);
  await expectToFit(page);

  const url = `${site}/status/200`;
  await page.getByLabel("Address of the receiver").fill(url);
  await page.getByLabel("Failed", { exact: true }).uncheck();
  await page.getByRole("button", { name: "Make webhook" }).click();
  await expect(page.getByRole("heading", { name: "The secret of your webhook" })).toBeFocused();
  await expect(page.getByLabel("Signing secret")).toHaveValue(/^whsec_/);
  await expectAccessible(page);
  await expectToFit(page);
  await page.getByRole("button", { name: "I have stored it" }).click();
  await expect(page.getByRole("heading", { name: "Your webhooks" })).toBeFocused();

  const log = hook(page, url).getByRole("button", { name: `Log of ${url}` });
  await expect(log).toHaveAttribute("aria-expanded", "false");
  await log.click();
  await expect(log).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByText("Nothing has been sent yet.")).toBeVisible();
  await expectAccessible(page);

  await ask(page, `${site}/simple`);
  const told = page.getByRole("list", { name: "Deliveries, newest first" }).getByRole("listitem");
  await expect(async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect(told).toContainText("Delivered, answered 200", { timeout: 500 });
  }).toPass();
  await expect(told).toContainText("1 attempt");
  await expectAccessible(page);
  await expectToFit(page);

  await page.getByRole("button", { name: `Delete the webhook ${url}` }).click();
  await expect(page.getByRole("button", { name: "Keep it" })).toBeFocused();
  await page.getByRole("button", { name: "Delete webhook" }).click();
  await expect(hook(page, url)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Your webhooks" })).toBeFocused();
  expect(await (await page.request.get("/api/v1/webhooks")).json()).toEqual({ webhooks: [] });
});

test("a receiver that does not take calls is explained, and one that is gone", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  await page.goto("/account/webhooks");
  const [broken, gone] = [`${site}/status/500`, `${site}/status/410`];
  await make(page, broken);
  await make(page, gone);
  await page.goto("/");
  await save(page, `${site}/simple`);
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();

  await page.goto("/account/webhooks");
  await expect(async () => {
    await comeBack(page);
    await expect(hook(page, gone)).toContainText("Disabled on", { timeout: 500 });
    await expect(hook(page, broken)).toContainText("Not getting through.", { timeout: 500 });
  }).toPass();
  await expect(hook(page, gone)).toContainText("wants no more calls");

  await page.getByRole("button", { name: `Log of ${broken}` }).click();
  const told = page.getByRole("list", { name: "Deliveries, newest first" }).getByRole("listitem");
  await expect(told).toContainText("The receiver answered 500");
  await expect(told).toContainText(/\d attempts?.*next try/);
  await expectAccessible(page);
  await expectToFit(page);

  // One log at a time.
  await page.getByRole("button", { name: `Log of ${gone}` }).click();
  await expect(told).toContainText("Given up");
  await expect(told).toHaveCount(1);
});

test("an address that may not be called is refused at its field", async ({ page, username }) => {
  await signUp(page, username);
  await page.goto("/account/webhooks");
  const field = page.getByLabel("Address of the receiver");
  const make = page.getByRole("button", { name: "Make webhook" });
  await make.click();
  await expect(field).toBeFocused();
  await expect(field).toHaveAccessibleDescription("Enter the address to call.");
  for (const url of ["http://127.0.0.1/", "not an address"]) {
    await field.fill(url);
    const answer = page.waitForResponse(/webhooks$/);
    await make.click();
    expect((await answer).status()).toBe(422);
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toBeFocused();
  }
  await expectAccessible(page);
  await expectToFit(page);
});

test("a webhook is made and deleted with the keyboard alone", async ({ page, site, username }) => {
  await signUp(page, username);
  await page.goto("/account/webhooks");
  await tabTo(page, page.getByLabel("Address of the receiver"));
  await page.keyboard.type(`${site}/status/204`);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "The secret of your webhook" })).toBeFocused();
  await tabTo(page, page.getByRole("button", { name: "I have stored it" }));
  await page.keyboard.press("Enter");

  await tabTo(page, page.getByRole("button", { name: /^Log of/ }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nothing has been sent yet.")).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: /^Delete the webhook/ }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Keep it" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("A webhook tells a program of yours")).toBeVisible();
});
