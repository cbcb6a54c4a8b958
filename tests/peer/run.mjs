// Runs the built flexlogin against a provider that we did not write, as a script would: a configuration file, one
// command, one JSON line, an exit code. `node --test run.mjs`; FLEXLOGIN names the binary. Nothing here is skipped.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { ACR_VALUES, CLIENTS, startProvider } from './provider.mjs';
import { journey, startFront, step } from './front.mjs';
import { authority } from './tls.mjs';

const { pending, approve, deny, fail, slowDown, forged, during } = step;
const { answer, reset, lostBeforeTheStatus, lostInTheBody } = step;
const BINARY = resolve(process.env.FLEXLOGIN ?? join(import.meta.dirname, '../../target/debug/flexlogin'));
const DEADLINE_MS = 60_000;
// The journeys mostly wait, so they run side by side, whatever the number of processors.
const TOGETHER = { concurrency: 12 };
const EXIT = { approved: 0, rejected: 10, expired: 11, cancelled: 12, refused: 13, unavailable: 14, unknown: 15 };

const journeys = new Map();
let dir;
let trusted;
let stranger;
let front;
let provider;

before(async () => {
  accessSync(BINARY, constants.X_OK);
  dir = mkdtempSync(join(tmpdir(), 'flexlogin-peer-'));
  trusted = authority(dir, 'trusted');
  stranger = authority(dir, 'stranger');
  front = await startFront({ ...trusted, journeys });
  provider = await startProvider({ issuer: front.issuer, lifetime: (user) => journeys.get(user)?.lifetime ?? 60 });
  front.connect(provider);
});

after(() => {
  provider?.close();
  front?.close();
  if (dir) rmSync(dir, { recursive: true });
});

