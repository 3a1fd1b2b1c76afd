// The wall and the contact sheet: what is near the window is loaded, what is far is let go, one tile has the focus, some are selected.
import { bind } from "./keys.js";
import { call, judge, say, undo } from "./api.js";
import { selected, saveCsv, savePaths } from "./selected.js";

const perChunk = 120;
const made = []; // images of each pick on this page
let current = 0;
let anchor = 0; // where a range starts

const wall = () => document.querySelector(".wall"); // another one after each change of a filter
const last = () => Number(wall().dataset.total) - 1;
const tileAt = (index) => wall().querySelector(`[data-index="${index}"]`);
const tiles = () => [...wall().querySelectorAll(".tile")];
const columns = () => Number(getComputedStyle(wall()).getPropertyValue("--columns"));

const near = new IntersectionObserver((entries) => {
  for (const { target: chunk, isIntersecting } of entries) {
    const loaded = chunk.querySelector("[data-index]");
    if (isIntersecting && !loaded) {
      window.htmx.trigger(chunk, "near");
    } else if (!isIntersecting && loaded) {
      chunk.style.minHeight = `${chunk.offsetHeight}px`;
      chunk.replaceChildren();
    }
  }
}, { rootMargin: "150% 0px" });
const watch = () => wall().querySelectorAll(".chunk[hx-get]").forEach((chunk) => near.observe(chunk));

/** Resolves with the tile once it is there. */
function reach(index) {
  const there = tileAt(index);
  if (there) return Promise.resolve(there);
  wall().querySelectorAll(".chunk")[Math.floor(index / perChunk)].scrollIntoView({ block: "nearest" });
  return new Promise((resolve) => {
    document.addEventListener("htmx:afterRequest", function look() {
      const tile = tileAt(index);
      if (!tile) return;
      document.removeEventListener("htmx:afterRequest", look);
      resolve(tile);
    });
  });
}

/** @param extend whether what lies between here and there is selected too */
async function move(to, extend = false) {
  const index = Math.min(last(), Math.max(0, to));
  const tile = await reach(index);
  tileAt(current)?.querySelector("a").setAttribute("tabindex", "-1");
  current = index;
  const link = tile.querySelector("a");
  link.setAttribute("tabindex", "0");
  link.focus({ preventScroll: true });
  tile.scrollIntoView({ block: "nearest" });
  if (extend) await selectTo(current); else anchor = current;
}

function draw() {
  for (const tile of tiles()) tile.querySelector(".tick").setAttribute("aria-pressed", selected.has(tile.dataset.id));
  wall().classList.toggle("selecting", selected.size > 0);
  const bar = document.querySelector(".selection");
  bar.hidden = selected.size === 0;
  bar.querySelector("output").textContent = `${selected.size} selected`;
}

function toggle(tile) {
  const { id, path, index } = tile.dataset;
  if (!selected.delete(id)) selected.set(id, path);
  anchor = Number(index);
  draw();
}

async function selectTo(index) {
  const [from, to] = [Math.min(anchor, index), Math.max(anchor, index)];
  for (let i = from; i <= to; i++) {
    const tile = tileAt(i);
    if (tile) {
      selected.set(tile.dataset.id, tile.dataset.path);
    } else { // not on the page: asked for, a stretch at a time
      const { images } = await call("GET", `/api/images?${wall().dataset.query}&offset=${i}&limit=${Math.min(500, to - i + 1)}`);
      images.forEach(({ image, path }) => selected.set(image, path));
      i += Math.max(0, images.length - 1);
    }
  }
  draw();
}

const clear = () => { selected.clear(); draw(); };

async function pick(verdict) {
  const images = selected.size > 0 ? [...selected.keys()] : [tileAt(current)?.dataset.id].filter(Boolean);
  if (images.length === 0) return;
  const alone = selected.size === 0;
  mark(images, verdict);
  clear();
  if (alone && wall().classList.contains("sheet")) move(current + 1);
  try {
    await judge("POST", "picks", { images, verdict });
    made.push(images);
    say(`${images.length === 1 ? "One" : images.length} ${verdict === "keep" ? "kept" : "rejected"}`);
  } catch (error) {
    mark(images, "");
    say(`Not kept: ${error.message}`);
  }
}

function mark(images, verdict) {
  const chosen = new Set(images);
  for (const tile of tiles().filter((t) => chosen.has(t.dataset.id))) {
    const badge = tile.querySelector(".verdict");
    badge.className = `verdict ${verdict}`;
    badge.textContent = { keep: "kept", reject: "rejected" }[verdict] ?? "";
  }
  const next = document.querySelector("[data-next]");
  if (next) { // what was passed over stays behind, what was judged is no longer counted
    const address = new URL(next.href);
    const left = tiles().filter((tile) => !tile.querySelector(".verdict").textContent).length;
    address.searchParams.set("offset", Number(next.dataset.offset) + left);
    next.href = address;
  }
}

async function takeBack() {
  try {
    await undo();
    mark(made.pop() ?? [], "");
    say("Taken back");
  } catch (error) {
    say(error.message);
  }
}

const acts = {
  keep: () => pick("keep"),
  reject: () => pick("reject"),
  clear,
  undo: takeBack,
  paths: savePaths,
  csv: saveCsv,
};

document.addEventListener("click", (event) => {
  const tile = event.target.closest(".wall .tile");
  const verdict = event.target.closest("[data-verdict]")?.dataset.verdict;
  if (!tile || event.target.closest(".again")) return;
  const tick = event.target.closest(".tick");
  if (verdict) {
    clear();
    current = Number(tile.dataset.index);
    pick(verdict);
  } else if (tick || event.shiftKey || selected.size > 0) {
    event.preventDefault();
    if (event.shiftKey) selectTo(Number(tile.dataset.index)); else toggle(tile);
  }
});
document.addEventListener("focusin", (event) => { current = Number(event.target.closest(".wall .tile")?.dataset.index ?? current); });
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches(".chunk")) draw();
  if (!event.target.matches(".filters")) return;
  current = anchor = 0;
  clear();
  watch();
});
document.addEventListener("wall:changed", () => { draw(); watch(); });
document.querySelectorAll("[data-act]").forEach((button) => button.addEventListener("click", acts[button.dataset.act]));

const arrow = (step) => (event) => { move(current + step(), event.shiftKey); };
bind({
  ArrowLeft: arrow(() => -1), ArrowRight: arrow(() => 1), ArrowUp: arrow(() => -columns()), ArrowDown: arrow(columns),
  Home: () => move(0), End: () => move(last()),
  " ": () => tileAt(current) && toggle(tileAt(current)),
  k: acts.keep, p: acts.keep, x: acts.reject, r: acts.reject, z: acts.undo, Escape: clear,
  t: () => selected.size > 0 && document.querySelector("[data-tagging] input").focus(),
  n: () => document.querySelector("[data-next]")?.click(),
});
watch();
