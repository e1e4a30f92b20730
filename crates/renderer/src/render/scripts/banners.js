// Hides what asks for consent: the banners of known makers by what they are called, others by what
// they say. Returns whether there was anything to hide.
({ known }) => {
  const get = (key) => Reflect.get(Document.prototype, key, document);
  const all = (selector) => [...Document.prototype.querySelectorAll.call(document, selector)];
  const body = get("body");
  const root = get("documentElement");
  if (!(body instanceof HTMLElement)) return false;

  const hidden = new Set();
  const hide = (element) => {
    if (element === body || element === root || hidden.has(element)) return;
    hidden.add(element);
    element.style.setProperty("display", "none", "important");
  };
  const isShown = (element) => element.getClientRects().length > 0;
  const length = (element) => element.textContent.trim().length;

  for (const element of all(known)) if (isShown(element)) hide(element);

  // Others float above the page or call themselves a dialog, speak of consent, and offer a choice.
  const words =
    /cookie|consent|gdpr|rgpd|dsgvo|datenschutz|privacy|personenbezogen|süti|adatvédel|confidentialité|privacidad|informativa|prywatno/i;
  const choices = "button, a, input[type=button], input[type=submit], [role=button]";
  const candidates =
    "body > *, body > * > *, dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true], " +
    ["cookie", "consent", "gdpr", "cmp-"].map((w) => `[id*=${w} i], [class*=${w} i]`).join(", ");
  const whole = length(body);
  for (const element of all(candidates)) {
    if (element === body || element === root || !isShown(element)) continue;
    const { position } = getComputedStyle(element);
    const floats = position === "fixed" || position === "sticky" || element.matches("dialog[open]");
    if (!floats || !element.querySelector(choices)) continue;
    const text = element.textContent;
    // What holds most of the page, an article, or a form to fill in is no banner.
    const isContent =
      text.length > 4000 ||
      (text.trim().length * 2 > whole && whole > 2000) ||
      element.querySelector("main, article, input[type=password], textarea") !== null;
    if (!isContent && words.test(text)) hide(element);
  }
  if (hidden.size === 0) return false;

  // The curtain behind it, and the lock on scrolling.
  for (const element of all("body > *, body > * > *")) {
    if (hidden.has(element) || !isShown(element) || length(element) > 0) continue;
    const { position } = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    const covers = width >= innerWidth * 0.98 && height >= innerHeight * 0.98;
    if (position === "fixed" && covers && !element.querySelector("img, svg, video, canvas")) hide(element);
  }
  for (const element of [root, body]) {
    const style = getComputedStyle(element);
    if (/hidden|clip/.test(style.overflowY)) element.style.setProperty("overflow", "visible", "important");
    if (style.position === "fixed") element.style.setProperty("position", "static", "important");
    if (style.filter !== "none") element.style.setProperty("filter", "none", "important");
  }
  return true;
}