describe('flexlogin against oidc-provider', TOGETHER, () => {
  describe('each client authentication logs in', TOGETHER, () => {
    for (const [name, client] of Object.entries(CLIENTS)) {
      test(`${[client.method, client.alg, client.requestAlg && 'start signed'].filter(Boolean).join(' ')}, ID token ${client.idTokenAlg}`, async () => {
        const run = await login({ client: name, polls: [pending, approve] });
        await approved(run);
        assert.equal(run.polls.length, 2);
      });
    }
  });

  describe('what is asked beyond a plain login', TOGETHER, () => {
    const settings = (broker = {}, login = {}) => ({ broker, login });

    test('a signed start holds every parameter and leaves none outside', async () => {
      const more = settings({ request_typ: 'oauth-authz-req+jwt' }, { requested_expiry: 45, acr_values: ACR_VALUES });
      const run = await login({ client: 'signed_ps256', user: 'anna.testesen.signed.code', userCode: '4711 æ', more, polls: [approve] });
      await approved(run);
      const [{ form, parameters }] = run.starts;
      assert.deepEqual([...form.keys()].sort(), ['client_assertion', 'client_assertion_type', 'client_id', 'request']);
      assert.equal(decodeProtectedHeader(form.get('request')).typ, 'oauth-authz-req+jwt');
      assert.notEqual(decodeJwt(form.get('request')).jti, decodeJwt(form.get('client_assertion')).jti);
      for (const [name, value] of Object.entries({ user_code: '4711 æ', requested_expiry: '45', acr_values: ACR_VALUES.join(' ') })) {
        assert.equal(parameters.get(name), value);
      }
    });

    test('a start that has to be signed and is not', async () => {
      const run = await login({ client: 'signed_es256', requestAlg: null });
      ended(run, 'unavailable', 'invalid_request');
    });

    test('a start signed with another algorithm than the registered one', async () => {
      const run = await login({ client: 'signed_ps256', requestAlg: 'RS256' });
      ended(run, 'unavailable', 'invalid_request');
    });

    test('a user code', async () => {
      await approved(await login({ client: 'basic', user: 'anna.testesen.right.code', userCode: '4711 æ', polls: [approve] }));
      ended(await login({ client: 'basic', user: 'anna.testesen.wrong.code', userCode: '0042' }), 'unavailable', 'invalid_user_code');
      ended(await login({ client: 'basic', user: 'anna.testesen.no.code' }), 'unavailable', 'missing_user_code');
    });

    test('a login lives as short as it was asked to', async () => {
      const run = await login({ client: 'post', more: settings({}, { requested_expiry: 3 }) });
      ended(run, 'expired');
    });

    test('acr is taken if it was asked for, and refused if it was not told', async () => {
      await approved(await login({ client: 'post', more: settings({}, { acr_values: ACR_VALUES }), polls: [approve] }));
      const other = settings({}, { acr_values: ['urn:nobodys'] });
      ended(await login({ client: 'post', more: other, polls: [approve] }), 'refused', '`acr` is missing or is none of the values that were asked for');
    });

    test('a level that the provider does not tell', async () => {
      const demand = (loa_policy) => settings({}, { loa: 'low', loa_policy });
      const run = await login({ client: 'post', more: demand('warn'), polls: [approve] });
      await approved(run);
      assert.match(run.stderr, /^flexlogin: notice: loa_missing: /m);
      ended(await login({ client: 'post', more: demand('require'), polls: [approve] }), 'refused', '`loa` is missing, and the policy requires it');
    });

    test('pinned signing keys', async () => {
      await approved(await login({ client: 'post', more: settings({ key_ids: ['next', 'op-rs'] }), polls: [approve] }));
      const run = await login({ client: 'post', more: settings({ key_ids: ['next', 'op-ps'] }), polls: [approve] });
      ended(run, 'refused', 'the signing key is none of the pinned ones');
    });

    test('pinned roots, by certificate and by key', async () => {
      const root = new X509Certificate(readFileSync(trusted.caFile));
      const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
      for (const pin of [sha256(root.raw), sha256(root.publicKey.export({ type: 'spki', format: 'der' }))]) {
        const pins = settings({ root_sha256: ['0f'.repeat(32), pin], pins_expire: '2999-01-01' });
        await approved(await login({ client: 'post', more: pins, polls: [approve] }));
      }
      const run = await login({ client: 'post', more: settings({ root_sha256: ['0f'.repeat(32)] }) });
      ended(run, 'unavailable', "pin: the broker's certificate leads to none of the pinned roots");
      assert.equal(run.starts.length, 0);
    });
  });

  describe('each end', TOGETHER, () => {
    test('the person declines', async () => {
      const run = await login({ client: 'basic', polls: [pending, deny] });
      ended(run, 'rejected', 'access_denied');
    });

    test('nobody answers, and our own deadline ends it without a late poll', async () => {
      // The one poll that is in time is due long after the start and long before the end.
      const run = await login({ client: 'key_es256', interval: 5, expiresIn: 9 });
      ended(run, 'expired');
      const late = run.polls.filter((poll) => poll.arrived - run.starts[0].at >= 9_000);
      assert.equal(late.length, 0, 'no poll is sent after the deadline');
    });

    test('the provider says that it expired', async () => {
      const run = await login({ client: 'post', lifetime: 3, expiresIn: 60 });
      ended(run, 'expired');
      assert.equal(run.polls.at(-1).heard, 'expired_token');
    });

    test('a client that signs assertions believes it too, at once', async () => {
      const run = await login({ client: 'key_ps256', lifetime: 3, expiresIn: 60 });
      ended(run, 'expired');
      assert.equal(run.polls.filter((poll) => poll.heard === 'expired_token').length, 1);
    });

    test('the transaction fails', async () => {
      const run = await login({ client: 'secret_jwt', polls: [pending, fail] });
      ended(run, 'unavailable', 'transaction_failed');
    });

    test('the provider does not know the person', async () => {
      const run = await login({ client: 'post', user: 'bente.testesen' });
      ended(run, 'unavailable', 'unknown_user_id');
      assert.equal(run.polls.length, 0);
    });

    for (const name of ['post', 'basic', 'secret_jwt']) {
      test(`a wrong secret, ${CLIENTS[name].method}`, async () => {
        const run = await login({ client: name, secret: `${CLIENTS[name].secret}x` });
        ended(run, 'unavailable', 'invalid_client');
        assert.equal(run.polls.length, 0);
      });
    }

    test('a key that the provider does not know', async () => {
      const run = await login({ client: 'key_rs256', key: CLIENTS.key_ps256.key });
      ended(run, 'unavailable', 'invalid_client');
    });

    for (const signal of ['SIGINT', 'SIGTERM']) {
      test(`${signal} while waiting`, async () => {
        const kill = during(({ journey: { child } }) => setTimeout(() => child.kill(signal), 300));
        const run = await login({ client: 'key_es256', interval: 3, polls: [kill] });
        ended(run, 'cancelled');
        assert.equal(run.polls.length, 1, 'nothing is asked after the cancellation');
      });
    }

    test('an ID token signed with another algorithm than the pinned one', async () => {
      const run = await login({ client: 'post', idTokenAlg: 'PS256', polls: [approve] });
      ended(run, 'refused');
    });

    test('an ID token changed on the way', async () => {
      const run = await login({ client: 'post', polls: [forged] });
      ended(run, 'refused');
    });

    test('a server that the configured authority did not vouch for hears nothing', async () => {
      const run = await login({ client: 'post', caFile: () => stranger.caFile });
      ended(run, 'unavailable');
      assert.equal(run.starts.length, 0);
    });
  });

  describe('the speed of polling', TOGETHER, () => {
    test('five seconds when the acknowledgement names no interval', async () => {
      const run = await login({ client: 'post', interval: null, polls: [approve] });
      await approved(run);
      assert.ok(run.polls[0].gap >= 5_000, `first poll after ${run.polls[0].gap} ms`);
    });

    test('slow_down adds five seconds for good', async () => {
      const run = await login({ client: 'key_ps256', polls: [slowDown, pending, approve] });
      await approved(run);
      assert.deepEqual(run.polls.map((poll) => poll.interval), [1, 6, 6]);
    });
  });

  describe('trouble on the way to a poll is not the end', TOGETHER, () => {
    const html = { 'content-type': 'text/html' };
    const troubles = {
      'a 503 with Retry-After': answer(503, { 'retry-after': '3', 'content-type': 'text/plain' }, 'busy'),
      'a 500 in JSON': answer(500, { 'content-type': 'application/json' }, '{"error":"server_error"}'),
      'a 502 page': answer(502, html, '<html><h1>502 Bad Gateway</h1></html>'),
      'a 429 without a word': answer(429, {}, ''),
      'a connection reset': reset,
    };
    for (const [name, trouble] of Object.entries(troubles)) {
      test(name, async () => {
        const run = await login({ client: 'key_es256', polls: [pending, trouble, approve] });
        await approved(run);
        assert.equal(run.polls.length, 3);
        if (name.includes('Retry-After')) assert.ok(run.polls[2].gap >= 3_000, `waited ${run.polls[2].gap} ms`);
      });
    }
  });

  describe('an answer that is used up and never arrives', TOGETHER, () => {
    test('lost after the status line', async () => {
      const run = await login({ client: 'key_es256', polls: [pending, lostInTheBody] });
      ended(run, 'unknown');
      assert.ok(run.polls.length <= 3, 'a lost answer is asked for again once at most');
    });

    test('lost before the status line', async () => {
      const run = await login({ client: 'key_rs256', polls: [pending, lostBeforeTheStatus] });
      ended(run, 'unknown');
      assert.equal(run.polls.at(-1).heard, 'invalid_grant', 'the provider says that it is used up');
    });
  });
});

