// Client of the desk's API, the only server that the page contacts.

export class Refused extends Error {
  constructor(status, detail) {
    super(
      typeof detail === "string"
        ? detail
        : (detail || []).map((d) => `${(d.loc || []).at(-1)}: ${d.msg}`).join("; "),
    );
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const response = await fetch(path, { credentials: "same-origin", ...options });
  if (response.status === 204) return null;
  const body = await response.json().catch(() => ({ detail: `the desk answered ${response.status}` }));
  if (response.status === 401 && path !== "/session")
    dispatchEvent(new CustomEvent("unauthenticated", { detail: body.detail }));
  if (!response.ok) throw new Refused(response.status, body.detail);
  return body;
}

/** GET with parameters: {a: "x", b: ["y", "z"]}; empty ones are left out. */
export function get(path, parameters = {}, signal) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    for (const one of [value].flat())
      if (one !== undefined && one !== null && one !== "" && one !== false) query.append(key, one);
  }
  return ask(`${path}${query.size ? `?${query}` : ""}`, { signal });
}

export const post = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const remove = (path) => ask(path, { method: "DELETE" });
