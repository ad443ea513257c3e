// @ts-check
// What opens over the page: the editor, answers, copies, files, keys.
import { el, button, t, title, api } from "/words.js";
import { page, choose } from "/app.js";
import { differences } from "/detail.js";

const dialog = document.getElementById("dialog");
let catalog;

function open(name, ...children) {
  dialog.replaceChildren(el("div.top", {}, el("h2", {}, name), button(t("close"), "Esc", () => dialog.close(), { id: "close" })), ...children.flat().filter(Boolean));
  if (!dialog.open) dialog.showModal();
}

const field = (name, input) => el("label", {}, el("span.soft", {}, t(name)), input);
const fault = () => el("p.bad", { id: "fault" });

/** Does something of a dialog, and shows there why it fails. */
async function act(work) {
  const place = dialog.querySelector("#fault");
  place.textContent = "";
  try {
    return await work();
  } catch (error) {
    place.textContent = error.message;
  }
}

async function callbacks() {
  catalog ??= await api("catalog");
  return catalog;
}

const commands = (all, chosen, first) => el("select", {}, first && el("option", { value: "" }, t("all")),
  all.map((one) => el("option", { value: one.command, selected: one.command === chosen }, `${one.command}  ${title(one)}`)));

export async function editor(id) {
  const all = await page.act(callbacks);
  const one = id && (await page.act(() => api("callbacks/" + id)));
  if (!all || (id && !one)) return;
  const command = commands(all, one?.name ?? "C2C.CallbackBeforeSendMsg");
  const [variant, text, status] = [el("select"), el("textarea", { rows: 14, id: "editor", spellcheck: "false" }), el("p", { id: "check" })];
  const [platform, ip] = [el("input", { size: 8 }), el("input", { size: 12 })];
  [platform.value, text.value] = [one?.platform ?? "", one?.body ?? ""];
  const find = () => all.find((other) => other.command === command.value);
  const [lastSample, lastCheck] = [lastOf(), lastOf()];
  const load = async () => {
    const sample = await lastSample(api(`sample?command=${encodeURIComponent(command.value)}&variant=${encodeURIComponent(variant.value)}`));
    if (!sample) return;
    text.value = JSON.stringify(sample, null, 2);
    check();
  };
  const variants = () => variant.replaceChildren(one ? el("option", { value: "-" }, "#" + id) : "", ...find().variants.map((name) => el("option", { value: name }, name || "—")));
  command.addEventListener("change", () => (variants(), variant.value !== "-" && act(load)));
  variant.addEventListener("change", () => act(load));
  let waiting;
  const check = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const found = await lastCheck(act(() => api("check", { command: command.value, body: text.value })));
      if (!found) return;
      const notes = [...(found.dropped ?? []).map(({ path, reason }) => `${path}: ${t("dropped")}: ${reason}`), ...(found.unread ?? []).map((path) => `${path}: ${t("unread")}`)];
      const bad = found.json_error ? `${t("nojson")}: ${found.json_error.text}` : found.error ?? (found.command ? null : t("unknown"));
      status.className = bad ? "bad" : notes.length ? "warn" : "good";
      status.textContent = [bad ?? t("decodes"), ...notes].join(" · ");
    }, 200);
  };
  text.addEventListener("input", check);
  const send = (miss) => act(async () => {
    const sent = await api("send", { command: command.value, body: text.value, platform: platform.value, client_ip: ip.value, miss });
    dialog.close();
    choose(sent.id, true);
  });
  const off = !page.state.receiver;
  open(t("send"), el("div.fields", {}, field("command", command), field("variant", variant), field("platform", platform), field("ip", ip)), text, status, fault(),
    off && el("p.soft", {}, t("noreceiver")),
    el("nav", {}, button(t("send"), "", () => send(""), { main: true, off, id: "send" })),
    el("p.soft", {}, t("misses")),
    el("nav", {}, ["unsigned", "forged", "stale", "foreign"].map((miss) => button(t(miss), "", () => send(miss), { off, id: miss }))));
  variants();
  if (one) check();
  else act(load);
  text.focus();
}

