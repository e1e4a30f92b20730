// What the load event set off, a fetch for one, begins within a frame.
() =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 50);
  })
