// What is there, and what is not there yet. An element named "images" hides `document.images`,
// in this world too, so properties are taken from the prototype.
({ lazy }) => {
  const get = (key) => Reflect.get(Document.prototype, key, document);
  const all = (selector) => [...Document.prototype.querySelectorAll.call(document, selector)];

  if (lazy) {
    for (const element of all("img[loading=lazy], iframe[loading=lazy]")) {
      element.loading = "eager";
    }
  }
  // Off by the caller's wish, or by the page's own sandbox.
  const scriptable = !matchMedia("(scripting: none)").matches;
  const root = get("documentElement");
  const body = get("body");
  const isHtml = root instanceof HTMLElement;
  const hasText = () => /\S/.test(body.textContent);
  const deferred =
    "[data-src], [data-srcset], [data-lazy], [data-lazy-src], [data-original], [data-bg], .lazyload";
  return {
    title: get("title"),
    scripted: scriptable && get("scripts").length > 0,
    scriptable,
    empty:
      isHtml && (!body || (!body.firstElementChild && !hasText())) &&
      (!body || getComputedStyle(body).backgroundImage === "none"),
    height: root ? Math.max(root.scrollHeight, body?.scrollHeight ?? 0) : 0,
    view: innerHeight,
    deferred: lazy && all(deferred).length > 0,
    unready:
      get("fonts").status === "loading" || Array.from(get("images")).some((image) => !image.complete),
  };
}