/** Runs `flexlogin login` once to its end, and gathers what came out and what the provider's side saw. */
async function login({ client: name, user, userCode, secret, key, idTokenAlg, requestAlg, more, caFile = () => trusted.caFile, ...rest }) {
  const client = CLIENTS[name];
  const seen = journey(rest);
  user ??= `anna.testesen.${journeys.size}`;
  journeys.set(user, seen);

  const home = join(dir, `run-${user}`);
  mkdirSync(home);
  const config = join(home, 'flexlogin.toml');
  writeFileSync(config, configuration(home, client, { secret, key, idTokenAlg, requestAlg, more, caFile: caFile() }));

  const askForCode = userCode === undefined ? [] : ['--user-code', '-'];
  const child = spawn(BINARY, ['login', '--config', config, '--user-id', user, '--timeout', '30', ...askForCode], {
    cwd: home, env: { PATH: process.env.PATH, HOME: home }, stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(userCode === undefined ? '' : `${userCode}\n`);
  seen.child = child;
  const out = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => { out[stream] += text; });
  }
  const watchdog = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  clearTimeout(watchdog);

  assert.equal(signal, null, `it ended by itself; it was killed by ${signal}; it said ${out.stderr}`);
  assert.match(out.stdout, /^[^\n]+\n$/, `one line on standard output; it said ${out.stdout}${out.stderr}`);
  const result = JSON.parse(out.stdout);
  const run = { ...seen, ...out, user, userCode, client, idTokenAlg: idTokenAlg ?? client.idTokenAlg, code, result };
  behaved(run);
  return run;
}

