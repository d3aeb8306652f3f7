"use strict";

// The document is large. Swagger UI is given its operations' names only, and the whole of one, with
// all that it refers to, once it is opened.
let document_;
let last;

// What the story's replies have made so far (ids, tokens), by what the document shows for it: it
// is put in its place in every further request, so that each operation works as it stands.
const made = new Map();

function findPointer(value, pointer) {
  return pointer
    .split("/")
    .slice(1)
    .reduce((part, name) => part?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], value);
}

function isOf(path, method, request) {
  const pattern = new RegExp("^" + path.replace(/\{[^}]+\}/g, "[^/]+") + "$");
  return method === (request.method || "get").toLowerCase() && pattern.test(new URL(request.url, location.href).pathname);
}

function findOperation(request) {
  for (const [path, item] of Object.entries(document_.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (isOf(path, method, request)) return operation.operationId;
    }
  }
  return undefined;
}

function rememberMade(response) {
  if (!response.ok || !response.body || typeof response.body !== "object") return;
  const operation = findOperation(last);
  for (const each of document_["x-story"].made) {
    const matches = Object.entries(each.where).every(([name, value]) => response.body[name] === value);
    const value = each.by.includes(operation) && matches && findPointer(response.body, each.member);
    if (value) made.set(each.shown, each.last ? value.split("/").pop() : value);
  }
}

function putMade(text) {
  for (const [shown, value] of made) text = text.replaceAll(shown, value);
  return text;
}

// What is referred to stands in place of the reference; within itself, a shape is named only.
function dereference(value, within = []) {
  if (Array.isArray(value)) return value.map((each) => dereference(each, within));
  if (value === null || typeof value !== "object") return value;
  const { $ref: reference, ...rest } = value;
  if (typeof reference !== "string") return mapValues(value, (each, name) => (name === "value" ? each : dereference(each, within)));
  const title = reference.split("/").pop();
  if (within.includes(reference)) return { type: "object", title, ...rest };
  return { ...dereference(findPointer(document_, reference.slice(1)), [...within, reference]), ...rest };
}

function mapValues(value, change) {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(each, name)]));
}

function outline(items) {
  return mapValues(items, (item) =>
    mapValues(dereferenceItem(item), ({ operationId, summary, tags, deprecated, security }) => ({
      operationId,
      summary,
      tags,
      deprecated,
      security,
    })),
  );
}

function dereferenceItem(item) {
  return item.$ref ? findPointer(document_, item.$ref.slice(1)) : item;
}

async function resolveSubtree(_, path) {
  const [part, name, method] = path;
  if (part === "paths" || part === "webhooks") {
    const item = dereferenceItem(document_[part][name]);
    return { spec: dereference(method ? item[method] : item), errors: [] };
  }
  return { spec: dereference(path.reduce((found, each) => found?.[each], document_)), errors: [] };
}

// A refusal is a line that lists its codes; its example is rendered once somebody asks for it.
function foldRefusals(Original, system) {
  const { createElement, useState } = system.React;
  return function Response(props) {
    const [isOpen, setOpen] = useState(false);
    if (isOpen || !/^([45]|default)/.test(props.code)) return createElement(Original, props);
    const Markdown = system.getComponent("Markdown", true);
    const source = props.response.get("description");
    const button = { className: "fold", type: "button", onClick: () => setOpen(true) };
    return createElement(
      "tr",
      { className: "response" },
      createElement("td", { className: "response-col_status" }, props.code),
      createElement(
        "td",
        { className: "response-col_description", colSpan: 2 },
        createElement(Markdown, { source }),
        createElement("button", button, "Show an example"),
      ),
    );
  };
}

function parseAsJson(_, system) {
  return (text) => system.specActions.updateJsonSpec(JSON.parse(text));
}

async function openDocs() {
  document_ = await (await fetch("/openapi.json")).json();
  const { paths, webhooks, components, ...rest } = document_;
  const { securitySchemes } = components;
  SwaggerUIBundle({
    spec: { ...rest, paths: outline(paths), webhooks: outline(webhooks), components: { securitySchemes } },
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    tryItOutEnabled: true,
    persistAuthorization: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: -1,
    validatorUrl: null,
    plugins: [
      () => ({
        fn: { resolveSubtree },
        wrapComponents: { response: foldRefusals },
        statePlugins: { spec: { wrapActions: { parseToJson: parseAsJson } } },
      }),
    ],
    requestInterceptor: (request) => {
      request.url = putMade(request.url);
      if (typeof request.body === "string") request.body = putMade(request.body);
      last = request;
      return request;
    },
    responseInterceptor: (response) => {
      rememberMade(response);
      return response;
    },
  });
}

openDocs();
