//! The operations on single objects.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETagCondition, GetObjectInput,
    GetObjectOutput, HeadObjectOutput, Metadata, MetadataDirective, PutObjectInput,
    PutObjectOutput, Range, StorageClass, StreamingBlob, TaggingDirective, Timestamp,
    TimestampFormat,
};
use s3s::{Body, S3Error, S3ErrorCode, S3Result, s3_error};

use super::conditions::{ReadAnswer, ReadConditions, WriteConditions};
use super::options::Options;
use super::state::{Attributes, Object, State};

/// What S3 stores for an object whose PUT had no `Content-Type`.
const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

const MAX_OBJECT: usize = 1 << 30;

pub(super) async fn read_body(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(body) = body else {
        return Ok(Bytes::new());
    };
    Body::from(body)
        .store_all_limited(MAX_OBJECT)
        .await
        .map_err(|source| S3Error::with_source(S3ErrorCode::IncompleteBody, source))
}

/// Checks the digests that came with a body.
pub(super) fn check_digests(input: &PutObjectInput, body: &Bytes) -> S3Result<()> {
    if let Some(sent) = &input.content_md5
        && *sent != STANDARD.encode(Md5::checksum(body))
    {
        return Err(s3_error!(BadDigest, "Content-MD5 is not the body's"));
    }
    let mut hasher = ChecksumHasher {
        crc32: input.checksum_crc32.is_some().then(Crc32::new),
        crc32c: input.checksum_crc32c.is_some().then(Crc32c::default),
        crc64nvme: input.checksum_crc64nvme.is_some().then(Crc64Nvme::default),
        sha1: input.checksum_sha1.is_some().then(Sha1::default),
        sha256: input.checksum_sha256.is_some().then(Sha256::default),
    };
    hasher.update(body);
    let sum = hasher.finalize();
    let agree = sum.checksum_crc32 == input.checksum_crc32
        && sum.checksum_crc32c == input.checksum_crc32c
        && sum.checksum_crc64nvme == input.checksum_crc64nvme
        && sum.checksum_sha1 == input.checksum_sha1
        && sum.checksum_sha256 == input.checksum_sha256;
    if agree {
        Ok(())
    } else {
        Err(s3_error!(BadDigest, "the checksum is not the body's"))
    }
}

fn metadata_in(metadata: Option<Metadata>) -> BTreeMap<String, String> {
    metadata.into_iter().flatten().collect()
}

pub(super) fn put(
    state: &mut State,
    input: PutObjectInput,
    body: Bytes,
    options: Options,
) -> S3Result<PutObjectOutput> {
    let bucket = state.bucket_mut(&input.bucket)?;
    let conditions = WriteConditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
    };
    conditions.check(bucket.objects.get(&*input.key), options)?;
    let object = Object::new(
        body,
        Attributes {
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            content_type: input.content_type,
            expires: input.expires.as_ref().map(http_date).transpose()?,
            metadata: metadata_in(input.metadata),
            storage_class: input.storage_class.map(|class| class.as_str().to_owned()),
            tags: input.tagging,
        },
    );
    let output = PutObjectOutput {
        e_tag: Some(object.etag()),
        ..Default::default()
    };
    bucket.objects.insert(input.key.into_boxed_str(), object);
    Ok(output)
}

fn http_date(timestamp: &Timestamp) -> S3Result<String> {
    let mut text = Vec::new();
    timestamp
        .format(TimestampFormat::HttpDate, &mut text)
        .map_err(S3Error::internal_error)?;
    String::from_utf8(text).map_err(S3Error::internal_error)
}

fn parse_http_date(text: &str) -> S3Result<Timestamp> {
    Timestamp::parse(TimestampFormat::HttpDate, text).map_err(S3Error::internal_error)
}

pub(super) fn get(state: &State, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    let object = state.bucket(&input.bucket)?.object(&input.key)?;
    let conditions = ReadConditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    if let ReadAnswer::NotModified = conditions.check(object)? {
        return Err(s3_error!(NotModified));
    }
    let (body, content_range) = match input.range {
        Some(range) => slice(object, range)?,
        None => (object.body.clone(), None),
    };
    let attributes = object.attributes.as_deref().cloned().unwrap_or_default();
    let tags = attributes.tags.as_deref().map_or(0, |tags| {
        url::form_urlencoded::parse(tags.as_bytes()).count()
    });
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: attributes.cache_control,
        content_disposition: attributes.content_disposition,
        content_encoding: attributes.content_encoding,
        content_language: attributes.content_language,
        content_length: Some(i64::try_from(body.len()).unwrap_or(i64::MAX)),
        content_range,
        content_type: attributes
            .content_type
            .or_else(|| Some(DEFAULT_CONTENT_TYPE.to_owned())),
        e_tag: Some(object.etag()),
        expires: attributes
            .expires
            .as_deref()
            .map(parse_http_date)
            .transpose()?,
        last_modified: Some(object.last_modified()),
        metadata: Some(attributes.metadata.into_iter().collect()),
        storage_class: attributes
            .storage_class
            .filter(|class| class != StorageClass::STANDARD)
            .map(StorageClass::from),
        tag_count: i32::try_from(tags).ok().filter(|count| *count > 0),
        body: Some(StreamingBlob::from(Body::from(body))),
        ..Default::default()
    })
}

