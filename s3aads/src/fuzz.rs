//! What the fuzz targets check of parsers that are not public. Each function takes anything at
//! all and panics if the library breaks a promise.

use std::sync::Arc;

use crate::database::Database;
use crate::error::ErrorKind;
use crate::key::{
    ColumnType, Encoding, KeyColumn, MAX_PATH_BYTES, decode_segment, decode_text, encode_segment,
    encode_text,
};
use crate::pack::{Draft, Pack};
use crate::raw::Cursor;
use crate::rows::search::ReadKey;
use crate::schema::{BodyFormat, ColumnSchema, Compression, Layout, Schema};

/// A segment is read as the one text that it is written for, and every text has a segment that
/// is a path's part.
pub fn segment(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(decoded) = decode_segment(text) {
        assert_eq!(encode_segment(&decoded), text, "two segments of one text");
    }
    if let Some(decoded) = decode_text(Layout::Hive, text) {
        let encoded = encode_text(Layout::Hive, &decoded);
        assert_eq!(encoded.as_deref(), Ok(text), "two segments of one text");
    }
    if let Ok(encoded) = encode_text(Layout::Hive, text) {
        assert_eq!(decode_text(Layout::Hive, &encoded).as_deref(), Some(text));
    }
    let segment = encode_segment(text);
    assert_eq!(decode_segment(&segment).as_deref(), Some(text));
    assert!(!matches!(&*segment, "" | "." | ".."), "{segment:?}");
    assert!(
        segment
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b'/')
    );
    let path = object_store::path::Path::parse(&segment).map(String::from);
    assert_eq!(path.ok().as_deref(), Some(&*segment));
}

/// A column's text is read as the one value that it is written for, whatever the type.
pub fn column_text(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let encoding = match choice {
        0..=99 => Encoding::Plain,
        100..=139 => Encoding::Width(choice - 100),
        _ => Encoding::Ordered,
    };
    macro_rules! each {
        ($($type:ty),*) => { $(value::<$type>(text, encoding);)* };
    }
    each!(
        u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, bool, char, String
    );
    #[cfg(feature = "chrono")]
    each!(chrono::NaiveDate, chrono::DateTime<chrono::Utc>);
    #[cfg(feature = "jiff")]
    each!(jiff::civil::Date, jiff::Timestamp);
    #[cfg(feature = "uuid")]
    each!(uuid::Uuid);
}

fn value<T: KeyColumn>(text: &str, encoding: Encoding) {
    // The derive has no other encoding than the plain one for what is no integer.
    let integer = matches!(T::TYPE, ColumnType::Unsigned(_) | ColumnType::Signed(_));
    let encoding = if integer { encoding } else { Encoding::Plain };
    if let Ok(value) = T::decode(text, encoding) {
        let mut again = String::new();
        let written = value.encode(encoding, &mut again);
        assert_eq!((written, again.as_str()), (Ok(()), text), "{:?}", T::TYPE);
    }
}

/// A cursor's text gives a position only if it was made for the query, and no changed one is
/// taken for it.
pub fn cursor(data: &[u8]) {
    const QUERY: &str = "table 0123456789abcdef []";
    let text = String::from_utf8_lossy(data);
    if let Ok(position) = Cursor::from(&*text).position(QUERY) {
        assert_eq!(Cursor::new(QUERY, &position).as_str(), text);
    }
    let cursor = Cursor::new(QUERY, &text);
    let stored = (text.len() <= MAX_PATH_BYTES).then_some(&*text);
    assert_eq!(cursor.position(QUERY).ok().as_deref(), stored);
    assert!(cursor.position("another query").is_err());
    let (at, to) = match data {
        [at, to, ..] => (usize::from(*at) % cursor.as_str().len(), *to),
        _ => return,
    };
    let mut changed = cursor.as_str().as_bytes().to_vec();
    if let Some(byte) = changed.get_mut(at).filter(|byte| **byte != to) {
        *byte = to;
        let changed = Cursor::from(String::from_utf8_lossy(&changed).into_owned());
        assert!(changed.position(QUERY).is_err(), "{changed}");
    }
}

