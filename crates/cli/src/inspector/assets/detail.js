// @ts-check
// All that is known of one callback.
import { el, button, t, lang, title, outcome, took, clock, bar, api, sentence, PHASES } from "/words.js";
import { page, replay, pin, compare, back, choose } from "/app.js";
import { editor, copy } from "/dialogs.js";

/** Longer bodies are shown as they are. */
const PRETTY = 300000;
let isRaw = false;

export function showDetail(place, one) {
  const [en, zh, kind] = outcome(one);
  const canSend = page.state.receiver && !one.cut;
  const typed = document.activeElement?.id === "note" && place.dataset.id === String(one.id);
  if (typed) return;
  place.dataset.id = one.id;
  place.replaceChildren(...[
    el("div.top", {}, el("h2.user", {}, one.name), button("← " + t("back"), "Esc", back, { id: "back" })),
    el("p.soft.user", {}, [clock(one.at), PHASES[one.phase]?.[lang], title(one), one.app, one.platform, one.who, one.group]
      .filter(Boolean).join(" · ")),
    el("nav", {}, button(t("replay"), "R", replay, { main: true, off: !canSend, id: "replay" }),
      button(t("edit"), "E", () => editor(one.id), { id: "edit" }), button(t("copy"), "C", () => copy(one.id), { id: "copy" }),
      button(t(page.marked && page.marked !== one.id ? "diff" : "mark"), "D", compare, { id: "compare" }),
      button(t(one.pinned ? "unpin" : "pin"), "P", pin, { on: one.pinned, id: "pin" })),
    !page.state.receiver && el("p.soft", {}, t("noreceiver")), one.cut && el("p.warn", {}, t("cut")),
    one.authentic === false && findings(one, true),
    one.differences && changes(one),
    answer(one, lang ? zh : en, kind),
    el("div.pair", {}, event(one), body(one)),
    one.authentic !== false && findings(one, false),
    request(one), note(one)].filter(Boolean));
  place.querySelector("#back")?.classList.add("back");
  place.scrollTop = 0;
}

function section(name, isAlarm, ...children) {
  return el("section" + (isAlarm ? ".alarm" : ""), {}, el("h3", {}, t(name)), children);
}

function answer(one, word, kind) {
  const { answer, callback } = one;
  const isBad = one.error || (answer && !answer.is_lawful && one.authentic !== false) || one.outcome === "late";
  const late = one.took_us > 2e6 ? t("toolate") : one.took_us > 1.7e6 ? t("nearlate") : "";
  return section("answer", isBad,
    el("p", {}, el("span.badge." + kind, { id: "outcome" }, word), " ", el("b.user", { id: "words" }, answer ? sentence(answer) : one.error ?? t("unanswered"))),
    answer && !answer.is_lawful && one.authentic !== false && el("p.bad", {}, t("unlawful")),
    one.client_sees && el("p", {}, el("span.soft", {}, t(["refuse", "discard"].includes(one.outcome) ? "sees" : "wouldsee") + ": "), one.client_sees),
    callback && el("p", {}, el("span.soft", {}, t("lawful") + ": "), callback.lawful),
    (answer?.remarks ?? []).map((remark) => el("p.warn.user", {}, remark)),
    answer && [bar(one.took_us, true),
      el("p.soft", {}, `${took(one.took_us)}, ${(one.took_us / 20000).toFixed(1)} % ${t("of2")}. ${t("deadline")}`,
        one.slowest && one.slowest.id !== one.id && ` ${t("slowest")}: ${took(one.slowest.took_us)} (#${one.slowest.id}).`),
      late && el("p.bad", {}, late),
      el("p.soft", {}, `HTTP ${answer.status}`), code(answer.body, new Map())]);
}

function findings(one, isAlarm) {
  const rows = one.findings.map(({ about, state, found, cause }) => el("tr", {},
    el("td." + { ok: "good", note: "plain", bad: "bad" }[state], {}, { ok: "✓ ", note: "• ", bad: "✗ " }[state] + about),
    el("td.user", {}, found, cause && el("div.soft", {}, cause))));
  return section(isAlarm ? "why" : "checked", isAlarm, el("table", { id: "findings" }, el("tbody", {}, rows)));
}

function changes(one) {
  return section("changed", one.differences.length > 0, one.differences.length ? differences(one.differences) : el("p.good", {}, t("same")));
}

export const differences = (found) => el("table", { id: "differences" }, el("tbody", {}, found.map(({ at, before, after }) => el("tr", {},
  el("td", {}, at || "body"), el("td.user", {}, el("span.bad", {}, before ?? "—"), " → ", el("span.good", {}, after ?? "—"))))));

