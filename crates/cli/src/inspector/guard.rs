//! Who may use the page: a browser or a program of this machine that knows the secret of this start.
//!
//! Another website can make a browser send requests here, and a name that resolves to this machine makes another
//! website look like this one. So `Host` has to be a loopback address, the secret is asked for, and what changes
//! something has to be from the page itself.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use subtle::ConstantTimeEq as _;

use super::server::{PageBody, problem, text};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The variable that sets the secret, for programs that have to know it beforehand.
pub(crate) const SECRET_VARIABLE: &str = "IM_CALLBACK_UI_SECRET";

pub(super) struct Guard {
    secret: String,
    /// The values of `Host` that name this server.
    hosts: [String; 3],
    /// Its name has the port, because browsers send a cookie to all ports of a host.
    cookie: String,
}

impl Guard {
    pub(super) fn new(port: u16, secret: String) -> Self {
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
        Self { secret, hosts, cookie: format!("im-callback-{port}") }
    }

    /// The secret of the environment, or a new one.
    pub(super) fn secret() -> Result<String, String> {
        let Ok(secret) = std::env::var(SECRET_VARIABLE) else { return Ok(uuid::Uuid::new_v4().simple().to_string()) };
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_.~".contains(char);
        if secret.len() < 16 || !secret.chars().all(is_plain) {
            return Err(format!("{SECRET_VARIABLE} has at least 16 letters, digits and `-_.~`, and nothing else"));
        }
        Ok(secret)
    }

    pub(super) fn query(&self) -> String {
        format!("secret={}", self.secret)
    }

    /// Whether the request may go on; otherwise its response.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), Box<Response<PageBody>>> {
        let (headers, is_change) = (request.headers(), request.method() != Method::GET);
        let host = single(headers, &header::HOST).unwrap_or_default();
        if !self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
            return Err(refuse(StatusCode::MISDIRECTED_REQUEST, "the `Host` of the request is not a loopback address"));
        }
        let site = single(headers, &FETCH_SITE);
        let is_page = request.uri().path() == "/";
        if is_page && let Some(given) = secret_in(request.uri().query()) {
            return Err(if self.is_secret(given) { Box::new(self.welcome()) } else { forbidden() });
        }
        let by_header = headers.contains_key(header::AUTHORIZATION);
        let is_known = if by_header { self.has_token(headers) } else { self.has_cookie(headers) };
        if !is_known {
            return Err(forbidden());
        }
        // A program sends no `Sec-Fetch-Site`, and no website can send the header `Authorization` here.
        let is_from_here = match site {
            Some("same-origin") => true,
            Some("none") => !is_change,
            None => by_header || !is_change,
            Some(_) => false,
        };
        if !is_from_here {
            return Err(refuse(StatusCode::FORBIDDEN, "the request is from another site"));
        }
        let is_json = single(headers, &header::CONTENT_TYPE).is_some_and(|kind| {
            kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
        });
        if is_change && !is_json {
            return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "`Content-Type` has to be application/json"));
        }
        Ok(())
    }

    fn is_secret(&self, given: &str) -> bool {
        given.as_bytes().ct_eq(self.secret.as_bytes()).into()
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let token = single(headers, &header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| self.is_secret(token))
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies.flat_map(|value| value.split(';')).any(|cookie| {
            let (name, value) = cookie.trim().split_once('=').unwrap_or_default();
            name == self.cookie && self.is_secret(value)
        })
    }

    /// Exchanges the secret of the URL for a cookie, so that the secret stays in no history.
    fn welcome(&self) -> Response<PageBody> {
        let mut response = text(StatusCode::SEE_OTHER, "text/plain", "");
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie, self.secret);
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
        response
    }
}

fn refuse(status: StatusCode, why: &str) -> Box<Response<PageBody>> {
    Box::new(problem(status, why))
}

fn forbidden() -> Box<Response<PageBody>> {
    refuse(StatusCode::FORBIDDEN, "open the URL that im-callback has printed: it contains the secret of this start")
}

/// The value of a header that is there once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn secret_in(query: Option<&str>) -> Option<&str> {
    query?.split('&').find_map(|piece| piece.strip_prefix("secret="))
}

