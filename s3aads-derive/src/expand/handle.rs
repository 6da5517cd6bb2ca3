//! The handle's name.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::Names;
use super::{comment, lints};

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names {
        row,
        vis,
        rt,
        handle,
        ..
    } = names;
    let lints = lints();
    let path = names.rt_text();
    let doc = comment(&format!(
        "The [table]({path}::Table) of [`{row}`]s. [The tutorial]({path}::guide::tutorial) shows what it does."
    ));
    quote! {
        #doc
        #lints
        #vis type #handle = #rt::Table<#row>;
    }
}
