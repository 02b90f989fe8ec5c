// Does the tasks of a file by Node's crypto alone, and prints one line of what came of each.
import { readFileSync } from "node:fs";
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
} from "node:crypto";

const IV_BYTES = 12;
const TAG_BYTES = 16;
const bytes = (text) => Buffer.from(text, "base64");

/** The digest of a scheme, and the key with what the scheme wants besides. */
function scheme(name, key) {
  if (name.startsWith("ML_DSA")) {
    return [null, key];
  }
  const hash = `sha${name.slice(-3)}`;
  if (name.startsWith("ECDSA")) {
    return [hash, { key, dsaEncoding: "der" }];
  }
  if (name.startsWith("RSASSA_PSS")) {
    const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
    return [hash, { key, padding, saltLength }];
  }
  return [hash, { key, padding: constants.RSA_PKCS1_PADDING }];
}

const aes = (key) => `aes-${key.length * 8}-gcm`;

const tasks = {
  verify({ publicKey, signingAlgorithm, data, signature }) {
    const key = createPublicKey({ key: bytes(publicKey), format: "der", type: "spki" });
    const [hash, options] = scheme(signingAlgorithm, key);
    return verify(hash, bytes(data), options, bytes(signature));
  },
  sign({ privateKey, signingAlgorithm, data }) {
    const key = createPrivateKey(bytes(privateKey));
    const [hash, options] = scheme(signingAlgorithm, key);
    return sign(hash, bytes(data), options).toString("base64");
  },
  mac({ key, hash, data }) {
    return createHmac(hash, bytes(key)).update(bytes(data)).digest("base64");
  },
  open({ key, ciphertext }) {
    const material = bytes(key);
    const all = bytes(ciphertext);
    const end = all.length - "v01".length;
    if (all.toString("latin1", end) !== "v01") {
      return `ends in ${all.toString("hex", end)}`;
    }
    const decipher = createDecipheriv(aes(material), material, all.subarray(0, IV_BYTES));
    decipher.setAuthTag(all.subarray(end - TAG_BYTES, end));
    const text = decipher.update(all.subarray(IV_BYTES, end - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("base64");
  },
  seal({ key, plaintext }) {
    const material = bytes(key);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(aes(material), material, iv);
    const text = Buffer.concat([cipher.update(bytes(plaintext)), cipher.final()]);
    return Buffer.concat([iv, text, cipher.getAuthTag(), Buffer.from("v01")]).toString("base64");
  },
};

for (const task of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  console.log(String(tasks[task.task](task)));
}
