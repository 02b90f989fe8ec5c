// Every KMS method of the REST client that the SDK 3 brings along, and its universal auth, against a server;
// with what they make of our errors. Ends with an error at the first surprise.
import assert from "node:assert/strict";
import { ApiClient, InfisicalSDK } from "@infisical/sdk";
import { base64, Calls, errorOf } from "./calls.mjs";

const { URL, CLIENT_ID, CLIENT_SECRET, PROJECT_ID } = process.env;
const NOBODY = "11111111-1111-4111-8111-111111111111";
const calls = new Calls();
const credentials = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };

const client = new InfisicalSDK({ siteUrl: URL });
const universalAuth = () => calls.of("universalAuth", client.auth().universalAuth);
const unknown = await errorOf(universalAuth().login({ ...credentials, clientSecret: "wrong" }));
assert.equal(unknown.name, "InfisicalSDKRequestError", unknown.message);
assert.ok(unknown.message.endsWith("[StatusCode=401] Invalid credentials"), unknown.message);
await universalAuth().login(credentials);
await universalAuth().renew();

const headers = {};
const configuration = new ApiClient.Configuration({ basePath: URL, baseOptions: { headers } });
const api = new ApiClient.DefaultApi(configuration);
const methods = {};
for (const name of Object.getOwnPropertyNames(ApiClient.DefaultApi.prototype)) {
  if (/^(apiStatusGet|apiV1Kms.*|apiV1AuthToken(Renew|Revoke)Post|.*UniversalAuthLoginPost)$/.test(name)) {
    methods[name] = api[name].bind(api);
  }
}
const rest = calls.of("rest", methods);

async function refused(call, status, message) {
  const { response } = await errorOf(call);
  assert.equal(response.status, status, JSON.stringify(response.data));
  assert.equal(response.data.statusCode, status);
  assert.ok(JSON.stringify(response.data.message).includes(message), JSON.stringify(response.data));
}

assert.equal((await rest.apiStatusGet()).data.message, "Ok");
await refused(rest.apiV1KmsKeysKeyIdGet({ keyId: NOBODY }), 401, "Token missing");
const login = { apiV1AuthUniversalAuthLoginPostRequest: credentials };
const grant = (await rest.apiV1AuthUniversalAuthLoginPost(login)).data;
assert.equal(grant.tokenType, "Bearer");
const renewal = { apiV1AuthTokenRenewPostRequest: { accessToken: grant.accessToken } };
const { accessToken } = (await rest.apiV1AuthTokenRenewPost(renewal)).data;
headers.Authorization = `Bearer ${accessToken}`;

async function create(name, keyUsage, encryptionAlgorithm) {
  const order = { projectId: PROJECT_ID, name, keyUsage, encryptionAlgorithm };
  const { key } = (await rest.apiV1KmsKeysPost({ apiV1KmsKeysPostRequest: order })).data;
  assert.equal(key.encryptionAlgorithm, encryptionAlgorithm);
  assert.deepEqual((await rest.apiV1KmsKeysKeyIdGet({ keyId: key.id })).data.key, key);
  const named = await rest.apiV1KmsKeysKeyNameKeyNameGet({ projectId: PROJECT_ID, keyName: name });
  assert.deepEqual(named.data.key, key);
  return key;
}

const encrypt = (keyId, plaintext) =>
  rest.apiV1KmsKeysKeyIdEncryptPost({ keyId, apiV1KmsKeysKeyIdEncryptPostRequest: { plaintext } });
const decrypt = (keyId, ciphertext) =>
  rest.apiV1KmsKeysKeyIdDecryptPost({ keyId, apiV1KmsKeysKeyIdDecryptPostRequest: { ciphertext } });
const change = (keyId, order) =>
  rest.apiV1KmsKeysKeyIdPatch({ keyId, apiV1KmsKeysKeyIdPatchRequest: order });

const data = base64("attack at dawn");
const aes = await create("three-aes-256", "encrypt-decrypt", "aes-256-gcm");
const aes128 = await create("three-aes-128", "encrypt-decrypt", "aes-128-gcm");
const ecc = await create("three-ecc", "sign-verify", "ECC_NIST_P256");
const rsa = await create("three-rsa", "sign-verify", "RSA_4096");

for (const { id } of [aes, aes128]) {
  const { ciphertext } = (await encrypt(id, data)).data;
  assert.deepEqual((await decrypt(id, ciphertext)).data, { plaintext: data });
}

for (const { id: keyId } of [ecc, rsa]) {
  assert.ok((await rest.apiV1KmsKeysKeyIdPublicKeyGet({ keyId })).data.publicKey.length > 100);
  const listed = (await rest.apiV1KmsKeysKeyIdSigningAlgorithmsGet({ keyId })).data.signingAlgorithms;
  assert.equal(listed.length, keyId === rsa.id ? 6 : 3);
  for (const signingAlgorithm of listed) {
    const order = { signingAlgorithm, data };
    const signed = await rest.apiV1KmsKeysKeyIdSignPost({ keyId, apiV1KmsKeysKeyIdSignPostRequest: order });
    const { signature } = signed.data;
    for (const [text, signatureValid] of [[data, true], [base64("retreat"), false]]) {
      const question = { signingAlgorithm, data: text, signature };
      const verified = await rest.apiV1KmsKeysKeyIdVerifyPost({
        keyId,
        apiV1KmsKeysKeyIdVerifyPostRequest: question,
      });
      assert.deepEqual(verified.data, { signatureValid, keyId, signingAlgorithm });
    }
  }
}

const query = { projectId: PROJECT_ID, search: "three-", limit: 2, offset: 1, orderBy: "name", orderDirection: "desc" };
const page = (await rest.apiV1KmsKeysGet(query)).data;
assert.deepEqual(page.keys.map((key) => key.name), ["three-ecc", "three-aes-256"]);
assert.equal(page.totalCount, 4);

const changed = (await change(aes.id, { name: "three-new", description: "new", isDisabled: true })).data.key;
assert.deepEqual([changed.name, changed.description, changed.isDisabled], ["three-new", "new", true]);
await refused(encrypt(aes.id, data), 400, "Key is disabled");
assert.equal((await change(aes.id, { isDisabled: false })).data.key.isDisabled, false);

const { ciphertext } = (await encrypt(aes.id, data)).data;
await refused(decrypt(aes128.id, ciphertext), 400, "The ciphertext cannot be decrypted with this key");
await refused(encrypt(NOBODY, data), 404, `Key with ID \\"${NOBODY}\\" not found`);
await refused(encrypt(aes.id, "no base64!"), 422, "data must be base64 encoded");
await refused(change(NOBODY, { name: "x" }), 404, `Key with ID ${NOBODY} not found`);

for (const { id: keyId } of [aes, aes128, ecc, rsa]) {
  assert.equal((await rest.apiV1KmsKeysKeyIdDelete({ keyId })).data.key.id, keyId);
  await refused(rest.apiV1KmsKeysKeyIdGet({ keyId }), 404, "not found");
}

const end = { apiV1AuthTokenRevokePostRequest: { accessToken } };
assert.equal((await rest.apiV1AuthTokenRevokePost(end)).data.message, "Successfully revoked access token");
await refused(rest.apiV1KmsKeysKeyIdGet({ keyId: NOBODY }), 401, "No identity access token found");
calls.finish();
