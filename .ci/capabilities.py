"""Asks the S3 server of this run, with boto3, what it can do that s3aads relies on.

Prints a table and compares it with capabilities.json. What a server `lacks` must be listed there
and what is listed must be lacking, so that a server the tests are gated by never loses or gains a
capability in silence. What it `races` on holds by luck, so that either outcome is accepted.
Used by .ci/run; by hand: bash .ci/moto bash .ci/python .ci/capabilities.py [-v]
"""

import json
import os
import pathlib
import sys
import textwrap
import uuid
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SERVER = os.environ["S3AADS_TEST_SERVER"]
LISTED = json.loads((pathlib.Path(__file__).parent / "capabilities.json").read_text())[SERVER]


def client(access_key=None, secret=None):
    return boto3.client(
        "s3",
        endpoint_url=os.environ["S3AADS_TEST_ENDPOINT"],
        region_name=os.environ["S3AADS_TEST_REGION"],
        aws_access_key_id=access_key or os.environ["S3AADS_TEST_ACCESS_KEY_ID"],
        aws_secret_access_key=secret or os.environ["S3AADS_TEST_SECRET_ACCESS_KEY"],
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            max_pool_connections=32,
            request_checksum_calculation="when_required",
        ),
    )


s3 = client()
BUCKET = f"capabilities-{uuid.uuid4().hex[:12]}"
OTHER = f"{BUCKET}-other"


def status(call, **arguments):
    """The HTTP status and, for a refusal, the error code of one request."""
    try:
        return call(**arguments)["ResponseMetadata"]["HTTPStatusCode"], ""
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]


def put(key, body=b"x", bucket=BUCKET, **arguments):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **arguments)


def spelt(etag):
    """An ETag as the server takes it in a condition."""
    return etag.strip('"') if "put_if_match" in LISTED["lacks"] else etag


def body(key, bucket=BUCKET):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def listing(**arguments):
    """The keys and common prefixes of one LIST request, in the order of the answer."""
    answer = s3.list_objects_v2(Bucket=BUCKET, **arguments)
    keys = [row["Key"] for row in answer.get("Contents", [])]
    prefixes = [row["Prefix"] for row in answer.get("CommonPrefixes", [])]
    return keys, prefixes, answer


def stored(names):
    """Whether keys of one folder can be written, read and listed as they are."""
    refused = {name: answer for name in names if (answer := status(put, key=name, body=name.encode()))[0] != 200}
    if refused:
        return False, refused
    folder = names[0].split("/")[0]
    keys, _, _ = listing(Prefix=f"{folder}/")
    read = {name: status(s3.get_object, Bucket=BUCKET, Key=name)[0] for name in names}
    return keys == sorted(names, key=lambda name: name.encode()) and set(read.values()) == {200}, (keys, read)


CHECKS = []


def check(title):
    """Registers a check: it returns whether the server can, and what it answered."""

    def register(function):
        CHECKS.append((function.__name__, title, function))
        return function

    return register


@check("ListBuckets lists a bucket after CreateBucket")
def buckets():
    s3.create_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket=OTHER)
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return BUCKET in names and OTHER in names, f"{len(names)} buckets"


@check("CreateBucket of one's own bucket is told apart from success or succeeds")
def create_again():
    answer = status(s3.create_bucket, Bucket=BUCKET)
    return answer in [(200, ""), (409, "BucketAlreadyOwnedByYou")], answer


@check("a missing bucket is 404 NoSuchBucket")
def missing_bucket():
    answer = status(s3.list_objects_v2, Bucket=f"{BUCKET}-none")
    return answer == (404, "NoSuchBucket"), answer


@check("a missing key is 404 NoSuchKey")
def missing_key():
    answer = status(s3.get_object, Bucket=BUCKET, Key="none")
    return answer == (404, "NoSuchKey"), answer


@check("an unknown access key is refused with 403")
def unknown_access_key():
    other = client("GK" + "0" * 24)
    answer = status(other.list_objects_v2, Bucket=BUCKET)
    return answer[0] == 403, answer


@check("a wrong secret is refused with 403")
def wrong_secret():
    other = client(secret="0" * 64)
    answer = status(other.list_objects_v2, Bucket=BUCKET)
    return answer[0] == 403, answer


