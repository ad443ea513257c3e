//! The page of `listen --ui`, in a real browser.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    program::{APP, Listening, run},
    server::Server,
};

const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// `listen --ui` in front of a receiver.
struct Fixture {
    listen: Listening,
    page: String,
    _receiver: Server,
}

impl Fixture {
    fn start() -> Self {
        let receiver = Server::good();
        let listen = Listening::start(&["--ui", "0", "--forward-to", &receiver.url()]);
        let page = listen.page();
        Self { listen, page, _receiver: receiver }
    }

    fn send(&self, args: &[&str]) {
        run(&[&["send", &self.listen.url(), TOPIC], args].concat()).exited(0);
    }

    /// The page's address without the secret.
    fn origin(&self) -> &str {
        self.page.split_once("/?").unwrap().0
    }
}

/// Sends callbacks of many kinds, as for a picture.
fn send_many_kinds(fixture: &Fixture) {
    let send = |args: &[&str]| drop(run(&[&["send", &fixture.listen.url()], args].concat()));
    send(&["C2C.CallbackBeforeSendMsg", "--platform", "iOS"]);
    send(&["State.StateChange"]);
    send(&[TOPIC]);
    send(&["Group.CallbackBeforeSendMsg", "--set", "/MsgBody/0/MsgContent/Text=Is the bicycle still for sale?"]);
    send(&["Group.CallbackAfterGroupDestroyed", "--insert", "/Reason=empty"]);
    send(&["Sns.CallbackPrevFriendAdd"]);
    send(&[TOPIC, "--time", "-95s"]);
    send(&[TOPIC, "--set", "/Name=free spam", "--set", "/Type=7"]);
}

const ROWS: &str = "return document.querySelectorAll('.row').length";

async fn rows(browser: &Browser, count: usize) {
    browser.until(&format!("return document.querySelectorAll('.row').length === {count}")).await;
}

#[tokio::test]
async fn a_row_appears_without_a_reload_and_r_sends_it_again() {
    let fixture = Fixture::start();
    let Some(browser) = Browser::start(1280, 800).await else { return };
    browser.goto(&fixture.page).await;
    browser.until("return document.querySelector('.empty')?.innerText.includes('No callback yet')").await;
    // The secret is in the history no longer.
    assert_eq!(browser.run("return location.href").await, format!("{}/", fixture.origin()));
    browser.run("window.isSame = true").await;
    fixture.send(&["--set", "/Name=free spam"]);
    rows(&browser, 1).await;
    assert_eq!(browser.run("return window.isSame").await, true);
    let row = browser.text(".row").await;
    assert!(row.contains(TOPIC) && row.contains("refused 10123") && row.contains("Before a Topic Is Created"), "{row}");

    browser.keys("j").await;
    browser.until("return document.querySelector('#words')?.innerText.includes('no spam')").await;
    let detail = browser.text("#detail").await;
    for part in [
        "refused with code 10123",
        "The client sees",
        "own code 10100..=10200",
        "of the 2 s",
        "BeforeCreateTopic {",
        "\"Name\": \"free spam\"",
        "Sign",
    ] {
        assert!(detail.contains(part), "{part} is not in {detail}");
    }
    browser.keys("r").await;
    rows(&browser, 2).await;
    browser.until("return document.querySelector('.row.chosen')?.innerText.includes('replay of 1')").await;
    browser.until("return document.querySelector('#detail')?.innerText.includes('The answer is the same.')").await;
    // What the page has sent is no callback of the service: it is on the page only.
    let shown = fixture.listen.interrupted();
    assert_eq!(shown.lines().count(), 1, "{shown}");
    assert_eq!(browser.console().iter().filter(|line| !line.contains("ERR_")).collect::<Vec<_>>(), [""; 0]);
}

