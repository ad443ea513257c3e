#!/usr/bin/env python3
"""What the core costs those who build it.

Compares `cargo check` of the core alone with that of a crate that has the same structs and nothing but serde's
derives, and times an application's release build after a change of its `main.rs`: medians of three, dependencies
built before. It writes to a folder of its own and takes some minutes.
"""

import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORE = ROOT / "crates/core/src"
# Files with types that no body of a callback has in it.
OTHERS = {"answer", "auth", "body", "command", "decode", "endpoint", "error", "event", "failure", "handler", "lenient",
          "lib", "observe", "open", "outcome", "query", "reply", "running", "table", "time"}
DERIVES = "Debug, Clone, PartialEq, Serialize, Deserialize"
RUNS = 3
# What a macro makes or what has no derive of its own, so that it is not found by looking.
BY_HAND = {"Command": "Box<str>", "UnixMillis": "u64", "UnixSeconds": "u64"}


def derived(text):
    """The structs and enums of a file, with serde's derives and without what is read in a way of our own."""
    text = re.sub(r"^\s*//.*\n", "", text, flags=re.M)
    items = []
    for kind, body in re.findall(r"^(string_enum|int_enum)! \{\n(.*?)^\}", text, flags=re.M | re.S):
        body = re.sub(r"^\s*pub enum", f"#[derive({DERIVES})]\npub enum",
                      body, flags=re.M)
        body = re.sub(r" = (\"[^\"]*\"|\d+)( \| \"[^\"]*\")*(?=,)", "", body)
        other = "Other(i64)" if kind == "int_enum" else "Other(Box<str>)"
        items.append(re.sub(r"\n(\s*)\}\s*$", rf"\n    {other},\n}}\n", body))
    pattern = r"^(?:#\[[^\n]*\]\n|#\[\w+\(\n.*?^\)\]\n)*pub (?:struct|enum) \w+ ?(?:\{.*?^\}|\([^;]*\);)"
    for item in re.findall(pattern, text, flags=re.M | re.S):
        if "pub struct Context " in item:
            continue
        item = re.sub(r"^#\[expect.*?\]\n", "", item, flags=re.M)
        item = re.sub(r"(?:de)?serialize_with = \"[^\"]*\",?|\bwith = \"[^\"]*\",?|default = \"[^\"]*\",?", "", item)
        item = re.sub(r"(?:from|into|try_from|remote|expecting) = \"[^\"]*\",?", "", item)
        item = re.sub(r"skip_serializing_if = \"(?!Option::is_none|Vec::is_empty)[^\"]*\",?", "", item)
        item = re.sub(r",\s*\)\]", ")]", item)
        # Some of ours implement serde's traits by hand; here all have them derived.
        item = re.sub(r"^#\[derive\(.*?\)\]\n", "", item, flags=re.M | re.S)
        item = f"#[derive({DERIVES})]\n" + re.sub(r"^#\[(?!serde)[^\n]*\]\n", "", item, flags=re.M)
        items.append(item.replace("RawValue", "str"))
    return items


def comparison(folder):
    """Writes the crate that has the derives only."""
    modules = []
    (folder / "src").mkdir(parents=True)
    for path in sorted(CORE.rglob("*.rs")):
        name = path.relative_to(CORE).with_suffix("").as_posix().replace("/", "_")
        if name.split("_")[0] in OTHERS:
            continue
        items = derived(path.read_text())
        if items:
            source = "#![allow(unused_imports)]\nuse serde::{Deserialize, Serialize};\nuse crate::all::*;\n\n"
            (folder / f"src/{name}.rs").write_text(source + "\n\n".join(items) + "\n")
            modules.append(name)
    by_hand = [f"#[derive({DERIVES})]\npub struct {name}({inner});\n" for name, inner in BY_HAND.items()]
    (folder / "src/by_hand.rs").write_text("use serde::{Deserialize, Serialize};\n\n" + "\n".join(by_hand))
    modules.append("by_hand")
    lib = "#![allow(ambiguous_glob_reexports)]\n"
    lib += "".join(f"pub mod {name};\n" for name in modules)
    lib += "mod all {\n    pub use std::collections::BTreeMap;\n"
    lib += "".join(f"    pub use crate::{name}::*;\n" for name in modules) + "}\n"
    (folder / "src/lib.rs").write_text(lib)
    write_manifest(folder, "derives", {"serde": '{ version = "1", features = ["derive"] }'})
    structs = sum(path.read_text().count("Deserialize)]") for path in (folder / "src").glob("*.rs"))
    print(f"the comparison has {structs} types", file=sys.stderr)


def application(folder):
    """Writes the README's program for axum as a package of its own."""
    (folder / "src").mkdir(parents=True)
    readme = (ROOT / "README.md").read_text()
    program = readme.split("### axum", 1)[1].split("```rust,no_run\n", 1)[1].split("```", 1)[0]
    (folder / "src/main.rs").write_text(program)
    write_manifest(folder, "app", {
        "axum": '{ version = "0.8", default-features = false, features = ["http1", "tokio"] }',
        "tencent-im-callback": f'{{ path = "{ROOT}/crates/core" }}',
        "tencent-im-callback-axum": f'{{ path = "{ROOT}/crates/axum" }}',
        "tokio": '{ version = "1", features = ["macros", "net", "rt-multi-thread", "signal"] }',
    })


def write_manifest(folder, name, dependencies):
    lines = "".join(f"{key} = {value}\n" for key, value in dependencies.items())
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n{lines}\n[workspace]\n'
    )
    # The same versions as everywhere else.
    (folder / "Cargo.lock").write_bytes((ROOT / "Cargo.lock").read_bytes())


def median(folder, command, before):
    """The median of a command's times in seconds, by the clock and of processors, with `before` done before each run."""
    run(folder, command)
    times = []
    for _ in range(RUNS):
        before()
        began, spent = time.monotonic(), processor_seconds()
        run(folder, command)
        times.append((time.monotonic() - began, processor_seconds() - spent))
        print(f"{' '.join(command)}: {times[-1][0]:.2f} s, of processors {times[-1][1]:.2f} s", file=sys.stderr)
    return [statistics.median(column) for column in zip(*times)]


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(folder, command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        comparison(scratch / "derives")
        application(scratch / "app")
        clean = lambda folder, package: lambda: run(folder, ["cargo", "clean", "-p", package])
        app, derives = scratch / "app", scratch / "derives"
        core = median(app, ["cargo", "check", "-p", "tencent-im-callback"], clean(app, "tencent-im-callback"))
        serde = median(derives, ["cargo", "check"], clean(derives, "derives"))
        release = median(app, ["cargo", "build", "--release"], (app / "src/main.rs").touch)
    print("| | by the clock | of processors |\n| --- | --- | --- |")
    for what, (clock, processors) in [
        ("the core, `cargo check`", core),
        ("the derives alone, `cargo check`", serde),
        ("an application, `cargo build --release` after a change of `main.rs`", release),
    ]:
        print(f"| {what} | {clock:.1f} s | {processors:.1f} s |")
    print(f"| the core over the derives | {core[0] / serde[0]:.1f} | {core[1] / serde[1]:.1f} |")


main()
