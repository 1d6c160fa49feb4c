// Calls every operation with OpenAI's Node SDK, and prints the results as one line
// of JSON. Usage: node exercise.mjs BASE_URL KEY

import OpenAI, { toFile } from "openai";

const [baseURL, apiKey] = process.argv.slice(2);

let requests = 0;
const counted = (...args) => {
  requests += 1;
  return fetch(...args);
};
const client = new OpenAI({ baseURL, apiKey, fetch: counted });
const { assistants } = client.beta;

const range = (length) => Array.from({ length }, (_, n) => n);

async function outcome(call) {
  requests = 0;
  try {
    await call();
    return "no error";
  } catch (error) {
    return {
      class: error.constructor.name,
      status: error.status,
      param: error.param ?? null,
      code: error.code ?? null,
      type: error.type ?? null,
      body: error.error ?? null,
      requestId: error.requestID ?? null,
      requestIdHeader: error.headers?.get("x-request-id") ?? null,
      message: error.message,
      requests,
    };
  }
}

async function round() {
  const created = await assistants.create({
    model: "gpt-4o",
    name: "before",
    description: "Reads résumés.",
    instructions: "Be brief.",
    tools: [
      { type: "code_interpreter" },
      { type: "file_search", file_search: { max_num_results: 5 } },
      { type: "function", function: { name: "get_weather", parameters: { type: "object" } } },
    ],
    tool_resources: { code_interpreter: { file_ids: ["file-abc123"] } },
    metadata: { team: "hiring" },
    temperature: 0.2,
    top_p: 0.9,
    response_format: "auto",
  });
  const retrieved = await assistants.retrieve(created.id);
  const modified = await assistants.update(created.id, { name: "after" });
  const deleted = await assistants.delete(created.id);
  const gone = await outcome(() => assistants.retrieve(created.id));
  return { created, createdRequestId: created._request_id, retrieved, modified, deleted, gone };
}

async function lists() {
  const created = [];
  for (const n of range(45)) {
    created.push((await assistants.create({ model: "gpt-4o", name: `${n}` })).id);
  }
  const newestFirst = [];
  for await (const assistant of assistants.list({ limit: 20 })) {
    newestFirst.push(assistant.id);
  }
  const pages = [];
  const first = await assistants.list({ limit: 20, order: "asc" });
  for await (const page of first.iterPages()) {
    pages.push(page.data.map((assistant) => assistant.id));
  }
  return { created, newestFirst, pages };
}

async function models() {
  const listed = [];
  for await (const model of client.models.list()) {
    listed.push(model);
  }
  return { listed, retrieved: await client.models.retrieve("gpt-4o") };
}

async function files() {
  const text = (content) => toFile(Buffer.from(content), "résumé.txt", { type: "text/plain" });
  const created = await client.files.create({ file: await text("hello"), purpose: "vision" });
  const upload = await client.uploads.create({
    filename: "large.txt",
    bytes: 10,
    mime_type: "text/plain",
    purpose: "vision",
    expires_after: { anchor: "created_at", seconds: 3600 },
  });
  const parts = [];
  for (const content of ["hello", "world"]) {
    parts.push(await client.uploads.parts.create(upload.id, { data: await text(content) }));
  }
  const completed = await client.uploads.complete(upload.id, {
    part_ids: parts.map((part) => part.id),
  });
  const content = await client.files.content(completed.file.id);
  const listed = [];
  for await (const file of client.files.list({ limit: 1 })) {
    listed.push(file);
  }
  return {
    created,
    retrieved: await client.files.retrieve(created.id),
    content: await content.text(),
    completed,
    listed,
    deleted: await client.files.delete(created.id),
  };
}

const create = (fields) => () => assistants.create({ model: "gpt-4o", ...fields });
const listWith = (headers) => () => assistants.list({}, { headers });
const functions = (...names) => names.map((name) => ({ type: "function", function: { name } }));

const failingCalls = {
  "no key": listWith({ Authorization: null }),
  "a key with a tab in it": () =>
    client.withOptions({ apiKey: "not\ta\tkey" }).beta.assistants.list(),
  "no beta header": listWith({ "OpenAI-Beta": null }),
  "the beta header of v1": listWith({ "OpenAI-Beta": "assistants=v1" }),
  "an unknown model": create({ model: "gpt-9" }),
  "a model that Assistants does not take": create({ model: "gpt-5-mini" }),
  "no model": create({ model: undefined }),
  "an unknown parameter": create({ file_ids: [] }),
  "a number for a name": create({ name: 7 }),
  "a name of 257 characters": create({ name: "n".repeat(257) }),
  "129 tools": create({ tools: functions(...range(129).map((n) => `f${n}`)) }),
  "an unknown type of tool": create({ tools: [{ type: "retrieval" }] }),
  "a function's name with a space": create({ tools: functions("get weather") }),
  "17 pairs of metadata": create({
    metadata: Object.fromEntries(range(17).map((n) => [`key${n}`, "value"])),
  }),
  "a temperature of 3": create({ temperature: 3 }),
  "a limit of 101": () => assistants.list({ limit: 101 }),
  "a malformed id": () => assistants.retrieve("my-assistant"),
  "an unknown id": () => assistants.retrieve("asst_nobody"),
  "an unknown model to retrieve": () => client.models.retrieve("gpt-9"),
};

async function errors() {
  const outcomes = {};
  for (const [name, call] of Object.entries(failingCalls)) {
    outcomes[name] = await outcome(call);
  }
  return outcomes;
}

const results = {
  round: await round(),
  lists: await lists(),
  models: await models(),
  files: await files(),
  errors: await errors(),
};
console.log(JSON.stringify(results));
