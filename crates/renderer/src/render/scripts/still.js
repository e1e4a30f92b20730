// What the load event set off, a fetch or a layout of its own for one, shows within two frames. A
// page that keeps changing is waited for until the cap. False for one that does.
({ milliseconds }) =>
  new Promise((resolve) => {
    const end = performance.now() + milliseconds;
    let calm = 0;
    let stirred = false;
    const observer = new MutationObserver(() => (stirred = true));
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    const next = () => {
      let called = false;
      const once = () => {
        if (called) return;
        called = true;
        // After the frame's own callbacks.
        setTimeout(step);
      };
      requestAnimationFrame(once);
      setTimeout(once, 50);
    };
    const step = () => {
      calm = stirred ? 0 : calm + 1;
      stirred = false;
      if (calm < 2 && performance.now() < end) return next();
      observer.disconnect();
      resolve(calm > 0);
    };
    next();
  })
