import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { signUp } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

test.use({ settings: { PLATEN_SIGN_INS_PER_MINUTE: "3" } });

test("who tries too often is told when to come back", async ({ page, username }) => {
  await signUp(page, username);
  await page.goto("/account");
  const alert = page.getByRole("main").getByRole("alert");
  // One of the three was to sign in.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = page.waitForResponse(/account\/password$/);
    await page.getByLabel("Current password", { exact: true }).fill("not my password");
    await page.getByLabel("New password", { exact: true }).fill("staple of the new day");
    await page.getByRole("button", { name: "Change password" }).click();
    await answer;
  }
  await expect(alert.filter({ hasText: "Wait, then try again." })).toBeVisible();
  await expectAccessible(page);
  await expectToFit(page);
});
