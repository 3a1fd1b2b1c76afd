// Rate: one image after the other, the next already loaded.
import { bind } from "./keys.js";
import { call, judge, say, undo } from "./api.js";
import { zoomable } from "./zoom.js";

const stage = document.querySelector(".stage");
const template = document.querySelector("#choice");
const { scale, query } = stage.dataset;
const values = [...document.querySelectorAll("[data-value]")];
const zoom = zoomable(stage);
const most = 1000; // images that one answer lists
const few = 5; // left to show when more are asked for
const queue = [];
const seen = new Set();
let present, shownAt;
let passed = 0;

/** The next images that were not shown yet; what was rated meanwhile is no longer among them, what was passed over is. */
async function refill() {
  const { images } = await call("GET", `/api/images?${query}&offset=0&limit=${Math.min(most, passed + queue.length + 20)}`);
  for (const image of images.filter((one) => !seen.has(one.image))) {
    seen.add(image.image);
    queue.push(load(image));
  }
}

function load(image) {
  const node = template.content.cloneNode(true).firstElementChild;
  const picture = node.querySelector("img");
  picture.alt = `Picture to rate: ${image.path.split(/[\\/]/).pop()}`;
  picture.src = `/thumbnails/${image.image}?side=1024`;
  picture.dataset.original = image.url;
  return { image, node, decoded: picture.decode().catch(() => {}) };
}

async function advance() {
  zoom.leave();
  try {
    if (queue.length === 0) await refill();
    const next = queue.shift();
    if (!next) return nothing("Every image is rated. Add images: taste serve FOLDER");
    await next.decoded;
    present = next.image;
    stage.replaceChildren(next.node);
    shownAt = performance.now();
    if (queue.length < few) refill().catch(() => {}); // told when none is left
  } catch (error) {
    nothing(error.message);
  }
}

function nothing(text) {
  stage.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: text }));
}

async function rate(value) {
  const button = values.find((b) => b.dataset.value === String(value));
  if (!present || !button) return;
  const image = present;
  const milliseconds = Math.round(performance.now() - shownAt);
  present = undefined;
  values.forEach((b) => b.classList.toggle("chosen", b === button));
  advance();
  try {
    await judge("POST", "ratings", { image: image.image, value, scale, milliseconds });
    say(`Rated ${value}${image.percentile == null ? "" : `; the model placed it above ${Math.round(image.percentile)} % of the images`}`);
  } catch (error) {
    say(`Not kept: ${error.message}`);
  }
}

async function takeBack() {
  try {
    await undo();
    say("Taken back");
    values.forEach((b) => b.classList.remove("chosen"));
  } catch (error) {
    say(error.message);
  }
}

const acts = { skip: () => { passed++; present = undefined; say("Passed over"); advance(); }, undo: takeBack };
values.forEach((button) => button.addEventListener("click", () => rate(Number(button.dataset.value))));
document.querySelectorAll("[data-act]").forEach((button) => button.addEventListener("click", acts[button.dataset.act]));
const digits = Object.fromEntries([...Array(10).keys()].map((digit) => [digit, () => rate(scale === "1-10" && digit === 0 ? 10 : digit)]));
const pan = (x, y) => () => zoom.active && zoom.pan(x, y);
bind({
  ...digits, " ": acts.skip, z: acts.undo, "+": () => zoom.toggle(), "=": () => zoom.toggle(), Escape: () => zoom.leave(),
  ArrowLeft: pan(-1, 0), ArrowRight: pan(1, 0), ArrowUp: pan(0, -1), ArrowDown: pan(0, 1),
});

advance();
