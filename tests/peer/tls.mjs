// A certificate authority and a server certificate for 127.0.0.1, made for one run by the openssl command.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes an authority called `name` in `dir`; returns the path of its certificate and what a server needs. */
export function authority(dir, name) {
  const at = (file) => join(dir, `${name}-${file}`);
  // An empty configuration keeps the machine's own openssl.cnf from adding extensions.
  writeFileSync(at('openssl.cnf'), '[req]\ndistinguished_name = dn\n[dn]\n');
  const request = (subject, key, certificate, more) =>
    execFileSync('openssl', [
      'req', '-x509', '-config', at('openssl.cnf'), '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
      '-nodes', '-days', '2', '-subj', `/CN=${subject}`, '-keyout', at(key), '-out', at(certificate), ...more,
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
  request(`flexlogin peer test ${name}`, 'ca.key', 'ca.pem', [
    '-addext', 'basicConstraints=critical,CA:TRUE',
    '-addext', 'keyUsage=critical,keyCertSign',
  ]);
  request('127.0.0.1', 'server.key', 'server.pem', [
    '-CA', at('ca.pem'), '-CAkey', at('ca.key'),
    '-addext', 'basicConstraints=critical,CA:FALSE',
    '-addext', 'subjectAltName=IP:127.0.0.1',
    '-addext', 'extendedKeyUsage=serverAuth',
  ]);
  return { caFile: at('ca.pem'), key: readFileSync(at('server.key')), cert: readFileSync(at('server.pem')) };
}
