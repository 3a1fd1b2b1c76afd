// What every page has: the theme, the taste in use, and the help with the keys.
import { bind } from "./keys.js";

const root = document.documentElement;
const remember = (name, value) => { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`; };

document.querySelector("[data-theme-button]").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  remember("theme", root.dataset.theme);
});

const help = document.querySelector("dialog.keys");
document.querySelector("[data-keys-button]").addEventListener("click", () => help.showModal());
bind({ "?": () => help.showModal() });

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-go]")) location.assign(event.target.value);
});
