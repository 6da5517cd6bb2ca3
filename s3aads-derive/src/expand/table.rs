//! `impl S3Table`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names::Names;
use super::{body, columns};
use crate::model::{Body, Compression, Encoding, Layout, Row};

pub(crate) fn expand(row: &Row, names: &Names<'_>) -> TokenStream {
    let body = body::expand(row, names);
    let table = implement(names, &schema(row, names), &body);
    let packed = packed(row, names);
    quote!(#table #packed)
}

/// `impl PackedTable`, if rows share objects.
fn packed(row: &Row, names: &Names<'_>) -> Option<TokenStream> {
    let packed = row.packed();
    let bound = names.list.len().checked_sub(packed)?;
    let (rt, table) = (names.rt, names.row);
    let types = |columns: &[super::names::Column<'_>]| {
        let types = columns.iter().map(|column| &column.ty);
        quote!((#(#types,)*))
    };
    let (bound, packed) = names.list.split_at_checked(bound).filter(|_| packed > 0)?;
    let (bound, packed) = (types(bound), types(packed));
    Some(quote! {
        #[automatically_derived]
        impl #rt::PackedTable for #table {
            type Bound = #bound;
            type Packed = #packed;
        }
    })
}

/// An implementation that never runs.
pub(crate) fn stub(names: &Names<'_>) -> TokenStream {
    let rt = names.rt;
    let schema = quote! {
        #rt::Schema::new("", &[], #rt::Layout::Plain, #rt::BodyFormat::Empty)
    };
    let body = body::Expanded {
        items: TokenStream::new(),
        write: quote!(::core::unreachable!()),
        read: quote!(::core::unreachable!()),
        trace: None,
    };
    implement(names, &schema, &body)
}

fn implement(names: &Names<'_>, schema: &TokenStream, body: &body::Expanded) -> TokenStream {
    let Names {
        row,
        rt,
        key,
        query,
        columns,
        ..
    } = names;
    let body::Expanded {
        items,
        write,
        read,
        trace,
    } = body;
    let trace = trace.as_ref().map(|trace| {
        quote! {
            fn trace_body<__S3Trace: #rt::__private::Trace>(trace: &__S3Trace) {
                #trace
            }
        }
    });
    let columns_value = columns::value(names);
    let fields = write_fields(names);
    quote! {
        #items

        #[automatically_derived]
        impl #rt::S3Table for #row {
            type Key = #key;
            type Query = #query;
            type Columns = #columns;

            const SCHEMA: &'static #rt::Schema = &#schema;
            const COLUMNS: #columns = #columns_value;

            fn to_key(&self) -> #key {
                ::core::convert::From::from(self)
            }

            fn write_body(
                &self,
            ) -> ::core::result::Result<#rt::__private::Bytes, #rt::__private::BodyError> {
                #write
            }

            fn read_body(
                key: #key,
                body: &#rt::__private::Bytes,
            ) -> ::core::result::Result<Self, #rt::__private::BodyError> {
                #read
            }

            #trace
            #fields
        }
    }
}

/// Writes the values of the fields that indexes have.
fn write_fields(names: &Names<'_>) -> Option<TokenStream> {
    let rt = names.rt;
    let columns = names.columns_value();
    let fields = names.indexed.iter().map(|field| {
        let ident = field.ident;
        let value = if field.is_optional {
            quote!(::core::option::Option::as_ref(&self.#ident))
        } else {
            quote!(::core::option::Option::Some(&self.#ident))
        };
        quote!(columns.#ident.write_field(#value, writer);)
    });
    (!names.indexed.is_empty()).then(|| {
        quote! {
            fn write_fields(&self, writer: &mut #rt::__private::FieldWriter) {
                let columns = #columns;
                #(#fields)*
            }
        }
    })
}

fn schema(row: &Row, names: &Names<'_>) -> TokenStream {
    let rt = names.rt;
    let table = &row.table.value;
    let columns_value = names.columns_value();
    let schema = |column: &super::names::Column<'_>| {
        let name = column.field.stored_name();
        let ident = column.ident;
        let encoding = match column.field.encoding() {
            Encoding::Plain => quote!(Plain),
            Encoding::Width(width) => {
                let digits = width.value;
                quote!(Width(#digits))
            }
            Encoding::Ordered(_) => quote!(Ordered),
            Encoding::Descending(_) => quote!(Descending),
        };
        quote!(#columns_value.#ident.schema(#name, #rt::Encoding::#encoding))
    };
    let columns = names.list.iter().map(schema);
    let layout = match row.layout {
        Layout::Plain => quote!(Plain),
        Layout::Hive => quote!(Hive),
    };
    let format = match row.body() {
        Body::Object(_) => quote!(Object),
        Body::Data(_) => quote!(Data),
        Body::Bytes(_) => quote!(Bytes),
        Body::Text(_) => quote!(Text),
        Body::Empty => quote!(Empty),
    };
    let packed = row.packed();
    let packed = (packed > 0).then(|| {
        let columns = Literal::usize_unsuffixed(packed);
        let compression = match row.compress.as_ref().map(|compress| compress.value) {
            Some(Compression::Gzip) => quote!(Some(#rt::Compression::Gzip)),
            None => quote!(None),
        };
        quote!(.with_packed(#columns, ::core::option::Option::#compression))
    });
    let columns = quote! {
        {
            const COLUMNS: &[#rt::ColumnSchema] = &[#(#columns),*];
            COLUMNS
        }
    };
    if let Some(indexes) = indexes(row, names, schema) {
        return quote!(#rt::Schema::indexed(#table, #columns, #rt::Layout::#layout, #indexes));
    }
    quote! {
        #rt::Schema::new(
            #table,
            #columns,
            #rt::Layout::#layout,
            #rt::BodyFormat::#format,
        )
        #packed
    }
}

/// The fields that indexes have, and the indexes, if there are any.
fn indexes(
    row: &Row,
    names: &Names<'_>,
    schema: impl Fn(&super::names::Column<'_>) -> TokenStream,
) -> Option<TokenStream> {
    let rt = names.rt;
    let all: Vec<String> = names
        .list
        .iter()
        .chain(&names.indexed)
        .map(|c| c.name.clone())
        .collect();
    let indexes = row.indexes().into_iter().map(|(name, columns)| {
        let place = |column: &String| all.iter().position(|name| name == column);
        let places = columns
            .iter()
            .filter_map(place)
            .map(Literal::usize_unsuffixed);
        quote!(#rt::IndexSchema::new(#name, &[#(#places),*]))
    });
    let indexes: Vec<_> = indexes.collect();
    let fields = names.indexed.iter().map(|field| {
        let (column, is_optional) = (schema(field), field.is_optional);
        quote!(#rt::IndexedField::new(#column, #is_optional))
    });
    (!indexes.is_empty()).then(|| {
        quote! {
            {
                const FIELDS: &[#rt::IndexedField] = &[#(#fields),*];
                FIELDS
            },
            {
                const INDEXES: &[#rt::IndexSchema] = &[#(#indexes),*];
                INDEXES
            }
        }
    })
}
