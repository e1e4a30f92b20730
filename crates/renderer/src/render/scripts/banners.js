// Hides what asks for consent: the banners of known makers by what they are called, others by what
// they say, as far as there is time. Returns whether there was anything to hide.
({ known, milliseconds }) => {
  const { all, find, isShown, rectangle, set, text } = dom;
  const body = dom.get("body");
  const root = dom.get("documentElement");
  if (!(body instanceof HTMLElement)) return false;

  const hidden = new Set();
  const hide = (element) => {
    if (element === body || element === root || hidden.has(element)) return;
    hidden.add(element);
    set(element, { display: "none" });
  };
  const length = (element) => text(element).trim().length;

  for (const element of all(known)) if (isShown(element)) hide(element);

  // Others float above the page or call themselves a dialog, speak of consent, and offer a choice.
  const words =
    /cookie|consent|gdpr|rgpd|dsgvo|datenschutz|privacy|personenbezogen|süti|adatvédel|confidentialité|privacidad|informativa|prywatno/i;
  const choices = "button, a, input[type=button], input[type=submit], [role=button]";
  const candidates =
    "body > *, body > * > *, dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true], " +
    ["cookie", "consent", "gdpr", "cmp-"].map((w) => `[id*=${w} i], [class*=${w} i]`).join(", ");
  const whole = length(body);
  const end = performance.now() + milliseconds;
  for (const element of all(candidates)) {
    if (performance.now() > end) break;
    if (element === body || element === root || !isShown(element)) continue;
    const { position } = getComputedStyle(element);
    const floats = position === "fixed" || position === "sticky" || dom.matches(element, "dialog[open]");
    if (!floats || !find(element, choices)) continue;
    const said = text(element);
    // What holds most of the page, an article, or a form to fill in is no banner.
    const isContent =
      said.length > 4000 ||
      (said.trim().length * 2 > whole && whole > 2000) ||
      find(element, "main, article, input[type=password], textarea") !== null;
    if (!isContent && words.test(said)) hide(element);
  }
  if (hidden.size === 0) return false;

  // The curtain behind it, and the lock on scrolling.
  for (const element of all("body > *, body > * > *")) {
    if (performance.now() > end) break;
    if (hidden.has(element) || !isShown(element) || length(element) > 0) continue;
    const { position } = getComputedStyle(element);
    const { width, height } = rectangle(element);
    const covers = width >= innerWidth * 0.98 && height >= innerHeight * 0.98;
    if (position === "fixed" && covers && !find(element, "img, svg, video, canvas")) hide(element);
  }
  for (const element of [root, body]) {
    const style = getComputedStyle(element);
    if (/hidden|clip/.test(style.overflowY)) set(element, { overflow: "visible" });
    if (style.position === "fixed") set(element, { position: "static" });
    if (style.filter !== "none") set(element, { filter: "none" });
  }
  return true;
}
