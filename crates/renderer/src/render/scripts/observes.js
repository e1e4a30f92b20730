globalThis.IntersectionObserver?.[Symbol.for("platen.observes")] === true
