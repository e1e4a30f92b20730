// Runs in the page's own world before its scripts: remembers whether the page watches what comes
// into view. Only then is it worth scrolling through.
(() => {
  const used = Symbol.for("platen.observes");
  const native = globalThis.IntersectionObserver;
  if (!native) return;
  globalThis.IntersectionObserver = new Proxy(native, {
    construct(target, args, constructor) {
      Object.defineProperty(target, used, { value: true, configurable: true });
      return Reflect.construct(target, args, constructor);
    },
  });
})();