#[tokio::test]
async fn markup_of_a_message_stays_text_and_nothing_is_loaded() {
    let fixture = Fixture::start();
    let Some(browser) = Browser::start(1280, 800).await else { return };
    let markup = "</script><script>window.owned=1</script><img src=x onerror=window.owned=1><b>bold</b>\u{202e}evil";
    fixture.send(&[
        "--set",
        &format!("/Name={markup}"),
        "--set",
        &format!("/Operator_Account={markup}"),
        "--insert",
        &format!("/New<b>=1{markup}"),
    ]);
    let elements = "C2C.CallbackBeforeSendMsg";
    let text = format!("/MsgBody/0/MsgContent/Text={markup}");
    run(&["send", &fixture.listen.url(), elements, "--set", &text, "--platform", "<b>x</b>"]);
    let unknown = ["send", &fixture.listen.url(), "Evil.<img/src=x/onerror=window.owned=1>", "--body", "-"];
    crate::program::finish_with(crate::program::command(&unknown), Some(markup.as_bytes()));
    browser.goto(&fixture.page).await;
    browser.until("return document.querySelectorAll('.row').length >= 2").await;
    let count = browser.run(ROWS).await.as_u64().unwrap();
    for _ in 0..count {
        browser.keys("j").await;
        browser.until("return document.querySelector('#body') && document.querySelector('#detail').dataset.id === document.querySelector('.row.chosen').id.slice(4)").await;
        for key in ["c", "e"] {
            browser.keys(key).await;
            browser.until("return document.querySelector('#dialog').open").await;
            browser.run("document.querySelector('#dialog').close(); document.querySelector('#list').focus()").await;
        }
    }
    let detail = browser.run("return document.body.innerText").await.to_string();
    assert!(detail.contains("<img src=x onerror") && detail.contains("\\\\u202e"), "{detail}");
    assert_eq!(
        browser.run("return document.querySelectorAll('main img, main b b, main script, dialog img').length").await,
        0
    );
    assert_eq!(browser.run("return window.owned ?? null").await, Value::Null);
    assert_eq!(browser.console(), [""; 0]);
    // All that was loaded is of the page itself.
    let loaded = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)").await;
    let loaded: Vec<_> = loaded.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    assert!(loaded.iter().all(|name| name.starts_with(fixture.origin())), "{loaded:?}");
}

#[tokio::test]
async fn a_callback_is_changed_and_sent_and_near_misses_are_refused() {
    let fixture = Fixture::start();
    let Some(browser) = Browser::start(1280, 800).await else { return };
    fixture.send(&[]);
    browser.goto(&fixture.page).await;
    rows(&browser, 1).await;
    browser.keys("j").await;
    browser.until("return document.querySelector('#edit')").await;
    browser.keys("e").await;
    browser.until("return document.querySelector('#check')?.innerText === 'The event can be read.'").await;
    let type_body = |body: &str| {
        format!(
            "const field = document.querySelector('#editor'); field.value = {}; field.dispatchEvent(new Event('input'))",
            json!(body)
        )
    };
    browser.run(&type_body("{\n  \"Name\": }")).await;
    browser.until("return document.querySelector('#check').innerText.includes('line 2 column 11')").await;
    let body = json!({ "CallbackCommand": TOPIC, "Operator_Account": "a", "Type": "Community", "Name": "spam again", "New": 1 });
    browser.run(&type_body(&body.to_string())).await;
    browser.until("return document.querySelector('#check').innerText.includes('New: not read by this version')").await;
    browser.click("#send").await;
    rows(&browser, 2).await;
    browser.until("return document.querySelector('#words')?.innerText.includes('10123')").await;
    assert!(browser.text(".row.chosen").await.contains("spam again"));

    // From a sample, with each near miss.
    for (place, (miss, about)) in
        [("unsigned", "Sign"), ("forged", "Sign"), ("stale", "RequestTime"), ("foreign", "SdkAppid")]
            .into_iter()
            .enumerate()
    {
        browser.keys("n").await;
        browser.until("return document.querySelector('#check')?.innerText === 'The event can be read.'").await;
        browser.click(&format!("#{miss}")).await;
        rows(&browser, 3 + place).await;
        browser.until("return document.querySelector('.row.chosen .badge.bad')?.innerText === 'not accepted'").await;
        browser.until("return document.querySelector('#detail h3 + table, #detail #findings')").await;
        let findings = browser.text("#findings").await;
        assert!(findings.contains(&format!("✗ {about}")), "{miss}: {findings}");
        browser.run("document.querySelector('#list').focus()").await;
    }
    assert_eq!(browser.console(), [""; 0]);
}

