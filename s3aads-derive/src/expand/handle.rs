//! The handle's name.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::Names;

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names {
        row,
        vis,
        rt,
        handle,
        ..
    } = names;
    let doc = format!("The table of [`{row}`]s.");
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis type #handle = #rt::Table<#row>;
    }
}
