// The browser shows data and pictures in viewers of its own: what only serves to look at them, a dark
// room around a picture for one, is not for paper. JSON that is all one line gets lines.
() => {
  const { all, set, text } = dom;
  const aids = ".json-formatter-container, #webkit-xml-viewer-source-xml ~ .header";
  for (const element of all(aids)) set(element, { display: "none" });

  if (dom.get("contentType").startsWith("image/")) {
    for (const element of all("html, body")) set(element, { background: "none" });
    for (const picture of all("body > img")) {
      // On one sheet, but for one so long that it is read like a page.
      const isLong = picture.naturalHeight > 3 * picture.naturalWidth;
      const height = isLong ? "none" : "100vh";
      set(picture, { width: "auto", height: "auto", "max-width": "100%", "max-height": height });
    }
  }

  const [shown] = dom.get("contentType").endsWith("json") ? all("body > pre") : [];
  if (!shown) return;
  const source = text(shown).trim();
  if (source.includes("\n")) return;
  try {
    JSON.parse(source);
  } catch {
    return;
  }
  // Token by token: read and written again, a long number would be another one.
  const tokens = source.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const isOpen = (token) => token === "{" || token === "[";
  const isClose = (token) => token === "}" || token === "]";
  let depth = 0;
  const line = () => `\n${"  ".repeat(Math.min(depth, 30))}`;
  const said = tokens.map((token, n) => {
    if (isOpen(token)) {
      depth += 1;
      return isClose(tokens[n + 1]) ? token : token + line();
    }
    if (isClose(token)) {
      depth -= 1;
      return isOpen(tokens[n - 1]) ? token : line() + token;
    }
    if (token === ",") return token + line();
    return token === ":" ? ": " : token;
  });
  dom.setText(shown, said.join(""));
}