#[tokio::test]
async fn a_filter_is_in_the_url_and_pins_and_notes_stay_with_the_row() {
    let fixture = Fixture::start();
    let Some(browser) = Browser::start(1280, 800).await else { return };
    send_many_kinds(&fixture);
    browser.goto(&fixture.page).await;
    rows(&browser, 8).await;
    browser.keys("/").await;
    browser.keys("话题 -outcome:refused").await;
    rows(&browser, 2).await;
    assert!(browser.run("return location.search").await.as_str().unwrap().starts_with("?q=%E8%AF%9D"));
    browser.reload().await;
    rows(&browser, 2).await;
    assert_eq!(browser.run("return document.querySelector('#filter').value").await, "话题 -outcome:refused");
    // What does not fit is not added.
    let send = |command: &str| drop(run(&["send", &fixture.listen.url(), command]));
    send("State.StateChange");
    send(TOPIC);
    rows(&browser, 3).await;
    browser.keys("j").await;
    browser.until("return document.querySelector('#pin')").await;
    browser.keys("p").await;
    browser.until("return document.querySelector('.row.chosen')?.innerText.includes('★')").await;
    browser.click("#note").await;
    browser.keys("look at <this>").await;
    browser.run("document.querySelector('#note').blur(); document.querySelector('#list').focus()").await;
    browser.until("return document.querySelector('.row.chosen')?.innerText.includes('look at <this>')").await;
    browser.goto(&format!("{}/?q=is:pinned", fixture.origin())).await;
    rows(&browser, 1).await;
    assert!(browser.text(".row").await.contains("look at <this>"));
    // In the other language, with the titles of that language.
    browser.keys("l").await;
    browser.until("return document.querySelector('.row')?.innerText.includes('创建话题之前回调')").await;
    assert_eq!(browser.console(), [""; 0]);
}

#[tokio::test]
async fn the_next_answer_is_set_and_two_answers_are_compared() {
    let listen = Listening::start(&["--ui", "0"]);
    let Some(browser) = Browser::start(1280, 800).await else { return };
    browser.goto(&listen.page()).await;
    browser.until("return document.querySelector('#answers')").await;
    browser.keys("a").await;
    browser.until("return document.querySelector('#answer')").await;
    browser.run("document.querySelector('#answer').value = 'refuse'").await;
    browser.click("#set").await;
    browser
        .until("return document.querySelector('#set-answers').innerText.includes('every callback: refuse (once)')")
        .await;
    browser.run("document.querySelector('#dialog').close()").await;
    let send = |expected: &str| run(&["send", &listen.url(), TOPIC, "--expect", expected]).exited(0);
    send("refuse=1");
    send("allow");
    rows(&browser, 2).await;
    browser.run("document.querySelector('#list').focus()").await;
    browser.keys("j").await;
    browser.keys("d").await;
    browser.until("return document.querySelector('.row.marked')").await;
    browser.keys("j").await;
    browser.keys("d").await;
    browser.until("return document.querySelector('#differences')?.innerText.includes('/ErrorCode')").await;
    // The answer to the path without its last letter comes last.
    let late = "const early = window.fetch; window.fetch = async (...request) => {
        const answer = await early(...request);
        if (!request[0].endsWith('ErrorCod')) return answer;
        await new Promise((resume) => { window.resume = resume; });
        setTimeout(() => { window.isLate = true; }, 100);
        return answer;
    }";
    browser.run(late).await;
    browser.click("#ignore").await;
    browser.keys("/ErrorCode").await;
    let is_same = "return document.querySelector('#found').innerText === 'The answer is the same.'";
    browser.until(is_same).await;
    browser.until("return window.resume && (window.resume(), true)").await;
    browser.until("return window.isLate").await;
    assert_eq!(browser.run(is_same).await, true);
    browser.run("document.querySelector('#dialog').close(); document.querySelector('#list').focus()").await;
    // `listen` itself answers what the page sends, and shows it nowhere else.
    browser.keys("R").await;
    browser.click("#replay-all").await;
    rows(&browser, 4).await;
    browser.until("return document.querySelector('#notice').innerText.startsWith('2 replays, ≠ 1')").await;
    assert_eq!(browser.console(), [""; 0]);
    assert_eq!(listen.interrupted().lines().count(), 2);
}

