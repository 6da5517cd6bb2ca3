//! Drafts.

use std::collections::BTreeMap;

use super::*;

#[test]
fn a_draft_is_what_was_done_to_it() {
    let schema = days();
    let writer = Writer::new(&schema, DAYS);
    let mut random = fastrand::Rng::with_seed(10);
    let mut pack = Arc::new(Pack::empty(&schema, DAYS));
    let mut model: BTreeMap<(u8, u8), String> = BTreeMap::new();
    for _ in 0..200 {
        let mut draft = Draft::new(Arc::clone(&pack));
        for _ in 0..random.usize(..12) {
            let key = (random.u8(..13), random.u8(..32));
            let texts = [key.0.to_string(), key.1.to_string()];
            assert_eq!(draft.get(&texts), model.get(&key).cloned().map(Bytes::from));
            if random.u8(..3) == 0 {
                assert_eq!(draft.remove(&texts), model.remove(&key).is_some());
            } else {
                let body = format!(r#"{{"rain":{}}}"#, random.u8(..3));
                let written = writer.write(&texts, body.as_bytes()).unwrap();
                assert_eq!(written.version(), crate::pack::version_of(body.as_bytes()));
                let size = draft.size_with(&texts, &written);
                draft.put(&texts, written);
                assert_eq!(draft.size(), size);
                model.insert(key, body);
            }
        }
        let mut listed = Vec::new();
        let mut after = None;
        while let Some(row) = draft.after(after.as_deref()) {
            listed.push(format!(
                "{} {}",
                row.texts.join("/"),
                std::str::from_utf8(&row.body).unwrap()
            ));
            after = Some(row.texts);
        }
        let expected: Vec<String> = model
            .iter()
            .map(|((m, d), body)| format!("{m}/{d} {body}"))
            .collect();
        assert_eq!(listed, expected);
        let written = draft.write().unwrap();
        assert_eq!((written.len(), draft.len()), (draft.size(), model.len()));
        let read = read(&schema, DAYS, written.clone());
        assert_eq!((rows(&read), faults(&read)), (expected, vec![]));
        assert_eq!(draft.is_changed(), rows(&read) != rows(&pack));
        pack = Arc::new(read);
    }
}

#[test]
fn a_change_that_is_taken_back_is_none() {
    let pack = read(&days(), DAYS, r#"{"month":1,"day":2,"rain":0.5}"#);
    let mut draft = Draft::new(Arc::new(pack));
    let (there, new) = (owned(&["1", "2"]), owned(&["1", "3"]));
    put(&mut draft, &there, b" { \"rain\":0.5 }\n");
    assert!(!draft.is_changed());
    put(&mut draft, &new, b"{}");
    assert!(draft.remove(&there) && !draft.remove(&there));
    assert!(draft.is_changed());
    put(&mut draft, &there, br#"{"rain":0.5}"#);
    draft.remove(&new);
    assert!(!draft.is_changed());
}

#[test]
fn a_body_that_no_line_can_hold_is_refused() {
    let mut draft = Draft::new(Arc::new(Pack::empty(&days(), DAYS)));
    let writer = Writer::new(&days(), DAYS);
    let texts = owned(&["1", "2"]);
    for body in [
        "[1]",
        "7",
        "{",
        r#"{"month":1}"#,
        r#"{"a":1,"place":"x"}"#,
        "\u{feff}{}",
        r#"{"a":"b""#,
    ] {
        assert!(writer.write(&texts, body.as_bytes()).is_err(), "{body}");
    }
    put(
        &mut draft,
        &texts,
        b"{\n  \"a\": \"b\\n\",\r\n  \"month \": 1\n}",
    );
    let line = r#"{"place":"Rome","year":312,"month":1,"day":2,"a": "b\n",    "month ": 1}"#;
    assert_eq!(text(&draft), format!("{line}\n"));
    put(&mut draft, &texts, b"");
    assert_eq!(draft.get(&texts).unwrap(), "{}");
}
