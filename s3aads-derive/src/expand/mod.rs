//! Writes the code. For a row `Day` that is, in order:
//!
//! ```text
//! pub struct DayKey { .. }          // key.rs
//! pub struct DayColumns { .. }      // columns.rs
//! pub struct DayQuery { .. }        // query.rs
//! pub type DayTable = Table<Day>;   // handle.rs
//! const _: () = { .. };             // table.rs: `impl S3Table for Day`, the other
//!                                   // implementations and what only they name
//! ```
//!
//! Every path is absolute, from the `crate` setting or the standard library, since the user's
//! scope may give any name another meaning, and generic parameters begin with `__`, since a row or
//! a column's type may have any name.

mod body;
mod column_type;
mod columns;
mod handle;
mod key;
mod names;
mod query;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use column_type::column_type;

use proc_macro2::TokenStream;
use quote::quote;

use self::names::Names;
use crate::model::Row;

/// The code of a row. A stub has the same names and types, but bodies that never run: it stands
/// for a row that has errors.
pub(crate) fn row(row: &Row, is_stub: bool) -> TokenStream {
    let names = Names::new(row, is_stub);
    let key = key::expand(&names);
    let columns = columns::expand(&names);
    let query = query::expand(&names);
    let handle = handle::expand(&names);
    let table = if is_stub {
        table::stub(&names)
    } else {
        table::expand(row, &names)
    };
    let lints = lints();
    let (key_item, key_impls) = (key.item, key.impls);
    let (query_item, query_impls) = (query.item, query.impls);
    quote! {
        #key_item
        #columns
        #query_item
        #handle

        #lints
        const _: () = {
            #table
            #key_impls
            #query_impls
        };
    }
}

/// What generated code may do that lints of the user's crate may forbid. Lints are named one by
/// one: a group could not be allowed if the crate forbids one of its lints.
fn lints() -> TokenStream {
    quote! {
        // Not every program calls every generated method, a row is deprecated where the user names
        // it, paths are absolute on purpose, and the row's visibility is taken over as it is.
        #[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
        // A public row may have private fields of private types.
        #[allow(private_bounds, private_interfaces)]
        // Names are made from the fields' names, and these are the user's choice.
        #[allow(non_snake_case, non_camel_case_types)]
        // A struct of columns is a constant, not a value to look at.
        #[allow(missing_copy_implementations, missing_debug_implementations)]
        // Every handle and query would be a finding of these.
        #[allow(clippy::module_name_repetitions, clippy::same_name_method)]
        #[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
    }
}

/// A documentation comment, with the space after `///`.
fn comment(text: &str) -> TokenStream {
    let text = format!(" {text}");
    quote!(#[doc = #text])
}