#[tokio::test]
async fn another_origin_and_a_rebound_name_get_nothing() {
    let fixture = Fixture::start();
    let Some(browser) = Browser::start(800, 600).await else { return };
    fixture.send(&["--set", "/Name=a private topic"]);
    browser.goto(&fixture.page).await;
    rows(&browser, 1).await;
    // The browser has the cookie now. Another port of this machine is another origin of the same site, and is sent the
    // cookie with requests to the page.
    let other = Server::routed(
        axum::Router::new().fallback(|| async { axum::response::Html("<!doctype html><title>other</title>") }),
    );
    browser.goto(&other.url()).await;
    let origin = fixture.origin();
    let ask = |request: &str| {
        format!(
            "window.got = null; fetch('{origin}{request}).then((response) => response.text()).then((text) => window.got = 'read: ' + text, (error) => window.got = 'refused'); \
             return true"
        )
    };
    for request in [
        "/api/callbacks', {credentials: 'include'}",
        "/api/callbacks/1', {credentials: 'include'}",
        "/', {credentials: 'include'}",
        "/api/replay', {method: 'POST', credentials: 'include', headers: {'Content-Type': 'application/json'}, body: '{\"ids\":[1]}'}",
    ] {
        browser.run(&ask(request)).await;
        assert_eq!(browser.until("return window.got").await, "refused", "{request}");
    }
    // What needs no reading: the request is made, and changes nothing.
    browser.run(&ask("/api/replay', {method: 'POST', mode: 'no-cors', credentials: 'include', headers: {'Content-Type': 'text/plain'}, body: '{\"ids\":[1]}'}")).await;
    browser.until("return window.got").await;
    let stream = format!(
        "window.got = null; const stream = new EventSource('{origin}/api/events', {{withCredentials: true}}); \
         stream.onmessage = () => window.got = 'read'; stream.onerror = () => window.got ??= 'refused'; return true"
    );
    browser.run(&stream).await;
    assert_eq!(browser.until("return window.got").await, "refused");
    browser.run(&format!("const frame = document.createElement('iframe'); frame.src = '{origin}/'; document.body.append(frame); frame.onload = () => window.framed = true")).await;
    browser.until("return window.framed").await;
    assert_eq!(browser.run("try { return document.querySelector('iframe').contentDocument?.body.innerText ?? 'closed' } catch { return 'closed' }").await, "closed");

    // A name of another website that resolves to this machine, with the cookie's value as it were.
    let port = origin.rsplit_once(':').unwrap().1;
    for path in ["/", "/api/callbacks", &format!("/?{}", fixture.page.split_once("/?").unwrap().1)] {
        browser.goto(&format!("http://rebound.example:{port}{path}")).await;
        let text = browser.run("return document.body.innerText").await;
        let text = text.as_str().unwrap();
        assert!(text.contains("not a loopback address") && !text.contains("private"), "{path}: {text}");
    }
    browser.goto(&fixture.page).await;
    rows(&browser, 1).await;
}

