// Stocks and searches a vector store with OpenAI's Node SDK, has a run search it, and prints what
// came of it as one line of JSON.
// Usage: node vector_stores.mjs BASE_URL KEY

import OpenAI, { toFile } from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });
const { vectorStores } = client;
const soon = { pollIntervalMs: 1 };

const store = await vectorStores.create({ name: "Tips" });
const air = await toFile(Buffer.from("Breathe slowly."), "air.txt");
const water = await toFile(Buffer.from("Drink water."), "water.txt");

const one = await vectorStores.files.uploadAndPoll(store.id, air, soon);
const batch = await vectorStores.fileBatches.uploadAndPoll(store.id, { files: [water] }, soon);

const found = [];
for await (const result of vectorStores.search(store.id, { query: "Which water?" })) {
  found.push([result.filename, result.content[0].text]);
}

const content = [];
for await (const part of vectorStores.files.content(one.id, { vector_store_id: store.id })) {
  content.push(part.text);
}

const assistant = await client.beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "file_search" }],
  tool_resources: { file_search: { vector_store_ids: [store.id] } },
});
const run = await client.beta.threads.createAndRunPoll(
  { assistant_id: assistant.id, thread: { messages: [{ role: "user", content: "Which water?" }] } },
  soon,
);
const said = (await client.beta.threads.messages.list(run.thread_id)).data[0].content[0].text;
const cited = await client.files.retrieve(said.annotations[0].file_citation.file_id);

const { deleted } = await vectorStores.files.delete(one.id, { vector_store_id: store.id });
const { file_counts } = await vectorStores.retrieve(store.id);

console.log(
  JSON.stringify({
    statuses: [one.status, batch.status, run.status],
    found,
    content,
    cited: cited.filename,
    deleted,
    left: file_counts.completed,
  }),
);
