// What the encrypt route is held against: a plain Fastify server that does the same work in one process.
// It checks a JWT (HS256), path and body by JSON schema with the API's rule of base64, and the caller's role; seals with
// AES-256-GCM; answers base64. It logs nothing. Prints the token that it accepts.
//   node server.mjs PORT KEY_ID
import {
  createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes, randomUUID, timingSafeEqual,
} from 'node:crypto';
import fastify from 'fastify';

const [port, keyId] = process.argv.slice(2);
const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const version = Buffer.from('v01');
const keys = new Map([[keyId, createSecretKey(randomBytes(32))]]);
const identity = randomUUID();
const roles = new Map([[identity, 'admin']]);

const signingKey = createSecretKey(randomBytes(32));
const signature = (text) => createHmac('sha256', signingKey).update(text).digest();
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function issue() {
  const ids = ['clientSecretId', 'identityAccessTokenId', 'jti', 'orgId', 'rootOrgId', 'parentOrgId'];
  const claims = { identityId: identity, ...Object.fromEntries(ids.map((name) => [name, randomUUID()])) };
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, iat: now, exp: now + 2_592_000 })}`;
  return `${signed}.${signature(signed).toString('base64url')}`;
}

// The role of who calls, or nothing.
function verified(authorization = '') {
  const token = authorization.slice('Bearer '.length);
  const end = token.lastIndexOf('.');
  const given = Buffer.from(token.slice(end + 1), 'base64url');
  const wanted = signature(token.slice(0, end));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return undefined;
  }
  const claims = JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, end), 'base64url'));
  return claims.exp * 1000 > Date.now() ? roles.get(claims.identityId) : undefined;
}

const params = {
  type: 'object',
  required: ['keyId'],
  properties: { keyId: { type: 'string', format: 'uuid' } },
};
const base64 = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$';
const one = (name, rule) => ({ type: 'object', required: [name], properties: { [name]: rule } });
const route = (asked, answered) => ({
  schema: {
    params,
    body: one(asked, { type: 'string', minLength: 1, maxLength: 1_400_000, pattern: base64 }),
    response: { 200: one(answered, { type: 'string' }) },
  },
});

const server = fastify({ bodyLimit: 2 << 20 });
server.decorateRequest('role', '');

server.addHook('onRequest', async (request, reply) => {
  request.role = verified(request.headers.authorization);
  if (!request.role) {
    return reply.code(401).send({ message: 'Token missing' });
  }
  reply.header('x-request-id', request.id).header('cache-control', 'no-store');
});

const keyOf = (request) => {
  const key = keys.get(request.params.keyId);
  if (!key) {
    throw Object.assign(new Error('no such key'), { statusCode: 404 });
  }
  if (request.role !== 'admin') {
    throw Object.assign(new Error('not allowed'), { statusCode: 403 });
  }
  return key;
};

server.post('/api/v1/kms/keys/:keyId/encrypt', route('plaintext', 'ciphertext'), async (request) => {
  const key = keyOf(request);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv);
  const sealed = cipher.update(request.body.plaintext, 'base64');
  cipher.final();
  return { ciphertext: Buffer.concat([iv, sealed, cipher.getAuthTag(), version]).toString('base64') };
});

server.post('/api/v1/kms/keys/:keyId/decrypt', route('ciphertext', 'plaintext'), async (request) => {
  const key = keyOf(request);
  const message = Buffer.from(request.body.ciphertext, 'base64');
  const tagAt = message.length - tagBytes - version.length;
  const decipher = createDecipheriv(algorithm, key, message.subarray(0, ivBytes));
  decipher.setAuthTag(message.subarray(tagAt, tagAt + tagBytes));
  const opened = decipher.update(message.subarray(ivBytes, tagAt));
  decipher.final();
  return { plaintext: opened.toString('base64') };
});

console.log(`token ${issue()}`);
console.log(`listening on ${await server.listen({ host: '127.0.0.1', port: Number(port) })}`);
