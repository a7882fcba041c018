// @azure/service-bus, unmodified, as one of the clients of service_bus_interop.py.
//
// Usage: node service_bus_interop.mjs CONNECTION-STRING
// Reads one call a line from stdin as JSON, and writes one answer a line. NODE_PACKAGES is the
// folder that the package was installed into.
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

const require = createRequire(path.resolve(process.env.NODE_PACKAGES, "package.json"));
const { ServiceBusClient } = require("@azure/service-bus");
const retryOptions = { maxRetries: 3, timeoutInMs: 10_000, retryDelayInMs: 200 };
const client = new ServiceBusClient(process.argv[2], { retryOptions });
const held = [];
const receivers = [];

// A message whose body is written in one of the ways that the client knows.
function message({ style, body, subject }) {
  subject ??= undefined;
  switch (style) {
    case "text": return { body: Buffer.from(body), subject, contentType: "application/json" };
    case "bytes": return { body: Buffer.from(body, "hex"), subject };
    case "object": return { body: JSON.parse(body), subject };
    case "value": return { body, bodyType: "value", properties: { subject } };
    case "sequence": return { body: [[body]], bodyType: "sequence", properties: { subject } };
    default: throw new Error(`unknown style ${style}`);
  }
}

function text(body) {
  if (typeof body === "string") return body;
  return Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
}

function seen(receiver, message) {
  held.push([receiver, message]);
  return {
    handle: held.length - 1,
    subject: message.subject ?? null,
    body: text(message.body),
    content_type: message.contentType ?? null,
    message_id: message.messageId,
    deliveries: message.deliveryCount,
    reason: message.deadLetterReason ?? null,
    description: message.deadLetterErrorDescription ?? null,
  };
}

const calls = {
  async send({ queue, messages }) {
    const sender = client.createSender(queue);
    await sender.sendMessages(messages.map(message));
    await sender.close();
  },
  async take({ queue, count, dead, wait_ms: maxWaitTimeInMs }) {
    const receiver = client.createReceiver(queue, dead ? { subQueueType: "deadLetter" } : {});
    receivers.push(receiver);
    const taken = [];
    while (taken.length < count) {
      const more = await receiver.receiveMessages(count - taken.length, { maxWaitTimeInMs });
      if (more.length === 0) break;
      taken.push(...more.map((message) => seen(receiver, message)));
    }
    return taken;
  },
  async complete({ handle }) {
    const [receiver, message] = held[handle];
    await receiver.completeMessage(message);
  },
  async dead_letter({ handle, reason, description }) {
    const [receiver, message] = held[handle];
    await receiver.deadLetterMessage(message, {
      deadLetterReason: reason, deadLetterErrorDescription: description,
    });
  },
  async leave() {
    while (receivers.length > 0) await receivers.pop().close();
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { do: name, ...details } = JSON.parse(line);
  let answer;
  try {
    answer = { messages: await calls[name](details) };
  } catch (error) {
    answer = { error: `${error.code ?? error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await client.close();
