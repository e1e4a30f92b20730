// What our scripts ask of a document. An element named "images" hides `document.images`, and a field
// named "style" hides that of its form, in our world too: so everything is taken from the
// prototypes, here and nowhere else.
globalThis.dom = (() => {
  const get = (key) => Reflect.get(Document.prototype, key, document);
  const getter = (prototype, key) => (node) => Reflect.get(prototype, key, node);
  const method =
    (prototype, key) =>
    (node, ...given) =>
      Reflect.apply(prototype[key], node, given);

  const all = (selector) => [...method(Document.prototype, "querySelectorAll")(document, selector)];
  const find = method(Element.prototype, "querySelector");
  const matches = method(Element.prototype, "matches");
  const localName = getter(Element.prototype, "localName");
  const attribute = method(Element.prototype, "getAttribute");
  const setAttribute = method(Element.prototype, "setAttribute");
  const rectangle = method(Element.prototype, "getBoundingClientRect");
  const specified = method(Element.prototype, "computedStyleMap");
  const rectangles = method(Element.prototype, "getClientRects");
  const scrollTo = method(Element.prototype, "scrollTo");
  const scrollHeight = getter(Element.prototype, "scrollHeight");
  const scrollWidth = getter(Element.prototype, "scrollWidth");
  const clientHeight = getter(Element.prototype, "clientHeight");
  const clientWidth = getter(Element.prototype, "clientWidth");
  const text = getter(Node.prototype, "textContent");
  const setText = (node, value) => Reflect.set(Node.prototype, "textContent", value, node);
  const contains = method(Node.prototype, "contains");
  const parent = getter(Node.prototype, "parentElement");
  const styleOf = [HTMLElement, SVGElement].map((kind) => [kind, getter(kind.prototype, "style")]);

  const isShown = (element) => rectangles(element).length > 0;

  // Beats whatever the page says, as long as it does not say so as loudly in the same place.
  const set = (element, properties) => {
    const style = styleOf.find(([kind]) => element instanceof kind)?.[1](element);
    if (!style) return;
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value, "important");
  };

  // A style sheet of ours, for all of the document.
  const adopt = (rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    const sheets = [...get("adoptedStyleSheets"), sheet];
    Reflect.set(Document.prototype, "adoptedStyleSheets", sheets, document);
  };

  const ancestors = (element) => {
    const found = [];
    const root = get("documentElement");
    for (let outer = parent(element); outer && outer !== root; outer = parent(outer)) found.push(outer);
    return found;
  };

  const scrolls = (element, style = getComputedStyle(element)) =>
    /auto|scroll/.test(style.overflowY) &&
    scrollHeight(element) > clientHeight(element) + 1;

  // The boxes that hold the page, where that is not the window alone.
  const innerBoxes = () => {
    const at = method(Document.prototype, "elementFromPoint");
    const middle = at(document, innerWidth / 2, innerHeight / 2);
    if (!middle || middle === get("documentElement")) return [];
    return [middle, ...ancestors(middle)].filter((box) => scrolls(box));
  };

  return {
    get, all, find, matches, localName, attribute, setAttribute, rectangle, scrollTo, scrollHeight, scrollWidth,
    clientHeight, clientWidth, text, setText, contains, isShown, specified, set, adopt, ancestors, scrolls, innerBoxes,
  };
})();
undefined;
