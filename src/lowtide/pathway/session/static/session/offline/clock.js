/* How far the server's clock is ahead of this tablet's. Measured at every answer; kept for a start without network. */
const KEPT = "lowtide-clock";
let measured = null; // {offset, error, wall, tick}: tick runs on when somebody sets the clock

const read = () => { try { return JSON.parse(localStorage.getItem(KEPT)); } catch { return null; } };

/* An answer of the server that was asked for at `asked` (this tablet's clock) and has just come. One that was on its way
   for long says little: it takes the place of a quicker one only where the two cannot both be right. */
export function compare(serverNow, asked) {
  const came = Date.now(), found = Math.round(Date.parse(serverNow) - (asked + came) / 2), unsure = Math.max(0, came - asked) / 2;
  if (Number.isNaN(found)) return;
  if (measured && unsure > measured.error && Math.abs(found - offset()) <= unsure + measured.error) return;
  measured = { offset: found, error: unsure, wall: came, tick: performance.now() };
  try { localStorage.setItem(KEPT, JSON.stringify({ offset: found, wall: came })); } catch { /* do without */ }
  document.dispatchEvent(new CustomEvent("lowtide:clock", { detail: found }));
}

/* Whether the server can be reached now; compares the clocks on the way. */
export async function reach(address = "/alive", within = 4000) {
  const asked = Date.now();
  try {
    const answer = await fetch(address, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(within) });
    compare(answer.headers.get("X-Lowtide-Now") || "", asked); // the header Date is made once a second, by a busy server later
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
