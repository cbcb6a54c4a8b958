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
  signed_es256: {
    client_id: 'tv-signed-es256', method: 'private_key_jwt', alg: 'ES256', requestAlg: 'ES256', idTokenAlg: 'RS256',
    key: p256(), key_id: 'device-signed-es',
  },
  signed_ps256: {
    client_id: 'tv-signed-ps256', method: 'private_key_jwt', alg: 'PS256', requestAlg: 'PS256', idTokenAlg: 'PS256',
    key: rsa(), key_id: 'device-signed-ps',
  },
  signed_rs256: {
    client_id: 'tv-signed-rs256', method: 'private_key_jwt', alg: 'RS256', requestAlg: 'RS256', idTokenAlg: 'ES256',
    key: rsa(), key_id: 'device-signed-rs',
  },
};

/** Ways to authenticate that the provider can tell. */
export const ACR_VALUES = ['urn:peer:acr:high', 'urn:peer:acr:low'];

/** The code of every person whose name ends in `.code`. */
const USER_CODE = '4711 æ';

const registration = (client) => ({
  client_id: client.client_id,
  client_secret: client.secret,
  token_endpoint_auth_method: client.method,
  token_endpoint_auth_signing_alg: client.alg,
  jwks: client.key && { keys: [signing(client.key_id, client.alg, createPublicKey(client.key))] },
  id_token_signed_response_alg: client.idTokenAlg,
  backchannel_authentication_request_signing_alg: client.requestAlg,
  backchannel_user_code_parameter: true,
  grant_types: [CIBA],
  redirect_uris: [],
  response_types: [],
  backchannel_token_delivery_mode: 'poll',
});

const signing = (kid, alg, key) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' });

/** What CIBA 7.1.1 and FAPI-CIBA 5.2.2 ask of a request object beyond what the provider checks by itself. */
async function sealed(ctx, claims) {
  const missing = ['iss', 'aud', 'exp', 'iat', 'nbf', 'jti'].filter((name) => claims[name] === undefined);
  if (missing.length) throw new errors.InvalidRequestObject(`without ${missing}`);
  if (claims.exp - claims.nbf > 3600 || 'sub' in claims) throw new errors.InvalidRequestObject('too long, or with sub');
}

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
    ttl: {
      BackchannelAuthenticationRequest: ({ oidc: { params } }) =>
        Number(params.requested_expiry ?? lifetime(params.login_hint)),
    },
    acrValues: ACR_VALUES,
    features: {
      requestObjects: { enabled: true, assertJwtClaimsAndHeader: sealed },
      devInteractions: { enabled: false },
      ciba: {
        enabled: true,
        deliveryModes: ['poll'],
        processLoginHint: async (ctx, hint) => (knows(hint) ? hint : undefined),
        validateBindingMessage: async () => {},
        validateRequestContext: async () => {},
        verifyUserCode: async (ctx, account, code) => {
          if (!account.accountId.endsWith('.code')) return;
          if (code === undefined) throw new errors.MissingUserCode('this person has a code');
          if (code !== USER_CODE) throw new errors.InvalidUserCode('the code is wrong');
        },
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
    const acr = request.params.acr_values?.split(' ').find((asked) => ACR_VALUES.includes(asked));
    await op.backchannelResult(request, grant, { acr, authTime: Math.floor(Date.now() / 1000) });
  }

  return {
    address: `http://127.0.0.1:${server.address().port}`,
    approve,
    deny: (id) => op.backchannelResult(id, new errors.AccessDenied('the person said no')),
    fail: (id) => op.backchannelResult(id, new errors.TransactionFailed('the app gave up')),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
