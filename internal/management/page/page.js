// The page of the management port: it asks for what there is every second, and says
// what the buttons and the form mean. Whatever clients have sent is shown as text.

const byId = (id) => document.getElementById(id);

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const value = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(value?.error ?? answer.statusText);
  return value;
}

function say(problem) {
  byId("problem").hidden = !problem;
  byId("problem").textContent = problem ?? "";
}

// act does what somebody asked for, shows what came of it, and says what is wrong.
async function act(work) {
  try {
    await work();
    say();
    await refresh();
  } catch (error) {
    say(error.message);
  }
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text ?? "";
  if (className) made.className = className;
  return made;
}

function row(texts, className) {
  const made = element("tr", "", className);
  made.append(...texts.map((text) => (text instanceof Node ? text : element("td", text))));
  return made;
}

const showFault = (fault) => Object.entries(fault).map(([name, value]) => `${name} ${value}`).join(", ");

function faultRow({ id, count, fault }) {
  const remove = element("button", "Remove");
  remove.addEventListener("click", () => act(() => ask("DELETE", `faults/${id}`)));
  const cell = element("td");
  cell.append(remove);
  return row([showFault(fault), String(count), cell]);
}

function requestRow(r) {
  const request = `${r.method} ${r.path}${r.rpc ? ` ${r.rpc}` : ""}`;
  const className = r.fault ? "affected" : r.status >= 400 ? "refused" : "";
  return row([r.at.slice(11, 23), request, r.operation, r.session, r.token, r.fault, String(r.status)], className);
}

async function refresh() {
  const [clock, faults, misuses, journal] = await Promise.all(
    ["clock", "faults", "misuses", "journal"].map((path) => ask("GET", path)),
  );
  byId("now").textContent = clock.now;
  byId("now").dateTime = clock.now;
  byId("faults").replaceChildren(...faults.map(faultRow));
  byId("misuses").replaceChildren(...misuses.map((m) => element("li", `${m.kind}: ${m.request.method} ${m.request.path}`)));
  byId("journal").replaceChildren(...journal.toReversed().map(requestRow)); // the newest on top
}

async function fillIn() {
  const [health, description] = await Promise.all([ask("GET", "health"), ask("GET", "openapi.json")]);
  byId("addresses").textContent = [health.url, health.grpc && `gRPC ${health.grpc}`].filter(Boolean).join(", ");
  const known = description.components.schemas.Fault.properties;
  for (const select of document.querySelectorAll("#fault select")) {
    select.append(...known[select.name].enum.map((word) => element("option", word)));
  }
}

byId("clock").addEventListener("click", ({ target }) => {
  if (target.dataset.clock) act(() => ask("POST", "clock", JSON.parse(target.dataset.clock)));
});
byId("reset").addEventListener("click", () => act(() => ask("POST", "reset")));
byId("fault").addEventListener("submit", (event) => {
  event.preventDefault();
  const fault = {};
  for (const [name, value] of new FormData(event.target)) {
    if (value !== "") fault[name] = ["times", "status"].includes(name) ? Number(value) : value;
  }
  act(() => ask("POST", "faults", fault));
});

await act(fillIn);
setInterval(() => refresh().catch((error) => say(`the mock does not answer: ${error.message}`)), 1000);
