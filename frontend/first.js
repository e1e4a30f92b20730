// Before the first paint: the language and the theme of this browser, so that nothing flashes. A
// script of its own and no module, because the page waits for it.
(() => {
  const languages = {{languages}};
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      // Storage is switched off.
      return null;
    }
  };
  const base = (tag) => tag.toLowerCase().split("-")[0];
  const wanted = [stored("language"), ...navigator.languages].filter(Boolean);
  const language = base(wanted.find((tag) => base(tag) in languages) ?? "en");
  const root = document.documentElement;
  // With the region that the reader's browser names, which says how to write dates and numbers.
  root.lang = navigator.languages.find((tag) => base(tag) === language) ?? language;
  root.dir = ["ar", "fa", "he", "ur"].includes(language) ? "rtl" : "ltr";

  const wear = () => {
    const theme = stored("theme") ?? "system";
    root.dataset.theme = theme;
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
      const dark = theme === "dark" || (theme !== "light" && meta.media.includes("dark"));
      meta.content = dark ? "#17181a" : "#faf8f3";
    }
  };
  wear();
  // Chosen here, or in another tab.
  addEventListener("theme", wear);
  addEventListener("storage", wear);

  globalThis.platen = { language, languages, words: fetch(languages[language]) };
})();
