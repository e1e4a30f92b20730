import type { Page } from "@playwright/test";

interface FileRecord {
  id: string;
  name: string;
  url: string;
  title: string;
  status: "ready" | "failed" | "queued";
  created_at: string;
  [more: string]: unknown;
}

/** The title of the `n`th newest file of a pretended library. */
export function titleOf(n: number): string {
  return `Page number ${n}`;
}

function file(n: number, count: number): FileRecord {
  // Version 7, so that the order of the ids is the order of their age.
  const id = `01990000-0000-7000-8000-${(count - n).toString(16).padStart(12, "0")}`;
  const failed = n % 9 === 4;
  // Titles of one line and of two, so that rows differ in height.
  const more = n % 3 === 1 ? ", about which a good deal more is said in its title than fits on one line of it" : "";
  return {
    id,
    name: `page-${n}`,
    url: `https://example.com/${n}`,
    title: titleOf(n) + more,
    status: failed ? "failed" : "ready",
    ...(failed
      ? { reason: { code: "dns_failure", detail: "The site's name could not be found." } }
      : { pages: 1 + (n % 40), size: 10_000 + n }),
    created_at: new Date(Date.UTC(2026, 0, 1) - n * 60_000).toISOString(),
    options: {},
  };
}

const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

/** Has the list hold files on their way: in the stages that are named, or with none, or waiting. */
export async function pretendProgress(
  page: Page,
  stages: ("queued" | "loading" | "printing" | "saving" | null)[],
): Promise<void> {
  const files = stages.map((stage, n) => {
    const { title, pages, size, ...of } = file(n, stages.length);
    const waits = stage === "queued";
    return {
      ...of,
      status: waits ? "queued" : "rendering",
      ...(stage && !waits ? { stage } : {}),
    };
  });
  await page.route(
    ({ pathname }) => pathname === "/api/v1/files",
    (route) => route.fulfill({ json: { files } }),
  );
}

/**
 * Has the list hold `count` files that nobody asked for: rendering as many takes hours, and what is
 * tested with them is the page. Their pictures are pretended too; all else is the real server's.
 */
export async function pretendFiles(page: Page, count: number): Promise<void> {
  await page.route(
    ({ pathname }) => pathname === "/api/v1/files",
    async (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const limit = Number(asked.get("limit") ?? 50);
      const words = (asked.get("q") ?? "").toLowerCase();
      const files: FileRecord[] = [];
      const oldestFirst = asked.get("order") === "oldest";
      let n = Number(asked.get("cursor") ?? 0);
      for (; n < count && files.length < limit; n += 1) {
        const next = file(oldestFirst ? count - 1 - n : n, count);
        if (next.title.toLowerCase().includes(words)) {
          files.push(next);
        }
      }
      await route.fulfill({ json: { files, ...(n < count ? { next_cursor: String(n) } : {}) } });
    },
  );
  await page.route("**/thumbnail?*", (route) =>
    route.fulfill({ body: PICTURE, contentType: "image/png" }),
  );
}
