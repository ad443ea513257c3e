//! docs/callbacks.zh-CN.md, made from the code and from the Chinese texts in `tests/data/zh`.

use std::{collections::BTreeMap, fmt::Write as _};

use tencent_im_callback::{CALLBACKS, Callback, Phase};

use crate::{
    callbacks::{docs, range},
    check, families, module, read,
};

#[test]
fn the_chinese_page_of_callbacks_is_that_of_the_code() {
    check("docs/callbacks.zh-CN.md", &page());
}

#[test]
fn every_chinese_text_belongs_to_a_callback() {
    let data = Data::read();
    let is_command = |name: &str| CALLBACKS.iter().any(|callback| callback.command == name);
    let others: Vec<_> = data.texts.keys().chain(data.pages.keys()).filter(|name| !is_command(name)).collect();
    assert_eq!(others, [""; 0]);
    let modules: Vec<_> = families().iter().map(|(_, callbacks)| module(callbacks[0])).collect();
    assert_eq!(data.families.keys().filter(|name| !modules.contains(&name.as_str())).count(), 0);
}

/// What a family is about.
pub(crate) fn about(callback: &Callback) -> String {
    let families = Data::read().families;
    families.get(module(callback)).unwrap_or_else(|| panic!("families.txt has no {}", module(callback))).clone()
}

/// The Chinese texts that are not in the code.
struct Data {
    /// By module.
    families: BTreeMap<String, String>,
    /// The number of the page on the vendor's Chinese site, by command.
    pages: BTreeMap<String, String>,
    /// By command: for a callback that decides when it is sent and what its answer does, for another one without a title
    /// of the vendor what happened.
    texts: BTreeMap<String, Vec<String>>,
}

impl Data {
    fn read() -> Self {
        let file = |name| read(&format!("crates/core/tests/data/zh/{name}"));
        let pairs = |name| -> BTreeMap<_, _> {
            let text = file(name);
            let pairs = text.lines().map(|line| line.split_once(' ').expect("a name and a text"));
            pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
        };
        let texts = file("callbacks.txt");
        let texts = texts.split("\n\n").map(|block| {
            let mut lines = block.lines().map(str::to_owned);
            (lines.next().expect("a block begins with a command"), lines.collect())
        });
        Self { families: pairs("families.txt"), pages: pairs("pages.txt"), texts: texts.collect() }
    }

    fn text(&self, command: &str) -> &[String] {
        self.texts.get(command).unwrap_or_else(|| panic!("callbacks.txt has no {command}"))
    }

    /// The vendor's title, without the remarks that it has in the code.
    fn title(&self, callback: &Callback) -> String {
        match callback.title_zh {
            Some(title) => title.split(" (").next().unwrap_or(title).to_owned(),
            None if callback.phase == Phase::After => format!("（{}）", self.text(callback.command)[0]),
            None => String::new(),
        }
    }

    /// The address of the vendor's page in Chinese: on its Chinese site, or the Chinese edition of the other site's.
    fn address(&self, callback: &Callback) -> String {
        if let Some(page) = self.pages.get(callback.command) {
            return format!("https://cloud.tencent.com/document/product/{page}");
        }
        let vendor = docs(callback).vendor;
        let (_, address) = vendor.split_once("](").expect("rows link to the vendor's page");
        let address = address.split(')').next().unwrap_or(address);
        address.replace("tencentcloud.com/document", "tencentcloud.com/zh/document")
    }
}

/// What a type of answers can say.
fn choices(answer: &str) -> &'static str {
    match answer.split('<').next().unwrap_or_default() {
        "Decision" => "放行；拒绝；以自定义错误码和文本拒绝",
        "InviteDecision" => "放行；部分拒绝；全部拒绝；以自定义错误码和文本拒绝",
        "SubscribeDecision" => "放行；部分拒绝；全部拒绝",
        "MessageDecision" => "放行；拒绝；以自定义错误码和文本拒绝；静默丢弃；替换消息体、自定义数据或两者",
        "FriendDecision" => "逐个用户：放行；以错误码和文本拒绝",
        "SignalReply" => "返回数据",
        "InterfaceReply" => "返回变量；步骤失败",
        "AgentAssignment" => "指定客服组；指定客服",
        other => panic!("nothing is known of {other}: say here what it can say"),
    }
}

fn codes(answer: &str) -> String {
    range(answer).map_or_else(|| "无".to_owned(), |(min, max)| format!("{min}～{max}"))
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Before => "事前",
        Phase::Reply => "请求数据",
        _ => "事后",
    }
}

fn page() -> String {
    let data = Data::read();
    let count = |phase| CALLBACKS.iter().filter(|callback| callback.phase == phase).count();
    let mut page = format!(
        "# 回调命令一览\n\n[English](callbacks.md)\n\n\
         <!-- Made from the code: `UPDATE_DOCS=1 cargo test -p tencent-im-callback --test pages` rewrites it. -->\n\n\
         本版本支持 {} 个回调：{} 个是事件发生之前的回调，应答决定是否放行；{} 个向业务后台请求数据；\n\
         其余是事件发生之后的回调，只需确认。方法名与事件类型名取自回调命令字，去掉 `Callback`。\n\
         事件发生之后的回调以 `()` 应答，不能拒绝。括号中的名称不是官方标题。\n\n\
         ## 可以决定什么\n\n| 回调命令 | 应答 | 自定义错误码 |\n| --- | --- | --- |\n",
        CALLBACKS.len(),
        count(Phase::Before),
        count(Phase::Reply),
    );
    for Callback { command, method, answer, .. } in CALLBACKS.iter().filter(|callback| callback.phase != Phase::After) {
        writeln!(page, "| [`{command}`](#{method}) | {} | {} |", choices(answer), codes(answer)).unwrap();
    }
    for (family, callbacks) in families() {
        write!(page, "\n## {family}\n\n{}。模块 `{}`。\n", about(callbacks[0]), module(callbacks[0])).unwrap();
        let (after, deciding): (Vec<_>, Vec<_>) =
            callbacks.into_iter().partition(|callback| callback.phase == Phase::After);
        for callback in deciding {
            write_deciding(&mut page, &data, callback);
        }
        if after.is_empty() {
            continue;
        }
        page.push_str("\n### 事后回调\n\n| 回调命令 | 名称 | 方法与事件 | 文档 |\n| --- | --- | --- | --- |\n");
        for callback in after {
            let Callback { command, method, event, .. } = callback;
            let (title, address) = (data.title(callback), data.address(callback));
            writeln!(
                page,
                "| <a id=\"{method}\"></a>`{command}` | {title} | `{method}`<br>`{event}` | [官方文档]({address}) |"
            )
            .unwrap();
        }
    }
    page
}

fn write_deciding(page: &mut String, data: &Data, callback: &Callback) {
    let Callback { command, method, event, answer, .. } = callback;
    let [when, effect] = data.text(command) else {
        panic!("{command} needs when it is sent, and what its answer does")
    };
    let title = match data.title(callback) {
        title if title.is_empty() => title,
        title => format!("| 名称 | {title} |\n"),
    };
    write!(
        page,
        "\n### <a id=\"{method}\"></a>`{command}`（{}）\n\n{when}\n\n\
         | | |\n| --- | --- |\n{title}| 方法 | `{method}` |\n| 事件 | `{event}` |\n| 应答 | `{answer}`：{} |\n\
         | 自定义错误码 | {} |\n\n{effect}\n\n[官方文档]({})\n",
        phase(callback.phase),
        choices(answer),
        codes(answer),
        data.address(callback),
    )
    .unwrap();
}