fn slice(object: &Object, range: Range) -> S3Result<(Bytes, Option<String>)> {
    let size = object.body.len();
    let bytes = range
        .check(size as u64)
        .map_err(|e| s3_error!(e, InvalidRange))?;
    let (first, end) = (bytes.start as usize, bytes.end as usize);
    let header = format!("bytes {first}-{}/{size}", end.saturating_sub(1));
    Ok((object.body.slice(first..end), Some(header)))
}

/// What HEAD answers: a GET without the body.
pub(super) fn head_output(get: GetObjectOutput) -> HeadObjectOutput {
    HeadObjectOutput {
        accept_ranges: get.accept_ranges,
        cache_control: get.cache_control,
        content_disposition: get.content_disposition,
        content_encoding: get.content_encoding,
        content_language: get.content_language,
        content_length: get.content_length,
        content_range: get.content_range,
        content_type: get.content_type,
        e_tag: get.e_tag,
        expires: get.expires,
        last_modified: get.last_modified,
        metadata: get.metadata,
        storage_class: get.storage_class,
        ..Default::default()
    }
}

/// `target` holds the conditions on what the copy would replace.
pub(super) fn copy(
    state: &mut State,
    input: CopyObjectInput,
    target: &WriteConditions,
    options: Options,
) -> S3Result<CopyObjectOutput> {
    let CopySource::Bucket { bucket, key, .. } = &input.copy_source else {
        return Err(s3_error!(
            NotImplemented,
            "access points are not implemented"
        ));
    };
    let source = state.bucket(bucket)?.object(key)?;
    let conditions = ReadConditions {
        if_match: input.copy_source_if_match,
        if_none_match: input.copy_source_if_none_match,
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    if let ReadAnswer::NotModified = conditions.check(source)? {
        return Err(s3_error!(
            PreconditionFailed,
            "the source is not as the conditions ask"
        ));
    }
    let replace = |directive: Option<&str>| directive == Some(MetadataDirective::REPLACE);
    let replace_metadata = replace(input.metadata_directive.as_ref().map(|d| d.as_str()));
    let replace_tags = replace(
        input
            .tagging_directive
            .as_ref()
            .map(TaggingDirective::as_str),
    );
    let onto_itself = **bucket == *input.bucket && **key == *input.key;
    if onto_itself && !replace_metadata && input.storage_class.is_none() {
        return Err(s3_error!(
            InvalidRequest,
            "a copy of an object onto itself must change its metadata or storage class"
        ));
    }
    let old = source.attributes.as_deref().cloned().unwrap_or_default();
    let tags = if replace_tags {
        input.tagging
    } else {
        old.tags.clone()
    };
    // A copy does not inherit the storage class.
    let storage_class = input.storage_class.map(|class| class.as_str().to_owned());
    let attributes = if replace_metadata {
        Attributes {
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            content_type: input.content_type,
            expires: input.expires.as_ref().map(http_date).transpose()?,
            metadata: metadata_in(input.metadata),
            storage_class,
            tags,
        }
    } else {
        Attributes {
            storage_class,
            tags,
            ..old
        }
    };
    let object = Object::new(source.body.clone(), attributes);
    let bucket = state.bucket_mut(&input.bucket)?;
    if !options.ignore_copy_conditions {
        target.check(bucket.objects.get(&*input.key), options)?;
    }
    let result = CopyObjectResult {
        e_tag: Some(object.etag()),
        last_modified: Some(object.last_modified()),
        ..Default::default()
    };
    bucket.objects.insert(input.key.into_boxed_str(), object);
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        ..Default::default()
    })
}

/// A condition that the operation's input has no field for.
pub(super) fn header_condition(
    headers: &http::HeaderMap,
    name: &str,
) -> S3Result<Option<ETagCondition>> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let parsed = ETagCondition::parse_http_header(value.as_bytes());
    parsed
        .map(Some)
        .map_err(|source| s3_error!(source, InvalidArgument, "the header {name} is malformed"))
}
