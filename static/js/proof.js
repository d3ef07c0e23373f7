// A small work that a program would have to do for each sending (ALTCHA, version 2, PBKDF2), done while a child is writing.
// Where it cannot be done (no secure context, no network), the answer is empty: the server has other ways in.

const ADDRESS = "/api/v1/challenge";
const LASTS = 25 * 60 * 1000; // ms; the server takes a solution for 30 minutes

let work;
let since;

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function derive({ salt, cost, keyLength }, password) {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  return hex(await crypto.subtle.deriveBits(algorithm, key, keyLength * 8));
}

async function solve() {
  const challenge = await (await fetch(ADDRESS, { cache: "no-store" })).json();
  const nonce = bytes(challenge.parameters.nonce);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  for (let counter = 0; ; counter++) {
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const derivedKey = await derive(challenge.parameters, password);
    if (derivedKey.startsWith(challenge.parameters.keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
  }
}

/** The solution, as text for the form; the work is begun by the first who asks. */
export function proof() {
  if (!work || performance.now() - since > LASTS) {
    since = performance.now();
    work = crypto.subtle ? solve().catch(() => "") : Promise.resolve("");
  }
  return work;
}

/** One solution is good for one sending. */
proof.used = () => (work = undefined);
