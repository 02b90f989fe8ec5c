// Logs in, makes a key, encrypts and decrypts, by the SDK alone; prints the plaintext.
import { InfisicalSDK } from "@infisical/sdk";

const { URL, CLIENT_ID, CLIENT_SECRET, PROJECT_ID } = process.env;
const base64 = (text) => Buffer.from(text).toString("base64");

const client = new InfisicalSDK({ siteUrl: URL });
await client.auth().universalAuth.login({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
const kms = client.kms();
const created = await kms.keys().create({
  projectId: PROJECT_ID,
  name: "from-node",
  keyUsage: "encrypt-decrypt",
  encryptionAlgorithm: "aes-256-gcm",
});
const key = await kms.keys().getByName({ projectId: PROJECT_ID, name: "from-node" });
const ciphertext = await kms.encryption().encrypt({
  keyId: key.id,
  plaintext: base64("attack at dawn"),
});
const plaintext = await kms.encryption().decrypt({ keyId: created.id, ciphertext });
await kms.keys().delete({ keyId: key.id });
console.log(Buffer.from(plaintext, "base64").toString());
