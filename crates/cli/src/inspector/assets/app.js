// @ts-check
// The list, the keys and the stream of events.
import { el, button, t, lang, otherLanguage, title, outcome, took, clock, bar, api, PHASES } from "/words.js";
import { showDetail } from "/detail.js";
import * as dialogs from "/dialogs.js";

/** How many rows are in the page at most. */
const ROWS = 500;
const find = (id) => document.getElementById(id);
const [list, detail, filter, notice] = ["list", "detail", "filter", "notice"].map(find);

const rows = new Map();
export const page = { state: {}, chosen: null, marked: null, tail: true, fresh: 0, missed: 0, filter: "", say, act, choose };
let stream, loading = 0, shownDetail = 0;

export function say(text, isBad = false) {
  notice.textContent = text;
  notice.className = isBad ? "bad" : "";
  notice.hidden = !text;
}

/** Does something that may fail, and shows why. */
async function act(work) {
  try {
    return await work();
  } catch (error) {
    say(error.message, true);
  }
}

function rowOf(row) {
  const [en, zh, kind] = outcome(row);
  const facts = [title(row), row.who, row.group, row.platform, row.app, row.brief && `“${row.brief}”`, row.note];
  const marks = [
    row.pinned && ["★", "plain"], row.origin === "replay" && [`${t("original")} ${row.original}`, "plain"],
    row.origin === "sent" && [t("send"), "plain"], row.changed > 0 && [`≠ ${row.changed}`, "warn"],
    row.dropped > 0 && [`${row.dropped} ${t("dropped")}`, "warn"], row.unread > 0 && [`${row.unread} ${t("news")}`, "plain"],
    row.undecodable && [t("unreadable"), "bad"],
  ].filter(Boolean);
  const node = el("div.row", { role: "option", id: "row-" + row.id, "aria-selected": row.id === page.chosen, click: () => choose(row.id, true) },
    el("div", {}, el("span.name.user", {}, row.name), marks.map(([text, kind]) => el("span.badge." + kind, {}, text)),
      el("span.badge." + kind, {}, (lang ? zh : en) + (row.code ? " " + row.code : ""))),
    el("div", {}, el("span.time", {}, clock(row.at)), el("span.soft", {}, PHASES[row.phase]?.[lang] ?? ""),
      el("span.facts.user", {}, facts.filter(Boolean).join(" · ")), el("span.time", {}, took(row.took_us)), bar(row.took_us)),
    row.authentic === false && row.fault && el("div.fault.user", {}, row.fault));
  if (row.id === page.chosen) node.classList.add("chosen");
  if (row.id === page.marked) node.classList.add("marked");
  return node;
}

function put(row, node = rowOf(row)) {
  const before = find("row-" + row.id);
  rows.set(row.id, row);
  if (before) return before.replaceWith(node);
  // Numbers grow, so that the newest is the first; a changed row may be back from elsewhere.
  let next = list.firstElementChild;
  while (next && Number(next.id.slice(4)) > row.id) next = next.nextElementSibling;
  list.insertBefore(node, next);
}

function trim() {
  while (list.children.length > ROWS) {
    rows.delete(Number(list.lastElementChild.id.slice(4)));
    list.lastElementChild.remove();
  }
  const text = page.filter ? t("nofit") : t("empty");
  if (!rows.size) list.replaceChildren(el("p.empty", {}, text));
  else list.querySelector(".empty")?.remove();
}

async function load() {
  const mine = ++loading;
  stream?.close();
  const q = encodeURIComponent(page.filter);
  const listed = await act(() => api(`callbacks?limit=${ROWS}&q=${q}`));
  if (!listed || mine !== loading) return;
  rows.clear();
  page.fresh = 0;
  list.replaceChildren(...listed.rows.map((row) => (rows.set(row.id, row), rowOf(row))));
  trim();
  tools();
  stream = new EventSource(`/api/events?q=${q}&after=${listed.position}`);
  stream.addEventListener("rows", (event) => {
    const { rows: news, gone, missed } = JSON.parse(event.data);
    page.missed += missed;
    for (const id of gone) if (rows.delete(id)) find("row-" + id)?.remove();
    const last = Math.max(0, ...rows.keys());
    for (const row of news) {
      if (page.tail || row.id <= last || row.origin === "replay" || row.origin === "sent") put(row);
      else page.fresh += 1;
    }
    trim();
    if (!page.tail) tools();
    if (page.missed) status();
    if (news.some((row) => row.id === page.chosen)) show();
  });
  stream.addEventListener("state", (event) => {
    page.state = JSON.parse(event.data);
    status();
  });
  stream.onerror = () => stream.readyState === EventSource.CLOSED && say(t("closed"), true);
}

