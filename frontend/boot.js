// Starts the app, once the words of its language are there. A module of its own, because the page's
// policy allows no inline script.
import init from "{{app.js}}";

try {
  const [module, answer] = await Promise.all([
    WebAssembly.compileStreaming(fetch("{{app.wasm}}")),
    platen.words,
  ]);
  platen.words = await answer.json();
  const locale = document.documentElement.lang;
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const times = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  platen.plural = (count) => plurals.select(count);
  platen.number = (value) => numbers.format(value);
  platen.relative = (amount, unit) => times.format(amount, unit);
  platen.date = (time, dateStyle, timeStyle) =>
    new Intl.DateTimeFormat(locale, { dateStyle, timeStyle }).format(time);
  platen.nameOf = (tag) => new Intl.DisplayNames(tag, { type: "language" }).of(tag);
  await init({ module_or_path: module });
} catch (error) {
  const notice = document.getElementById("boot-failed");
  for (const text of notice.children) {
    text.hidden = text.lang !== platen.language;
  }
  notice.hidden = false;
  throw error;
}
