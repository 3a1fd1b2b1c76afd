// The program's HTTP interface, and the line on which it answers.
const root = document.documentElement.dataset;

/** The path of something that belongs to the taste in use. */
export const ofTaste = (path) => `/api/tastes/${encodeURIComponent(root.taste)}/${path}`;

/** @returns the answer; throws an Error that says in words what was wrong. */
export async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Error("The program does not answer. Is 'taste serve' still running?");
  }
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `The program answers with status ${response.status}.`);
  return answer;
}

/** Judgements are sent one after the other, so that the last one sent is the last one taken back. */
let sending = Promise.resolve();
export function judge(method, path, body) {
  const signed = body && { ...body, rater: root.rater };
  const sent = sending.then(() => call(method, ofTaste(path), signed));
  sending = sent.catch(() => {});
  return sent;
}

export function undo() {
  return judge("DELETE", `choices/last?rater=${encodeURIComponent(root.rater)}`);
}

/** Says something quietly: seen below the pictures, and read out. */
export function say(text) {
  document.querySelector("[data-outcome]").textContent = text;
}

export const percent = (share) => `${Math.round(100 * share)} %`;
