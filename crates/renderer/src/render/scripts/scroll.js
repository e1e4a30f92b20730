// Shows every part of the page once, then the top again. Content that is still put off after that
// gets what its page names for it.
async ({ milliseconds }) => {
  const get = (key) => Reflect.get(Document.prototype, key, document);
  const all = (selector) => [...Document.prototype.querySelectorAll.call(document, selector)];
  const root = get("scrollingElement");
  if (!root) return;
  const end = performance.now() + milliseconds;
  const frame = () =>
    new Promise((resolve) => {
      requestAnimationFrame(resolve);
      setTimeout(resolve, 100);
    });
  const through = async (box, step) => {
    for (let top = step; top < box.scrollHeight && performance.now() < end; top += step) {
      box.scrollTo({ top, behavior: "instant" });
      await frame();
    }
    box.scrollTo({ top: 0, behavior: "instant" });
  };
  await through(root, innerHeight);
  // The box that holds the page, where that is not the window.
  let inner = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  for (; inner && inner !== root; inner = inner.parentElement) {
    const scrolls = /auto|scroll/.test(getComputedStyle(inner).overflowY);
    if (scrolls && inner.scrollHeight > inner.clientHeight + 1) {
      await through(inner, Math.max(inner.clientHeight, 100));
    }
  }
  await frame();

  const put = (element, attribute, names) => {
    const name = names.find((name) => element.hasAttribute(name));
    const current = element.getAttribute(attribute) ?? "";
    if (name && (current === "" || current.startsWith("data:"))) {
      element.setAttribute(attribute, element.getAttribute(name));
    }
  };
  for (const element of all("img, source, iframe")) {
    if (element.localName !== "source") put(element, "src", ["data-src", "data-lazy-src", "data-original", "data-lazy"]);
    if (element.localName !== "iframe") put(element, "srcset", ["data-srcset", "data-lazy-srcset"]);
  }
  for (const element of all("[data-bg]")) {
    if (element instanceof HTMLElement && getComputedStyle(element).backgroundImage === "none") {
      element.style.backgroundImage = `url(${JSON.stringify(element.getAttribute("data-bg"))})`;
    }
  }
}
