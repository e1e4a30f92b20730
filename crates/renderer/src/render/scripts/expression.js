// Waits in the page's own world until what the caller wrote becomes true. A promise counts as what
// it resolves to; an error as not yet.
async ({ expression, milliseconds }) => {
  const end = performance.now() + milliseconds;
  for (;;) {
    try {
      if (await (0, eval)(expression)) return true;
    } catch {}
    if (performance.now() >= end) return false;
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
      setTimeout(resolve, 100);
    });
  }
}