@check("PUT with If-None-Match: * refuses an existing key")
def put_if_none_match():
    first = status(put, key="create", body=b"1", IfNoneMatch="*")
    second = status(put, key="create", body=b"2", IfNoneMatch="*")
    return (first[0], second[0], body("create")) == (200, 412, b"1"), (first, second, body("create"))


@check("of 16 concurrent creates of one key, one succeeds")
def put_if_none_match_concurrent():
    rounds = []
    with ThreadPoolExecutor(16) as pool:
        for attempt in range(8):
            answers = list(
                pool.map(lambda i: status(put, key=f"race-{attempt}", body=b"%d" % i, IfNoneMatch="*"), range(16))
            )
            rounds.append(sum(answer[0] == 200 for answer in answers))
    return rounds == [1] * 8, f"winners per round {rounds}"


@check("PUT with If-Match takes the current ETag")
def put_if_match():
    etag = put("update", b"1")["ETag"]
    answer = status(put, key="update", body=b"2", IfMatch=etag)
    return answer[0] == 200, answer


@check("PUT with If-Match refuses another ETag")
def put_if_match_stale():
    stale = put("stale", b"1")["ETag"]
    put("stale", b"2")
    answer = status(put, key="stale", body=b"3", IfMatch=spelt(stale))
    return (answer[0], body("stale")) == (412, b"2"), (answer, body("stale"))


@check("PUT with If-Match refuses an absent key")
def put_if_match_absent():
    answer = status(put, key="absent", IfMatch='"d41d8cd98f00b204e9800998ecf8427e"')
    return answer[0] in (404, 412), answer


@check("PUT with If-Match takes the current ETag without its quotes")
def put_if_match_unquoted():
    etag = put("update-unquoted", b"1")["ETag"].strip('"')
    answer = status(put, key="update-unquoted", body=b"2", IfMatch=etag)
    return answer[0] == 200, answer


@check("of 16 concurrent updates of one ETag, one succeeds")
def put_if_match_concurrent():
    rounds = []
    with ThreadPoolExecutor(16) as pool:
        for attempt in range(8):
            etag = spelt(put(f"update-race-{attempt}", b"0")["ETag"])
            answers = list(
                pool.map(
                    lambda i: status(put, key=f"update-race-{attempt}", body=b"%d" % (i + 1), IfMatch=etag), range(16)
                )
            )
            rounds.append(sum(answer[0] == 200 for answer in answers))
    return rounds == [1] * 8, f"winners per round {rounds}"


@check("GET with If-None-Match of the current ETag is 304")
def get_if_none_match():
    etag = put("read", b"1")["ETag"]
    answer = status(s3.get_object, Bucket=BUCKET, Key="read", IfNoneMatch=etag)
    return answer[0] == 304, answer


@check("GET with If-Match of another ETag is 412")
def get_if_match():
    stale = put("read-stale", b"1")["ETag"]
    put("read-stale", b"2")
    answer = status(s3.get_object, Bucket=BUCKET, Key="read-stale", IfMatch=stale)
    return answer[0] == 412, answer


@check("PUT, GET, HEAD and LIST agree on the ETag")
def etag():
    written = put("etag", b"1")["ETag"]
    read = s3.get_object(Bucket=BUCKET, Key="etag")["ETag"]
    head = s3.head_object(Bucket=BUCKET, Key="etag")["ETag"]
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="etag")["Contents"][0]["ETag"]
    return len({written, read, head, listed}) == 1, {written, read, head, listed}


@check("LIST is in byte order, '!' and '-' before '/'")
def list_order():
    names = ["order/a", "order-a", "order!a", "order0", "order", "order/\u00e9", "order/z"]
    for name in names:
        put(name)
    keys, _, _ = listing(Prefix="order")
    return keys == sorted(names, key=lambda name: name.encode()), keys


@check("LIST with start-after begins after that key")
def start_after():
    for name in ["after/1/a", "after/2/a", "after/2/b", "after/3/a"]:
        put(name)
    exact, _, _ = listing(Prefix="after/", StartAfter="after/2/a")
    between, _, _ = listing(Prefix="after/", StartAfter="after/20")
    return (exact, between) == (["after/2/b", "after/3/a"], ["after/3/a"]), (exact, between)


@check("LIST with start-after and max-keys pages on by continuation token")
def start_after_paged():
    for i in range(7):
        put(f"paged/{i}")
    keys, _, page = listing(Prefix="paged/", StartAfter="paged/1", MaxKeys=2)
    while page["IsTruncated"]:
        more, _, page = listing(Prefix="paged/", MaxKeys=2, ContinuationToken=page["NextContinuationToken"])
        keys += more
    return keys == [f"paged/{i}" for i in range(2, 7)], keys


