// Checks in this browser that the signed tree has the event that the page shows: the leaf is computed from the event's own bytes, the root from the leaf and the proof (RFC 6962,
// RFC 9162 section 2.1.3.2), and the checkpoint's signature by the log's key (C2SP signed note, Ed25519).
"use strict";

const bytes = (base64) => Uint8Array.from(atob(base64), (it) => it.charCodeAt(0));
const concat = (...parts) => new Uint8Array(parts.flatMap((it) => [...it]));
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const same = (one, other) => one.length === other.length && one.every((it, i) => it === other[i]);

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer;
}

/** What was checked and does not hold, unlike what could not be checked. */
class Disproved extends Error {}

async function rootOf(leaf, index, size, proof) {
  if (!(index >= 0 && index < size)) throw new Disproved("the tree has no such leaf");
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) throw new Disproved("the proof is too long");
    if (node % 2 === 1 || node === last) {
      hash = await sha256(concat([1], sibling, hash));
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = await sha256(concat([1], hash, sibling));
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Disproved("the proof is too short");
  return hash;
}

async function requireSignature(note, key) {
  const [name, , ...encoded] = key.split("+");
  const raw = bytes(encoded.join("+")); // the algorithm's number, then the key
  if (raw[0] !== 1 || note.split("\n")[0] !== name) throw new Disproved("the checkpoint is of another log");
  const end = note.indexOf("\n\n") + 1;
  const text = new TextEncoder().encode(note.slice(0, end));
  const verifier = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
  for (const line of note.slice(end + 1).split("\n")) {
    const parts = line.split(" ");
    if (parts[0] === "\u2014" && parts[1] === name) {
      if (await crypto.subtle.verify("Ed25519", verifier, bytes(parts[2]).slice(4), text)) return;
    }
  }
  throw new Disproved("the log's key has not signed the checkpoint");
}

/** The row's cell: what the page shows has to be what the bytes say. */
async function verify(cell) {
  const index = Number(cell.dataset.verify);
  const event = await (await get(`/api/audit-events/${index}`)).json();
  const proof = await (await get(`/api/proofs/inclusion/${index}`)).json();
  const key = (await (await get("/log/key")).text()).trim();
  const data = await sha256(concat(bytes(event.nonce), bytes(event.canonical)));
  const leaf = await sha256(concat([0], data));
  const root = await rootOf(leaf, index, proof.size, proof.hashes.map(bytes));
  const [, size, signed] = proof.checkpoint.split("\n");
  if (Number(size) !== proof.size || !same(root, bytes(signed))) throw new Disproved("the tree does not have this event");
  await requireSignature(proof.checkpoint, key);
  const said = JSON.parse(new TextDecoder().decode(bytes(event.canonical)));
  const shown = cell.dataset;
  if (said.resource !== shown.resource || said.event !== shown.event || new Date(said.at).getTime() !== new Date(shown.at).getTime()) {
    throw new Disproved(`the log says ${said.event} at ${said.at} of ${said.resource}`);
  }
  return proof.size;
}

for (const cell of document.querySelectorAll("[data-verify]")) {
  const index = Number(cell.dataset.verify);
  const button = document.createElement("button");
  button.className = "plain";
  button.textContent = "verify";
  button.setAttribute("aria-label", `verify event ${index}`);
  const outcome = document.createElement("span");
  outcome.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    button.disabled = true;
    outcome.className = "";
    outcome.textContent = " …";
    try {
      const size = await verify(cell);
      outcome.className = "proved";
      outcome.textContent = ` ✓ in the tree of ${size}`;
    } catch (e) {
      const disproved = e instanceof Disproved;
      outcome.className = disproved ? "disproved" : "muted";
      outcome.textContent = disproved ? ` ✗ ${e.message}` : ` could not be checked: ${e.message}`;
    }
    button.disabled = false;
  });
  cell.prepend(button, outcome, " ");
}
