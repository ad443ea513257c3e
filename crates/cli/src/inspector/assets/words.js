// @ts-check
// Elements, figures and the words of the page in two languages.

/** Text of a message could turn the text around it: such characters are shown by their number. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
export const visible = (text) =>
  String(text).replace(UNSAFE, (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"));

/** The only maker of elements. Whatever is a text becomes a text node. */
export function el(name, options = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(options)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, visible(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(visible(child)))));
  return node;
}

export const button = (label, key, click, more = {}) =>
  el("button" + (more.main ? ".main" : more.on ? ".on" : ""), { type: "button", click, disabled: more.off, id: more.id },
    label, key && el("kbd", {}, key));

const WORDS = {
  filter: ["Filter: words, or command: phase: outcome: platform: group: user: text: is:", "筛选:文字,或 command: phase: outcome: platform: group: user: text: is:"],
  tail: ["Tail", "跟随"], fresh: ["new", "条新回调"], send: ["Send", "发送"], answers: ["Next answer", "下一个应答"], save: ["Save", "保存"],
  help: ["Keys", "按键"], language: ["中文", "English"], replay: ["Replay", "重放"], edit: ["Edit", "编辑"], copy: ["Copy", "复制"],
  pin: ["Pin", "置顶标记"], unpin: ["Unpin", "取消标记"], diff: ["Compare", "比较"], mark: ["Mark to compare", "标记以比较"], back: ["Back", "返回"],
  empty: ["No callback yet. Send one to the address above, or press N to send a sample.", "还没有回调。请向上面的地址发送,或按 N 发送示例。"],
  nofit: ["No callback fits the filter.", "没有符合筛选条件的回调。"], choose: ["Choose a callback with ↑ and ↓.", "用 ↑ 和 ↓ 选择回调。"],
  answer: ["Answer", "应答"], why: ["Why it was refused", "拒绝原因"], checked: ["Signature and query", "签名与查询参数"], event: ["Typed event", "类型化事件"],
  body: ["Body as it was sent", "原始请求体"], pretty: ["Indented", "缩进"], raw: ["Raw", "原文"], request: ["Request", "请求"], note: ["Note", "备注"],
  changed: ["Changes to the original", "与原应答的差异"], same: ["The answer is the same.", "应答相同。"], sees: ["The client sees", "客户端所见"], wouldsee: ["After a refusal", "拒绝后"], news: ["unread", "未读字段"],
  lawful: ["Lawful answers", "合法的应答"], unlawful: ["The service does not accept this answer as a decision.", "服务端不接受此应答作为决定。"],
  time: ["Time", "用时"], of2: ["of the 2 s that the service waits", "(服务端等待 2 秒)"], deadline: ["The mark is the deadline of the endpoint, 1.7 s.", "刻度是端点的期限 1.7 秒。"],
  toolate: ["The service no longer waited for this answer.", "服务端已不再等待此应答。"], nearlate: ["This is over the deadline of the endpoint.", "已超过端点的期限。"],
  slowest: ["slowest of this command", "此命令最慢"], dropped: ["dropped", "已丢弃"], unread: ["not read by this version", "本版本不读取"], unreadable: ["The body could not be read", "无法读取请求体"],
  hidden: ["Words of people are shown by their length.", "用户文字只显示长度。"], cut: ["The body is cut; it cannot be sent again.", "请求体已截断,不能重放。"],
  nobody: ["The body is empty or was not kept.", "请求体为空或未保存。"], unanswered: ["No answer", "没有应答"], identity: ["identity", "标识"], original: ["replay of", "重放自"], replays: ["replays", "重放"],
  lost: ["callbacks did not reach the page", "条回调未到达页面"], evicted: ["older callbacks made room", "条较早的回调已移除"], missed: ["callbacks were missed", "条回调被跳过"],
  closed: ["im-callback has ended. Start it again and open the URL that it prints.", "im-callback 已结束。请重新启动并打开它打印的地址。"],
  tabs: ["Many pages are open. A browser has six connections to an address: close some.", "打开的页面过多。浏览器对同一地址只有六个连接,请关闭一些。"],
  noreceiver: ["Nothing can be sent: start with --forward-to URL.", "不能发送:请用 --forward-to URL 启动。"],
  command: ["Command", "命令"], variant: ["Sample", "示例"], platform: ["Platform", "平台"], ip: ["Client IP", "客户端 IP"], misses: ["Or send a near miss:", "或发送不合格的请求:"],
  unsigned: ["unsigned", "无签名"], forged: ["wrong signature", "签名错误"], stale: ["61 s old", "61 秒前"], foreign: ["another application", "其他应用"],
  decodes: ["The event can be read.", "事件可以读取。"], unknown: ["This version does not know the command.", "本版本不认识此命令。"], nojson: ["No JSON", "不是 JSON"],
  all: ["every callback", "所有回调"], delay: ["Delay in ms", "延迟毫秒"], once: ["once", "仅一次"], set: ["Set", "设置"], clear: ["Clear", "清除"],
  noanswers: ["Only `listen --ui` answers callbacks.", "只有 `listen --ui` 会应答回调。"], none: ["None is set.", "未设置。"], close: ["Close", "关闭"],
  shared: ["Without what people wrote", "不含用户文字"], whole: ["As it came: has messages of users", "原样:含用户消息"], open: ["Open a recording", "打开录制文件"], opened: ["callbacks opened", "条回调已打开"],
  saveinfo: ["The callbacks that the filter shows, as JSON Lines for `replay` and `ui`.", "筛选所示的回调,JSON Lines 格式,用于 `replay` 和 `ui`。"], removeall: ["Remove all but pinned callbacks", "移除未标记的回调"],
  sure: ["Send all callbacks that the filter shows again, signed anew?", "重新签名并重放筛选所示的所有回调?"], ignore: ["Paths to ignore, with commas", "忽略的路径,用逗号分隔"], copied: ["Copied.", "已复制。"],
  test: ["Rust test", "Rust 测试"], stub: ["Handler", "处理器"], shown: ["shown", "显示"],
};
const OUTCOMES = {
  allow: ["allowed", "放行", "good"], ack: ["acknowledged", "已确认", "good"], partial: ["in part", "部分放行", "warn"], refuse: ["refused", "拒绝", "warn"],
  discard: ["discarded", "丢弃", "warn"], modify: ["changed", "修改", "good"], data: ["data", "数据", "good"], variables: ["variables", "变量", "good"], assign: ["assigned", "已分配", "good"],
  failed: ["failed", "失败", "bad"], undefined: ["unlawful", "不合法", "bad"], late: ["late", "超时", "bad"], refused: ["not accepted", "未通过", "bad"], unanswered: ["no answer", "无应答", "bad"],
};
export const PHASES = { before: ["before", "之前"], after: ["after", "之后"], reply: ["reply", "应答"] };