@check("LIST with delimiter gives the common prefixes once, in pages too")
def delimiter():
    for i in range(4):
        for j in range(3):
            put(f"folders/{i}/{j}")
    expected = [f"folders/{i}/" for i in range(4)]
    _, whole, _ = listing(Prefix="folders/", Delimiter="/")
    _, paged, page = listing(Prefix="folders/", Delimiter="/", MaxKeys=2)
    while page["IsTruncated"]:
        _, more, page = listing(
            Prefix="folders/", Delimiter="/", MaxKeys=2, ContinuationToken=page["NextContinuationToken"]
        )
        paged += more
    return whole == expected and paged == expected, (whole, paged)


@check("LIST with delimiter and start-after skips the folders before it")
def delimiter_start_after():
    for i in range(4):
        put(f"skips/{i}/a")
    _, prefixes, _ = listing(Prefix="skips/", Delimiter="/", StartAfter="skips/10")
    return prefixes == ["skips/2/", "skips/3/"], prefixes


@check("LIST pages hold 1,000 keys")
def page_of_1000():
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda i: put(f"page/{i:04}"), range(1002)))
    keys, _, answer = listing(Prefix="page/")
    return (len(keys), answer["IsTruncated"]) == (1000, True), (len(keys), answer["IsTruncated"])


@check("LIST pages hold no more when asked for more")
def page_of_more():
    keys, _, answer = listing(Prefix="page/", MaxKeys=5000)
    return (len(keys), answer["IsTruncated"]) == (1000, True), (len(keys), answer["IsTruncated"])


@check("LIST with encoding-type=url carries a control character, which XML cannot")
def encoding_type():
    # boto3 asks for encoding-type=url and decodes the answer.
    return stored(["odd/\u0001", "odd/a b+c", "odd/%41", "odd/\U0001f980"])


@check("keys with a line break are stored")
def line_break():
    return stored(["lines/one\ntwo"])


@check("keys with an empty segment are stored")
def empty_segment():
    return stored(["empty//a"])


@check("keys with '.' and '..' segments are stored")
def dot_segments():
    return stored(["dots/./a", "dots/../a", "dots/b/.."])


@check("folder markers are stored")
def folder_marker():
    return stored(["markers/folder/"])


@check("a key of 1,024 bytes is stored")
def longest_key():
    return stored(["longest/".ljust(1024, "l")])


@check("a key of 1,025 bytes is refused")
def longer_key():
    answer = status(put, key="longer/".ljust(1025, "l"))
    return 400 <= answer[0] < 500, answer


@check("DeleteObject of an absent key succeeds")
def delete_absent():
    answer = status(s3.delete_object, Bucket=BUCKET, Key="never")
    return answer[0] == 204, answer


@check("DeleteObjects removes 1,000 keys, absent ones too")
def bulk_delete():
    keys = [f"page/{i:04}" for i in range(999)] + ["page/never"]
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]})
    left, _, _ = listing(Prefix="page/")
    result = (len(answer.get("Deleted", [])), len(answer.get("Errors", [])), left)
    return result == (1000, 0, ["page/0999", "page/1000", "page/1001"]), result


@check("DeleteObjects in quiet mode lists no successes")
def bulk_delete_quiet():
    put("quiet")
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "quiet"}], "Quiet": True})
    return not answer.get("Deleted") and not answer.get("Errors"), answer.get("Deleted")


@check("DeleteObject with If-Match refuses another ETag")
def delete_if_match():
    stale = put("delete-stale", b"1")["ETag"]
    put("delete-stale", b"2")
    answer = status(s3.delete_object, Bucket=BUCKET, Key="delete-stale", IfMatch=stale)
    there = status(s3.head_object, Bucket=BUCKET, Key="delete-stale")[0] == 200
    return (answer[0], there) == (412, True), (answer, there)


@check("DeleteObjects with an ETag refuses another one")
def bulk_delete_if_match():
    stale = put("bulk-stale", b"1")["ETag"]
    put("bulk-stale", b"2")
    answer = status(s3.delete_objects, Bucket=BUCKET, Delete={"Objects": [{"Key": "bulk-stale", "ETag": stale}]})
    there = status(s3.head_object, Bucket=BUCKET, Key="bulk-stale")[0] == 200
    return (answer[0], there) == (200, True), (answer, there)