function event(one) {
  const lists = [
    one.dropped_fields.map(({ path, reason }) => el("p.warn.user", {}, `${path}: ${t("dropped")}: ${reason}`)),
    one.unread_fields.map((path) => el("p.warn.user", {}, `${path}: ${t("unread")}`)),
  ];
  // The decoder shows a word that this version does not know as `Other`.
  const lines = (one.event ?? "").split("\n").map((line) => el("div.line" + (/\bOther\b/.test(line) ? ".warn" : ""), {}, line));
  return section("event", !!one.fault_of_body, one.fault_of_body && el("p.bad.user", {}, `${t("unreadable")}: ${one.fault_of_body}`),
    one.callback && el("p.code.soft", {}, one.callback.rust), lists,
    one.event && [el("div.code", { id: "event" }, lines), el("p.soft", {}, t("hidden"))]);
}

function body(one) {
  const marks = new Map([...one.dropped_fields.map(({ path }) => [path, "dropped"]), ...one.unread_fields.map((path) => [path, "unread"])]);
  const shown = el("div", { id: "body" });
  const draw = () => shown.replaceChildren(one.json_error ? faulty(one) : isRaw ? el("pre", {}, one.body) : code(one.body, marks));
  draw();
  const turn = button(t(isRaw ? "pretty" : "raw"), "", () => {
    isRaw = !isRaw;
    draw();
    turn.textContent = t(isRaw ? "pretty" : "raw");
  });
  const length = `${one.body_length} B`;
  return el("section", {}, el("div.top", {}, el("h3", {}, `${t("body")}, ${length}`), turn), !one.body && el("p.soft", {}, t("nobody")), shown);
}

/** A body that is no JSON, with the place of the error. */
function faulty(one) {
  const { line, column, text } = one.json_error;
  const lines = one.body.split("\n");
  const at = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + Math.max(0, column - 1);
  return el("div", {}, el("p.bad", {}, text), el("pre", {}, one.body.slice(0, at), el("mark.bad", {}, one.body.slice(at, at + 1) || "▯"), one.body.slice(at + 1)));
}

function request(one) {
  const links = [one.original && [t("original"), [one.original]], one.replays.length && [t("replays"), one.replays]].filter(Boolean);
  return section("request", false, el("p.code", {}, `${one.method} ?${one.query}`), one.identity && el("p.soft.user", {}, `${t("identity")}: ${one.identity}`),
    one.callback && el("p.soft", {}, one.callback.page),
    links.map(([word, ids]) => el("p", {}, word + " ", ids.map((id) => button("#" + id, "", () => choose(id))))));
}

function note(one) {
  const field = el("textarea", { id: "note", rows: 2, maxlength: 500, change: () => page.act(() => api("callbacks/" + one.id, { note: field.value })) });
  field.value = one.note;
  return section("note", false, field);
}

/** JSON with a line for each field, made of its tokens: numbers and texts stay as they were sent. */
export function code(text, marks) {
  const tokens = text.length > PRETTY ? null : text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g);
  if (!tokens || !/^\s*[{[]/.test(text)) return el("pre", {}, text);
  const place = el("div.code"), stack = [];
  let parts = [], key = null;
  const path = () => stack.reduce((path, { index, name }) => path + (index === undefined ? (path ? "." : "") + name : `[${index}]`), "");
  const end = (depth) => {
    if (!parts.length) return;
    const mark = marks.get(path());
    const line = el("div.line" + (mark ? ".warn" : ""), {}, parts, mark && el("span.aside", {}, "  " + t(mark)));
    line.style.marginLeft = depth * 1.2 + "em";
    place.append(line);
    parts = [];
  };
  tokens.forEach((token, at) => {
    const top = stack[stack.length - 1];
    if (token === "{" || token === "[") {
      parts.push(token);
      if (tokens[at + 1] === "}" || tokens[at + 1] === "]") return;
      end(stack.length);
      stack.push(token === "{" ? { name: "" } : { index: 0 });
    } else if (token === "}" || token === "]") {
      if (tokens[at - 1] === "{" || tokens[at - 1] === "[") return parts.push(token);
      end(stack.length);
      stack.pop();
      parts.push(token);
    } else if (token === ",") {
      parts.push(",");
      end(stack.length);
      if (top?.index !== undefined) top.index += 1;
    } else if (token === ":") {
      parts.push(": ");
    } else if (tokens[at + 1] === ":" && top) {
      top.name = key = token.slice(1, -1);
      parts.push(el("span.key", {}, token));
    } else {
      parts.push(el(token[0] === '"' ? "span.string" : "span", {}, token));
      const date = key && dateOf(key, token);
      if (date) parts.push(el("span.aside", {}, "  " + date));
    }
  });
  end(0);
  return place;
}

/** The unit and the date of a field that is named after a time. */
function dateOf(key, token) {
  const number = Number(token.replaceAll('"', ""));
  if (!/Time$/.test(key) || !(number > 1e9 && number < 1e13)) return "";
  const isMillis = number >= 1e12;
  return (isMillis ? "ms, " : "s, ") + new Date(isMillis ? number : number * 1000).toISOString().replace("T", " ").replace(".000Z", "Z");
}
