// Streams runs with the AssistantStream of OpenAI's Node SDK, and prints what became of each as one
// line of JSON. Usage: node stream.mjs BASE_URL CONVERSATIONS, where CONVERSATIONS is the JSON of
// [{key, fault, outputs, cancel}]: all but the key may be null.

import OpenAI from "openai";

const [baseURL, conversations] = process.argv.slice(2);

const NAMES = [
  ...["connect", "error", "abort", "end"],
  ...["runStepCreated", "runStepDelta", "runStepDone"],
  ...["toolCallCreated", "toolCallDelta", "toolCallDone"],
  ...["messageCreated", "messageDelta", "messageDone"],
  ...["textCreated", "textDelta", "textDone", "imageFileDone"],
];
const TOOLS = [
  { type: "function", function: { name: "get_weather" } },
  { type: "file_search" },
  { type: "code_interpreter" },
];
const PATIENCE = 3000;

async function collect(pages) {
  const all = [];
  for await (const one of pages) all.push(one);
  return all;
}

// What a client would see of a stream, and how it ended. "hangs" is this script's own word for one
// that says nothing for so many milliseconds, twice the SDK's timeout: that ends with the head.
async function listen(stream, onText = () => {}) {
  const heard = [];
  let text = "";
  for (const name of NAMES) stream.on(name, () => heard.push(name));
  stream.on("textDelta", (delta) => {
    text += delta.value ?? "";
    onText(stream.currentRun());
  });
  let timer, giveUp;
  const hung = new Promise((resolve) => {
    giveUp = () => resolve("hangs");
  });
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, PATIENCE);
  };
  stream.on("event", wait);
  wait();
  const failed = (error) => `${error.constructor.name}: ${error.message}`;
  const error = await Promise.race([stream.done().then(() => null, failed), hung]);
  clearTimeout(timer);
  if (error === "hangs") stream.abort();
  return { heard, text, error, run: stream.currentRun() ?? null };
}

async function converse({ key, fault, outputs, cancel }) {
  const client = new OpenAI({ baseURL, apiKey: key, timeout: PATIENCE / 2 });
  const { assistants, threads } = client.beta;
  const { runs } = threads;
  const assistant = await assistants.create({ model: "gpt-4o", tools: TOOLS });
  const thread = await threads.create({ messages: [{ role: "user", content: "What now?" }] });
  const options = fault ? { headers: { "X-Mock-Fault": fault } } : {};
  let cancelling = null;
  const onText = (run) => {
    if (cancel) cancelling ??= runs.cancel(run.id, { thread_id: thread.id });
  };
  let stream = runs.stream(thread.id, { assistant_id: assistant.id }, options);
  let seen = await listen(stream, onText);
  await cancelling;
  if (outputs) {
    const calls = seen.run.required_action.submit_tool_outputs.tool_calls;
    const tool_outputs = calls.map(({ id }, at) => ({ tool_call_id: id, output: outputs[at] }));
    stream = runs.submitToolOutputsStream(seen.run.id, { thread_id: thread.id, tool_outputs });
    seen = await listen(stream);
  }
  if (!seen.error) {
    seen.messages = await stream.finalMessages();
    seen.steps = await stream.finalRunSteps();
  }
  const run = await runs.retrieve(seen.run.id, { thread_id: thread.id });
  const steps = await collect(runs.steps.list(run.id, { thread_id: thread.id, order: "asc" }));
  const messages = await collect(threads.messages.list(thread.id, { run_id: run.id }));
  return { ...seen, polled: { run, steps, messages } };
}

const results = await Promise.all(JSON.parse(conversations).map(converse));
console.log(JSON.stringify(results));
