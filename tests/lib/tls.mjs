// A certificate that a hub's proxy may show, and that is its own authority (hub_ca).
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

// For an address, in files of dir: {key, cert, file}
export function certificate(dir, address) {
  const [key, file] = [path.join(dir, 'tls.key'), path.join(dir, 'tls.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=hub',
    '-addext', `subjectAltName=IP:${address}`, '-keyout', key, '-out', file], { stdio: 'pipe' });
  return { key: fs.readFileSync(key), cert: fs.readFileSync(file), file };
}
