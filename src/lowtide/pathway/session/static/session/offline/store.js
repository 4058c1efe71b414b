/* The tablet's own store (IndexedDB). Nothing in it tells of a patient without the key that a PIN or a sign-in gives. */
const NAME = "lowtide-tablet";
const STORES = ["meta", "sealed", "queue"];
let opening = null;

function open() {
  opening ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => { for (const name of STORES) asked.result.createObjectStore(name); };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { asked.result.close(); opening = null; };
      done(asked.result);
    };
    asked.onerror = () => { opening = null; failed(asked.error); };
  });
  return opening;
}

const answer = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

async function within(store, mode, act) {
  const transaction = (await open()).transaction(store, mode, { durability: "strict" });
  const result = await answer(act(transaction.objectStore(store)));
  if (mode === "readwrite") {
    await new Promise((done, failed) => {
      transaction.oncomplete = done;
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  }
  return result;
}

export const get = (store, key) => within(store, "readonly", (s) => s.get(key));
export const put = (store, key, value) => within(store, "readwrite", (s) => s.put(value, key));
export const drop = (store, key) => within(store, "readwrite", (s) => s.delete(key));
export const keys = (store) => within(store, "readonly", (s) => s.getAllKeys());
export const all = (store) => within(store, "readonly", (s) => s.getAll());
export const clear = (store) => within(store, "readwrite", (s) => s.clear());

/* The next number of this device: each entry made here has its own, whichever page made it. */
export async function count() {
  const transaction = (await open()).transaction("meta", "readwrite", { durability: "strict" });
  const meta = transaction.objectStore("meta");
  const next = ((await answer(meta.get("counter"))) || 0) + 1;
  await answer(meta.put(next, "counter"));
  return next;
}
