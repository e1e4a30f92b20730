import type { Page } from "@playwright/test";

/** Makes the page's machine so many times slower than this one. */
export async function slowDown(page: Page, times: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: times });
}

/**
 * The longest time in milliseconds from an interaction to the next paint, as the Event Timing API
 * has it: what Interaction to Next Paint is taken from. The shortest that it tells of is 16.
 */
export async function longestInteraction(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const seen: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId?: number })[]) {
        // Moving the pointer is none.
        if (entry.interactionId) {
          seen.push(entry.duration);
        }
      }
    });
    observer.observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
    Object.assign(window, { seen });
  });
  await act();
  return page.evaluate(async () => {
    // Entries come once the frame is painted, and these after the ones before.
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const { seen } = window as unknown as { seen: number[] };
    return Math.max(0, ...seen);
  });
}
