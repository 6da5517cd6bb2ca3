//! The S3 operations, over the state.

use std::sync::Arc;

use s3s::dto::{
    Bucket as BucketDto, CommonPrefix, CopyObjectInput, CopyObjectOutput, CreateBucketInput,
    CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput, DeleteObjectInput,
    DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, EncodingType, GetObjectInput,
    GetObjectOutput, GetObjectTaggingInput, GetObjectTaggingOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
    ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
    Object as ObjectDto, ObjectStorageClass, PutObjectInput, PutObjectOutput, Tag, Timestamp,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::conditions::WriteConditions;
use super::listing::{self, Entry, Page};
use super::state::Bucket;
use super::{REGION, Shared, deletes, objects};

pub(super) struct Service(pub(super) Arc<Shared>);

/// A page in the form that both versions of the listing answer.
struct ListedPage {
    contents: Vec<ObjectDto>,
    common_prefixes: Vec<CommonPrefix>,
}

impl ListedPage {
    fn new(page: &Page<'_>, encode: &dyn Fn(&str) -> String) -> Self {
        let mut listed = Self {
            contents: Vec::new(),
            common_prefixes: Vec::new(),
        };
        for entry in &page.entries {
            match entry {
                Entry::CommonPrefix(prefix) => listed.common_prefixes.push(CommonPrefix {
                    prefix: Some(encode(prefix)),
                }),
                Entry::Object(key, object) => listed.contents.push(ObjectDto {
                    e_tag: Some(object.etag()),
                    key: Some(encode(key)),
                    last_modified: Some(object.last_modified()),
                    size: Some(object.size()),
                    storage_class: Some(ObjectStorageClass::from(
                        object.storage_class().to_owned(),
                    )),
                    ..Default::default()
                }),
            }
        }
        listed
    }
}

fn encoder(encoding: Option<&EncodingType>) -> S3Result<fn(&str) -> String> {
    match encoding.map(EncodingType::as_str) {
        None => Ok(str::to_owned),
        Some(EncodingType::URL) => Ok(listing::url_encoded),
        Some(other) => Err(s3_error!(InvalidArgument, "unknown encoding-type {other}")),
    }
}

#[async_trait::async_trait]
impl S3 for Service {
    async fn list_buckets(
        &self,
        req: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        let input = req.input;
        let after = input
            .continuation_token
            .as_deref()
            .map(listing::parse_token);
        let after = after.transpose()?;
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let size = usize::try_from(input.max_buckets.unwrap_or(10_000))
            .map_err(|e| s3_error!(e, InvalidArgument, "max-buckets must not be negative"))?;
        let state = self.0.state();
        let mut found = state.buckets.iter().filter(|(name, _)| {
            name.starts_with(prefix) && after.as_ref().is_none_or(|after| *name > after)
        });
        let buckets: Vec<_> = found
            .by_ref()
            .take(size)
            .map(|(name, bucket)| BucketDto {
                bucket_region: Some(REGION.to_owned()),
                creation_date: Some(Timestamp::from(bucket.created)),
                name: Some(name.clone()),
            })
            .collect();
        let last = buckets.last().and_then(|bucket| bucket.name.as_deref());
        let continuation_token = found.next().and(last).map(listing::token);
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(buckets),
            continuation_token,
            prefix: input.prefix,
            ..Default::default()
        }))
    }

    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let name = req.input.bucket;
        let mut state = self.0.state();
        if state.buckets.contains_key(&name) {
            return Err(s3_error!(BucketAlreadyOwnedByYou));
        }
        let location = Some(format!("/{name}"));
        state.buckets.insert(name, Bucket::new());
        Ok(S3Response::new(CreateBucketOutput { location }))
    }

    async fn head_bucket(
        &self,
        req: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.0.state().bucket(&req.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(REGION.to_owned()),
            ..Default::default()
        }))
    }

    async fn delete_bucket(
        &self,
        req: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        let mut state = self.0.state();
        if !state.bucket(&req.input.bucket)?.objects.is_empty() {
            return Err(s3_error!(BucketNotEmpty));
        }
        state.buckets.remove(&req.input.bucket);
        Ok(S3Response::new(DeleteBucketOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let encode = encoder(input.encoding_type.as_ref())?;
        let max_keys = listing::max_keys(input.max_keys)?;
        let token = input
            .continuation_token
            .as_deref()
            .map(listing::parse_token);
        let token = token.transpose()?;
        let honoured = |_: &&str| !self.0.options().ignore_start_after;
        let start_after = input.start_after.as_deref().filter(honoured);
        let request = listing::Request {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().filter(|text| !text.is_empty()),
            after: token.as_deref().or(start_after),
            max_keys: usize::try_from(max_keys)
                .unwrap_or_default()
                .min(self.0.options().page_size.unwrap_or(usize::MAX)),
        };
        let state = self.0.state();
        let page = request.page(&state.bucket(&input.bucket)?.objects);
        let listed = ListedPage::new(&page, &encode);
        let output = ListObjectsV2Output {
            prefix: Some(encode(request.prefix)),
            max_keys: Some(max_keys),
            key_count: i32::try_from(page.entries.len()).ok(),
            is_truncated: Some(page.truncated),
            next_continuation_token: page.next_after().map(listing::token),
            contents: Some(listed.contents),
            common_prefixes: Some(listed.common_prefixes),
            delimiter: input.delimiter.as_deref().map(encode),
            start_after: input.start_after.as_deref().map(encode),
            continuation_token: input.continuation_token,
            encoding_type: input.encoding_type,
            name: Some(input.bucket),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn list_objects(
        &self,
        req: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let input = req.input;
        let encode = encoder(input.encoding_type.as_ref())?;
        let max_keys = listing::max_keys(input.max_keys)?;
        let request = listing::Request {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().filter(|text| !text.is_empty()),
            after: input.marker.as_deref().filter(|text| !text.is_empty()),
            max_keys: usize::try_from(max_keys).unwrap_or_default(),
        };
        let state = self.0.state();
        let page = request.page(&state.bucket(&input.bucket)?.objects);
        let listed = ListedPage::new(&page, &encode);
        let output = ListObjectsOutput {
            prefix: Some(encode(request.prefix)),
            marker: Some(encode(input.marker.as_deref().unwrap_or_default())),
            max_keys: Some(max_keys),
            is_truncated: Some(page.truncated),
            // Without a delimiter the client goes on from the last key.
            next_marker: request.delimiter.and(page.next_after()).map(encode),
            contents: Some(listed.contents),
            common_prefixes: Some(listed.common_prefixes),
            delimiter: input.delimiter.as_deref().map(encode),
            encoding_type: input.encoding_type,
            name: Some(input.bucket),
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    async fn put_object(
        &self,
        mut req: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let body = objects::read_body(req.input.body.take()).await?;
        objects::check_digests(&req.input, &body)?;
        let options = self.0.options();
        objects::put(&mut self.0.state(), req.input, body, options).map(S3Response::new)
    }

    async fn copy_object(
        &self,
        req: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let target = WriteConditions {
            if_match: objects::header_condition(&req.headers, "if-match")?,
            if_none_match: objects::header_condition(&req.headers, "if-none-match")?,
        };
        let options = self.0.options();
        objects::copy(&mut self.0.state(), req.input, &target, options).map(S3Response::new)
    }

    async fn get_object(
        &self,
        req: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        objects::get(&self.0.state(), req.input).map(S3Response::new)
    }

    async fn head_object(
        &self,
        req: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = req.input;
        let get = GetObjectInput {
            bucket: input.bucket,
            key: input.key,
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
            range: input.range,
            ..Default::default()
        };
        let output = objects::get(&self.0.state(), get)?;
        Ok(S3Response::new(objects::head_output(output)))
    }

    async fn get_object_tagging(
        &self,
        req: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let state = self.0.state();
        let object = state.bucket(&req.input.bucket)?.object(&req.input.key)?;
        let tags = object.attributes.as_deref().and_then(|a| a.tags.as_deref());
        let tag_set = url::form_urlencoded::parse(tags.unwrap_or_default().as_bytes())
            .map(|(name, value)| Tag {
                key: Some(name.into_owned()),
                value: Some(value.into_owned()),
            })
            .collect();
        Ok(S3Response::new(GetObjectTaggingOutput {
            tag_set,
            version_id: None,
        }))
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let options = self.0.options();
        let mut state = self.0.state();
        let bucket = state.bucket_mut(&req.input.bucket)?;
        deletes::delete(bucket, &req.input.key, req.input.if_match, options)?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let options = self.0.options();
        if options.no_bulk_delete {
            return Err(s3_error!(
                NotImplemented,
                "bulk deletes are not implemented"
            ));
        }
        let has_digest = req.headers.keys().any(|name| {
            name.as_str() == "content-md5" || name.as_str().starts_with("x-amz-checksum-")
        });
        if !has_digest {
            return Err(s3_error!(
                InvalidRequest,
                "missing required header: Content-MD5"
            ));
        }
        let input = req.input;
        let mut state = self.0.state();
        let bucket = state.bucket_mut(&input.bucket)?;
        deletes::delete_all(bucket, input.delete, options).map(S3Response::new)
    }
}
