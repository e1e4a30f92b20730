// Starts the app. A module of its own, because the page's policy allows no inline script.
import init from "{{app.js}}";

init({ module_or_path: "{{app.wasm}}" }).catch((error) => {
  document.getElementById("boot-failed").hidden = false;
  throw error;
});
