"use strict";

// What the story's replies have made so far (ids, tokens), by what the document shows for it: it
// is put in its place in every further request, so that each operation works as it stands.
const made = new Map();

function findPointer(reply, pointer) {
  return pointer
    .split("/")
    .slice(1)
    .reduce((part, name) => part?.[name], reply);
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

// A refusal is a line that lists its codes; its example is rendered once somebody asks for it.
function foldRefusals(Original, system) {
  const { createElement, useState } = system.React;
  return function Response(props) {
    const [isOpen, setOpen] = useState(false);
    if (isOpen || !/^[45]/.test(props.code)) return createElement(Original, props);
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

let document_;
let last;

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  plugins: [() => ({ wrapComponents: { response: foldRefusals } })],
  requestInterceptor: (request) => {
    request.url = putMade(request.url);
    if (typeof request.body === "string") request.body = putMade(request.body);
    last = request;
    return request;
  },
  responseInterceptor: (response) => {
    if (document_) rememberMade(response);
    else document_ = JSON.parse(response.text);
    return response;
  },
});
