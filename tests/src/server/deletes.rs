//! Deletes, one by one and in bulk.

use s3s::dto::{Delete, DeleteObjectsOutput, DeletedObject, ETagCondition, Error};
use s3s::{S3Result, s3_error};

use super::conditions::WriteConditions;
use super::options::Options;
use super::state::Bucket;

/// S3 takes no more keys in one bulk delete.
const MAX_KEYS: usize = 1000;

/// Deletes one object; one that is not there counts as deleted.
pub(super) fn delete(
    bucket: &mut Bucket,
    key: &str,
    if_match: Option<ETagCondition>,
    options: Options,
) -> S3Result<()> {
    let conditions = WriteConditions {
        if_match,
        if_none_match: None,
    };
    if !options.ignore_delete_conditions {
        conditions.check(bucket.objects.get(key), options)?;
    }
    bucket.objects.remove(key);
    Ok(())
}

/// Deletes many, each with an outcome of its own.
pub(super) fn delete_all(
    bucket: &mut Bucket,
    delete: Delete,
    options: Options,
) -> S3Result<DeleteObjectsOutput> {
    if delete.objects.is_empty() || delete.objects.len() > MAX_KEYS {
        return Err(s3_error!(MalformedXML, "1 to {MAX_KEYS} keys are taken"));
    }
    if options.no_bulk_conditions && delete.objects.iter().any(|o| o.e_tag.is_some()) {
        return Err(s3_error!(MalformedXML, "an object has a key and no ETag"));
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in delete.objects {
        let if_match = object.e_tag.map(ETagCondition::ETag);
        match self::delete(bucket, &object.key, if_match, options) {
            Ok(()) => deleted.push(DeletedObject {
                key: Some(object.key),
                ..Default::default()
            }),
            Err(error) => errors.push(Error {
                code: Some(error.code().as_str().to_owned()),
                key: Some(object.key),
                message: error.message().map(str::to_owned),
                version_id: None,
            }),
        }
    }
    Ok(DeleteObjectsOutput {
        deleted: (!delete.quiet.unwrap_or_default()).then_some(deleted),
        errors: Some(errors),
        ..Default::default()
    })
}
