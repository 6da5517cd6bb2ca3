use super::*;

const ENTRY: &str = "<LastModified>2024-05-06T07:08:09.123Z</LastModified>\
    <ETag>&quot;abc&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass>";

fn list(inner: &str) -> Result<ListPage, Malformed> {
    parse_list(
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
             xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</ListBucketResult>"
        )
        .as_bytes(),
    )
}

#[test]
fn a_page_has_objects_prefixes_and_a_token_in_any_order() {
    let page = list(&format!(
        "<IsTruncated>true</IsTruncated><Contents><Key>a/1</Key>{ENTRY}<Owner><ID>x</ID></Owner>\
         </Contents><CommonPrefixes><Prefix>a/b/</Prefix></CommonPrefixes><Unknown/>\
         <Contents><Key>a/2</Key>{ENTRY}</Contents>\
         <NextContinuationToken>t==</NextContinuationToken>"
    ))
    .unwrap();
    let keys: Vec<_> = page.objects.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["a/1", "a/2"]);
    assert_eq!(page.prefixes, ["a/b/"]);
    assert!(matches!(page.next, Some(PageToken::Server(token)) if token == "t=="));
    let first = &page.objects[0];
    assert_eq!(first.version.e_tag(), Some("\"abc\""));
    assert_eq!(first.size, 5);
    assert_eq!(first.storage_class.as_deref(), Some("STANDARD"));
}

#[test]
fn keys_are_decoded_only_where_the_answer_says_so() {
    let contents = |key: &str| format!("<Contents><Key>{key}</Key>{ENTRY}</Contents>");
    let plain = list(&contents("a%2Fb+c%25")).unwrap();
    assert_eq!(plain.objects[0].key, "a%2Fb+c%25");
    let encoded = list(&format!(
        "<EncodingType>url</EncodingType>{}",
        contents("a%2Fb+c%25%2B%01")
    ))
    .unwrap();
    assert_eq!(encoded.objects[0].key, "a/b c%+\u{1}");
}

#[test]
fn a_listing_is_read_by_where_its_elements_stand() {
    let page = list(&format!(
        "<Prefix>no&amp;ne</Prefix><IsTruncated> false </IsTruncated><Name/>\
         <Contents><Owner><ID>x</ID><Key>not this</Key></Owner>{ENTRY}\
         <Key> a&lt;&#233;<![CDATA[<&>]]>&#xe9; </Key></Contents>\
         <CommonPrefixes><Prefix>a&amp;b/</Prefix></CommonPrefixes>"
    ))
    .unwrap();
    assert_eq!(page.objects.len(), 1);
    assert_eq!(page.objects[0].key, " a<é<&>é ");
    assert_eq!(page.prefixes, ["a&b/"]);
    for broken in [
        format!("<Contents>{ENTRY}</Contents>"),
        "<Contents><Key>a</Key></Contents>".to_owned(),
        format!("<Contents><Key>a&nothing;</Key>{ENTRY}</Contents>"),
        format!("<Contents><Key>a</Key>{ENTRY}<Size>-1</Size></Contents>"),
        format!("<Contents><Key>a</Contents>{ENTRY}</Key>"),
        "<IsTruncated>perhaps</IsTruncated>".to_owned(),
    ] {
        assert!(list(&broken).is_err(), "{broken}");
    }
}

#[test]
fn an_empty_page_is_a_page() {
    let page = list("<IsTruncated>false</IsTruncated><KeyCount>0</KeyCount>").unwrap();
    assert!(page.objects.is_empty() && page.prefixes.is_empty() && page.next.is_none());
}

#[test]
fn what_is_not_a_whole_listing_is_an_error() {
    let whole =
        format!("<ListBucketResult><Contents><Key>a</Key>{ENTRY}</Contents></ListBucketResult>");
    assert!(parse_list(whole.as_bytes()).is_ok());
    for cut in 0..whole.len() {
        assert!(
            parse_list(&whole.as_bytes()[..cut]).is_err(),
            "cut at {cut}"
        );
    }
    assert!(parse_list(b"<html><body>hi</body></html>").is_err());
    assert!(parse_list(b"\xff\xfe").is_err());
    assert!(list("<IsTruncated>true</IsTruncated>").is_err());
}

#[test]
fn only_the_code_element_makes_an_error() {
    let error = parse_error(
        b"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>no SlowDown &amp; so on\
          </Message><Key>SlowDown</Key></Error>",
    )
    .unwrap();
    assert_eq!(error.code.as_deref(), Some("NoSuchKey"));
    assert_eq!(error.message.as_deref(), Some("no SlowDown & so on"));
    assert_eq!(parse_error(b"<Code>SlowDown</Code>"), None);
    assert_eq!(parse_error(b"SlowDown"), None);
    assert_eq!(parse_error(b""), None);
}

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
