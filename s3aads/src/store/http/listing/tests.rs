use super::*;

const ENTRY: &str = "<LastModified>2024-05-06T07:08:09.123Z</LastModified>\
    <ETag>&quot;abc&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass>";

fn list(inner: &str) -> Result<ListPage, Malformed> {
    parse(
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
    assert!(parse(whole.as_bytes()).is_ok());
    for cut in 0..whole.len() {
        assert!(parse(&whole.as_bytes()[..cut]).is_err(), "cut at {cut}");
    }
    assert!(parse(b"<html><body>hi</body></html>").is_err());
    assert!(parse(b"\xff\xfe").is_err());
    assert!(list("<IsTruncated>true</IsTruncated>").is_err());
}
