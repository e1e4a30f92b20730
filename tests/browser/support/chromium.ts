import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "google-chrome-stable", "google-chrome"];

/** The machine's own Chromium: Playwright's would be a second one, of several hundred megabytes. */
export function chromium(): string {
  const given = process.env.PLATEN_TEST_BROWSER;
  if (given) {
    return given;
  }
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  throw new Error(
    "no Chromium for the browser tests: `make test` installs it, or set PLATEN_TEST_BROWSER",
  );
}
