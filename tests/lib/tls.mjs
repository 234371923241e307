// A self-signed certificate for a hub's proxy (hub_ca).
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

// For an address; files are written to dir: {key, cert, file}.
export function certificate(dir, address) {
  const [key, file] = [path.join(dir, 'tls.key'), path.join(dir, 'tls.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=hub',
    '-addext', `subjectAltName=IP:${address}`, '-keyout', key, '-out', file], { stdio: 'pipe' });
  return { key: fs.readFileSync(key), cert: fs.readFileSync(file), file };
}
