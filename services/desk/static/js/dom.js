// Creates elements. Text is always set as text, so that stored content never becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: h("a", {class: "x", href: "/", onclick: f}, "text", child, …). Empty children are left out. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "share") element.style.setProperty("--share", `${value}%`);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** A safe link: only http and https URLs. */
export function outward(url, ...children) {
  const safe = /^https?:\/\//i.test(url);
  return h("a", safe ? { href: url, rel: "noopener noreferrer", target: "_blank" } : {}, ...children);
}

export const number = (n) => n.toLocaleString("en");

/** A time for display: the date, with the time of day if it is recent. */
export function moment(iso) {
  if (!iso) return "no date";
  const at = new Date(iso);
  return at.toLocaleString(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** Seconds as 12 s, 4 min, 3 h, 2 d. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}
