/* On other pages: what still waits on this tablet is sent, too. */
import * as queue from "./queue.js";
import * as vault from "./vault.js";

const user = document.body.dataset.user;
async function open() {
  if (await vault.openByWorker(user)) return true;
  const asked = Date.now();
  const answer = await fetch("/tablet/token", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ device: vault.device() }) });
  return answer.ok && vault.openByServer(await answer.json(), asked);
}
try {
  if (vault.supported() && user && (await open())) {
    await queue.renew();
    await queue.send();
    localStorage.setItem("lowtide-waiting", String(await queue.size()));
  }
} catch { /* the next page tries again */ }
