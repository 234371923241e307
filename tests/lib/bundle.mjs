// Bundles as a carrier sees them, and as a liar would make them.
import { createPrivateKey, sign } from 'node:crypto';

const HEAD = 76;
const SIGNATURE = 64;

export const look = (bytes) => ({
  kind: bytes[5], key: bytes.readUInt16BE(6), booth: bytes.toString('hex', 8, 24), id: bytes.toString('hex', 24, 40), sender: bytes.toString('hex', 40, 72),
});

// The same body under another's signature. secret: 64 bytes, hex, as libsodium has it (its second half is the public key);
// booth: whose it pretends to be.
export function resign(bytes, secret, { booth } = {}) {
  const [seed, open] = [Buffer.from(secret.slice(0, 64), 'hex'), Buffer.from(secret.slice(64), 'hex')];
  const forged = Buffer.from(bytes);
  open.copy(forged, 40);
  if (booth) Buffer.from(booth, 'hex').copy(forged, 8);
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: open.toString('base64url') }, format: 'jwk' });
  sign(null, forged.subarray(0, -SIGNATURE), key).copy(forged, forged.length - SIGNATURE);
  return forged;
}

// Where a changed bit matters: each field of the head, the body's begin, middle and end, the signature.
export const places = (bytes) => [0, 3, 4, 5, 6, 7, 8, 23, 24, 39, 40, 71, 72, 75, HEAD, HEAD + 31, HEAD + 32, HEAD + 48, bytes.length >> 1,
  bytes.length - SIGNATURE - 1, bytes.length - SIGNATURE, bytes.length - 1];
export function changed(bytes, at) {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1 << (at % 8);
  return copy;
}
