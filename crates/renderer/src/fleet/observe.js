// Runs in the page's own world before its scripts. Remembers whether the page watches what comes into
// view: only then is it worth scrolling through. And when it last asked for a frame: a chart that is
// still being drawn does.
(() => {
  const frame = globalThis.requestAnimationFrame;
  if (frame) {
    const last = Symbol.for("platen.frame");
    globalThis.requestAnimationFrame = new Proxy(frame, {
      apply(target, self, args) {
        Object.defineProperty(target, last, { value: performance.now(), configurable: true });
        return Reflect.apply(target, self, args);
      },
    });
  }
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
