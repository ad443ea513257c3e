//! Draws what the servers can do, as an SVG that can be read on light and on dark ground.

use std::{error::Error, fmt::Write as _, fs};

use crate::{
    data::{Folder, workspace},
    report::{page, replaced},
    statistics::Spread,
    throughput::{Data, name},
};

const WIDTH: f64 = 720.0;
/// Where the bars begin, and how long one is that is as long as the floor's of hyper.
const LEFT: f64 = 150.0;
const FLOOR: f64 = 450.0;
const BAR: f64 = 22.0;
const GAP: f64 = 26.0;
const TOP: f64 = 64.0;

const STYLE: &str = "\
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 16px }
.small { font-size: 12px; fill: #59636e }
.axis { stroke: #59636e }
.whisker { stroke: #1f2328; stroke-width: 1.5 }
.floor { fill: #c4cbd3 }
.hand { fill: #d29922 }
.ours { fill: #2f81c9 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.axis { stroke: #9198a1 }
.whisker { stroke: #e6edf3 }
.floor { fill: #57606a }
.hand { fill: #bb8009 }
.ours { fill: #4493e0 }
}
";

pub(crate) fn run(folder: &Folder) -> Result<(), Box<dyn Error>> {
    let data: Data = folder.load(&name(1))?.ok_or("nothing to draw: run `throughput` first")?;
    let path = workspace().join("docs/performance.svg");
    fs::write(&path, draw(&data))?;
    let alternative = "Requests per second of each server, to those of the floor on hyper";
    let text = replaced(&fs::read_to_string(page())?, "plot", &format!("![{alternative}](performance.svg)\n"))?;
    fs::write(page(), text)?;
    println!("drawn in {}", path.display());
    Ok(())
}

/// A group of bars for each framework, a whisker from the least to the most of the rounds at each.
fn draw(data: &Data) -> String {
    let mut bars = String::new();
    let mut y = TOP;
    let mut framework = "";
    for server in &data.servers {
        let Some(Spread { median, least, most }) = data.ratio(server, "hyper", "floor") else { continue };
        if framework != server.framework {
            if !framework.is_empty() {
                y += GAP - 4.0;
            }
            framework = &server.framework;
            let _ = writeln!(bars, r#"<text x="16" y="{:.1}">{framework}</text>"#, y + BAR * 1.5 + 9.0);
        }
        let (kind, middle) = (&server.kind, y + BAR / 2.0);
        let _ = writeln!(
            bars,
            r#"<text class="small" x="{:.1}" y="{:.1}" text-anchor="end">{kind}</text>
<rect class="{kind}" x="{LEFT}" y="{y:.1}" width="{:.1}" height="{BAR}" rx="2"/>
<line class="whisker" x1="{:.1}" x2="{:.1}" y1="{middle:.1}" y2="{middle:.1}"/>
<text class="small" x="{:.1}" y="{:.1}">{median:.2}</text>"#,
            LEFT - 8.0,
            middle + 4.0,
            median * FLOOR,
            LEFT + least * FLOOR,
            LEFT + most * FLOOR,
            LEFT + most.max(median) * FLOOR + 8.0,
            middle + 4.0,
        );
        y += BAR + 4.0;
    }
    let height = y + 34.0;
    let (title, conditions) = (
        "Requests per second, to those of the floor on hyper",
        format!(
            "one thread, {} rounds; the line is from the least to the most of them. floor: reads the body, answers a constant",
            data.rounds
        ),
    );
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0}" role="img" aria-label="{title}">
<style>
{STYLE}</style>
<text class="title" x="16" y="28">{title}</text>
<text class="small" x="16" y="48">{conditions}</text>
<line class="axis" x1="{LEFT}" x2="{LEFT}" y1="{TOP}" y2="{y:.1}"/>
<line class="axis" stroke-dasharray="3 3" x1="{one}" x2="{one}" y1="{TOP}" y2="{y:.1}"/>
{bars}<text class="small" x="{LEFT}" y="{labels:.1}" text-anchor="middle">0</text>
<text class="small" x="{one}" y="{labels:.1}" text-anchor="middle">1</text>
</svg>
"#,
        one = LEFT + FLOOR,
        labels = y + 16.0,
    )
}
