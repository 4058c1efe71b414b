/* Elements made of text only: nothing that somebody typed is ever read as markup. */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}
export const icon = (name) => h("span", { class: `i i--${name}`, "aria-hidden": "true" });

export function clock(at, zone) {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
}
export function ago(ms) {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 1 ? "just now" : minutes < 90 ? `${minutes} min old` : `${Math.floor(minutes / 60)} h old`;
}
export function elapsed(ms) {
  const all = Math.max(0, Math.floor(ms / 1000)), two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(all / 3600), rest = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  return hours ? `${hours}:${rest}` : rest.replace(/^0(?=\d:)/, "");
}
/* Said to those who do not see it. */
export function announce(words, urgent = false) {
  const region = document.getElementById(urgent ? "said-now" : "said-soon");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = words; }, 60);
}
