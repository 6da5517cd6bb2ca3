use std::sync::Arc;

use super::*;
use crate::store::http::script::{Reply, Script};
use crate::store::s3::S3Backend;
use crate::store::s3::tests::backend;
use crate::store::{
    Backend, Condition, Deletion, ListRequest, Meter, PageToken, PutRequest, Reason,
};

const NOW: &str = "Wed, 01 May 2024 12:00:00 GMT";

fn store(script: &Script, faults: &Faults) -> Arc<S3Backend> {
    backend(&script.options().http_connector(faults.clone()))
}

fn faults(script: &Script) -> Faults {
    Faults::new(1)
        .over(script.clone())
        .signing_with("KEYID", "topsecret", "eu-test-1")
}

fn create() -> PutRequest {
    PutRequest {
        condition: Condition::Absent,
        ..PutRequest::default()
    }
}

fn page(key: &str, next: Option<&str>) -> Reply {
    let next = next.map_or_else(String::new, |next| {
        format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>"
        )
    });
    Reply::body(
        200,
        format!(
            "<ListBucketResult>{next}<Contents><Key>{key}</Key><Size>1</Size>\
             <LastModified>2024-05-06T07:08:09Z</LastModified></Contents></ListBucketResult>"
        ),
    )
}

#[tokio::test]
async fn an_applied_put_without_an_answer_is_found_out() {
    for action in [
        Action::ApplyThenReset,
        Action::ApplyThenTimeout,
        Action::apply_then_respond(500, "InternalError"),
    ] {
        let script = Script::new([
            Reply::put("\"e\""),
            Reply::error(412, "PreconditionFailed"),
            Reply::object("\"e\"", "mine", NOW, ""),
        ]);
        let faults = faults(&script).rule(Rule::new(action).class(RequestClass::Put).nth(1));
        let meter = Meter::default();
        let store = store(&script, &faults);
        let put = store.put("t/1", "{}".into(), create(), &meter);
        assert_eq!(put.await.unwrap().e_tag(), Some("\"e\""));
        assert_eq!(script.left(), 0);
        assert_eq!(meter.usage().to_string(), "2 PUT, 1 HEAD");
        assert_eq!(faults.log().len(), 1);
    }
}

#[tokio::test]
async fn a_held_put_lands_at_release_and_was_never_called_refused() {
    // Nothing arrives while the client tries; the last request is its look at the key.
    let script = Script::new([Reply::body(404, ""), Reply::put("\"e\"")]);
    let faults = faults(&script).rule(Rule::new(Action::Hold).class(RequestClass::Put).times(4));
    let meter = Meter::default();
    let store = store(&script, &faults);
    let put = store.put("t/1", "{}".into(), create(), &meter);
    assert_eq!(put.await.unwrap_err().reason(), Reason::Indeterminate);
    assert_eq!(script.lines(), ["HEAD /db/t/1"]);
    assert_eq!(faults.release().await, 1);
    assert_eq!(script.lines()[1], "PUT /db/t/1");
}

#[tokio::test]
async fn what_is_changed_is_signed_anew() {
    let script = Script::new([Reply::put("\"e\""), page("t/1", None)]);
    let faults = faults(&script)
        .rule(Rule::new(Action::IgnoreConditions).class(RequestClass::Put))
        .rule(Rule::new(Action::IgnoreStartAfter).class(RequestClass::List));
    let store = store(&script, &faults);
    let meter = Meter::default();
    store
        .put("t/1", "{}".into(), create(), &meter)
        .await
        .unwrap();
    let request = ListRequest {
        prefix: "t/".into(),
        start_after: Some("t/1".into()),
        ..ListRequest::default()
    };
    store.list(request, &meter).await.unwrap();
    let arrived = script.arrived();
    assert_eq!(arrived[0].header("if-none-match"), None);
    let signed = arrived[0].header("authorization").unwrap();
    assert!(signed.contains("x-amz-meta-s3aadsop") && !signed.contains("if-none-match"));
    assert_eq!(
        arrived[0].header("x-amz-content-sha256").map(str::len),
        Some(64)
    );
    assert_eq!(
        arrived[1].line,
        "GET /db?list-type=2&encoding-type=url&prefix=t%2F"
    );
}

