//! Notes over HTTP.
//!
//! | request | answer |
//! |---|---|
//! | `GET /notes?author=ada&size=20&after=CURSOR` | a page of notes, and the cursor of the next one |
//! | `POST /notes` | 201 with an `ETag`, 409 if the note is there |
//! | `GET /notes/{author}/{number}` | the note with an `ETag`; 304 for an `If-None-Match` that still holds |
//! | `PUT /notes/{author}/{number}` | writes the note; with `If-Match` only over that version, else 412 |
//! | `DELETE /notes/{author}/{number}` | deletes the note; with `If-Match` only that version, else 412 |

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use s3aads::{Cursor, S3Table, Version, Versioned};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// A note: one object, `notes/ada/00000001`.
#[derive(Debug, Clone, PartialEq, S3Table, Serialize, Deserialize)]
#[s3(table = "notes")]
pub(crate) struct Note {
    /// Who wrote it.
    #[s3(key)]
    pub author: String,
    /// Which of the author's notes it is.
    #[s3(key, width = 8)]
    pub number: u32,
    /// What it says.
    pub text: String,
    /// What it is about.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What a PUT sends: the note without its key, which is in the path.
#[derive(Debug, Deserialize)]
struct Content {
    text: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Paging {
    author: Option<String>,
    after: Option<Cursor>,
    size: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Listed {
    notes: Vec<Note>,
    /// None on the last page.
    next: Option<Cursor>,
}

type Notes = State<NoteTable>;
type Key = Path<(String, u32)>;
type Answer = Result<Response, Failure>;

/// The service.
pub(crate) fn router(notes: NoteTable) -> Router {
    Router::new()
        .route("/notes", get(list).post(create))
        .route(
            "/notes/{author}/{number}",
            get(read).put(write).delete(remove),
        )
        .with_state(notes)
}

async fn list(State(notes): Notes, Query(paging): Query<Paging>) -> Answer {
    let mut query = match paging.author {
        Some(author) => notes.filter_by_author(author),
        None => notes.query(),
    };
    if let Some(cursor) = paging.after {
        query = query.after(cursor);
    }
    let size = paging.size.unwrap_or(20).clamp(1, 100);
    let page = query.page(size).await?;
    for error in &page.invalid {
        eprintln!("left out of a page: {error:#}");
    }
    let (notes, next) = (page.rows, page.cursor);
    Ok(Json(Listed { notes, next }).into_response())
}

async fn create(State(notes): Notes, Json(note): Json<Note>) -> Answer {
    let version = notes.insert(&note).await?;
    let location = format!("/notes/{}", note.to_key());
    let headers = [
        (header::ETAG, e_tag(&version)),
        (header::LOCATION, location),
    ];
    Ok((StatusCode::CREATED, headers, Json(note)).into_response())
}

async fn read(State(notes): Notes, Path(key): Key, headers: HeaderMap) -> Answer {
    let Some(found) = notes.select_versioned(key).await? else {
        return Err(Failure::not_found());
    };
    let tag = [(header::ETAG, e_tag(&found.version))];
    if version_in(&headers, header::IF_NONE_MATCH) == Some(Ok(found.version)) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((tag, Json(found.row)).into_response())
}

async fn write(
    State(notes): Notes,
    Path((author, number)): Key,
    headers: HeaderMap,
    Json(Content { text, tags }): Json<Content>,
) -> Answer {
    let note = Note {
        author,
        number,
        text,
        tags,
    };
    let version = match version_in(&headers, header::IF_MATCH) {
        Some(version) => {
            notes
                .update(&Versioned::new(note.clone(), version?))
                .await?
        }
        None => notes.upsert(&note).await?,
    };
    Ok(([(header::ETAG, e_tag(&version))], Json(note)).into_response())
}

async fn remove(State(notes): Notes, Path(key): Key, headers: HeaderMap) -> Answer {
    match version_in(&headers, header::IF_MATCH) {
        Some(version) => {
            let version = version?;
            let found = notes.select_versioned(key).await?;
            let found = found.ok_or_else(Failure::not_found)?;
            if found.version != version {
                return Err(Failure::precondition());
            }
            notes.delete_versioned(&found).await?;
        }
        None => notes.delete(key).await?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn e_tag(version: &Version) -> String {
    format!("\"{version}\"")
}

/// The version that a condition names. One that this service did not hand out can't hold.
fn version_in(headers: &HeaderMap, name: HeaderName) -> Option<Result<Version, Failure>> {
    let tag = headers.get(name)?.to_str().unwrap_or_default();
    let version = tag.trim().trim_matches('"').parse();
    Some(version.map_err(|_| Failure::precondition()))
}
