//! Downloads of what tasks made, whole or in a range (RFC 9110, section 14).

use std::ops::Range;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use vidc_service::blobs::ResponseHeaders;
use vidc_service::store::model::TaskId;

use super::AppState;
use super::auth::Caller;
use super::extract::Path;
use super::extract::Query;
use super::problem::Problem;
use super::tasks;

/// For how long an address is good that a download is redirected to.
const LINKED: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DownloadQuery {
    /// Whether the answer may be the address of the bytes in the store.
    #[serde(default)]
    redirect: bool,
}

/// Downloads what a task made, whole or in a range
#[utoipa::path(
    get, path = "/v1/tasks/{id}/outputs/{*name}", operation_id = "downloadOutput", tag = "Tasks",
    params(
        ("id" = TaskId, Path),
        ("name" = String, Path, description = "As the recipe has it; slashes may stand as they are"),
        DownloadQuery,
        ("Range" = Option<String>, Header, description = "One range of bytes, such as `bytes=0-1023`"),
        ("If-Range" = Option<String>, Header),
        ("If-None-Match" = Option<String>, Header),
    ),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "*/*",
            headers(("etag" = String, description = "Its SHA-256"))),
        (status = 206, description = "The range", body = Vec<u8>, content_type = "*/*"),
        (status = 304, description = "It is what `If-None-Match` names"),
        (status = 307, description = "It is in the store, at `Location`"),
        (status = 416, description = "The range is outside of the file"),
    ),
)]
pub(super) async fn download(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, name)): Path<(TaskId, String)>,
    Query(query): Query<DownloadQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tasks::find(&state, &caller, id).await?;
    let outputs = state.service.store.outputs(id).await?;
    let output = outputs
        .into_iter()
        .find(|output| output.name == name)
        .ok_or_else(|| Problem::not_found("output"))?;
    if query.redirect
        && let Some(direct) = state.service.blobs.presigner()
    {
        let how = ResponseHeaders {
            file_name: output.name.rsplit('/').next().unwrap_or_default(),
            media_type: &output.media_type,
        };
        let link = direct.presign_download(&output.blob, how, LINKED).await?;
        return Ok(Redirect::temporary(&link).into_response());
    }
    let etag = format!("\"{}\"", output.hash);
    let asks = |name| {
        headers
            .get(name)
            .and_then(|value: &axum::http::HeaderValue| value.to_str().ok())
    };
    if asks(header::IF_NONE_MATCH).is_some_and(|known| known == "*" || known.contains(&etag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let size = u64::try_from(output.bytes).unwrap_or(0);
    // A range of another version would not fit what the client has.
    let fresh = asks(header::IF_RANGE).is_none_or(|known| known == etag);
    let range = asks(header::RANGE)
        .filter(|_| fresh)
        .map(|range| parse(range, size));
    let common = [
        (header::CONTENT_TYPE, output.media_type),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, etag),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let (status, part) = match range {
        None | Some(RangeRequest::Ignored) => (StatusCode::OK, None),
        Some(RangeRequest::Part(part)) => (StatusCode::PARTIAL_CONTENT, Some(part)),
        Some(RangeRequest::Unsatisfiable) => {
            let size = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            let problem = Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "range-not-satisfiable",
                "The range is outside of the file",
                "ask for bytes that are there",
            );
            return Ok((size, problem).into_response());
        }
    };
    let length = part.as_ref().map_or(size, |part| part.end - part.start);
    let place = part.as_ref().map(|part| {
        let place = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        [(header::CONTENT_RANGE, place)]
    });
    let bytes = state.service.blobs.get(&output.blob, part).await?;
    let length = [(header::CONTENT_LENGTH, length.to_string())];
    let mut response = (status, common, length, Body::from_stream(bytes)).into_response();
    for (name, value) in place.into_iter().flatten() {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

#[derive(Debug, PartialEq, Eq)]
enum RangeRequest {
    Part(Range<u64>),
    /// None of it is there.
    Unsatisfiable,
    /// Several ranges, another unit, or nonsense: a server may answer with the whole.
    Ignored,
}

fn parse(text: &str, size: u64) -> RangeRequest {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return RangeRequest::Ignored;
    };
    let (first, last) = (first.trim(), last.trim());
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return RangeRequest::Ignored,
    };
    match range.is_empty() {
        true => RangeRequest::Unsatisfiable,
        false => RangeRequest::Part(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(parse("bytes=0-3", 10), RangeRequest::Part(0..4));
        assert_eq!(parse("bytes=8-", 10), RangeRequest::Part(8..10));
        assert_eq!(parse("bytes=-4", 10), RangeRequest::Part(6..10));
        assert_eq!(parse("bytes=5-99", 10), RangeRequest::Part(5..10));
        assert_eq!(parse("bytes=10-", 10), RangeRequest::Unsatisfiable);
        assert_eq!(parse("bytes=-0", 10), RangeRequest::Unsatisfiable);
        for odd in ["bytes=3-1", "bytes=0-1,4-5", "seconds=1-2", "bytes=", "bytes=-"] {
            assert_eq!(parse(odd, 10), RangeRequest::Ignored, "{odd}");
        }
    }
}