function status() {
  const { source, receiver, lost, evicted, streams } = page.state;
  find("source").textContent = source + (receiver && !receiver.startsWith(source) ? " → " + receiver : "");
  const counts = [[lost, "lost"], [evicted, "evicted"], [page.missed, "missed"]].filter(([count]) => count > 0);
  const texts = counts.map(([count, word]) => `${count} ${t(word)}`);
  if (streams >= 5) texts.unshift(t("tabs"));
  if (texts.length) say(texts.join(" · "));
}

function tools() {
  filter.placeholder = t("filter");
  filter.setAttribute("aria-label", t("filter"));
  document.documentElement.lang = lang ? "zh" : "en";
  find("tools").replaceChildren(
    button(t("tail") + (page.fresh ? ` (${page.fresh} ${t("fresh")})` : ""), "T", toggleTail, { on: page.tail, id: "tail" }),
    button(t("send"), "N", () => dialogs.editor(null), { id: "new" }),
    button(t("answers"), "A", dialogs.answers, { id: "answers" }),
    button(t("save"), "S", dialogs.save, { id: "save" }),
    button(t("help"), "?", dialogs.help),
    button(t("language"), "L", language, { id: "language" }));
}

function toggleTail() {
  page.tail = !page.tail;
  tools();
  if (page.tail) load();
}

function language() {
  otherLanguage();
  load();
  if (page.chosen) show();
  else detail.replaceChildren(el("p.empty", {}, t("choose")));
}

export function choose(id, isOpened = false) {
  const before = find("row-" + page.chosen);
  before?.classList.remove("chosen");
  before?.setAttribute("aria-selected", "false");
  page.chosen = id;
  const node = find("row-" + id);
  node?.classList.add("chosen");
  node?.setAttribute("aria-selected", "true");
  list.setAttribute("aria-activedescendant", "row-" + id);
  node?.scrollIntoView({ block: "nearest" });
  if (isOpened) document.body.classList.add("open");
  show();
}

async function show() {
  const mine = ++shownDetail;
  const shown = await act(() => api("callbacks/" + page.chosen));
  if (shown && mine === shownDetail) showDetail(detail, shown);
}

function move(step) {
  const ids = [...rows.keys()].sort((a, b) => b - a);
  if (!ids.length) return;
  const at = ids.indexOf(page.chosen);
  choose(ids[Math.max(0, Math.min(ids.length - 1, at < 0 ? 0 : at + step))]);
}

export async function replay() {
  if (!page.chosen) return;
  const { sent } = await act(() => api("replay", { ids: [page.chosen] })) ?? { sent: [] };
  if (sent[0]?.error) say(sent[0].error, true);
  else if (sent[0]) choose(sent[0].id);
}

export const pin = () => page.chosen && act(() => api("callbacks/" + page.chosen, { pinned: !rows.get(page.chosen)?.pinned }));

/** The first time marks the row, the second time compares with it. */
export function compare() {
  if (!page.chosen) return;
  if (page.marked && page.marked !== page.chosen) return dialogs.diff(page.marked, page.chosen);
  find("row-" + page.marked)?.classList.remove("marked");
  page.marked = page.marked === page.chosen ? null : page.chosen;
  find("row-" + page.marked)?.classList.add("marked");
}

export const back = () => document.body.classList.remove("open");

const KEYS = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1), Enter: () => page.chosen && choose(page.chosen, true),
  Escape: back, "/": () => filter.focus(), r: replay, R: dialogs.replayAll, e: () => page.chosen && dialogs.editor(page.chosen), n: () => dialogs.editor(null),
  d: compare, p: pin, c: () => page.chosen && dialogs.copy(page.chosen), a: dialogs.answers, s: dialogs.save, t: toggleTail, l: language, "?": dialogs.help,
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, dialog");
  if (event.target === filter && (event.key === "Escape" || event.key === "Enter")) return list.focus();
  const key = event.shiftKey && event.key.length === 1 ? event.key : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !KEYS[key]) return;
  event.preventDefault();
  KEYS[key]();
});

let typed;
filter.addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(() => {
    page.filter = filter.value;
    // The filter is in the URL, to be kept and passed on.
    history.replaceState(null, "", page.filter ? "/?q=" + encodeURIComponent(page.filter) : "/");
    load();
  }, 150);
});

page.filter = filter.value = new URLSearchParams(location.search).get("q") ?? "";
detail.append(el("p.empty", {}, t("choose")));
tools();
load();
list.focus();
