//! One exchange with the server: signed, counted, sent, read, and sent again.

mod client;
mod failure;
mod retry;
mod signing;
mod wire;

pub(crate) use client::{Call, Client, content_md5, encode_key, encode_query};
pub(crate) use failure::{Failure, Fate, Refusal, status_of};
pub(crate) use retry::{GivenUp, Verdict, attempts, retrying};
pub(crate) use signing::Signing;
pub(crate) use wire::{Answer, Connected, Signer, Trail, Wire};
