// Waits for an element. An invalid selector is an error.
async ({ selector, milliseconds }) => {
  const found = () => dom.all(selector).length > 0;
  if (found()) return true;
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (found()) done(true);
    });
    const done = (result) => {
      observer.disconnect();
      resolve(result);
    };
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    setTimeout(done, milliseconds, false);
  });
}
