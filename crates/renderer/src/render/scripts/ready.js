// Waits for fonts and images, loaded or failed.
async ({ milliseconds }) => {
  const { get } = dom;
  const patience = new Promise((resolve) => setTimeout(resolve, milliseconds));
  const images = Array.from(get("images"))
    .filter((image) => !image.complete)
    .map((image) => image.decode().catch(() => {}));
  await Promise.race([patience, Promise.all([get("fonts").ready, ...images])]);
}
