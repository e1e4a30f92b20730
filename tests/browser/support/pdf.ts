import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, type Page, type TestInfo } from "@playwright/test";

const run = promisify(execFile);

/** What the API says of a file, as far as these tests look at it. */
export interface File {
  id: string;
  name: string;
  status: string;
}

/** Asks for a PDF in the name of whoever is signed in, as the app's own pages do. */
export async function ask(page: Page, url: string, options: object = {}): Promise<File> {
  const answer = await page.request.post("/api/v1/request", {
    headers: { "sec-fetch-site": "same-origin" },
    data: { url, options },
  });
  expect(answer.status()).toBe(201);
  return (await answer.json()) as File;
}

/** The newest file of whoever is signed in, once it is ready. */
export async function newest(page: Page): Promise<File> {
  let file: File | undefined;
  await expect
    .poll(async () => {
      const answer = await page.request.get("/api/v1/files?limit=1");
      [file] = ((await answer.json()) as { files: File[] }).files;
      return file?.status;
    })
    .toBe("ready");
  return file as File;
}

/** What `pdfinfo` says of a PDF, by name. */
export async function pdfinfo(path: string): Promise<Map<string, string>> {
  const { stdout } = await run("pdfinfo", [path]);
  return new Map(
    stdout.split("\n").flatMap((line) => {
      const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** What `pdfinfo` says of the newest file. */
export async function newestPdf(page: Page, testInfo: TestInfo): Promise<Map<string, string>> {
  const file = await newest(page);
  const answer = await page.request.get(`/api/v1/file/${file.name}`);
  expect(answer.status()).toBe(200);
  const path = testInfo.outputPath(file.name);
  await writeFile(path, await answer.body());
  return pdfinfo(path);
}
