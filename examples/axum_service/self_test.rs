//! Calls the service as its clients do.

use std::error::Error;

use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Fails at the first answer that is not as it should be.
pub(crate) async fn run(notes: &str) -> Outcome {
    let client = Client::new();
    let note = |number: u32| format!("{notes}/ada/{number}");
    let post = |author: &str, number: u32| {
        let body = json!({ "author": author, "number": number, "text": format!("note {number}") });
        client.post(notes).json(&body)
    };

    let created = expect("POST creates a note", post("ada", 1), 201).await?;
    let first = e_tag(&created)?;
    expect("POST again is a conflict", post("ada", 1), 409).await?;
    let malformed = client.post(notes).json(&json!({ "author": "ada" }));
    expect("a note without a number is refused", malformed, 422).await?;
    expect(
        "a number with nine digits is refused",
        post("ada", 123_456_789),
        400,
    )
    .await?;

    let read = expect("GET reads it", client.get(note(1)), 200).await?;
    equal("its ETag", &e_tag(&read)?, &first)?;
    let read: Value = read.json().await?;
    equal("its text", &read["text"], &json!("note 1"))?;
    let again = client.get(note(1)).header(IF_NONE_MATCH, &first);
    expect("GET of a known version sends nothing", again, 304).await?;
    expect("GET of another number", client.get(note(2)), 404).await?;

    let put = |tag: &str| {
        let put = client.put(note(1)).json(&json!({ "text": "changed" }));
        put.header(IF_MATCH, tag)
    };
    let changed = expect("PUT with If-Match changes it", put(&first), 200).await?;
    let second = e_tag(&changed)?;
    expect("PUT with the old ETag fails", put(&first), 412).await?;
    expect(
        "PUT with an ETag of another service fails",
        put("\"abc\""),
        412,
    )
    .await?;

    for number in 2..=7 {
        expect("POST", post("ada", number), 201).await?;
    }
    expect("POST of another author", post("bob", 1), 201).await?;
    let (mut page, mut pages) = (format!("{notes}?author=ada&size=3"), Vec::new());
    loop {
        let listed = expect("GET of a page", client.get(&page), 200).await?;
        let listed: Value = listed.json().await?;
        let rows = listed["notes"].as_array().map(Vec::len);
        pages.push(rows.ok_or("a page has no notes")?);
        match listed["next"].as_str() {
            Some(cursor) => page = format!("{notes}?author=ada&size=3&after={cursor}"),
            None => break,
        }
    }
    equal("the pages", &pages, &vec![3, 3, 1])?;
    let damaged = client.get(format!("{notes}?after=abc"));
    expect("a damaged cursor is refused", damaged, 400).await?;

    let delete = |tag: &str| client.delete(note(1)).header(IF_MATCH, tag);
    expect("DELETE with the old ETag fails", delete(&first), 412).await?;
    expect("DELETE with If-Match", delete(&second), 204).await?;
    expect("GET of the deleted note", client.get(note(1)), 404).await?;
    println!("All answers are as they should be.");
    Ok(())
}

async fn expect(what: &str, request: RequestBuilder, status: u16) -> Outcome<Response> {
    let response = request.send().await?;
    let got = response.status();
    if got != status {
        let body = response.text().await?;
        return Err(format!("{what}: {got} in the place of {status}: {body}").into());
    }
    println!("{got}  {what}");
    Ok(response)
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, expected: &T) -> Outcome {
    if got == expected {
        return Ok(());
    }
    Err(format!("{what}: {got:?} in the place of {expected:?}").into())
}

fn e_tag(response: &Response) -> Outcome<String> {
    let tag = response.headers().get(ETAG).ok_or("there is no ETag")?;
    Ok(tag.to_str()?.to_owned())
}
