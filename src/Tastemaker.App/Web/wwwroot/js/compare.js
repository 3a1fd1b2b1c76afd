// Compare: the next offer is fetched and its pictures decoded while the present one is looked at, so that they change at once.
import { bind } from "./keys.js";
import { call, judge, ofTaste, percent, say, undo } from "./api.js";
import { show as showStanding } from "./standing.js";
import { zoomable } from "./zoom.js";

const stage = document.querySelector(".stage");
const template = document.querySelector("#choice");
const flick = 64; // CSS pixels
const zoom = zoomable(stage);
let present, coming, shownAt;

function figure(image, place, count) {
  const node = template.content.cloneNode(true).firstElementChild;
  const picture = node.querySelector("img");
  picture.alt = `Picture ${place + 1} of ${count}: ${image.path.split(/[\\/]/).pop()}`;
  picture.src = image.thumbnail;
  picture.dataset.original = image.url;
  node.querySelector("kbd").textContent = count === 2 ? ["←", "→"][place] : place + 1;
  node.querySelector("button").setAttribute("aria-label", `This one, picture ${place + 1} of ${count}`);
  node.querySelector("button").addEventListener("click", () => choose(place));
  return { node, picture };
}

const fetchOffer = async () => load(await call("GET", `${ofTaste("pair")}?${stage.dataset.query}`));

async function load(offer) {
  const figures = offer.images.map((image, place) => figure(image, place, offer.images.length));
  await Promise.all(figures.map(({ picture }) => picture.decode().catch(() => {})));
  return { offer, figures };
}

const fetchNext = () => {
  coming = fetchOffer();
  coming.catch(() => {}); // told when it is wanted
};

async function advance() {
  const asked = coming;
  try {
    const next = await asked;
    if (asked === coming) show(next);
  } catch (error) {
    present = undefined;
    const text = Object.assign(document.createElement("p"), { textContent: error.message, className: "empty" });
    const again = Object.assign(document.createElement("button"), { textContent: "Try again" });
    again.addEventListener("click", () => { fetchNext(); advance(); });
    text.append(again);
    stage.replaceChildren(text);
  }
}

function show(next) {
  zoom.leave();
  present = next;
  stage.dataset.count = next.figures.length;
  stage.replaceChildren(...next.figures.map(({ node }) => node));
  shownAt = performance.now();
  fetchNext();
}

async function choose(winner) {
  if (!present) return;
  const answered = present;
  const milliseconds = Math.round(performance.now() - shownAt);
  const named = typeof winner !== "number" ? winner : answered.figures.length === 2 ? ["left", "right"][winner] : winner + 1;
  answered.figures[winner]?.node.classList.add("chosen");
  present = undefined;
  advance();
  try {
    const standing = await judge("POST", "choices", { pair: answered.offer.pair, winner: named, milliseconds });
    say(outcome(winner, standing.expected));
    showStanding(standing);
  } catch (error) {
    say(`Not kept: ${error.message}`);
  }
}

function outcome(winner, expected) {
  if (winner === "draw") return "A draw";
  if (winner === "skip") return "Passed over";
  if (expected == null) return "Kept";
  if (Math.abs(expected - 0.5) < 0.05) return "The model could not tell";
  return expected > 0.5 ? `As the model expected, ${percent(expected)}` : `A surprise: the model gave it ${percent(expected)}`;
}

async function takeBack() {
  try {
    const standing = await undo();
    say("Taken back");
    showStanding(standing);
    if (standing.again) showAgain(await load(standing.again));
  } catch (error) {
    say(error.message);
  }
}

/** What waited for an answer comes after it. */
function showAgain(undone) {
  const waiting = present;
  show(undone);
  if (waiting) coming = Promise.resolve(waiting);
}

const byPlace = (place) => () => { if (place < (present?.figures.length ?? 0)) choose(place); };
const sideways = (place, x) => () => zoom.active ? zoom.pan(x, 0) : present?.figures.length === 2 && choose(place);
const acts = { draw: () => choose("draw"), skip: () => choose("skip"), undo: takeBack };
bind({
  ArrowLeft: sideways(0, -1),
  ArrowRight: sideways(1, 1),
  ArrowDown: () => zoom.active ? zoom.pan(0, 1) : acts.draw(),
  ArrowUp: () => zoom.active && zoom.pan(0, -1),
  1: byPlace(0), 2: byPlace(1), 3: byPlace(2), 4: byPlace(3),
  " ": acts.skip, z: acts.undo, "+": () => zoom.toggle(), "=": () => zoom.toggle(), Escape: () => zoom.leave(),
});
document.querySelectorAll("[data-act]").forEach((button) => button.addEventListener("click", acts[button.dataset.act]));

let touched;
stage.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch" && !zoom.active ? event : undefined; });
stage.addEventListener("pointerup", (event) => {
  const place = present?.figures.findIndex(({ node }) => node.contains(touched?.target)) ?? -1;
  if (touched && place >= 0 && Math.hypot(event.clientX - touched.clientX, event.clientY - touched.clientY) > flick) choose(place);
  touched = undefined;
});

fetchNext();
advance();