export let lang = localStorage.getItem("lang") === "zh" || (!localStorage.getItem("lang") && navigator.language.startsWith("zh")) ? 1 : 0;
export function otherLanguage() {
  lang = 1 - lang;
  localStorage.setItem("lang", lang ? "zh" : "en");
}
export const t = (word) => WORDS[word][lang];
export const outcome = (row) => OUTCOMES[row.outcome] ?? [row.outcome, row.outcome, "plain"];
export const title = (row) => (lang ? row.title_zh ?? row.title : row.title ?? row.title_zh) ?? "";

/** What an answer does, in Chinese; the program says it in English. */
export function sentence(answer) {
  const effect = answer.effect;
  const word = { acknowledged: "已确认", allowed: "放行", refused: "拒绝,代码 1", discarded: "消息被丢弃,发送者看到发送成功" }[effect.decided];
  if (!lang) return answer.words;
  if (word) return word;
  switch (effect.decided) {
    case "refused_with": return `拒绝,代码 ${effect.code}:“${effect.text}”`;
    case "allowed_except": return `放行,除了 ${effect.accounts.join("、")}`;
    case "by_account": return effect.accounts.map((one) => `${one.account}:${one.code ? "拒绝 " + one.code : "放行"}`).join(",");
    case "replaced": return "放行,消息被修改";
    case "failed": return `失败,状态 ${effect.status}:${effect.reason}`;
    case "undefined": return `不合法:${effect.reason}`;
    default: return answer.words;
  }
}

export const took = (us) => (us < 1000 ? us + " µs" : us < 1e6 ? (us / 1000).toFixed(us < 1e4 ? 1 : 0) + " ms" : (us / 1e6).toFixed(2) + " s");
export const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour12: false }) + "." + String(at % 1000).padStart(3, "0");
export function bar(us, wide) {
  const fill = el("i");
  fill.style.width = Math.min(100, us / 20000) + "%";
  return el("div.bar" + (wide ? ".wide" : "") + (us > 2e6 ? ".late" : us > 1.7e6 ? ".over" : ""), { title: took(us) }, fill, el("b"));
}

/** Asks the program. An error is shown as a notice by the caller. */
export async function api(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch("/api/" + path, options);
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}
