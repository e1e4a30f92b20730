// Shows every part of the page once, then the top again. Content that is still put off after that
// gets what its page names for it. False when the time was not enough.
async ({ milliseconds }) => {
  const { all, attribute } = dom;
  const root = dom.get("scrollingElement");
  if (!root) return true;
  const end = performance.now() + milliseconds;
  const frame = () =>
    new Promise((resolve) => {
      requestAnimationFrame(resolve);
      setTimeout(resolve, 100);
    });
  const through = async (box, step) => {
    for (let top = step; top < dom.scrollHeight(box) && performance.now() < end; top += step) {
      dom.scrollTo(box, { top, behavior: "instant" });
      await frame();
    }
    dom.scrollTo(box, { top: 0, behavior: "instant" });
  };
  await through(root, innerHeight);
  for (const box of dom.innerBoxes()) await through(box, Math.max(dom.clientHeight(box), 100));
  await frame();

  const put = (element, target, names) => {
    const late = names.map((name) => attribute(element, name)).find((value) => value !== null);
    const current = attribute(element, target) ?? "";
    if (late && (current === "" || current.startsWith("data:"))) {
      dom.setAttribute(element, target, late);
    }
  };
  for (const element of all("img, source, iframe")) {
    const kind = dom.localName(element);
    if (kind !== "source") put(element, "src", ["data-src", "data-lazy-src", "data-original", "data-lazy"]);
    if (kind !== "iframe") put(element, "srcset", ["data-srcset", "data-lazy-srcset"]);
  }
  for (const element of all("[data-bg]")) {
    if (getComputedStyle(element).backgroundImage === "none") {
      dom.set(element, { "background-image": `url(${JSON.stringify(attribute(element, "data-bg"))})` });
    }
  }
  return performance.now() < end;
}
