// The page Paint: the form, what is being painted, and more of what is liked.
import { bind } from "./keys.js";
import { call, say } from "./api.js";

const numbers = ["width", "height", "steps", "cfg", "seed", "count", "clipSkip", "eta", "aestheticSteps"];
const form = () => document.querySelector("[data-request]"); // another one after its settings came from a picture
const answer = (text) => { form().querySelector("[data-answer]").textContent = text; };
const now = document.querySelector("#now");
const painted = document.querySelector("#painted");
const easel = document.querySelector(".easel figure");
const look = () => window.htmx.trigger(now, "asked");

const pictures = (count) => (count === 1 ? "one picture" : `${count} pictures`);

async function ask(body) {
  answer("");
  try {
    const asked = await call("POST", "/api/paint", body);
    say(`Asked for ${pictures(asked.pictures)}`);
  } catch (error) {
    answer(error.message);
    say("");
  }
  look();
}

/** What the form says; numbers that are left empty are left out. */
function written() {
  const fields = [...new FormData(form())].filter(([name, value]) => value !== "" || !numbers.includes(name));
  return Object.fromEntries(fields.map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]));
}

const more = (tile) => ask({ like: tile.dataset.id, count: Number(form().elements.count.value) || 1 });

function use(tile) {
  window.htmx.ajax("GET", tile.querySelector("[data-use]").href, { target: form(), select: "#request", swap: "outerHTML" })
    .then(() => { form().scrollIntoView({ block: "nearest" }); say("The form has its settings"); });
}

async function act(method, path) {
  try {
    await call(method, path);
  } catch (error) {
    say(error.message);
  }
  look();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-request]")) return;
  event.preventDefault();
  ask(written());
});
document.addEventListener("keydown", (event) => {
  if (!event.target.closest("[data-request]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form().requestSubmit();
  if (event.key === "Escape") event.target.blur();
});
document.addEventListener("click", (event) => {
  const { cancel, retry } = event.target.closest("button")?.dataset ?? {};
  const tile = event.target.closest(".tile");
  if (cancel) act("DELETE", `/api/paint/${cancel}`);
  if (retry) act("POST", `/api/paint/${retry}/retry`);
  if (event.target.closest("[data-more]")) more(tile);
  if (event.target.closest("[data-use]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); use(tile); }
});

// A button that is being pressed is not taken away under the finger.
now.addEventListener("htmx:beforeSwap", (event) => { event.detail.shouldSwap &&= !now.matches(":active"); });

let [shown, seen] = ["", state()];
function state() { return { ...now.querySelector(".progress").dataset }; }

/** The newest preview takes the place of the last when it is there, so that nothing flickers. */
async function showPreview(url) {
  if (shown === url) return;
  shown = url;
  const image = Object.assign(new Image(), { src: url, alt: "What is being painted, as far as it is known" });
  await image.decode();
  if (shown !== url) return;
  easel.replaceChildren(image);
  easel.hidden = false;
}

function follow() {
  const next = state();
  if (next.preview) {
    showPreview(next.preview).catch(() => {}); // The next one comes in a second.
  } else if (!now.querySelector("progress")) {
    [easel.hidden, shown] = [true, ""];
  }
  if (next.version !== seen.version) window.htmx.trigger(painted, "painted");
  if (next.finished !== seen.finished) say("A picture is finished");
  seen = next;
}
now.addEventListener("htmx:afterSettle", follow);

let held; // the tile that has the focus while the wall is made anew
painted.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target === painted) held = document.activeElement.closest("#painted .tile")?.dataset.id;
});
painted.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== painted) return;
  document.dispatchEvent(new Event("wall:changed"));
  if (held) painted.querySelector(`[data-id="${held}"] a`)?.focus({ preventScroll: true });
});

const onTile = (action) => () => {
  const tile = document.activeElement.closest("#painted .tile");
  if (tile) action(tile);
};
bind({ e: () => form().elements.prompt.focus(), m: onTile(more), u: onTile(use) });
follow();
