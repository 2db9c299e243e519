// Solves the proof of work of the sign-in form while its owner types: ALTCHA's PBKDF2 challenge,
// by the browser's own cryptography. Nothing is loaded from anywhere else.
"use strict";

const form = document.querySelector("form[data-challenge]");
const status = document.getElementById("puzzle");

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function derive(parameters, counter) {
  const nonce = bytes(parameters.nonce);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const method = { name: "PBKDF2", hash: "SHA-256", salt: bytes(parameters.salt), iterations: parameters.cost };
  return hex(await crypto.subtle.deriveBits(method, key, parameters.keyLength * 8));
}

async function solve(challenge) {
  const started = performance.now();
  // Several at once: the browser derives keys on threads of its own.
  const width = 8;
  for (let first = 0; ; first += width) {
    const counters = Array.from({ length: width }, (_, offset) => first + offset);
    const keys = await Promise.all(counters.map((counter) => derive(challenge.parameters, counter)));
    const found = keys.findIndex((key) => key.startsWith(challenge.parameters.keyPrefix));
    if (found >= 0) {
      const time = Math.round(performance.now() - started);
      return { challenge, solution: { counter: first + found, derivedKey: keys[found], time } };
    }
  }
}

async function work() {
  const solution = await solve(JSON.parse(form.dataset.challenge));
  form.elements.altcha.value = btoa(JSON.stringify(solution));
  status.textContent = "The puzzle is solved.";
}

if (!globalThis.crypto?.subtle) {
  status.textContent = "This browser cannot solve the puzzle; it needs a connection by https.";
} else {
  const done = work();
  form.addEventListener("submit", (event) => {
    if (form.elements.altcha.value) return;
    event.preventDefault();
    status.textContent = "One moment, the puzzle is nearly solved.";
    done.then(() => form.requestSubmit());
  });
}
