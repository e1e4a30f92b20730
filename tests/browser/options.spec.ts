import type { Locator, Page } from "@playwright/test";
import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { row, save, signUp, tabTo } from "./support/journey.ts";
import { newestPdf } from "./support/pdf.ts";
import { expect, test } from "./support/test.ts";

/** The line that opens the options and says what is chosen. */
function line(page: Page): Locator {
  return page.locator("summary").filter({ hasText: "Options" });
}

/** Fills a field in and leaves it, which is when it is taken. */
async function fill(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await field.fill(text);
  await field.blur();
}

test("what is chosen is what the PDF is", async ({ page, site, username }, testInfo) => {
  await signUp(page, username);
  await expect(line(page)).toHaveText("Options As usual");
  await line(page).click();
  await expectAccessible(page);
  await expectToFit(page);

  await page.getByLabel("Paper", { exact: true }).selectOption("A5");
  await page.getByLabel("Landscape").check();
  await fill(page, "Pages", "2-3");
  await expect(line(page)).toHaveText("Options Paper: A5 · Landscape · Pages: 2-3");
  await save(page, `${site}/long`);
  await expect(row(page, "A long page")).toBeVisible();
  const pdf = await newestPdf(page, testInfo);
  expect(pdf.get("Pages")).toBe("2");
  expect(pdf.get("Page size")).toMatch(/^59[45]\S* x 4(19|20)\S* pts/);
});

test("presets do what they say", async ({ page, site, username }, testInfo) => {
  await signUp(page, username);
  await line(page).click();
  const preset = (name: string) => page.getByRole("button", { name: new RegExp(`^${name} `) });

  await preset("As on screen").click();
  await expect(preset("As on screen")).toHaveAttribute("aria-pressed", "true");
  await save(page, `${site}/long`);
  await expect(row(page, "A long page")).toBeVisible();
  expect((await newestPdf(page, testInfo)).get("Pages")).toBe("1");

  await preset("Archive").click();
  await expect(preset("As on screen")).toHaveAttribute("aria-pressed", "false");
  await expect(line(page)).toHaveText("Options Paper: A4");
  await save(page, `${site}/second`);
  await expect(row(page, "A second page")).toBeVisible();
  const archive = await newestPdf(page, testInfo);
  expect(archive.get("Page size")).toContain("(A4)");
  expect(archive.get("Tagged")).toBe("yes");

  await preset("Article").click();
  await expect(line(page)).toHaveText("Options Margins: 2cm · Backgrounds: off");
});

test("choices that contradict each other cannot be sent", async ({
  page,
  site,
  username,
}, testInfo) => {
  await signUp(page, username);
  await line(page).click();
  const pages = page.getByLabel("Pages", { exact: true });
  await fill(page, "Pages", "1-2");
  await page.getByLabel("Single page").check();
  await expect(pages).toBeDisabled();
  await expect(pages).toHaveAccessibleDescription("A single page has no use for this.");
  await page.getByLabel("Scripts").uncheck();
  await expect(page.getByLabel("Until an element is there")).toBeDisabled();
  await expect(line(page)).toHaveText("Options Single page · Scripts: off");
  await expectAccessible(page);

  await save(page, `${site}/long`);
  await expect(row(page, "A long page")).toBeVisible();
  expect((await newestPdf(page, testInfo)).get("Pages")).toBe("1");

  // What was filled in comes back with its effect.
  await page.getByLabel("Single page").uncheck();
  await expect(pages).toHaveValue("1-2");
  await expect(pages).toBeEnabled();
});

test("what is wrong is said at its field", async ({ page, site, username }) => {
  await signUp(page, username);
  await line(page).click();
  const scale = page.getByLabel("Scale", { exact: true });
  await fill(page, "Scale", "five");
  await expect(scale).toHaveAttribute("aria-invalid", "true");
  await expect(scale).toHaveAccessibleDescription(
    "Enter a whole number from 10 to 200. Until then it stays 100.",
  );
  await expectAccessible(page);
  await expectToFit(page);
  await fill(page, "Scale", "80");
  await expect(scale).toHaveAttribute("aria-invalid", "false");

  // What the server alone knows: margins as wide as the paper.
  await fill(page, "Left margin", "12cm");
  await fill(page, "Right margin", "12cm");
  await line(page).click();
  await save(page, `${site}/simple`);
  const margin = page.getByLabel("Top margin", { exact: true });
  await expect(margin).toBeFocused();
  await expect(margin).toHaveAccessibleDescription(/no room for content/);
  await expect(page.getByRole("textbox", { name: "Save a page" })).toHaveValue(`${site}/simple`);

  await page.getByRole("button", { name: "Reset to the usual" }).click();
  await expect(margin).toHaveValue("1cm");
  await expect(margin).toHaveAttribute("aria-invalid", "false");
});

test("they are remembered for each person, without what is secret", async ({
  page,
  username,
}) => {
  await signUp(page, username);
  await line(page).click();
  await page.getByLabel("Style").selectOption("For screens");
  await fill(page, "Headers", "Authorization: Bearer s3cret");
  await expect(line(page)).toHaveText("Options Style: For screens · Headers");
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain("s3cret");

  await page.reload();
  await expect(line(page)).toHaveText("Options Style: For screens");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toHaveCount(0);
  await signUp(page, `${username}-b`);
  await expect(line(page)).toHaveText("Options As usual");
});

test("all of it works with the keyboard", async ({ page, username }) => {
  await signUp(page, username);
  await tabTo(page, line(page));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByLabel("Landscape"));
  await page.keyboard.press("Space");
  await expect(page.getByLabel("Landscape")).toBeChecked();
  await tabTo(page, page.getByLabel("Scale", { exact: true }));
  await page.keyboard.press("Control+A");
  await page.keyboard.type("90");
  await page.keyboard.press("Tab");
  await expect(line(page)).toHaveText("Options Landscape · Scale: 90\u{a0}%");
  await tabTo(page, page.getByRole("button", { name: "Reset to the usual" }));
  await page.keyboard.press("Enter");
  await expect(line(page)).toHaveText("Options As usual");
});
