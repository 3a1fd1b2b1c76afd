// The page of one image: keep it, reject it, and back.
import { bind } from "./keys.js";
import { judge, say, undo } from "./api.js";

const { image } = document.querySelector(".image-page").dataset;
const act = (sent, text) => sent.then(() => say(text), (error) => say(error.message));
const acts = {
  keep: () => act(judge("POST", "picks", { images: [image], verdict: "keep" }), "Kept"),
  reject: () => act(judge("POST", "picks", { images: [image], verdict: "reject" }), "Rejected"),
  undo: () => act(undo(), "Taken back"),
};
document.querySelectorAll("[data-act]").forEach((button) => button.addEventListener("click", acts[button.dataset.act]));
bind({ k: acts.keep, p: acts.keep, x: acts.reject, r: acts.reject, z: acts.undo, Escape: () => history.back() });
