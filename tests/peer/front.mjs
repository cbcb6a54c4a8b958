// The HTTPS front of the provider: it carries every call to it and back, keeps the time of each poll, answers
// `slow_down` to an early one, and plays the faults of a bad network. Each test owns one journey, told apart by its
// user, and says poll by poll what happens to it.

import { createServer } from 'node:https';
import { once } from 'node:events';

const now = () => performance.now();
const slowDown = { status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"slow_down"}' };

/** What one poll meets: each is a step of a journey; given the poll, it returns the reply, or `null` for a reset. */
export const step = {
  pending: (poll) => poll.forward(),
  approve: async (poll) => { await poll.op.approve(poll.id); return poll.forward(); },
  deny: async (poll) => { await poll.op.deny(poll.id); return poll.forward(); },
  fail: async (poll) => { await poll.op.fail(poll.id); return poll.forward(); },
  slowDown: (poll) => { poll.journey.interval += 5; return slowDown; },
  answer: (status, headers, body) => () => ({ status, headers, body }),
  reset: () => null,
  /** The answer exists, and is used up, but no byte of it arrives. */
  lostBeforeTheStatus: async (poll) => { await step.approve(poll); return null; },
  /** The status line arrives, and half of the tokens. */
  lostInTheBody: async (poll) => ({ ...await step.approve(poll), cut: true }),
  /** Somebody on the way makes the ID token speak of another person. */
  forged: async (poll) => {
    const reply = await step.approve(poll);
    const tokens = JSON.parse(reply.body);
    const [header, claims, signature] = tokens.id_token.split('.');
    const changed = { ...JSON.parse(Buffer.from(claims, 'base64url')), sub: 'anna.testesen.other' };
    tokens.id_token = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
    return { ...reply, body: JSON.stringify(tokens) };
  },
  /** Does something in the test, then what `then` does. */
  during: (act, then = step.pending) => async (poll) => { act(poll); return then(poll); },
};

/** One login as the provider's side sees it. `null` as interval leaves the acknowledgement without one. */
export function journey({ interval = 1, lifetime = 60, expiresIn, polls = [] } = {}) {
  const told = { named: interval, interval: interval ?? 5, lifetime, expiresIn, script: [...polls] };
  const seen = { starts: [], polls: [], early: [], overlaps: 0, inFlight: 0 };
  return { ...told, ...seen };
}

/** What a start asks for, whether it stands in the form or in a request object. */
function said(form) {
  if (!form.has('request')) return form;
  const claims = JSON.parse(Buffer.from(form.get('request').split('.')[1], 'base64url'));
  return new URLSearchParams(Object.entries(claims));
}

/** Starts the front; `journeys` maps a user to a journey. `connect(op)` names the provider behind it. */
export async function startFront({ key, cert, journeys }) {
  let op;
  const byId = new Map();

  async function forward(request, body) {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': request.headers.host };
    for (const name of ['accept', 'authorization', 'content-type']) {
      if (request.headers[name]) headers[name] = request.headers[name];
    }
    const call = { method: request.method, headers, body: body || undefined, redirect: 'manual' };
    const reply = await fetch(op.address + request.url, call);
    return {
      status: reply.status,
      headers: { 'content-type': reply.headers.get('content-type') ?? 'text/plain', 'cache-control': 'no-store' },
      body: await reply.text(),
    };
  }

  async function started(request, body, form) {
    const parameters = said(form);
    const journey = journeys.get(parameters.get('login_hint'));
    journey?.starts.push({ form, parameters, at: now() });
    const reply = await forward(request, body);
    if (!journey || reply.status !== 200) return [reply];
    const acknowledgement = JSON.parse(reply.body);
    byId.set(acknowledgement.auth_req_id, journey);
    journey.id = acknowledgement.auth_req_id;
    if (journey.named !== null) acknowledgement.interval = journey.named;
    if (journey.expiresIn) acknowledgement.expires_in = journey.expiresIn;
    return [{ ...reply, body: JSON.stringify(acknowledgement) }, () => { journey.quietSince = now(); }];
  }

  async function polled(request, body, form) {
    const journey = byId.get(form.get('auth_req_id'));
    if (!journey) return [await forward(request, body)];
    const poll = { form, arrived: now(), gap: now() - journey.quietSince, interval: journey.interval };
    journey.polls.push(poll);
    if (journey.inFlight++ > 0) journey.overlaps += 1;
    const answered = () => { journey.inFlight -= 1; journey.quietSince = now(); };
    if (poll.gap < journey.interval * 1000) {
      journey.early.push(poll.gap);
      return [step.slowDown({ journey }), answered];
    }
    const next = journey.script.shift() ?? step.pending;
    const reply = await next({ journey, id: journey.id, op, forward: () => forward(request, body) });
    poll.heard = reply?.body.match(/"error":"(\w+)"/)?.[1];
    return [reply, answered];
  }

  async function answer(request) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const form = new URLSearchParams(body);
    if (request.method === 'POST' && request.url === '/backchannel') return started(request, body, form);
    if (request.method === 'POST' && request.url === '/token') return polled(request, body, form);
    return [await forward(request, body)];
  }

  async function send(response, reply) {
    if (!reply) return response.socket.destroy();
    const body = Buffer.from(reply.body);
    response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
    if (!reply.cut) {
      response.end(body);
      return once(response, 'close');
    }
    response.write(body.subarray(0, body.length / 2));
    setTimeout(() => response.socket.destroy(), 100);
    return once(response, 'close');
  }

  const server = createServer({ key, cert }, async (request, response) => {
    try {
      const [reply, answered] = await answer(request);
      // Not afterwards: the client has the answer before this process knows that it was sent.
      answered?.();
      await send(response, reply);
    } catch (error) {
      console.error('the front failed:', request.method, request.url, error);
      response.destroy();
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));

  return {
    issuer: `https://127.0.0.1:${server.address().port}`,
    connect: (provider) => { op = provider; },
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
