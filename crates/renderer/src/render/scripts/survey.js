// What is there, and what is not there yet.
({ lazy }) => {
  const { get, all } = dom;
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
  // What was sent as a picture and is none.
  const isBroken =
    get("contentType").startsWith("image/") && isHtml &&
    Array.from(get("images")).some((image) => image.complete && image.naturalWidth === 0);
  // Scripts that removed themselves, or were replaced by what they made, have left a trace at most.
  const loads = ["script", "fetch", "xmlhttprequest"];
  const hadScripts = () =>
    performance.getEntriesByType("resource").some(({ initiatorType }) => loads.includes(initiatorType));
  return {
    title: get("title"),
    viewer: /^image\/|[/+](json|xml)$/.test(get("contentType")),
    scripted: scriptable && (get("scripts").length > 0 || all("[onload]").length > 0 || hadScripts()),
    scriptable,
    empty:
      isBroken ||
      isHtml && (!body || (!body.firstElementChild && !hasText())) &&
      (!body || getComputedStyle(body).backgroundImage === "none"),
    height: root ? Math.max(root.scrollHeight, body?.scrollHeight ?? 0) : 0,
    view: innerHeight,
    inner: dom.innerBoxes().length > 0,
    styled: isHtml && (get("styleSheets").length > 0 || all("[style]").length > 0),
    wide: root instanceof SVGSVGElement || isHtml && all("table, img, svg, canvas, video, iframe, pre").length > 0,
    draws: all("canvas").length > 0,
    deferred: lazy && all(deferred).length > 0,
    unready:
      get("fonts").status === "loading" || Array.from(get("images")).some((image) => !image.complete),
  };
}
