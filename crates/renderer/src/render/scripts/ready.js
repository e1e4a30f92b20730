// Waits for fonts and images, loaded or failed. False when the time was not enough.
async ({ milliseconds }) => {
  const { get } = dom;
  const patience = new Promise((resolve) => setTimeout(resolve, milliseconds, false));
  const images = Array.from(get("images"))
    .filter((image) => !image.complete)
    .map((image) => image.decode().catch(() => {}));
  const all = Promise.all([get("fonts").ready, ...images]).then(() => true);
  return Promise.race([patience, all]);
}