#[tokio::test]
async fn a_repeated_page_is_not_followed_in_a_circle() {
    let script = Script::new([page("t/1", Some("T")), page("t/2", None)]);
    let faults = faults(&script).rule(Rule::new(Action::RepeatPage).nth(2));
    let store = store(&script, &faults);
    let meter = Meter::default();
    let mut request = ListRequest::default();
    let first = store.list(request.clone(), &meter).await.unwrap();
    assert!(matches!(&first.next, Some(PageToken::Server(token)) if token == "T"));
    request.token = first.next;
    let second = store.list(request, &meter).await.unwrap();
    assert_eq!(second.objects[0].key, "t/2");
    assert_eq!(meter.usage().to_string(), "3 LIST");
}

#[tokio::test]
async fn a_bulk_delete_fails_for_the_keys_it_is_told_to() {
    let script = Script::new([Reply::body(
        200,
        "<DeleteResult><Deleted><Key>t/a</Key></Deleted><Deleted><Key>t/c</Key></Deleted>\
         </DeleteResult>",
    )]);
    let rule = Rule::new(Action::FailDeletes {
        containing: "b".into(),
        code: "AccessDenied".into(),
    });
    let faults = faults(&script).rule(rule);
    let store = store(&script, &faults);
    let paths = ["t/a", "t/b", "t/c"].map(Deletion::from);
    let outcomes = store.delete_many(&paths, &Meter::default()).await;
    let reasons = outcomes.into_iter().flatten();
    let reasons = reasons.map(|outcome| outcome.err().map(|error| error.reason()));
    assert!(reasons.eq([None, Some(Reason::Denied), None]));
    let sent = script.arrived()[0].body.clone().unwrap();
    let sent = std::str::from_utf8(&sent).unwrap();
    assert!(sent.contains("t/a") && !sent.contains("t/b"));

    let outcomes = store.delete_many(&paths[1..2], &Meter::default()).await;
    assert!(matches!(outcomes[..], [Some(Err(_))]));
    assert_eq!(script.lines().len(), 1);
}

#[tokio::test]
async fn bodies_are_cut_and_bits_flipped() {
    let object = || Reply::object("\"e\"", "x", NOW, "abcd");
    let script = Script::new([object(), object(), object()]);
    let faults = faults(&script)
        .rule(Rule::new(Action::CutBody(2)).times(1))
        .rule(Rule::new(Action::FlipBit(8)).after(1));
    let store = store(&script, &faults);
    let meter = Meter::default();
    // The cut one is fetched again; a flipped bit is for the row's reader to notice.
    assert_eq!(store.get("t/1", &meter).await.unwrap().body, "abcd");
    assert_eq!(store.get("t/1", &meter).await.unwrap().body, "accd");
    assert_eq!(meter.usage().to_string(), "3 GET");
}

#[tokio::test]
async fn rules_pick_by_class_key_and_count() {
    let script = Script::new(vec![Reply::object("\"e\"", "x", NOW, ""); 8]);
    let faults = faults(&script).rule(
        Rule::new(Action::respond(403, "AccessDenied"))
            .class(RequestClass::Get)
            .key("t/é")
            .after(1)
            .times(2),
    );
    let store = store(&script, &faults);
    let meter = Meter::default();
    assert!(store.get("t/1", &meter).await.is_ok());
    assert!(store.head("t/é", &meter).await.is_ok());
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        outcomes.push(store.get("t/é", &meter).await.is_ok());
    }
    assert_eq!(outcomes, [true, false, false, true]);
    assert_eq!(
        faults.log()[0].to_string(),
        "GET /db/t/é: answered 403 AccessDenied"
    );

    faults.add(Rule::new(Action::Refuse));
    let refused = store.get("t/1", &meter).await.unwrap_err();
    assert!(refused.reason() == Reason::Unavailable, "{refused}");
    faults.clear();
    assert!(store.get("t/1", &meter).await.is_ok());
}

#[tokio::test]
async fn chance_repeats_with_the_seed() {
    async fn run(seed: u64) -> Vec<Injected> {
        let script = Script::new(vec![Reply::object("\"e\"", "x", NOW, ""); 100]);
        let faults = Faults::new(seed)
            .over(script.clone())
            .rule(Rule::new(Action::respond(403, "AccessDenied")).probability(0.3));
        let store = store(&script, &faults);
        for i in 0..100 {
            let _ = store.get(&format!("t/{}", i % 10), &Meter::default()).await;
        }
        faults.log()
    }
    let first = run(7).await;
    assert!((10..60).contains(&first.len()), "{}", first.len());
    assert_eq!(first, run(7).await);
    assert_ne!(first, run(8).await);
}

#[test]
fn no_secret_is_printed() {
    let faults = faults(&Script::default());
    assert!(!format!("{faults:?}").contains("topsecret"));
}
