import type { Page } from "@playwright/test";

/** Makes the page's machine so many times slower than this one. */
export async function slowDown(page: Page, times: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: times });
}

/** From an interaction to the next paint, in milliseconds. */
export interface Interaction {
  event: string;
  /** All of it. The shortest that a browser tells of is 16. */
  duration: number;
  /** Until the page began to handle it, because it was busy. */
  waited: number;
  /** In the page's own listeners. */
  handled: number;
}

/**
 * The longest of the interactions in `act`, as the Event Timing API has them: what Interaction to
 * Next Paint is taken from.
 */
export async function longestInteraction(
  page: Page,
  act: () => Promise<void>,
): Promise<Interaction> {
  await page.evaluate(() => {
    const seen: Interaction[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEventTiming & {
        interactionId?: number;
      })[]) {
        // Moving the pointer is none.
        if (entry.interactionId) {
          seen.push({
            event: entry.name,
            duration: entry.duration,
            waited: Math.round(entry.processingStart - entry.startTime),
            handled: Math.round(entry.processingEnd - entry.processingStart),
          });
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
    const { seen } = window as unknown as { seen: Interaction[] };
    const none = { event: "none", duration: 0, waited: 0, handled: 0 };
    return seen.reduce((longest, one) => (one.duration > longest.duration ? one : longest), none);
  });
}
