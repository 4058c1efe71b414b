/* On other pages: what still waits on this tablet is sent, too. */
import { endSignIn } from "./lock.js";
import * as queue from "./queue.js";
import * as vault from "./vault.js";

const user = document.body.dataset.user;
const atTheChair = document.querySelector("script[src*='offline/page']"); // that page's own script asks who is there
async function open() {
  if (await vault.openByWorker(user)) return true;
  const asked = Date.now();
  const answer = await fetch("/tablet/token", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ device: vault.device() }) });
  if (!answer.ok) return false;
  const told = await answer.json();
  if (vault.handedOver(told)) {
    await endSignIn();
    location.replace(`/tablet/?next=${encodeURIComponent(location.pathname)}`);
  }
  return vault.openByServer(told, asked);
}
try {
  if (!atTheChair && vault.supported() && user && (await open())) {
    await queue.renew();
    await queue.send();
    localStorage.setItem("lowtide-waiting", String(await queue.size()));
  }
} catch { /* the next page tries again */ }
