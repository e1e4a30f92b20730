// Printing takes the sheet for the window, and a sheet as high as the document would blow up all that
// follows the window's height. Called before and after the window has grown; what grew with it gets
// the size that it had before.
({ grown }) => {
  const { all, set, specified } = dom;
  const causes = [
    "min-height", "max-height", "padding-top", "padding-bottom", "margin-top", "margin-bottom", "row-gap",
    "flex-basis", "grid-template-rows", "grid-auto-rows", "font-size", "line-height",
  ];
  const sizes = ["height", "width"];
  const pseudos = ["::before", "::after"];
  const read = (element, pseudo = null) => {
    const style = getComputedStyle(element, pseudo);
    if (pseudo && style.content === "none") return null;
    return new Map([...causes, ...sizes, "top"].map((name) => [name, style.getPropertyValue(name)]));
  };

  if (!grown) {
    // On its way to another size, an element would not have it yet.
    dom.adopt("*, ::before, ::after { transition: none !important }");
    const looks = all("*").map((element) => {
      const generated = pseudos.map((pseudo) => [pseudo, read(element, pseudo)]);
      return [element, read(element), generated.filter(([, look]) => look)];
    });
    globalThis.before = looks;
    return;
  }

  const changes = (before, now, names) => {
    const changed = names.filter((name) => now.get(name) !== before.get(name));
    return Object.fromEntries(changed.map((name) => [name, before.get(name)]));
  };
  const rules = [];
  // From the outside in: what only filled something that grew has its old size back by then.
  for (const [element, before, generated] of globalThis.before) {
    set(element, changes(before, read(element), causes));
    const now = read(element);
    const floats = /absolute|fixed/.test(getComputedStyle(element).position);
    // Without a size of its own it has that of what it holds, whose turn comes.
    const isOwn = (name) => floats || String(specified(element).get(name)) !== "auto";
    set(element, changes(before, now, sizes.filter(isOwn)));
    if (floats && now.get("top") !== before.get("top")) set(element, { top: before.get("top"), bottom: "auto" });

    for (const [pseudo, look] of generated) {
      const changed = Object.entries(changes(look, read(element, pseudo), [...causes, ...sizes]));
      if (changed.length === 0) continue;
      // Of these, a rule is the only way to say anything.
      const name = `platen-${rules.length}`;
      dom.setAttribute(element, name, "");
      const said = changed.map(([property, value]) => `${property}: ${value} !important`);
      rules.push(`[${name}]${pseudo} { ${said.join("; ")} }`);
    }
  }
  dom.adopt(rules.join("\n"));
  globalThis.before = undefined;
}
