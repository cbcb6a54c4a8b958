// The provider that we did not write: npm's oidc-provider with CIBA, over plain HTTP on loopback, behind `front.mjs`.
// It owns every rule of the protocol; this file only configures it and lends it a person's decision.

import { createServer } from 'node:http';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Provider, errors } from 'oidc-provider';

const CIBA = 'urn:openid:params:grant-type:ciba';

/** The one person the provider knows under many names: `anna.testesen` and `anna.testesen.<case>`. */
export const knows = (user) => /^anna\.testesen(\.|$)/.test(user);

const keyPair = (type, options) => generateKeyPairSync(type, options).privateKey;
const rsa = () => keyPair('rsa', { modulusLength: 2048 });
const p256 = () => keyPair('ec', { namedCurve: 'P-256' });

/**
 * Every client authentication that flexlogin has, each under a client of its own; between them they also pin every
 * ID-token algorithm. The secrets hold the characters that a careless client forgets to encode.
 */
export const CLIENTS = {
  post: {
    client_id: 'tv-post', method: 'client_secret_post', idTokenAlg: 'RS256',
    secret: 'Post+a/b=c:d%41&e f;0123456789abcdef',
  },
  basic: {
    client_id: 'tv:basic+1', method: 'client_secret_basic', idTokenAlg: 'ES256',
    secret: 'Basic+a/b=c:d%41&e f;0123456789abcdef==',
  },
  secret_jwt: {
    client_id: 'tv-secret-jwt', method: 'client_secret_jwt', alg: 'HS256', idTokenAlg: 'PS256',
    secret: 'Jwt+a/b=c:d%41&e f;0123456789abcdef+/==',
  },
  key_es256: {
    client_id: 'tv-key-es256', method: 'private_key_jwt', alg: 'ES256', idTokenAlg: 'ES256',
    key: p256(), key_id: 'device-es',
  },
  key_rs256: {
    client_id: 'tv-key-rs256', method: 'private_key_jwt', alg: 'RS256', idTokenAlg: 'RS256',
    key: rsa(), key_id: 'device-rs',
  },
  key_ps256: {
    client_id: 'tv-key-ps256', method: 'private_key_jwt', alg: 'PS256', idTokenAlg: 'PS256',
    key: rsa(), key_id: 'device-ps',
  },
};

const registration = (client) => ({
  client_id: client.client_id,
  client_secret: client.secret,
  token_endpoint_auth_method: client.method,
  token_endpoint_auth_signing_alg: client.alg,
  jwks: client.key && { keys: [signing(client.key_id, client.alg, createPublicKey(client.key))] },
  id_token_signed_response_alg: client.idTokenAlg,
  grant_types: [CIBA],
  redirect_uris: [],
  response_types: [],
  backchannel_token_delivery_mode: 'poll',
});

const signing = (kid, alg, key) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' });

/**
 * Starts the provider for `issuer`, the address of the front. `lifetime(user)` is the lifetime of a request in
 * seconds. Returns its own address, and the person's three answers.
 */
export async function startProvider({ issuer, lifetime }) {
  const op = new Provider(issuer, {
    clients: Object.values(CLIENTS).map(registration),
    jwks: {
      keys: [signing('op-rs', 'RS256', rsa()), signing('op-ps', 'PS256', rsa()), signing('op-es', 'ES256', p256())],
    },
    ttl: { BackchannelAuthenticationRequest: (ctx) => lifetime(ctx.oidc.params.login_hint) },
    features: {
      devInteractions: { enabled: false },
      ciba: {
        enabled: true,
        deliveryModes: ['poll'],
        processLoginHint: async (ctx, hint) => (knows(hint) ? hint : undefined),
        validateBindingMessage: async () => {},
        validateRequestContext: async () => {},
        verifyUserCode: async () => {},
        triggerAuthenticationDevice: async () => {},
      },
    },
    findAccount: async (ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
  });
  op.proxy = true;
  // The provider answers with the error; its cause is wanted on the console when a case fails.
  for (const event of ['server_error', 'backchannel_authentication.error', 'grant.error']) {
    op.on(event, (ctx, error) => process.env.PEER_VERBOSE && console.error(event, ctx.path, error));
  }

  const server = createServer(op.callback());
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));

  async function approve(id) {
    const request = await op.BackchannelAuthenticationRequest.find(id);
    const grant = new op.Grant({ clientId: request.clientId, accountId: request.accountId });
    grant.addOIDCScope(request.scope);
    await grant.save();
    await op.backchannelResult(request, grant, { authTime: Math.floor(Date.now() / 1000) });
  }

  return {
    address: `http://127.0.0.1:${server.address().port}`,
    approve,
    deny: (id) => op.backchannelResult(id, new errors.AccessDenied('the person said no')),
    fail: (id) => op.backchannelResult(id, new errors.TransactionFailed('the app gave up')),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
