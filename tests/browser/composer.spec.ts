import { expectAccessible, expectToFit } from "./support/accessible.ts";
import { row, save, signUp } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

const field = { name: "Save a page" };

test("addresses are found in any text, counted, and told of line by line", async ({
  page,
  site,
  username,
}) => {
  await signUp(page, username);
  await save(page, `${site}/simple`);
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();

  const text = page.getByRole("textbox", field);
  await text.fill(
    `Read ${site}/second, then (${site}/simple).\nAgain: ${site}/second\nand http://127.0.0.1/`,
  );
  await expect(page.getByText("4 addresses found.")).toBeVisible();
  await page.getByRole("button", { name: "Save 4 pages" }).click();

  const report = page.getByRole("region", { name: "What became of the addresses" });
  await expect(report).toContainText(
    "1 accepted. 1 in your library already. 1 repeated. 1 not accepted.",
  );
  await expect(report.getByRole("listitem").first()).toContainText("127.0.0.1");
  await expect(page.getByRole("alert").filter({ hasText: "is back in the field" })).toBeVisible();
  await expect(text).toHaveValue("http://127.0.0.1/");
  await expect(row(page, "A second page")).toHaveCount(1);
  await expectAccessible(page);
  await expectToFit(page);

  // The link leads to the row.
  await report.getByRole("link", { name: "A simple page" }).click();
  await expect(page.getByRole("checkbox", { name: "Select A simple page" })).toBeFocused();

  // Whoever wants it twice can have it twice.
  await text.fill("");
  await report.getByRole("button", { name: "Save it again all the same" }).click();
  await expect(row(page, "A simple page")).toHaveCount(2);
});

test("a double click sends once", async ({ page, site, username }) => {
  await signUp(page, username);
  let calls = 0;
  await page.route("**/api/v1/requests", async (route) => {
    calls += 1;
    await route.continue();
  });
  await page.getByRole("textbox", field).fill(`${site}/simple`);
  await page.getByRole("button", { name: "Save as PDF" }).dblclick();
  await expect(row(page, "A simple page").getByRole("link", { name: /^Open/ })).toBeVisible();
  expect(calls).toBe(1);
  await expect(page.getByRole("listitem")).toHaveCount(1);
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toHaveCount(0);
});

test("more than a batch is sent in batches", async ({ page, username }) => {
  await signUp(page, username);
  const batches: number[] = [];
  await page.route("**/api/v1/requests", async (route) => {
    const { urls } = route.request().postDataJSON() as { urls: string[] };
    batches.push(urls.length);
    await route.fulfill({
      json: {
        results: urls.map((url) => ({ url, problem: problem("invalid_url", 422, "It is no address.") })),
      },
    });
  });
  const addresses = Array.from({ length: 230 }, (_, n) => `https://example.com/${n}`);
  await page.getByRole("textbox", field).fill(addresses.join("\n"));
  await expect(page.getByText("230 addresses found.")).toBeVisible();
  await page.getByRole("button", { name: "Save 230 pages" }).click();
  await expect(
    page.getByRole("alert").filter({ hasText: "230 addresses were not accepted." }),
  ).toContainText("It is no address.");
  expect(batches).toEqual([100, 100, 30]);
  await expect(page.getByRole("textbox", field)).toHaveValue(addresses.join("\n"));
  await expectAccessible(page);
  await expectToFit(page);
});

test("a full library and too many at once are explained, and the rest waits in the field", async ({
  page,
  username,
}) => {
  await signUp(page, username);
  let calls = 0;
  await page.route("**/api/v1/requests", async (route) => {
    calls += 1;
    const { urls } = route.request().postDataJSON() as { urls: string[] };
    const full = problem("rate_limited", 429, "You are waiting for 100 pages already.");
    await route.fulfill({ json: { results: urls.map((url) => ({ url, problem: full })) } });
  });
  const addresses = Array.from({ length: 150 }, (_, n) => `https://example.com/${n}`);
  await page.getByRole("textbox", field).fill(addresses.join("\n"));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "You are waiting for 100 pages" })).toBeVisible();
  await expect(page.getByRole("textbox", field)).toHaveValue(addresses.join("\n"));
  // The next batch would fare no better.
  expect(calls).toBe(1);
});

test("links and text files are taken wherever they are dropped", async ({ page, site, username }) => {
  await signUp(page, username);
  const drop = (kind: "link" | "text" | "picture") =>
    page.evaluate(
      ([kind, site]) => {
        const data = new DataTransfer();
        if (kind === "link") {
          data.setData("text/uri-list", `# A page\n${site}/simple`);
        } else {
          const type = kind === "text" ? "text/plain" : "image/png";
          data.items.add(new File([`Look at ${site}/second.`], `list.${kind}`, { type }));
        }
        const at = document.querySelector("h1") ?? document.body;
        for (const type of ["dragover", "drop"]) {
          at.dispatchEvent(
            new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
          );
        }
      },
      [kind, site] as const,
    );
  await drop("link");
  await expect(page.getByRole("textbox", field)).toHaveValue(`${site}/simple`);
  await drop("text");
  await expect(page.getByText("2 addresses found.")).toBeVisible();
  await drop("picture");
  await expect(page.getByRole("region", { name: "Messages" })).toContainText(
    "Only links and text files",
  );
  await page.getByRole("textbox", field).press("Enter");
  await expect(row(page, "A second page")).toBeVisible();
});

test("the whole of it works with the keyboard", async ({ page, site, username }) => {
  await signUp(page, username);
  await page.getByRole("textbox", field).focus();
  await page.keyboard.insertText(`${site}/simple\n${site}/second`);
  await page.keyboard.press("Enter");
  await expect(row(page, "A second page").getByRole("link", { name: /^Open/ })).toBeVisible();
  const tabTo = async (name: RegExp, role: "button" | "checkbox") => {
    const wanted = page.getByRole(role, { name });
    await expect(wanted).toBeVisible();
    for (let stops = 0; stops < 40; stops += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) {
        break;
      }
      await page.keyboard.press("Tab");
    }
    await expect(wanted).toBeFocused();
  };
  await tabTo(/^Close$/, "button");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", field)).toBeFocused();
  await tabTo(/^Select all/, "checkbox");
  await page.keyboard.press("Space");
  await tabTo(/^Delete selected$/, "button");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Nothing here yet" })).toBeVisible();
});

function problem(code: string, status: number, detail: string) {
  return { type: `/api/docs#${code}`, title: detail, status, detail, code };
}
