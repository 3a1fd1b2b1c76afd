// Zooms all pictures of a stage in step: the same spot of each, at the same size.
const fitted = (picture) => {
  const { clientWidth: width, clientHeight: height, naturalWidth, naturalHeight } = picture;
  const scale = Math.min(width / naturalWidth, height / naturalHeight);
  return { width, height, left: (width - naturalWidth * scale) / 2, top: (height - naturalHeight * scale) / 2, wide: naturalWidth * scale, high: naturalHeight * scale };
};
const within = (value) => Math.min(1, Math.max(0, value));

/** @returns what the keys do: toggle(), leave(), pan(x, y) */
export function zoomable(stage) {
  const factor = 3;
  let [u, v] = [0.5, 0.5]; // the spot, as shares of the picture
  let dragged;
  const active = () => stage.classList.contains("zoomed");

  function apply() {
    stage.style.setProperty("--zoom", factor);
    for (const picture of stage.querySelectorAll(".frame img")) {
      if (!picture.naturalWidth) continue; // comes, and is placed, with its load
      const f = fitted(picture);
      picture.style.setProperty("--pan-x", `${f.width / 2 - factor * (f.left + u * f.wide)}px`);
      picture.style.setProperty("--pan-y", `${f.height / 2 - factor * (f.top + v * f.high)}px`);
    }
  }

  function spot(event, picture) {
    const box = picture.parentElement.getBoundingClientRect();
    const f = fitted(picture);
    [u, v] = [within((event.clientX - box.left - f.left) / f.wide), within((event.clientY - box.top - f.top) / f.high)];
  }

  function enter() {
    stage.classList.add("zoomed");
    apply();
    for (const picture of stage.querySelectorAll("img[data-original]")) {
      const sharp = Object.assign(new Image(), { src: picture.dataset.original });
      sharp.decode().then(() => {
        picture.addEventListener("load", apply, { once: true });
        picture.src = sharp.src;
        delete picture.dataset.original;
      }, () => {}); // what cannot be shown stays as it is
    }
  }

  const leave = () => stage.classList.remove("zoomed");

  stage.addEventListener("click", (event) => {
    const picture = event.target.closest(".frame")?.querySelector("img");
    if (!picture) return;
    if (active()) return leave();
    spot(event, picture);
    enter();
  });
  stage.addEventListener("pointerdown", (event) => { dragged = active() && event.pointerType === "touch" ? event : undefined; });
  stage.addEventListener("pointermove", (event) => {
    const picture = event.target.closest(".frame")?.querySelector("img");
    if (!active() || !picture) return;
    if (event.pointerType !== "touch") {
      spot(event, picture);
    } else if (dragged) {
      const f = fitted(picture);
      u = within(u - (event.clientX - dragged.clientX) / (factor * f.wide));
      v = within(v - (event.clientY - dragged.clientY) / (factor * f.high));
      dragged = event;
    }
    apply();
  });

  return {
    get active() { return active(); },
    leave,
    toggle() {
      [u, v] = [0.5, 0.5];
      if (active()) leave(); else enter();
    },
    pan(x, y) {
      [u, v] = [within(u + x * 0.08), within(v + y * 0.08)];
      apply();
    },
  };
}