export async function answers() {
  const all = await page.act(callbacks);
  if (!all) return;
  if (!page.state.answers) return open(t("answers"), el("p", {}, t("noanswers")));
  const command = commands(all, "", true);
  const [answer, delay, once, lawful, set] = [el("input", { size: 24, id: "answer", placeholder: "refuse=10123,no spam" }),
    el("input", { type: "number", min: 0, max: 60000, value: 0, size: 6 }), el("input", { type: "checkbox", checked: true }), el("p.soft"), el("div", { id: "set-answers" })];
  const hint = () => (lawful.textContent = "allow, refuse, refuse=CODE,TEXT, discard, status=503, {JSON}" + (command.value ? " — " + all.find((one) => one.command === command.value).lawful : ""));
  const draw = (list) => set.replaceChildren(...(list.length ? list.map((one) => el("p.user", {}, `${one.command ?? t("all")}: ${one.answer}`, one.delay_ms ? ` +${one.delay_ms} ms` : "", one.once ? ` (${t("once")})` : ""))
    : [el("p.soft", {}, t("none"))]));
  command.addEventListener("change", hint);
  const change = (body) => act(async () => draw((await api("answers", body)).answers));
  open(t("answers"), el("div.fields", {}, field("command", command), field("answer", answer), field("delay", delay), field("once", once)), lawful, fault(),
    el("nav", {}, button(t("set"), "", () => change({ command: command.value, answer: answer.value || "allow", delay_ms: Number(delay.value), once: once.checked }), { main: true, id: "set" }),
      button(t("clear"), "", () => change({ clear: true }), { id: "clear" })), set);
  hint();
  draw((await api("answers")).answers ?? []);
  answer.focus();
}

export async function copy(id) {
  const forms = await page.act(() => api(`callbacks/${id}/copy`));
  if (!forms) return;
  const names = { send: "im-callback send", curl: "curl", test: t("test"), stub: t("stub") };
  open(t("copy"), forms.note && el("p.warn", {}, forms.note), fault(), Object.entries(names).filter(([kind]) => forms[kind]).map(([kind, name]) =>
    [el("h3", {}, name, button(t("copy"), "", () => act(async () => (await navigator.clipboard.writeText(forms[kind]), page.say(t("copied")), dialog.close())), { id: "copy-" + kind })),
      el("pre", { id: "form-" + kind }, forms[kind])]).flat());
}

export function save() {
  const q = encodeURIComponent(page.filter);
  const file = el("input", { type: "file", accept: ".jsonl", id: "file", change: () => act(async () => {
    const { opened } = await api("recording", { text: await file.files[0].text() });
    page.say(`${opened} ${t("opened")}`);
    dialog.close();
  }) });
  open(t("save"), el("p", {}, t("saveinfo")), fault(),
    el("p", {}, el("a", { href: "/api/recording?q=" + q, download: true, id: "share" }, t("shared"))),
    el("p", {}, el("a", { href: "/api/recording?whole=1&q=" + q, download: true, id: "whole" }, t("whole"))),
    el("h3", {}, t("open")), file, el("h3", {}, t("clear")),
    button(t("removeall"), "", () => act(async () => (await api("clear", {}), location.reload())), { id: "remove" }));
}

export async function replayAll() {
  const listed = await page.act(() => api("callbacks?limit=0&q=" + encodeURIComponent(page.filter)));
  if (!listed) return;
  const all = button(`${t("replay")} (≤ ${listed.count})`, "", () => act(async () => {
    all.disabled = true;
    const { sent } = await api("replay", { q: page.filter });
    dialog.close();
    const [changed, failed] = [sent.filter((one) => one.changed > 0).length, sent.filter((one) => one.error)];
    page.say(`${sent.length} ${t("replays")}, ≠ ${changed}` + (failed.length ? `: ${failed[0].error}` : ""), failed.length > 0);
  }), { main: true, off: !page.state.receiver, id: "replay-all" });
  open(t("replay"), el("p", {}, t("sure")), !page.state.receiver && el("p.soft", {}, t("noreceiver")), fault(), el("nav", {}, all));
}

// Of requests that are sent one after the other, the answer to the last one; null for those before it, however late they are.
function lastOf() {
  let last = 0;
  return async (answer) => {
    const mine = ++last;
    const value = await answer;
    return mine === last ? value : null;
  };
}

export function diff(a, b) {
  const [ignore, found] = [el("input", { size: 30, id: "ignore", placeholder: "/ErrorInfo" }), el("div", { id: "found" })];
  const last = lastOf();
  const compare = () => act(async () => {
    const diff = await last(api(`diff?a=${a}&b=${b}&ignore=${encodeURIComponent(ignore.value)}`));
    if (diff) found.replaceChildren(diff.differences.length ? differences(diff.differences) : el("p.good", {}, t("same")));
  });
  ignore.addEventListener("input", compare);
  open(`${t("diff")} #${a} → #${b}`, el("div.fields", {}, field("ignore", ignore)), fault(), found);
  compare();
}

export function help() {
  const keys = { "↑ ↓ J K": "choose", "/": "shown", R: "replay", "Shift R": "sure", E: "edit", N: "send", D: "mark", C: "copy", P: "pin", A: "answers", S: "save", T: "tail", L: "language" };
  open(t("help"), el("table", {}, el("tbody", {}, Object.entries(keys).map(([key, word]) => el("tr", {}, el("td", {}, el("kbd", {}, key)), el("td", {}, key === "/" ? t("filter") : t(word)))))));
}