/// A cursor that stands at any place at all, as somebody can make one who knows the form, gives
/// the rows after that place and no others.
pub fn position(data: &[u8]) {
    const PATHS: [&str; 8] = [
        "%2E%2E/0", "%_/%_", "1/2", "1/20", "10/2", "2/%00", "a b/%7E", "b/c",
    ];
    let Ok(position) = std::str::from_utf8(data) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let found = runtime.block_on(async {
        let db = Database::open("memory:///fuzz")?;
        db.create().await?;
        let table = db.raw_table("t", ["a", "b"])?;
        for path in PATHS {
            table.upsert_by_key(path, "").await?;
        }
        let mut all = table.selection();
        all.after(Cursor::new(&all.identity(), position));
        let keys = ReadKey::new(|_| Ok(()), |_| Ok(()));
        all.collect(keys).await
    });
    let found: Vec<String> = match found {
        Ok(hits) => hits
            .into_iter()
            .map(|hit| hit.path().into_owned())
            .collect(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidCursor, "{error}");
            return;
        }
    };
    let mut after: Vec<&str> = PATHS.into_iter().filter(|path| *path > position).collect();
    after.sort_unstable();
    assert_eq!(found, after);
}

/// Whatever a pack holds, each of its lines is a row or in a fault; and what is written of it is read
/// as the same rows, in order.
pub fn pack(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    let column = |name, column_type| ColumnSchema::new(name, column_type, Encoding::Plain);
    let columns = vec![
        column("place", ColumnType::String),
        column(
            "key",
            match choice % 8 {
                0 => ColumnType::String,
                1 => ColumnType::Unsigned(8),
                2 => ColumnType::Signed(128),
                3 => ColumnType::Ip,
                4 => ColumnType::Enum(&["b", "a"]),
                5 => ColumnType::Timestamp,
                6 => ColumnType::Bool,
                _ => ColumnType::Char,
            },
        ),
    ];
    let schema = Schema::raw("t".to_owned(), columns);
    let compression = (choice >= 128).then_some(Compression::Gzip);
    let schema = schema.with_packed(1 + usize::from(choice % 16 / 8), compression);
    assert_eq!(schema.layout(), Layout::Plain);
    assert_eq!(schema.body(), BodyFormat::Bytes);
    let schema = Arc::new(schema);
    let path = match (schema.packed(), compression) {
        (1, None) => "x/rows.ndjson",
        (1, Some(_)) => "x/rows.ndjson.gz",
        (_, None) => "rows.ndjson",
        (_, Some(_)) => "rows.ndjson.gz",
    };
    let pack = Arc::new(Pack::read(&schema, path, data.to_vec().into(), 1 << 20));
    if compression.is_none() {
        let blank = |line: &&[u8]| !line.trim_ascii().is_empty();
        let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
        let lines = text.split(|byte| *byte == b'\n').filter(blank).count();
        assert!(pack.len() + pack.faults().len() <= lines);
        assert!(
            !pack.faults().is_empty() || pack.len() == lines,
            "a line is gone"
        );
    }
    for line in pack.lines() {
        let texts: Vec<&str> = line.texts().collect();
        let found = pack.find(&texts).ok().flatten();
        assert_eq!(found.map(|found| found.body()), Some(line.body()));
        if let Ok(key) = line.key_path() {
            let place = crate::pack::place(&schema, &key);
            assert_eq!(
                place.ok().map(|place| place.texts),
                Some(texts.iter().map(|text| (*text).to_owned()).collect())
            );
        }
    }
    let written = Draft::new(Arc::clone(&pack)).write();
    let again = Pack::read(&schema, path, written.unwrap_or_default(), u64::MAX);
    assert!(again.faults().is_empty(), "{:?}", again.faults());
    let rows = |pack: &Pack| -> Vec<(Vec<String>, bytes::Bytes)> {
        let rows = pack.lines();
        rows.map(|line| (line.texts().map(str::to_owned).collect(), line.body()))
            .collect()
    };
    assert_eq!(rows(&again), rows(&pack));
}

