// The pictures that are selected on a wall, and what is done with them besides judging: files with their names, and tags.
import { call, say } from "./api.js";

export const selected = new Map(); // id → path

function download(name, type, text) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;

export const savePaths = () => download("paths.txt", "text/plain", [...selected.values()].map((path) => `${path}\n`).join(""));

export const saveCsv = () => download("images.csv", "text/csv", ["content_id,path\n", ...[...selected].map(([id, path]) => `${id},${quoted(path)}\n`)].join(""));

document.querySelector("[data-tagging]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const remove = event.submitter?.name === "remove";
  const input = event.target.elements.tag;
  const tag = input.value.trim();
  try {
    const { changed } = await call("POST", "/api/tags", { tag, images: [...selected.keys()], remove });
    say(`${changed === 1 ? "One" : changed} ${remove ? "untagged" : `tagged ${tag}`}`);
    input.blur();
  } catch (error) {
    say(`Not tagged: ${error.message}`);
  }
});
