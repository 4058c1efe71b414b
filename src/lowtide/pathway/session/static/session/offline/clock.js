/* How far the server's clock is ahead of this tablet's. Measured at every answer; kept for a start without network. */
const KEPT = "lowtide-clock";
let measured = null; // {offset, wall, tick}: tick runs on when somebody sets the clock

const read = () => { try { return JSON.parse(localStorage.getItem(KEPT)); } catch { return null; } };

function note(offset) {
  measured = { offset, wall: Date.now(), tick: performance.now() };
  try { localStorage.setItem(KEPT, JSON.stringify({ offset, wall: measured.wall })); } catch { /* do without */ }
  document.dispatchEvent(new CustomEvent("lowtide:clock", { detail: offset }));
}

/* An answer of the server that was asked for at `asked` (this tablet's clock) and has just come. */
export function compare(serverNow, asked) {
  const server = Date.parse(serverNow);
  if (!Number.isNaN(server)) note(Math.round(server - (asked + Date.now()) / 2));
}

/* Whether the server can be reached now; compares the clocks on the way. */
export async function reach(address = "/alive", within = 4000) {
  const asked = Date.now();
  try {
    const answer = await fetch(address, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(within) });
    const told = Date.parse(answer.headers.get("Date") || "");
    // the header tells whole seconds: only what it cannot explain is a difference
    if (!Number.isNaN(told) && (!measured || Math.abs(told + 500 - Date.now() - measured.offset) > 2000)) {
      note(Math.round(told + 500 - (asked + Date.now()) / 2));
    }
    return answer.ok;
  } catch { return false; }
}

/* The offset that holds for something that happens now; null where it was never measured. A clock that was set back
   since is seen by the tick; one that was set forward looks like a tablet that slept, and waits for the next answer. */
export function offset() {
  if (!measured) return read()?.offset ?? null;
  const setBack = Math.min(0, (Date.now() - measured.wall) - (performance.now() - measured.tick));
  return Math.round(measured.offset - (setBack < -2000 ? setBack : 0));
}

export const now = () => Date.now() + (offset() ?? 0);

/* “10 min fast”, or nothing where the difference does not matter. */
export function wrong(limitSeconds = 30) {
  const ms = offset();
  if (ms === null || Math.abs(ms) < limitSeconds * 1000) return "";
  const seconds = Math.round(Math.abs(ms) / 1000), minutes = Math.round(seconds / 60), hours = Math.round(seconds / 3600);
  const much = seconds < 120 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${hours} h`;
  return `${much} ${ms < 0 ? "fast" : "slow"}`;
}
