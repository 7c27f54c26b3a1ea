//! `/v1/tasks/{id}/outputs/{name}`: downloads, whole or in part (RFC 9110, section 14).

use std::ops::{Bound, Range};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use headers::{
    AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt as _, IfNoneMatch, IfRange,
    Range as RangeHeader,
};
use serde::Deserialize;
use utoipa::IntoParams;
use vidc_service::store::model::TaskId;

use super::auth::Caller;
use super::extract::{Path, Query};
use super::problem::Problem;
use super::state::AppState;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DownloadQuery {
    /// Redirect to a presigned URL of the object store, if the service has one.
    #[serde(default)]
    redirect: bool,
}

/// Downloads an output of a task, whole or in part
#[utoipa::path(
    get, path = "/v1/tasks/{id}/outputs/{*name}", operation_id = "downloadOutput", tag = "Tasks",
    params(
        ("id" = TaskId, Path, description = "ID of the task"),
        ("name" = String, Path, description = "Name of the output in the recipe; slashes need not be escaped"),
        DownloadQuery,
        ("Range" = Option<String>, Header, description = "One byte range, such as `bytes=0-1023`"),
        ("If-Range" = Option<String>, Header, description = "Send the range only if the output has this entity tag"),
        ("If-None-Match" = Option<String>, Header, description = "Send the output only if it has none of these entity tags"),
    ),
    responses(
        (status = 200, description = "The output", body = Vec<u8>, content_type = "*/*",
            headers(("etag" = String, description = "Entity tag: the SHA-256 of the output"))),
        (status = 206, description = "The requested range of the output", body = Vec<u8>, content_type = "*/*"),
        (status = 304, description = "The output has an entity tag in `If-None-Match`"),
        (status = 307, description = "The output is at the URL in `Location`"),
        (status = 416, description = "The range is beyond the end of the output"),
    ),
)]
pub(super) async fn download(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, name)): Path<(TaskId, String)>,
    Query(query): Query<DownloadQuery>,
    request_headers: HeaderMap,
) -> Result<Response, Problem> {
    let output = state.service.output(&caller.tenant, id, &name).await?;
    if query.redirect
        && let Some(url) = state.service.presigned_output_url(&output).await?
    {
        return Ok(Redirect::temporary(&url).into_response());
    }
    let etag: ETag = format!("\"{}\"", output.hash)
        .parse()
        .map_err(|_| vidc_engine::Error::Internal("a hash is not an entity tag".to_owned()))?;
    let mut headers = HeaderMap::new();
    headers.typed_insert(etag.clone());
    let if_none_match = request_headers.typed_get::<IfNoneMatch>();
    if if_none_match.is_some_and(|condition| !condition.precondition_passes(&etag)) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let size = u64::try_from(output.bytes).unwrap_or(0);
    let range = match requested_range(&request_headers, &etag, size) {
        RequestedRange::Unsatisfiable => {
            let mut headers = HeaderMap::new();
            headers.typed_insert(ContentRange::unsatisfied_bytes(size));
            let problem = Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "range-not-satisfiable",
                "Range not satisfiable",
                format!("the output has {size} bytes"),
            );
            return Ok((headers, problem).into_response());
        }
        RequestedRange::Whole => None,
        RequestedRange::Part(range) => Some(range),
    };
    headers.typed_insert(AcceptRanges::bytes());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(media_type) = output.media_type.parse() {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    headers.typed_insert(ContentLength(length));
    let mut status = StatusCode::OK;
    if let Some(range) = range.clone()
        && let Ok(content_range) = ContentRange::bytes(range, size)
    {
        status = StatusCode::PARTIAL_CONTENT;
        headers.typed_insert(content_range);
    }
    let bytes = state.service.read_output(&output, range).await?;
    Ok((status, headers, Body::from_stream(bytes)).into_response())
}

/// The part of an output that a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum RequestedRange {
    /// There is no range, or it is ignored: several ranges, another unit, a syntax error, or another entity tag in
    /// `If-Range`.
    Whole,
    Part(Range<u64>),
    /// The range is beyond the end.
    Unsatisfiable,
}

fn requested_range(headers: &HeaderMap, etag: &ETag, size: u64) -> RequestedRange {
    let is_modified = match headers.typed_try_get::<IfRange>() {
        Ok(condition) => condition.is_some_and(|condition| condition.is_modified(Some(etag), None)),
        Err(_) => true,
    };
    match headers.typed_get::<RangeHeader>() {
        Some(header) if !is_modified => single_range(&header, size),
        _ => RequestedRange::Whole,
    }
}

fn single_range(header: &RangeHeader, size: u64) -> RequestedRange {
    // `satisfiable_ranges` omits suffixes that are longer than the length it is given.
    let mut ranges = header.satisfiable_ranges(u64::MAX);
    let (Some(_), None) = (ranges.next(), ranges.next()) else {
        return RequestedRange::Whole;
    };
    let range = match header.satisfiable_ranges(size).next() {
        Some((Bound::Included(first), Bound::Included(last))) if first <= last => {
            first..last.saturating_add(1).min(size)
        }
        Some((Bound::Included(first), Bound::Unbounded)) => first..size,
        Some(_) => return RequestedRange::Whole,
        // A suffix longer than the output selects all of it (RFC 9110, section 14.1.2).
        None => 0..size,
    };
    match range.is_empty() {
        true => RequestedRange::Unsatisfiable,
        false => RequestedRange::Part(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(range: &'static str, if_range: Option<&'static str>) -> RequestedRange {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static(range));
        if let Some(condition) = if_range {
            headers.insert(header::IF_RANGE, HeaderValue::from_static(condition));
        }
        requested_range(&headers, &"\"tag\"".parse().unwrap(), 10)
    }

    #[test]
    fn a_single_range_is_clamped_to_the_output() {
        for (range, part) in [
            ("bytes=0-3", 0..4),
            ("bytes=8-", 8..10),
            ("bytes=-4", 6..10),
            ("bytes=-99", 0..10),
            ("bytes=5-99", 5..10),
        ] {
            assert_eq!(requested(range, None), RequestedRange::Part(part), "{range}");
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_unsatisfiable() {
        for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(requested(range, None), RequestedRange::Unsatisfiable, "{range}");
        }
    }

    #[test]
    fn other_ranges_are_ignored() {
        for range in [
            "bytes=3-1",
            "bytes=0-1,4-5",
            "bytes=0-1,-99",
            "seconds=1-2",
            "bytes=",
            "bytes=-",
        ] {
            assert_eq!(requested(range, None), RequestedRange::Whole, "{range}");
        }
    }

    #[test]
    fn a_range_of_another_version_is_ignored() {
        assert_eq!(
            requested("bytes=0-3", Some("\"tag\"")),
            RequestedRange::Part(0..4)
        );
        for other in ["\"other\"", "W/\"tag\"", "tag", "Sat, 29 Oct 1994 19:43:31 GMT"] {
            assert_eq!(
                requested("bytes=0-3", Some(other)),
                RequestedRange::Whole,
                "{other}"
            );
        }
    }
}
