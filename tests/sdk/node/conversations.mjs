// Has the conversations that the stubs of a key give answers to, with the polling helpers of
// OpenAI's Node SDK, and prints how each ended as one line of JSON.
// Usage: node conversations.mjs BASE_URL KEY

import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });
const { assistants, threads } = client.beta;

const tools = [{ type: "function", function: { name: "get_weather" } }];
const { id: assistant_id } = await assistants.create({ model: "gpt-4o", tools });
const asking = (content) => ({ messages: [{ role: "user", content }] });
const newest = async (run) => (await threads.messages.list(run.thread_id)).data[0].content[0];

async function end(question) {
  const run = await threads.createAndRunPoll({ assistant_id, thread: asking(question) });
  const again = await threads.runs.createAndPoll(run.thread_id, { assistant_id });
  return {
    statuses: [run.status, again.status],
    code: run.last_error?.code ?? null,
    reason: run.incomplete_details?.reason ?? null,
  };
}

async function twoCalls() {
  const run = await threads.createAndRunPoll({ assistant_id, thread: asking("weather") });
  const calls = run.required_action.submit_tool_outputs.tool_calls;
  const done = await threads.runs.submitToolOutputsAndPoll(run.id, {
    thread_id: run.thread_id,
    tool_outputs: calls.map((call, n) => ({ tool_call_id: call.id, output: ["sun", "rain"][n] })),
  });
  const statuses = [run.status, done.status];
  return { statuses, said: (await newest(run)).text.value };
}

async function refusal() {
  const run = await threads.createAndRunPoll({ assistant_id, thread: asking("refused") });
  return { status: run.status, part: await newest(run) };
}

async function states() {
  let run = await threads.createAndRun({ assistant_id, thread: asking("completed") });
  const seen = [run.status];
  while (["queued", "in_progress"].includes(run.status)) {
    run = await threads.runs.retrieve(run.id, { thread_id: run.thread_id });
    seen.push(run.status);
  }
  return seen;
}

async function cancelledBySecondClient() {
  const second = new OpenAI({ baseURL, apiKey }).beta.threads.runs;
  const thread = await threads.create(asking("forever"));
  const polling = threads.runs.createAndPoll(thread.id, { assistant_id });
  let runs = [];
  while (runs.length === 0) {
    runs = (await second.list(thread.id)).data;
  }
  await second.cancel(runs[0].id, { thread_id: thread.id });
  return (await polling).status;
}

const ends = {};
for (const status of ["completed", "failed", "incomplete", "expired", "cancelled"]) {
  ends[status] = await end(status);
}
const results = {
  ends,
  twoCalls: await twoCalls(),
  refusal: await refusal(),
  states: await states(),
  cancelledBySecondClient: await cancelledBySecondClient(),
};
console.log(JSON.stringify(results));