/// What a page and the program hold while many callbacks are received, and how long answers take with and without a page.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn ten_thousand_callbacks_leave_page_and_program_small() {
    let fixture = Fixture::start();
    let Some(browser) = Browser::start(1280, 800).await else { return };
    let p99_of_1000 = || {
        let args = ["send", &fixture.listen.url(), TOPIC, "--repeat", "1000", "--parallel", "2", "--json"];
        let summary = run(&args).json(0);
        summary["times"]["p99_ms"].as_f64().unwrap_or_else(|| panic!("{summary}"))
    };
    p99_of_1000();
    // With and without a page in turns, because other programs run beside this.
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        browser.goto("about:blank").await;
        without.push(p99_of_1000());
        browser.goto(&fixture.page).await;
        browser.until("return document.querySelectorAll('.row').length === 500").await;
        with.push(p99_of_1000());
    }
    (0..9).for_each(|_| with.push(p99_of_1000()));
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let ratio = median(with[..3].to_vec()) / median(without);
    // None is lost without being counted.
    let counted = || {
        let state = fixture.listen.page_api("state");
        let shown = fixture.listen.page_api("callbacks?limit=0")["all"].as_u64().unwrap();
        assert!(shown <= 5000, "{shown}");
        shown + state["evicted"].as_u64().unwrap() + state["lost"].as_u64().unwrap()
    };
    let started = std::time::Instant::now();
    while counted() != 16_000 {
        assert!(started.elapsed() < Duration::from_secs(60), "{} of 16,000 are counted", counted());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let last = fixture.listen.page_api("callbacks?limit=1")["rows"][0]["id"].as_u64().unwrap();
    browser.until(&format!("return Number(document.querySelector('.row')?.id.slice(4)) === {last}")).await;
    assert_eq!(browser.run(ROWS).await, 500);
    browser.devtools("HeapProfiler.collectGarbage", &json!({}));
    let heap = browser.run("return performance.memory.usedJSHeapSize").await.as_u64().unwrap();
    let peak = crate::limits::peak_memory(fixture.listen.process());
    let line = format!(
        "the page: {heap} B of scripts, the program: {peak} KiB at most, p99 with a page open: {ratio:.2} of that without"
    );
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
    assert!(heap < 32 * 1024 * 1024, "{line}");
    assert!(peak < 200 * 1024, "{line}");
}

/// Pictures of docs/inspector.md. With `IM_CALLBACK_UPDATE` they are written.
#[tokio::test]
async fn the_page_fits_in_both_colours_and_in_360_pixels() {
    let fixture = Fixture::start();
    let Some(browser) = Browser::start(1280, 900).await else { return };
    send_many_kinds(&fixture);
    for (name, colour, width, height, lang) in [
        ("light", "light", 1200, 720, "en"),
        ("dark", "dark", 1200, 720, "en"),
        ("phone", "light", 360, 740, "en"),
        ("phone-zh", "dark", 360, 740, "zh"),
    ] {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": colour }] });
        browser.devtools("Emulation.setEmulatedMedia", &scheme);
        browser.goto(&fixture.page).await;
        browser.run(&format!("localStorage.setItem('lang', '{lang}')")).await;
        browser.goto(&format!("{}/", fixture.origin())).await;
        rows(&browser, 8).await;
        assert_eq!(browser.run("return document.documentElement.scrollWidth").await, width, "{name} is too wide");
        let back = browser.run("return getComputedStyle(document.body).backgroundColor").await;
        assert_eq!(back == "rgb(20, 23, 28)", colour == "dark", "{name}: {back}");
        if lang == "zh" {
            save(&browser, name).await;
        }
        browser.keys(if name == "dark" { "jj" } else { "j" }).await;
        browser.keys("\u{e007}").await;
        browser.until("return document.querySelector('#body')").await;
        browser.until("return !document.querySelector('#detail').hidden").await;
        let wide = browser.run("return document.documentElement.scrollWidth").await;
        assert_eq!(wide, width, "{name} is too wide with a callback");
        // Everything that is shown can be read: no text is wider than its place.
        let cut = browser.run("return [...document.querySelectorAll('#detail section')].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText.slice(0, 80))").await;
        assert_eq!(cut, json!([]), "{name}");
        if lang == "en" {
            save(&browser, name).await;
        }
    }
    assert_eq!(browser.console(), [""; 0]);
}

async fn save(browser: &Browser, name: &str) {
    tokio::time::sleep(Duration::from_millis(100)).await;
    let picture = browser.screenshot().await;
    assert!(picture.len() < 200 * 1024, "{name}: {} bytes", picture.len());
    if std::env::var_os("IM_CALLBACK_UPDATE").is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/inspector");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}

#[test]
fn the_pictures_of_the_guide_are_there_and_small() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let guide = fs::read_to_string(docs.join("inspector.md")).unwrap();
    let pictures: Vec<_> =
        guide.split("](inspector/").skip(1).filter_map(|rest| rest.split_once(')')).map(|(name, _)| name).collect();
    assert!(pictures.len() >= 3, "{pictures:?}");
    for picture in pictures {
        let length = fs::metadata(docs.join("inspector").join(picture)).unwrap().len();
        assert!(length > 1000 && length <= 200 * 1024, "{picture}: {length}");
    }
    let _ = APP;
}
