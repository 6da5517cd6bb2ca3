//! The derive macros of s3aads.

use proc_macro::TokenStream;

/// Derives a table.
#[proc_macro_derive(S3Table, attributes(s3, serde))]
pub fn derive_table(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Derives a key column.
#[proc_macro_derive(KeyColumn, attributes(s3))]
pub fn derive_key_column(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
