//! The handle's name.

use proc_macro2::TokenStream;
use quote::quote;

use super::lints;
use super::names::Names;

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names {
        row,
        vis,
        rt,
        handle,
        ..
    } = names;
    let lints = lints();
    let doc = format!("The table of [`{row}`]s.");
    quote! {
        #[doc = #doc]
        #lints
        #vis type #handle = #rt::Table<#row>;
    }
}
