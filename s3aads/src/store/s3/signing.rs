//! The cryptography of signatures, with signing keys that are derived once a day.
//!
//! A request is signed with a key that a chain of four HMACs derives from the secret, the date,
//! the region and the service. By itself `object_store` derives it anew for each request, which is
//! the greater part of the hashing. Here the links of the chain are remembered.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use object_store::client::{
    CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm,
};
use object_store::{Error, Result};
use sha2::digest::Output;
use sha2::{Digest, Sha256};

/// Room for five chains of four links. A client has one chain at a time or, at midnight and when
/// its credentials change, two.
const MOST_LINKS: usize = 20;

/// What a chain is derived from is no longer than this, and what is signed in the end is longer.
const LONGEST_LINK: usize = 64;

type Tag = Output<Sha256>;

/// Signs for one server. Clones share what they remember.
#[derive(Clone, Default)]
pub(crate) struct SigningKeys(Arc<Mutex<Vec<Link>>>);

/// What a secret and a message came to.
struct Link {
    secret: Vec<u8>,
    message: Vec<u8>,
    tag: Tag,
}

impl SigningKeys {
    fn tag(&self, secret: &[u8], message: &[u8]) -> Result<Tag> {
        if message.len() > LONGEST_LINK {
            return hmac(secret, message);
        }
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |link: &&Link| link.secret == secret && link.message == message;
        if let Some(link) = links.iter().find(known) {
            return Ok(link.tag);
        }
        let tag = hmac(secret, message)?;
        if links.len() == MOST_LINKS {
            links.clear();
        }
        links.push(Link {
            secret: secret.to_vec(),
            message: message.to_vec(),
            tag,
        });
        Ok(tag)
    }
}

fn hmac(secret: &[u8], message: &[u8]) -> Result<Tag> {
    let key = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| unknown())?;
    Ok(key.chain_update(message).finalize().into_bytes())
}

// By hand: it holds secrets.
impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys")
    }
}

impl CryptoProvider for SigningKeys {
    fn digest(&self, algorithm: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        let DigestAlgorithm::Sha256 = algorithm else {
            return Err(unknown());
        };
        Ok(Box::new(Hash::default()))
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        let DigestAlgorithm::Sha256 = algorithm else {
            return Err(unknown());
        };
        Ok(Box::new(Signature {
            signing: self.clone(),
            secret: secret.to_vec(),
            message: Vec::new(),
            tag: Tag::default(),
        }))
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> Result<Box<dyn Signer>> {
        Err(unknown())
    }
}

/// S3 signs with SHA-256 and HMACs of it, and nothing else.
fn unknown() -> Error {
    Error::NotSupported {
        source: "S3's signatures know no such algorithm".into(),
    }
}

#[derive(Default)]
struct Hash {
    hasher: Sha256,
    hash: Tag,
}

impl DigestContext for Hash {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.hasher, data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        self.hash = self.hasher.clone().finalize();
        Ok(&self.hash)
    }
}

struct Signature {
    signing: SigningKeys,
    secret: Vec<u8>,
    message: Vec<u8>,
    tag: Tag,
}

impl HmacContext for Signature {
    fn update(&mut self, data: &[u8]) {
        self.message.extend_from_slice(data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        self.tag = self.signing.tag(&self.secret, &self.message)?;
        Ok(&self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(signing: &SigningKeys, secret: &str, date: &str) -> String {
        let mut key = format!("AWS4{secret}").into_bytes();
        for message in [date, "us-east-1", "iam", "aws4_request"] {
            let mut mac = signing.hmac(DigestAlgorithm::Sha256, &key).unwrap();
            mac.update(message.as_bytes());
            key = mac.finish().unwrap().to_vec();
        }
        key.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn secrets(signing: &SigningKeys) -> usize {
        signing.0.lock().unwrap().len()
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    /// AWS's own example of a derived key.
    const DERIVED: &str = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9";

    #[test]
    fn a_remembered_key_is_the_derived_one() {
        let signing = SigningKeys::default();
        assert_eq!(key(&signing, SECRET, "20150830"), DERIVED);
        assert_eq!(secrets(&signing), 4);
        let other = key(&signing, "another", "20150830");
        assert_eq!(secrets(&signing), 8);
        let later = key(&signing, SECRET, "20150831");
        assert_eq!(secrets(&signing), 12);
        for _ in 0..2 {
            assert_eq!(key(&signing, SECRET, "20150830"), DERIVED);
            assert_eq!(key(&signing, "another", "20150830"), other);
            assert_eq!(key(&signing, SECRET, "20150831"), later);
        }
        assert_eq!(secrets(&signing), 12);
        let keys = std::collections::HashSet::from([DERIVED.to_owned(), other, later]);
        assert_eq!(keys.len(), 3);
    }

    #[test]
    fn old_keys_are_forgotten() {
        let signing = SigningKeys::default();
        for day in 0..1000 {
            key(&signing, SECRET, &day.to_string());
            assert!(secrets(&signing) <= MOST_LINKS);
        }
        assert_eq!(key(&signing, SECRET, "20150830"), DERIVED);
    }

    #[test]
    fn a_message_in_parts_is_signed_whole() {
        let signing = SigningKeys::default();
        let key = Hmac::<Sha256>::new_from_slice(b"key").unwrap();
        for parts in [["", ""], ["a", "b"], ["a", &"b".repeat(LONGEST_LINK)]] {
            let mut mac = signing.hmac(DigestAlgorithm::Sha256, b"key").unwrap();
            for part in parts {
                mac.update(part.as_bytes());
            }
            let whole = key.clone().chain_update(parts.concat()).finalize();
            let whole = whole.into_bytes();
            assert_eq!(mac.finish().unwrap(), &*whole);
            assert_eq!(mac.finish().unwrap(), &*whole);
        }
    }

    #[test]
    fn a_digest_in_parts_is_that_of_the_whole() {
        let mut digest = SigningKeys::default()
            .digest(DigestAlgorithm::Sha256)
            .unwrap();
        digest.update(b"a");
        digest.update(b"bc");
        let whole = Sha256::digest(b"abc");
        assert_eq!(digest.finish().unwrap(), &*whole);
        assert_eq!(digest.finish().unwrap(), &*whole);
    }
}
