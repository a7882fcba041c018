// @azure/service-bus, unmodified, against the simulator; service_bus_clients.py says what for.
//
// Usage: node service_bus_clients.mjs CONNECTION-STRING CONTROL-URL QUEUE tcp|websocket
// NODE_PACKAGES is the folder that the packages were installed into.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve(process.env.NODE_PACKAGES, "package.json"));
const { ServiceBusClient } = require("@azure/service-bus");
const [connectionString, control, queue, transport] = process.argv.slice(2);
const webSocketOptions = transport === "websocket" ? { webSocket: require("ws") } : undefined;

function claim(holds, promise) {
  assert.ok(holds, `REFUTED: ${promise}`);
  console.log(`  holds: javascript: ${promise}`);
}

async function fault(kind, details = {}) {
  const answer = await fetch(`${control}/_sim/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ kind, ...details }]),
  });
  assert.equal(answer.status, 204);
}

const retryOptions = { maxRetries: 3, timeoutInMs: 5_000, retryDelayInMs: 200 };
const client = new ServiceBusClient(connectionString, { retryOptions, webSocketOptions });
const sender = client.createSender(queue);
const receiver = client.createReceiver(queue);

async function one(from = receiver) {
  const [message] = await from.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  assert.ok(message, "REFUTED: a message comes within 5 s");
  return message;
}

async function done(body, from = receiver) {
  const message = await one(from);
  await from.completeMessage(message);
  assert.deepEqual(message.body, body);
  return message;
}

async function refused(action) {
  try {
    await action();
  } catch (error) {
    return error.code;
  }
  return undefined;
}

async function sending() {
  await sender.sendMessages([{ body: "a", messageId: "1" }, { body: { x: 1 }, messageId: "2" }]);
  const [first, second] = [await done("a"), await done({ x: 1 })];
  claim(first.messageId === "1" && second.messageId === "2" && first.deliveryCount === 0,
    "texts and objects come in order, with their ids");
  const batch = await sender.createMessageBatch();
  while (batch.tryAddMessage({ body: Buffer.alloc(20_000) }));
  await sender.sendMessages(batch);
  let held = 0;
  while (held < batch.count) {
    for (const message of await receiver.receiveMessages(batch.count, { maxWaitTimeInMs: 2_000 })) {
      await receiver.completeMessage(message);
      held += 1;
    }
  }
  claim(batch.maxSizeInBytes === 262_144 && held > 10, `a batch of ${held} messages arrives whole`);
  const code = await refused(() => sender.sendMessages({ body: Buffer.alloc(300_000) }));
  claim(code === "MessageSizeExceeded", "300,000 bytes are refused as too large");
}

async function settling() {
  await sender.sendMessages({ body: "again" });
  await receiver.abandonMessage(await one());
  claim((await done("again")).deliveryCount === 1, "an abandoned message comes again, counted");
  await sender.sendMessages({ body: "bad" });
  const why = { deadLetterReason: "why", deadLetterErrorDescription: "because" };
  await receiver.deadLetterMessage(await one(), why);
  const dead = client.createReceiver(queue, { subQueueType: "deadLetter" });
  const letter = await done("bad", dead);
  await dead.close();
  claim(letter.deadLetterReason === "why" && letter.deadLetterErrorDescription === "because" &&
    letter.deadLetterSource === queue.toLowerCase(), "a dead letter says why and where from");
  await sender.sendMessages({ body: "later" });
  const message = await one();
  await receiver.deferMessage(message);
  const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber);
  await receiver.completeMessage(deferred);
  claim(deferred.body === "later", "a deferred message is received by its number");
  await sender.sendMessages({ body: "seen" });
  const peeked = await receiver.peekMessages(2);
  claim(peeked.length === 1 && peeked[0].body === "seen", "peeking takes nothing");
  await done("seen");
}

async function locking() {
  await sender.sendMessages({ body: "renewed" });
  const message = await one();
  const before = message.lockedUntilUtc;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = await receiver.renewMessageLock(message);
  await receiver.completeMessage(message);
  claim(after - before >= 400, "a lock is renewed");
  await sender.scheduleMessages({ body: "due" }, new Date(Date.now() + 1_500));
  const begin = Date.now();
  await done("due");
  const waited = Date.now() - begin;
  claim(waited > 1_000 && waited < 4_000, `a scheduled message came after ${waited} ms`);
}

async function subscribing() {
  const wanted = 200;
  const bodies = new Set();
  await new Promise((resolve, reject) => {
    const subscription = receiver.subscribe({
      processMessage: async (message) => {
        bodies.add(message.body);
        if (bodies.size === wanted) subscription.close().then(resolve, reject);
      },
      processError: async ({ error }) => reject(error),
    }, { maxConcurrentCalls: 16 });
    const messages = Array.from({ length: wanted }, (_, n) => ({ body: `bird ${n}` }));
    sender.sendMessages(messages).catch(reject);
  });
  claim(bodies.size === wanted, `${wanted} messages are handled, 16 at a time`);
}

async function trouble() {
  for (const kind of ["force_detach", "drop_connections", "expire_tokens"]) {
    await fault(kind);
    await sender.sendMessages({ body: `after ${kind}` });
    await done(`after ${kind}`);
    claim(true, `over ${kind}`);
  }
  await fault("server_busy", { sends: 1 });
  await sender.sendMessages({ body: "busy" });
  await done("busy");
  claim(true, "over one server-busy by trying again");
  const code = await refused(() => client.createSender("nowhere").sendMessages({ body: 1 }));
  claim(code === "MessagingEntityNotFound", "an unknown queue is not found");
  const forged = new ServiceBusClient(
    connectionString.replace(/SharedAccessKey=[^;]*/, "SharedAccessKey=Zm9yZ2Vk"),
    { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 }, webSocketOptions });
  const denied = await refused(() => forged.createSender(queue).sendMessages({ body: 1 }));
  await forged.close();
  claim(denied === "UnauthorizedAccess", `a wrong key is refused (${denied})`);
}

try {
  await sending();
  await settling();
  await locking();
  await trouble();
  await subscribing();
  await client.close();
  process.exit(0);
} catch (error) {
  console.error(error.message.startsWith("REFUTED") ? error.message : error);
  process.exit(1);
}
