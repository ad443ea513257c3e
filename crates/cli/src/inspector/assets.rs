//! The page itself, which is in the program.

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2563eb"/><path d="M4 5h8M4 8h5M4 11h7" stroke="#fff" stroke-width="1.6"/></svg>"##;

/// The kind and the text of what is at this path.
pub(super) fn find(path: &str) -> Option<(&'static str, &'static str)> {
    Some(match path {
        "/" => (HTML, include_str!("assets/index.html")),
        "/style.css" => ("text/css; charset=utf-8", include_str!("assets/style.css")),
        "/app.js" => (SCRIPT, include_str!("assets/app.js")),
        "/detail.js" => (SCRIPT, include_str!("assets/detail.js")),
        "/dialogs.js" => (SCRIPT, include_str!("assets/dialogs.js")),
        "/words.js" => (SCRIPT, include_str!("assets/words.js")),
        "/icon.svg" => ("image/svg+xml", ICON),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: [&str; 6] = ["/", "/style.css", "/app.js", "/detail.js", "/dialogs.js", "/words.js"];

    #[test]
    fn nothing_of_a_message_can_become_markup_or_be_loaded() {
        for path in PAGE {
            let (_, asset) = find(path).unwrap();
            for word in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "Function(",
                "http://",
                "https://",
                "//cdn",
                "<img",
                "<iframe",
                "javascript:",
                "DOMParser",
                "createContextualFragment",
                "srcdoc",
                ".src",
            ] {
                assert!(!asset.contains(word), "{path} has `{word}`");
            }
            let handlers = asset.split_whitespace().filter(|word| word.starts_with("on") && word.contains("=\""));
            assert_eq!(handlers.count(), 0, "{path}");
        }
    }

    #[test]
    fn the_page_is_small() {
        let lines: usize = PAGE.iter().map(|path| find(path).unwrap().1.lines().count()).sum();
        assert!(lines < 1000, "{lines} lines");
    }
}
