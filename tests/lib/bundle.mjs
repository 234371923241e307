// Bundles: the header that a carrier can read, and forged ones.
import { createPrivateKey, sign } from 'node:crypto';

const HEAD = 76;
const SIGNATURE = 64;

export const parseHeader = (bytes) => ({
  kind: bytes[5], key: bytes.readUInt16BE(6), booth: bytes.toString('hex', 8, 24), id: bytes.toString('hex', 24, 40), sender: bytes.toString('hex', 40, 72),
});

// The same body with another sender's signature. secret: 64 bytes of hex in libsodium's form (the second half is the public
// key); booth: the booth id to claim.
export function resign(bytes, secret, { booth } = {}) {
  const [seed, open] = [Buffer.from(secret.slice(0, 64), 'hex'), Buffer.from(secret.slice(64), 'hex')];
  const forged = Buffer.from(bytes);
  open.copy(forged, 40);
  if (booth) Buffer.from(booth, 'hex').copy(forged, 8);
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: open.toString('base64url') }, format: 'jwk' });
  sign(null, forged.subarray(0, -SIGNATURE), key).copy(forged, forged.length - SIGNATURE);
  return forged;
}

// Offsets for changed bits: each field of the header, beginning, middle and end of the body, the signature.
export const offsets = (bytes) => [0, 3, 4, 5, 6, 7, 8, 23, 24, 39, 40, 71, 72, 75, HEAD, HEAD + 31, HEAD + 32, HEAD + 48, bytes.length >> 1,
  bytes.length - SIGNATURE - 1, bytes.length - SIGNATURE, bytes.length - 1];
export function flipBit(bytes, at) {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1 << (at % 8);
  return copy;
}
