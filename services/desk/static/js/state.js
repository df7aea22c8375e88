// The state of the view is kept in the URL, so that it can be shared.

const MANY = new Set(["topic", "region", "person", "org"]);
export const FILTERS = [
  "text",
  "topic",
  "region",
  "role",
  "together",
  "near",
  "person",
  "org",
  "quoted",
  "story",
  "source",
  "provider",
  "language",
  "since",
  "until",
];
const KEYS = ["view", "id", "collapse", "order", ...FILTERS];

let told = () => {};
let steps = 0;

/** Whether the previous page was one of the desk's. */
export const hasBack = () => steps > 0;

export function read() {
  const query = new URLSearchParams(location.search);
  const state = { view: "articles" };
  for (const key of KEYS) {
    if (query.has(key)) state[key] = MANY.has(key) ? query.getAll(key) : query.get(key);
  }
  return state;
}

/** The URL of a state. */
export function address(state) {
  const query = new URLSearchParams();
  for (const key of KEYS) {
    if (key === "view" && state.view === "articles") continue;
    for (const one of [state[key]].flat()) if (one) query.append(key, one);
  }
  return `/${query.size ? `?${query}` : ""}`;
}

export function go(state) {
  const to = address(state);
  if (to !== location.pathname + location.search) {
    history.pushState(null, "", to);
    steps += 1;
  }
  told(read());
}

export function listen(listener) {
  told = listener;
  addEventListener("popstate", () => told(read()));
}

/** The filters only, as parameters of the API. */
export const filters = (state) =>
  Object.fromEntries(FILTERS.filter((key) => state[key]?.length).map((key) => [key, state[key]]));

/** The state with a filter toggled. */
export function toggled(state, key, value) {
  const next = { ...state, view: "articles", id: undefined };
  if (!MANY.has(key)) return { ...next, [key]: state[key] === value ? undefined : value };
  const now = state[key] || [];
  return { ...next, [key]: now.includes(value) ? now.filter((one) => one !== value) : [...now, value] };
}
