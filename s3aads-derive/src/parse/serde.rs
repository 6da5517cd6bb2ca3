//! The settings of `#[serde(...)]` attributes, which are handed on to serde.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::errors::Errors;
use crate::model::SerdeSetting;

pub(crate) fn settings(attrs: &[Attribute], errors: &mut Errors) -> Vec<SerdeSetting> {
    let mut settings = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        match attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(metas) => settings.extend(metas.into_iter().map(|meta| {
                SerdeSetting {
                    name: meta
                        .path()
                        .get_ident()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                    meta,
                }
            })),
            Err(error) => errors.push_syn(error),
        }
    }
    settings
}
