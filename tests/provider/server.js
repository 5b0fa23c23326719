// Two OpenID Connect providers for the journeys: on PORT one that tells addresses by userinfo, on the port after it one
// that tells them in the ID token. Who signs in, and what goes wrong, is in `login_hint` (see README.md).
import { createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';

const port = Number(process.env.PORT);
const callbacks = process.env.CALLBACKS.split(',');
const host = '127.0.0.1';
const people = new Map();

const key = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (text) => JSON.parse(Buffer.from(text, 'base64url').toString());

function signed(header, claims, by) {
  const content = `${encoded(header)}.${encoded(claims)}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(by, 'base64url')}`;
}

// What a twist makes of an ID token. All but `unsigned`, `forged` and `hmac` are signed by the right key.
function twisted(token, twist, by, secret) {
  const [header, claims] = token.split('.').slice(0, 2).map(decoded);
  const now = Math.floor(Date.now() / 1000);
  switch (twist) {
    case 'nonce': return signed(header, { ...claims, nonce: 'another' }, by);
    case 'no_nonce': return signed(header, { ...claims, nonce: undefined }, by);
    case 'aud': return signed(header, { ...claims, aud: 'another-client' }, by);
    case 'azp': return signed(header, { ...claims, azp: 'another-client' }, by);
    case 'iss': return signed(header, { ...claims, iss: 'https://accounts.example.org' }, by);
    case 'exp': return signed(header, { ...claims, iat: now - 7200, exp: now - 3600 }, by);
    case 'at_hash': return signed(header, { ...claims, at_hash: createHash('sha256').update('x').digest('base64url').slice(0, 22) }, by);
    case 'unsigned': return `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
    case 'forged': return signed(header, claims, key());
    case 'hmac': {
      const content = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
      return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
    }
    default: return token;
  }
}

function provider(issuer, secret, inIdToken) {
  const own = key();
  const jwk = { ...own.export({ format: 'jwk' }), kid: 'first', use: 'sig', alg: 'RS256' };
  const made = new Provider(issuer, {
    clients: [{ client_id: 'jolmood', client_secret: secret, redirect_uris: callbacks, response_types: ['code'], grant_types: ['authorization_code'] }],
    jwks: { keys: [jwk] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture', 'locale'] },
    conformIdTokenClaims: !inIdToken,
    pkce: { required: () => true, methods: ['S256'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['a key of the journeys'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    findAccount: (_, sub) => people.has(sub) && { accountId: sub, claims: () => ({ ...people.get(sub).claims, sub }) },
    renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
  });
  made.on('server_error', (_, error) => console.error(error));
  const answer = made.callback();

  // Signs in whoever the request names, and agrees to everything.
  async function interact(req, res) {
    const { params, prompt } = await made.interactionDetails(req, res);
    const { twist, ...claims } = decoded(params.login_hint);
    people.set(claims.sub, { claims, twist });
    if (twist === 'denied') {
      return made.interactionFinished(req, res, { error: 'access_denied', error_description: '<b>no</b>' });
    }
    const grant = new made.Grant({ accountId: claims.sub, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const result = { login: { accountId: claims.sub }, consent: { grantId: await grant.save() } };
    return made.interactionFinished(req, res, result, { mergeWithLastSubmission: prompt.name !== 'login' });
  }

  // The answer of the token endpoint passes through here.
  function watch(res) {
    const [write, end] = [res.write.bind(res), res.end.bind(res)];
    const parts = [];
    res.write = (part) => parts.push(Buffer.from(part)) > 0;
    res.end = (part) => {
      if (part) parts.push(Buffer.from(part));
      let body = Buffer.concat(parts);
      const token = res.statusCode === 200 && JSON.parse(body).id_token;
      const twist = token && people.get(decoded(token.split('.')[1]).sub)?.twist;
      if (twist === 'garbage') {
        body = Buffer.from('<html>Bad gateway</html>');
      } else if (twist) {
        body = Buffer.from(JSON.stringify({ ...JSON.parse(body), id_token: twisted(token, twist, own, secret) }));
      }
      res.setHeader('content-length', body.length);
      write(body);
      end();
    };
  }

  return http.createServer((req, res) => {
    const failed = (error) => { console.error(error); res.statusCode = 500; res.end(); };
    if (req.url.startsWith('/interaction/')) return interact(req, res).catch(failed);
    if (req.method === 'POST' && req.url === '/token') watch(res);
    return answer(req, res);
  });
}

const secret = process.env.CLIENT_SECRET;
const servers = [false, true].map((inIdToken, nth) => provider(`http://${host}:${port + nth}`, secret, inIdToken).listen(port + nth, host));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
// Whoever started it holds its input open: it ends with them, however they end.
process.stdin.on('end', () => process.exit(0)).resume();
await Promise.all(servers.map((server) => new Promise((ready) => server.once('listening', ready))));
console.log('ready');