@check("CopyObject in a bucket and to another one keeps body and metadata")
def copy():
    put("copy/source", b"1", Metadata={"who": "me"}, ContentType="application/json")
    outcomes = []
    for bucket in [BUCKET, OTHER]:
        s3.copy_object(Bucket=bucket, Key="copy/target", CopySource={"Bucket": BUCKET, "Key": "copy/source"})
        got = s3.get_object(Bucket=bucket, Key="copy/target")
        outcomes.append((got["Body"].read(), got["Metadata"], got["ContentType"]))
    return outcomes == [(b"1", {"who": "me"}, "application/json")] * 2, outcomes


@check("CopyObject with If-None-Match: * refuses an existing target")
def copy_if_none_match():
    put("copy-once/source", b"1")
    put("copy-once/target", b"2")
    source = {"Bucket": BUCKET, "Key": "copy-once/source"}
    answer = status(s3.copy_object, Bucket=BUCKET, Key="copy-once/target", CopySource=source, IfNoneMatch="*")
    return (answer[0], body("copy-once/target")) == (412, b"2"), (answer, body("copy-once/target"))


@check("CopyObject of a missing source is 404")
def copy_missing():
    source = {"Bucket": BUCKET, "Key": "copy/none"}
    answer = status(s3.copy_object, Bucket=BUCKET, Key="copy/target2", CopySource=source)
    return answer[0] == 404, answer


@check("user metadata and Content-Type come back")
def metadata():
    put("meta", Metadata={"op-id": "0123"}, ContentType="application/json")
    head = s3.head_object(Bucket=BUCKET, Key="meta")
    result = (head["Metadata"], head["ContentType"])
    return result == ({"op-id": "0123"}, "application/json"), result


@check("Content-Encoding, -Disposition, -Language and Cache-Control come back")
def content_headers():
    headers = {
        "ContentEncoding": "identity",
        "ContentDisposition": "attachment",
        "ContentLanguage": "de",
        "CacheControl": "max-age=60",
    }
    put("headers", **headers)
    head = s3.head_object(Bucket=BUCKET, Key="headers")
    result = {name: head.get(name) for name in headers}
    return result == headers, result


def tagged(tags, expected):
    """Whether tags that are sent so come back so."""
    put("tagged", Tagging=tags)
    try:
        answer = s3.get_object_tagging(Bucket=BUCKET, Key="tagged")["TagSet"]
    except ClientError as error:
        return False, error.response["Error"]["Code"]
    return answer == [{"Key": "team", "Value": expected}], answer


@check("tags come back")
def tags():
    return tagged("team=a%20b%2Bc", "a b+c")


@check("a + in tags is a space")
def tags_plus():
    return tagged("team=a+b", "a b")


@check("the storage class comes back")
def storage_class():
    written = status(put, key="cold", StorageClass="STANDARD_IA")
    if written[0] != 200:
        return False, written
    answer = s3.head_object(Bucket=BUCKET, Key="cold").get("StorageClass")
    return answer == "STANDARD_IA", answer


def run():
    """Every check's outcome; one that fails to ask is a failure of the run, not a lack of the server."""
    outcomes = {}
    for name, title, function in CHECKS:
        can, answer = function()
        outcomes[name] = can
        shown = "luck" if name in LISTED["races"] else "yes" if can else "no"
        print(f"{shown:4}  {name:28}  {title}", flush=True)
        if not can or "-v" in sys.argv:
            print(f"      {'':28}  answered {textwrap.shorten(repr(answer), 300)}")
    return outcomes


def clean_up():
    for bucket in [BUCKET, OTHER]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for row in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=row["Key"])
        s3.delete_bucket(Bucket=bucket)


def main():
    print(f"capabilities of {SERVER}")
    outcomes = run()
    clean_up()
    lacking = {name for name, can in outcomes.items() if not can}
    wrong = sorted((lacking ^ set(LISTED["lacks"])) - set(LISTED["races"]))
    for name in wrong:
        said, found = ("lacking", "there") if name in LISTED["lacks"] else ("there", "lacking")
        print(f"error: capabilities.json lists {name} as {said} on {SERVER}, found {found}", file=sys.stderr)
    sys.exit(bool(wrong))


main()