/// The opener of databases takes or refuses any URL.
pub fn url(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        // Folders of the machine are not to be opened, which removes leftovers in them.
        if !text.trim_start().to_ascii_lowercase().starts_with("file") {
            let _ = Database::open(text);
        }
    }
}

/// Every answer of a server that is XML.
#[cfg(feature = "s3")]
pub fn server_xml(data: &[u8]) {
    use crate::store::http::{listing, xml::parse_error};
    use crate::store::s3::xml;

    let page = listing::parse(data);
    if let Ok(page) = &page {
        let more = page.next.is_some();
        assert!(page.objects.len() + page.prefixes.len() < data.len() || !more);
        // What is listed can be asked to be deleted, or is refused for what XML can't carry.
        let keys: Vec<xml::Doomed> = page
            .objects
            .iter()
            .map(|object| xml::Doomed {
                key: object.key.clone(),
                e_tag: object.version.e_tag().map(str::to_owned),
            })
            .filter(|object| object.e_tag.as_deref().is_none_or(xml::is_xml_text))
            .collect();
        if let Ok(body) = xml::delete_body(&keys) {
            #[cfg(feature = "testing")]
            assert_eq!(xml::parse_delete_body(body.as_bytes()).ok(), Some(keys));
            #[cfg(not(feature = "testing"))]
            drop(body);
        }
    }
    let parsed = [
        page.is_ok(),
        xml::parse_buckets(data).is_ok(),
        xml::parse_delete(data).is_ok(),
        xml::parse_copy(data).is_ok(),
        parse_error(data).is_some(),
    ];
    let taken = parsed.iter().filter(|taken| **taken).count();
    assert!(taken <= 1, "one document is two answers: {parsed:?}");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Runs a check on every input that was kept.
    fn replay(target: &str, check: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/fixtures/fuzz")
            .join(target);
        let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{folder:?}: {e}"));
        let mut replayed = 0;
        for file in files {
            let file = file.unwrap().path();
            println!("{}", file.display());
            check(&std::fs::read(file).unwrap());
            replayed += 1;
        }
        assert!(replayed > 0, "{folder:?} is empty");
    }

    #[test]
    fn segments() {
        replay("segments", super::segment);
        replay("column_texts", super::column_text);
    }

    #[test]
    fn cursors() {
        replay("cursors", super::cursor);
        replay("positions", super::position);
    }

    #[test]
    fn packs() {
        replay("packs", super::pack);
    }

    /// What the fuzzer would come upon first: kept inputs and lines of rows with a few bytes changed.
    #[test]
    fn packs_with_some_bytes_changed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/fuzz/packs");
        let files = std::fs::read_dir(folder).unwrap();
        let mut seeds: Vec<Vec<u8>> = files
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect();
        for key in [r#""a""#, "1", r#""-5""#, r#""::1""#, r#""b""#, "true"] {
            let lines =
                format!("\0{{\"place\":\"x\",\"key\":{key},\"n\":{{\"a\":[{{}}]}}}}\n").repeat(2);
            seeds.extend((0..=15).map(|choice| [&[choice], &lines.as_bytes()[1..]].concat()));
        }
        let mut random = fastrand::Rng::new();
        let seed = random.u64(..);
        println!("seed {seed}");
        random.seed(seed);
        for _ in 0..20_000 {
            let mut input = seeds[random.usize(..seeds.len())].clone();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(..input.len());
                let byte = *random.choice(b"{}[]\"\\:,\n\r 01x\xff\xef").unwrap();
                match random.u8(..4) {
                    0 => input[at] = byte,
                    1 => input.insert(at, byte),
                    2 if input.len() > 1 => drop(input.remove(at)),
                    _ => {
                        let from = random.usize(..input.len());
                        let piece = input[from..].to_vec();
                        input.splice(at..at, piece);
                    }
                }
                input.truncate(4096);
            }
            super::pack(&input);
        }
    }

    #[test]
    fn urls() {
        replay("urls", super::url);
    }

    #[cfg(feature = "s3")]
    #[test]
    fn server_xml() {
        replay("server_xml", super::server_xml);
    }
}