/// What every response has.
pub(super) fn secure(mut response: Response<PageBody>) -> Response<PageBody> {
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Whether a request was sent from the page itself, with the secret as its mark.
pub(super) fn is_marked(head: &Parts, mark: &str) -> bool {
    head.headers.get(MARK).is_some_and(|value| value.as_bytes().ct_eq(mark.as_bytes()).into())
}

/// The header of a request that the page sends to `listen` itself.
pub(super) const MARK: &str = "im-callback-resent";

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef";

    fn status(request: http::request::Builder) -> u16 {
        let guard = Guard::new(8079, SECRET.into());
        guard.check(&request.body(()).unwrap()).map_or_else(|refused| refused.status().as_u16(), |()| 200)
    }

    fn get(path: &str) -> http::request::Builder {
        Request::get(path).header("host", "127.0.0.1:8079")
    }

    fn post() -> http::request::Builder {
        Request::post("/api/replay").header("host", "localhost:8079").header("content-type", "application/json")
    }

    const COOKIE: (&str, &str) = ("cookie", "other=1; im-callback-8079=0123456789abcdef");
    const BEARER: (&str, &str) = ("authorization", "Bearer 0123456789abcdef");

    #[test]
    fn the_secret_is_needed_and_is_exchanged_for_a_strict_cookie_of_this_port() {
        assert_eq!(status(get("/")), 403);
        assert_eq!(status(get("/?secret=0123456789abcdeX")), 403);
        assert_eq!(status(get("/?secret=")), 403);
        assert_eq!(status(get("/?secret=0123456789abcdef")), 303);
        assert_eq!(status(get("/").header(COOKIE.0, COOKIE.1)), 200);
        assert_eq!(status(get("/").header("cookie", "im-callback-8080=0123456789abcdef")), 403);
        assert_eq!(status(get("/api/callbacks").header(BEARER.0, BEARER.1)), 200);
        assert_eq!(status(get("/api/callbacks").header("authorization", "Bearer no")), 403);
        assert_eq!(status(get("/api/callbacks?secret=0123456789abcdef")), 403);
        let welcome = Guard::new(8079, SECRET.into()).welcome();
        let cookie = welcome.headers()["set-cookie"].to_str().unwrap();
        assert_eq!(cookie, "im-callback-8079=0123456789abcdef; Path=/; HttpOnly; SameSite=Strict");
        assert_eq!(welcome.headers()["location"], "/");
    }

    #[test]
    fn a_host_that_is_no_loopback_address_of_this_port_gets_nothing_even_with_the_secret() {
        for host in ["evil.example:8079", "127.0.0.1:8080", "127.0.0.1", "127.0.0.1:8079.evil.example", ""] {
            let request = Request::get("/?secret=0123456789abcdef").header("host", host).header(BEARER.0, BEARER.1);
            assert_eq!(status(request), 421, "{host}");
        }
        assert_eq!(status(Request::get("/").header(BEARER.0, BEARER.1)), 421);
        let twice = get("/").header("host", "evil.example").header(BEARER.0, BEARER.1);
        assert_eq!(status(twice), 421);
        assert_eq!(status(Request::get("/").header("host", "[::1]:8079").header(COOKIE.0, COOKIE.1)), 200);
    }

    #[test]
    fn only_the_page_itself_or_a_program_with_the_secret_changes_anything() {
        let with_cookie = || post().header(COOKIE.0, COOKIE.1);
        assert_eq!(status(with_cookie().header("sec-fetch-site", "same-origin")), 200);
        assert_eq!(status(with_cookie()), 403);
        for site in ["cross-site", "same-site", "none"] {
            assert_eq!(status(with_cookie().header("sec-fetch-site", site)), 403, "{site}");
            assert_eq!(status(post().header(BEARER.0, BEARER.1).header("sec-fetch-site", site)), 403, "{site}");
        }
        assert_eq!(status(post().header(BEARER.0, BEARER.1)), 200);
        let form = Request::post("/api/replay").header("host", "localhost:8079").header(COOKIE.0, COOKIE.1);
        let form = form.header("sec-fetch-site", "same-origin").header("content-type", "text/plain");
        assert_eq!(status(form), 415);
        // Another port of this machine is the same site, and gets the cookie.
        assert_eq!(status(get("/api/callbacks").header(COOKIE.0, COOKIE.1).header("sec-fetch-site", "same-site")), 403);
    }
}
