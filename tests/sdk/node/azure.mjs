// Calls every operation with Azure's own client, and prints the results as one line of JSON.
// Usage: node azure.mjs URL KEY

import { AssistantsClient } from "@azure/openai-assistants";
import { AzureKeyCredential } from "@azure/core-auth";

const [url, key] = process.argv.slice(2);
const client = new AssistantsClient(url, new AzureKeyCredential(key), {
  allowInsecureConnection: true,
});

const created = await client.createAssistant({
  model: "our-deployment",
  name: "before",
  tools: [{ type: "code_interpreter" }],
});
const listed = await client.listAssistants({ limit: 2 });
const retrieved = await client.getAssistant(created.id);
const modified = await client.updateAssistant(created.id, { name: "after" });
const deleted = await client.deleteAssistant(created.id);
console.log(JSON.stringify({ created, listed: listed.data, retrieved, modified, deleted }));