function configuration(home, client, { secret, key, idTokenAlg, requestAlg = client.requestAlg, more, caFile }) {
  const auth = { method: client.method };
  if (client.key) {
    writeFileSync(join(home, 'key.pem'), (key ?? client.key).export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    Object.assign(auth, { key_file: 'key.pem', key_id: client.key_id, alg: client.alg });
  } else {
    writeFileSync(join(home, 'secret.txt'), secret ?? client.secret, { mode: 0o600 });
    Object.assign(auth, { secret_file: 'secret.txt' });
  }
  return toml({
    broker: {
      authority: front.issuer,
      profile: 'ciba',
      client_id: client.client_id,
      ca_file: caFile,
      id_token_alg: idTokenAlg ?? client.idTokenAlg,
      ...requestAlg && { request_alg: requestAlg },
      ...more?.broker,
    },
    'broker.auth': auth,
    login: {
      identifier: 'user-id',
      scope: 'openid',
      service: 'Nordlys TV',
      reference_text: 'Log på {service}. Kode {code}. Afvis, hvis det ikke er dig.',
      ...more?.login,
    },
  });
}

/** Every value is a string, a number or a list of strings, and those of JSON are those of TOML. */
function toml(tables) {
  const lines = (values) => Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  return Object.entries(tables).map(([name, values]) => `[${name}]\n${lines(values).join('')}`).join('\n');
}

/** What holds for every run, however it ends. */
function behaved(run) {
  assert.ok(run.starts.length <= 1, 'a start is never repeated');
  assert.deepEqual(run.early, [], 'no poll comes before its time');
  assert.equal(run.overlaps, 0, 'one poll in flight at most');

  const [start] = run.starts;
  if (start) {
    assert.equal(start.parameters.get('scope'), 'openid');
    const message = start.parameters.get('binding_message');
    assert.match(message, /^Log på Nordlys TV\. Kode \d{4}\. Afvis, hvis det ikke er dig\.$/);
    assert.ok(!start.parameters.has('login_hint_token') && !start.parameters.has('id_token_hint'), 'exactly one hint');
  }
  for (const { form } of run.polls) {
    assert.deepEqual(form.getAll('grant_type'), ['urn:openid:params:grant-type:ciba']);
    assert.deepEqual(form.getAll('auth_req_id'), [run.id]);
  }

  const calls = [...run.starts, ...run.polls];
  if (run.client.alg) {
    const assertions = calls.map(({ form }) => decodeJwt(form.get('client_assertion')));
    assert.equal(new Set(assertions.map(({ jti }) => jti)).size, calls.length, 'every call carries a fresh jti');
    for (const { iss, sub, aud, iat, exp } of assertions) {
      assert.deepEqual({ iss, sub, aud }, { iss: run.client.client_id, sub: run.client.client_id, aud: front.issuer });
      assert.ok(exp - iat <= 300, 'an assertion is short-lived');
    }
  } else {
    assert.ok(calls.every(({ form }) => !form.has('client_assertion')));
    const inBody = run.client.method === 'client_secret_post';
    assert.ok(calls.every(({ form }) => form.has('client_secret') === inBody), 'the secret travels in one place');
  }

  const canaries = { user: run.user, user_code: run.userCode, secret: run.client.secret, auth_req_id: run.id, id_token: run.result.id_token };
  for (const [what, canary] of Object.entries(canaries)) {
    assert.ok(!canary || !run.stderr.includes(canary), `standard error holds no ${what}`);
  }
}

function ended(run, outcome, error) {
  assert.equal(run.result.outcome, outcome, run.stdout + run.stderr);
  assert.equal(run.code, EXIT[outcome]);
  assert.equal(typeof run.result.error, 'string');
  if (error) assert.equal(run.result.error, error);
  assert.ok(!('id_token' in run.result) && !('identity' in run.result), 'no identity without an approval');
  assert.ok(!run.result.error.includes(run.user), 'no personal data in the reason');
}

/** The line says approved, and another library finds the same identity in the same token. */
async function approved(run) {
  assert.equal(run.result.outcome, 'approved', run.stdout + run.stderr);
  assert.equal(run.code, EXIT.approved);
  assert.equal(typeof run.result.reference_id, 'string');
  assert.equal(run.result.identity.sub, run.user);
  const keys = createLocalJWKSet(await (await fetch(`${provider.address}/jwks`)).json());
  const { payload } = await jwtVerify(run.result.id_token, keys, {
    issuer: front.issuer, audience: run.client.client_id, algorithms: [run.idTokenAlg],
  });
  assert.equal(payload.sub, run.user);
}
