use super::*;

#[test]
fn a_bulk_delete_names_what_is_still_there() {
    let said = parse_delete(
        b"<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code>\
          <Message>no</Message></Error><Deleted><Key>c</Key></Deleted></DeleteResult>",
    )
    .unwrap();
    let deleted: Vec<&str> = said.deleted.iter().map(|d| d.key.as_str()).collect();
    assert_eq!(deleted, ["a", "c"]);
    assert_eq!(said.error.len(), 1);
    assert_eq!(
        (said.error[0].key.as_str(), said.error[0].code.as_str()),
        ("b", "AccessDenied")
    );
    let nothing = parse_delete(b"<DeleteResult/>").unwrap();
    assert!(nothing.deleted.is_empty() && nothing.error.is_empty());
}

#[test]
fn a_delete_body_reads_back_as_its_keys() {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Delete {
        object: Vec<Doomed>,
    }
    let doomed = |(key, e_tag): (&str, Option<&str>)| Doomed {
        key: key.to_owned(),
        e_tag: e_tag.map(str::to_owned),
    };
    let objects = [
        ("a<b>&\"'", None),
        ("x\ry\nz\tw", Some("\"quoted & odd\"")),
        ("日本/é", Some("bare")),
        ("SlowDown", None),
        ("a/../b//c", None),
    ]
    .map(doomed);
    let body = delete_body(&objects).unwrap();
    let read: Delete = document(body.as_bytes()).unwrap();
    assert_eq!(read.object, objects);
    assert!(delete_body(&[doomed(("a\u{1}b", None))]).is_err());
}

#[test]
fn buckets_are_listed_with_their_token() {
    let (names, token) = parse_buckets(
        b"<ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets><Bucket><Name>a</Name>\
          <CreationDate>2024-01-01T00:00:00Z</CreationDate></Bucket><Bucket><Name>b</Name></Bucket>\
          </Buckets><ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>",
    )
    .unwrap();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(token.as_deref(), Some("t"));
    assert_eq!(
        parse_buckets(b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"),
        Ok((vec![], None))
    );
}
