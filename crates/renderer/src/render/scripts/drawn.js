// In the page's own world: waits until it has asked for no frame for as long as a frame takes, so
// that a chart is drawn to its end. False when it draws on.
({ milliseconds }) =>
  new Promise((resolve) => {
    const end = performance.now() + milliseconds;
    const look = () => {
      const last = globalThis.requestAnimationFrame?.[Symbol.for("platen.frame")] ?? -Infinity;
      const now = performance.now();
      if (now - last > 50) resolve(true);
      else if (now >= end) resolve(false);
      else setTimeout(look, 25);
    };
    look();
  })
