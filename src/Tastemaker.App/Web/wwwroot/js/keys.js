// Keys, one table a page. A field that is being typed in keeps its keys, and so does the browser those with Ctrl, Alt or Meta.
const typing = "input, select, textarea, [contenteditable]";

/** @param table the action for each KeyboardEvent.key, letters in lower case; an action may return false to let the browser have the key. */
export function bind(table) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest(typing) || document.querySelector("dialog[open]")) return;
    const pressesButton = (event.key === " " || event.key === "Enter") && event.target.closest("button, a, summary");
    const action = table[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || pressesButton || action(event) === false) return;
    event.preventDefault();
  });
}
