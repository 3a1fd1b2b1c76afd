// The gauge below the pictures: how far the model agrees with choices that it did not learn from, and how far the person does.
import { percent } from "./api.js";

const gauge = document.querySelector(".gauge");
const words = document.querySelector("[data-standing]");
const x = (share) => Math.max(0, 200 * share - 100); // the gauge runs from 50 to 100 %

/** @param standing what a judgement is answered with */
export function show({ choices, agreement, agreementInterval, ceiling }) {
  const set = (part, attributes) => {
    const node = gauge.querySelector(part);
    node.toggleAttribute("hidden", attributes.x == null);
    Object.entries(attributes).forEach(([name, value]) => value != null && node.setAttribute(name, value));
  };
  const known = agreement != null;
  set(".span", { x: known ? x(agreementInterval.low) : null, width: known ? x(agreementInterval.high) - x(agreementInterval.low) : null });
  set(".point", { x: known ? x(agreement) - 1 : null });
  set(".ceiling", { x: ceiling != null ? x(ceiling) - 0.5 : null });
  const made = `${choices} ${choices === 1 ? "choice" : "choices"}`;
  words.textContent = known
    ? `${made} · foretells ${percent(agreement)}${ceiling == null ? "" : ` · you repeat ${percent(ceiling)}`}`
    : `${made} · no figure yet`;
}
