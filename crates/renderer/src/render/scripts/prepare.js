// Turns a page made for scrolling into one for paper: nothing that floats lies over the text of
// every sheet, nothing stays hidden in a box of its own, nothing is cut off at the right edge.
// Returns what has to be known for printing.
({ width, measure, unbroken }) => {
  const { all, ancestors, matches, rectangle, set } = dom;
  const root = dom.get("documentElement");
  const body = dom.get("body");
  if (!(root instanceof HTMLElement) || !(body instanceof HTMLElement)) {
    // A drawing is as wide as it says.
    const drawn = root instanceof SVGSVGElement ? rectangle(root) : { width: 0, height: 0 };
    return { wide: drawn.width > width, needs: drawn.width, height: drawn.height };
  }
  const clips = (style) => /auto|scroll|hidden|clip/.test(style.overflowX);

  // Look at everything first: looking after a change means a layout each.
  const floating = [];
  const sticking = [];
  const boxes = [];
  const wrapped = [];
  for (const element of all("body, body *")) {
    if (!(element instanceof HTMLElement)) continue;
    const style = getComputedStyle(element);
    if (style.position === "fixed") floating.push(element);
    else if (style.position === "sticky") sticking.push(element);
    if (dom.scrolls(element, style)) boxes.push(element);
    const isCode = dom.localName(element) === "pre" && style.whiteSpace.startsWith("pre");
    const isCut = isCode && clips(style) && dom.scrollWidth(element) > dom.clientWidth(element) + 1;
    if (isCut) wrapped.push(element);
  }
  const isWithin = (element, elements) => elements.some((one) => one !== element && dom.contains(one, element));

  const changes = [];
  for (const element of floating) {
    if (isWithin(element, floating)) continue;
    const { top, height } = rectangle(element);
    const style = getComputedStyle(element);
    // At the lower edge it would lie over the first sheet's text: it goes where it stands in the
    // document. At the upper edge the page leaves room for it, once.
    const isLow = style.bottom !== "auto" && top > innerHeight / 2 && height < innerHeight / 2;
    changes.push([element, isLow ? { position: "static" } : { position: "absolute" }]);
  }
  for (const element of sticking) {
    changes.push([element, { position: "relative", inset: "auto" }]);
  }
  for (const box of boxes) {
    // A menu or a field of its own scrolls on purpose.
    if (matches(box, "textarea, select, [contenteditable], [role=listbox], [role=menu]")) continue;
    if (isWithin(box, floating)) continue;
    const open = { height: "auto", "max-height": "none", overflow: "visible" };
    changes.push([box, open]);
    for (const outer of ancestors(box)) {
      const style = getComputedStyle(outer);
      const holds = dom.scrollHeight(outer) - 1 <= dom.clientHeight(outer) || style.overflowY !== "visible";
      // Heights come from rules as often as from content: only those that would hold the box back.
      if (holds || outer === body || style.display.includes("flex") || style.display.includes("grid")) {
        changes.push([outer, { height: "auto", "max-height": "none", "overflow-y": "visible" }]);
      }
    }
    changes.push([root, { height: "auto", overflow: "visible" }]);
  }
  for (const element of wrapped) {
    changes.push([element, { "white-space": "pre-wrap", "overflow-wrap": "anywhere" }]);
  }
  for (const [element, properties] of changes) set(element, properties);

  if (unbroken) {
    dom.adopt("* { break-before: auto !important; break-after: auto !important; break-inside: auto !important }");
  }

  // What cannot be narrower than the paper. Before the page was laid out at that width, what may be.
  const stiff = "table, img, svg, canvas, video, iframe, pre, body > *, body > * > *";
  let needs = 0;
  for (const element of all(stiff)) {
    const { left, right, width: own } = rectangle(element);
    if (own <= width || left < 0 || left > width) continue;
    const style = getComputedStyle(element);
    if (style.position === "fixed" || style.visibility === "hidden") continue;
    if (!measure && !matches(element, "table, img, svg, canvas, video, iframe, pre")) {
      // A block as wide as the window is as wide as any window.
      const fills = own >= root.clientWidth - 1;
      const shrinks = style.maxWidth !== "none";
      const fixed = style.minWidth !== "auto" && parseFloat(style.minWidth) > width;
      if ((fills || shrinks) && !fixed) continue;
    }
    needs = Math.max(needs, right + scrollX);
    // A wide table in a box that scrolls sideways is cut off by that box.
    if (measure && dom.localName(element) === "table") {
      for (const outer of ancestors(element)) {
        if (outer !== body && clips(getComputedStyle(outer))) set(outer, { overflow: "visible" });
      }
    }
  }
  return {
    wide: needs > width,
    needs,
    height: Math.max(root.scrollHeight, body.scrollHeight),
  };
}
