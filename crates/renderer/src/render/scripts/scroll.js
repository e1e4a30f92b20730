// Shows every part of the page once, then the top again.
async ({ milliseconds }) => {
  const root = Reflect.get(Document.prototype, "scrollingElement", document);
  if (!root) return;
  const end = performance.now() + milliseconds;
  const frame = () =>
    new Promise((resolve) => {
      requestAnimationFrame(resolve);
      setTimeout(resolve, 100);
    });
  for (let top = innerHeight; top < root.scrollHeight && performance.now() < end; top += innerHeight) {
    scrollTo({ top, behavior: "instant" });
    await frame();
  }
  scrollTo({ top: 0, behavior: "instant" });
  await frame();
}
