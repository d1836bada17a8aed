// Elements in one line.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [given] properties; names with a dash are attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, String(value));
    else /** @type {any} */ (element)[name] = value;
  }
  element.append(...children);
  return element;
}

/** Put a view in place of the last one. @param {(Node | string)[]} children */
export function show(...children) {
  const page = /** @type {HTMLElement} */ (document.getElementById("page"));
  page.replaceChildren(...children);
  scrollTo(0, 0);
}

/** @param {string} text paragraphs with an empty line between them */
export const paragraphs = (text) => text.split(/\n\s*\n/).filter((part) => part.trim()).map((part) => make("p", {}, part));

/** A line that says what is wrong, read aloud where a screen is read. */
export const alertLine = () => make("p", { className: "alert", role: "alert" });
