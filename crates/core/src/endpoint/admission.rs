//! What is checked before the body: method, query, application, signature and the limit of callbacks in flight.

use std::{sync::Arc, time::Instant};

use http::{Extensions, Method};

use super::{
    admitted::{AdmittedRequest, Source},
    apps::AppState,
    in_flight::InFlightPermit,
    shared::Shared,
    signature::{self, AuthError},
};
use crate::{
    Callback, Context, Outcome, observe,
    wire::{
        query::{Malformed, Parameter, Query, QueryIndex, RawQuery, decimal},
        response::WireResponse,
    },
};

/// The request, ready for its body; or the response that refuses it.
pub(super) fn admit(
    shared: &Arc<Shared>,
    method: &Method,
    text: RawQuery,
    extensions: Extensions,
    received_at: Instant,
) -> Result<Box<AdmittedRequest>, WireResponse> {
    if method != Method::POST {
        return Err(WireResponse::METHOD);
    }
    let values = QueryIndex::parse(text.as_str()).map_err(malformed)?;
    let query = Query::new(text.as_str(), &values);
    let callback = Callback::find(query.command());
    let app = find_app(shared, query).ok_or_else(|| reject_unknown_app(shared, query, callback))?;
    if !app.tokens.is_empty() {
        let verified = signature::verify(query, &app.tokens, shared.now()?, shared.freshness);
        verified.map_err(|error| unauthenticated(query, app.id, error))?;
    }
    let permit = InFlightPermit::acquire(&shared.in_flight).ok_or_else(|| overloaded(shared))?;
    let times = (received_at, shared.deadline_for(received_at));
    let ctx = Context::new(app.id, (text, values), callback, extensions, times, Some(permit));
    Ok(Box::new(AdmittedRequest {
        app,
        fallback: None,
        redirected: false,
        uses_method_runtime: false,
        is_acknowledged_at_once: false,
        source: Source::Request,
        shared: Arc::clone(shared),
        ctx,
    }))
}

fn find_app(shared: &Shared, query: Query<'_>) -> Option<Arc<AppState>> {
    shared.apps.find(decimal(query.get(Parameter::SdkAppid)?)?)
}

#[cold]
fn malformed(Malformed { parameter, reason }: Malformed) -> WireResponse {
    tracing::warn!(parameter, reason, "malformed query");
    WireResponse::MALFORMED
}

#[cold]
fn unauthenticated(query: Query<'_>, app_id: u64, error: AuthError) -> WireResponse {
    let command = observe::excerpt(query.command());
    tracing::warn!(app_id, command, reason = %error, hint = error.hint(), "not authenticated");
    WireResponse::UNAUTHENTICATED
}

#[cold]
fn overloaded(shared: &Shared) -> WireResponse {
    tracing::warn!(limit = shared.in_flight.limit(), "too many callbacks in flight");
    WireResponse::OVERLOADED
}

/// The response to a request that names no registered application.
#[cold]
fn reject_unknown_app(shared: &Shared, query: Query<'_>, callback: Option<&Callback>) -> WireResponse {
    if callback.is_none() && query.get(Parameter::SdkAppid).is_none() {
        match is_signed_for_any_app(shared, query) {
            Ok(true) => {
                tracing::info!("the console has checked the callback URL");
                return WireResponse::OK.with_outcome(Outcome::Check);
            }
            Ok(false) => {}
            Err(response) => return response,
        }
    }
    let found = query.get(Parameter::SdkAppid).map(observe::excerpt);
    tracing::warn!(found, "`SdkAppid` is missing or is not a registered application");
    WireResponse::WRONG_APP
}

/// Whether the request may be the console's check of the URL, which names no application and no known command.
fn is_signed_for_any_app(shared: &Shared, query: Query<'_>) -> Result<bool, WireResponse> {
    let now = shared.now()?;
    Ok(shared
        .apps
        .any(|app| app.tokens.is_empty() || signature::verify(query, &app.tokens, now, shared.freshness).is_ok()))
}
